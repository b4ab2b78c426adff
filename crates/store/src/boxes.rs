//! Boxes as the database has them, whoever drew them: one writer for the
//! table of boxes and for the counts by label that queries start from, and one
//! reader for what stands there.

use crate::{
    entity::prediction::{box_counts, boxes},
    error::{Result, StoreError},
    table,
};
use domain::{
    dataset::Annotation,
    geometry::{Rect, Score},
    name::Label,
    prediction::{Origin, PredictedBox},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A box as it lies in the database, in the table of boxes or packed in a row.
/// Knows no label: a class is a number whose meaning the caller keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StoredBox {
    pub(crate) class: u32,
    /// A reviewer's: it counts neither for nor against a model.
    pub(crate) ignored: bool,
    /// A model's.
    pub(crate) score: Option<f64>,
    /// `x, y, w, h` in pixels of the upright image.
    pub(crate) rect: [f64; 4],
}

/// Whose boxes they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoxOwner {
    pub(crate) deployment_id: Uuid,
    pub(crate) prediction_id: Uuid,
    pub(crate) origin: Origin,
    /// The review's; 0 of a model.
    pub(crate) revision: i32,
}

/// The number of an origin in the database.
pub(crate) fn origin_number(origin: Origin) -> i16 {
    match origin {
        Origin::Champion => 0,
        Origin::Shadow => 1,
        Origin::Review => 2,
    }
}

/// What a model predicted, by falling score. `numbers` has every label.
pub(crate) fn of_model(boxes: &[PredictedBox], numbers: &HashMap<Label, u32>) -> Result<Vec<StoredBox>> {
    let mut sorted: Vec<&PredictedBox> = boxes.iter().collect();
    sorted.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
    let stored = |predicted: &PredictedBox| {
        Ok(StoredBox {
            class: number_of(&predicted.label, numbers)?,
            ignored: false,
            score: Some(predicted.score.get()),
            rect: corners(&predicted.rect),
        })
    };
    sorted.into_iter().map(stored).collect()
}

fn number_of(label: &Label, numbers: &HashMap<Label, u32>) -> Result<u32> {
    numbers.get(label).copied().ok_or_else(|| StoreError::corrupt("a label without a number"))
}

fn corners(rect: &Rect) -> [f64; 4] {
    [rect.x(), rect.y(), rect.w(), rect.h()]
}

impl StoredBox {
    /// What a person drew. `numbers` has its label.
    pub(crate) fn drawn(
        label: &Label,
        rect: &Rect,
        ignored: bool,
        numbers: &HashMap<Label, u32>,
    ) -> Result<Self> {
        Ok(Self { class: number_of(label, numbers)?, ignored, score: None, rect: corners(rect) })
    }

    /// Out of a row of the table.
    pub(crate) fn of_row(row: &boxes::Model) -> Result<Self> {
        Ok(Self {
            class: class_of(row.label_id)?,
            ignored: row.ignored,
            score: row.score,
            rect: [row.x, row.y, row.w, row.h],
        })
    }

    /// Out of a row that has `label_id, score, x, y, w, h, ignored` from column
    /// `first` on.
    pub(crate) fn of_columns(row: &QueryResult, first: usize) -> Result<Self> {
        let mut rect = [0.0; 4];
        for (number, column) in rect.iter_mut().zip(first + 2..) {
            *number = row.try_get_by_index(column)?;
        }
        Ok(Self {
            class: class_of(row.try_get_by_index(first)?)?,
            ignored: row.try_get_by_index(first + 6)?,
            score: row.try_get_by_index(first + 1)?,
            rect,
        })
    }

    /// Whether people see it, and queries: a box of a review unless it is to be
    /// ignored, a model's at or above the threshold.
    pub(crate) fn is_visible(&self, threshold: f64) -> bool {
        !self.ignored && self.score.is_none_or(|score| score >= threshold)
    }

    /// As what a model predicted of `prediction`.
    pub(crate) fn predicted(&self, prediction: Uuid, labels: &HashMap<u32, Label>) -> Result<PredictedBox> {
        let score = self.score.and_then(Score::new).ok_or_else(|| damaged(prediction))?;
        let Annotation { label, rect, .. } = self.annotation(prediction, labels)?;
        Ok(PredictedBox { label, score, rect })
    }

    /// As what a person drew on `prediction`.
    pub(crate) fn annotation(&self, prediction: Uuid, labels: &HashMap<u32, Label>) -> Result<Annotation> {
        let [x, y, w, h] = self.rect;
        Ok(Annotation {
            label: labels.get(&self.class).cloned().ok_or_else(|| damaged(prediction))?,
            rect: Rect::new(x, y, w, h).map_err(|_| damaged(prediction))?,
            ignore: self.ignored,
        })
    }
}

fn class_of(label_id: i64) -> Result<u32> {
    u32::try_from(label_id).map_err(|_| StoreError::corrupt("the label of a box"))
}

fn damaged(prediction: Uuid) -> StoreError {
    StoreError::corrupt(format!("a box of prediction {prediction}"))
}

impl BoxOwner {
    /// The rows of the table of boxes, in the order given.
    pub(crate) fn rows(self, boxes: &[StoredBox]) -> Vec<boxes::Model> {
        let row = |(position, stored): (i32, &StoredBox)| {
            let [x, y, w, h] = stored.rect;
            boxes::Model {
                prediction_id: self.prediction_id,
                origin: origin_number(self.origin),
                revision: self.revision,
                position,
                label_id: i64::from(stored.class),
                score: stored.score,
                x,
                y,
                w,
                h,
                ignored: stored.ignored,
            }
        };
        (0..).zip(boxes).map(row).collect()
    }

    /// How often each label occurs, in the order of their numbers.
    pub(crate) fn counts(self, boxes: &[StoredBox], threshold: f64) -> Vec<box_counts::Model> {
        let mut counts: BTreeMap<u32, box_counts::Model> = BTreeMap::new();
        for stored in boxes {
            let count = counts.entry(stored.class).or_insert_with(|| box_counts::Model {
                deployment_id: self.deployment_id,
                label_id: i64::from(stored.class),
                origin: origin_number(self.origin),
                prediction_id: self.prediction_id,
                visible: 0,
                stored: 0,
                max_score: 0.0,
            });
            count.visible += i32::from(stored.is_visible(threshold));
            count.stored += 1;
            count.max_score = count.max_score.max(stored.score.unwrap_or_default());
        }
        counts.into_values().collect()
    }

    /// Writes boxes and their counts.
    pub(crate) async fn write(
        self,
        db: &impl ConnectionTrait,
        boxes: &[StoredBox],
        threshold: f64,
    ) -> Result<()> {
        table::insert(db, &self.rows(boxes), "").await?;
        table::insert(db, &self.counts(boxes, threshold), "").await
    }

    /// Removes the boxes of this origin, of all revisions, and their counts.
    pub(crate) async fn remove(self, db: &impl ConnectionTrait) -> Result<()> {
        boxes::Entity::delete_many()
            .filter(boxes::Column::PredictionId.eq(self.prediction_id))
            .filter(boxes::Column::Origin.eq(origin_number(self.origin)))
            .exec(db)
            .await?;
        self.clear_counts(db).await
    }

    /// Removes the counts of this origin: those of a review stand for its
    /// latest revision alone.
    pub(crate) async fn clear_counts(self, db: &impl ConnectionTrait) -> Result<()> {
        box_counts::Entity::delete_many()
            .filter(box_counts::Column::PredictionId.eq(self.prediction_id))
            .filter(box_counts::Column::Origin.eq(origin_number(self.origin)))
            .exec(db)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(origin: Origin) -> BoxOwner {
        BoxOwner { deployment_id: Uuid::nil(), prediction_id: Uuid::nil(), origin, revision: 0 }
    }

    fn stored(class: u32, score: Option<f64>, ignored: bool) -> StoredBox {
        StoredBox { class, ignored, score, rect: [1.0, 2.0, 3.0, 4.0] }
    }

    #[test]
    fn a_models_boxes_count_from_the_threshold_on_and_a_reviews_unless_ignored() {
        let of = |origin, boxes: &[StoredBox]| -> Vec<_> {
            let counts = owner(origin).counts(boxes, 0.5);
            counts.into_iter().map(|row| (row.label_id, row.visible, row.stored, row.max_score)).collect()
        };
        let champion =
            [stored(2, Some(0.5), false), stored(1, Some(0.4), false), stored(2, Some(0.1), false)];
        assert_eq!(of(Origin::Champion, &champion), [(1, 0, 1, 0.4), (2, 1, 2, 0.5)]);
        let review = [stored(2, None, false), stored(2, None, true)];
        assert_eq!(of(Origin::Review, &review), [(2, 1, 2, 0.0)]);
    }

    #[test]
    fn a_models_boxes_lie_by_falling_score() {
        let label = Label::new("a").unwrap();
        let rect = Rect::new(0.0, 0.0, 1.0, 1.0).unwrap();
        let at = |score| PredictedBox { label: label.clone(), score: Score::new(score).unwrap(), rect };
        let numbers = HashMap::from([(label.clone(), 7)]);
        let boxes = of_model(&[at(0.2), at(0.9)], &numbers).unwrap();
        assert_eq!(boxes.iter().map(|b| b.score).collect::<Vec<_>>(), [Some(0.9), Some(0.2)]);
        let rows = owner(Origin::Champion).rows(&boxes);
        assert_eq!(rows.iter().map(|row| (row.position, row.label_id)).collect::<Vec<_>>(), [(0, 7), (1, 7)]);
        assert!(of_model(&[at(0.2)], &HashMap::new()).is_err());
    }
}
