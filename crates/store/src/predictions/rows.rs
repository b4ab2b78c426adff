//! Rows of predictions as types of `domain`.

use super::Predictions;
use crate::{
    convert::{from_json, to_size, to_u32},
    entity::prediction::{boxes, predictions},
    error::{Result, StoreError},
    packed,
    sql::{Arg, Fragment},
};
use domain::{
    dataset::Annotation,
    geometry::{Rect, Score},
    ids::{DeploymentId, ModelVersionId, PredictionId},
    listing::ListedPrediction,
    name::Label,
    prediction::{PredictedBox, Prediction},
    time::Timestamp,
};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

impl Predictions<'_> {
    /// Predictions with the boxes that people see.
    pub(super) async fn with_visible_boxes(&self, rows: Vec<predictions::Model>) -> Result<Vec<Prediction>> {
        let unpacked = rows.iter().map(|row| packed::unpack(&row.visible)).collect::<Result<Vec<_>>>()?;
        let labels = self.labels.labels(self.db, unpacked.iter().flatten().map(|seen| seen.class)).await?;
        let versions = rows.iter().map(|row| ModelVersionId(row.model_version_id));
        let names = self.names.of(self.db, versions).await?;
        rows.into_iter()
            .zip(unpacked)
            .map(|(row, visible)| {
                let id = row.id;
                let boxes = visible
                    .into_iter()
                    .map(|seen| to_box(id, seen.class, seen.score, seen.rect, &labels))
                    .collect::<Result<_>>()?;
                to_prediction(row, boxes, &names)
            })
            .collect()
    }
}

/// Rows as lists show them, in their order.
pub(super) async fn listed(
    predictions: &Predictions<'_>,
    rows: Vec<predictions::Model>,
) -> Result<Vec<ListedPrediction>> {
    let beside: Vec<_> = rows.iter().map(ListedNumbers::of).collect::<Result<_>>()?;
    let items = predictions.with_visible_boxes(rows).await?;
    Ok(items.into_iter().zip(beside).map(|(prediction, numbers)| numbers.with(prediction)).collect())
}

/// What a list shows beside the prediction itself.
struct ListedNumbers {
    objects: u32,
    confidence: Option<f64>,
    min_confidence: Option<f64>,
    shadow_disagreement: Option<f64>,
    reviewed_by: Option<String>,
    revision: u32,
}

impl ListedNumbers {
    fn of(row: &predictions::Model) -> Result<Self> {
        Ok(Self {
            objects: to_u32(row.objects, "the objects of a prediction")?,
            confidence: row.mean_confidence,
            min_confidence: row.min_confidence,
            shadow_disagreement: row.shadow_disagreement,
            reviewed_by: row.reviewed_by.clone(),
            revision: to_u32(row.revision, "the revision of a prediction")?,
        })
    }

    fn with(self, prediction: Prediction) -> ListedPrediction {
        ListedPrediction {
            prediction,
            objects: self.objects,
            confidence: self.confidence,
            min_confidence: self.min_confidence,
            shadow_disagreement: self.shadow_disagreement,
            reviewed_by: self.reviewed_by,
            revision: self.revision,
        }
    }
}

/// Boxes out of their rows, in the order of the rows.
pub(super) fn to_boxes(rows: &[&boxes::Model], labels: &HashMap<u32, Label>) -> Result<Vec<PredictedBox>> {
    rows.iter()
        .map(|row| {
            let rect = [row.x, row.y, row.w, row.h];
            to_box(row.prediction_id, label_number(row)?, row.score, rect, labels)
        })
        .collect()
}

pub(super) fn label_number(row: &boxes::Model) -> Result<u32> {
    u32::try_from(row.label_id)
        .map_err(|_| StoreError::corrupt(format!("label of a box of prediction {}", row.prediction_id)))
}

fn to_box(
    id: Uuid,
    class: u32,
    score: Option<f64>,
    [x, y, w, h]: [f64; 4],
    labels: &HashMap<u32, Label>,
) -> Result<PredictedBox> {
    let damaged = || StoreError::corrupt(format!("a box of prediction {id}"));
    Ok(PredictedBox {
        label: labels.get(&class).cloned().ok_or_else(damaged)?,
        score: score.and_then(Score::new).ok_or_else(damaged)?,
        rect: Rect::new(x, y, w, h).map_err(|_| damaged())?,
    })
}

pub(super) fn to_prediction(
    row: predictions::Model,
    boxes: Vec<PredictedBox>,
    names: &HashMap<ModelVersionId, String>,
) -> Result<Prediction> {
    let damaged = |what: &str| StoreError::corrupt(format!("{what} of prediction {}", row.id));
    Ok(Prediction {
        id: PredictionId(row.id),
        deployment_id: DeploymentId(row.deployment_id),
        model: names
            .get(&ModelVersionId(row.model_version_id))
            .cloned()
            .ok_or_else(|| damaged("the model"))?,
        status: row.status.parse().map_err(|_| damaged("the status"))?,
        size: to_size(row.width, row.height).ok_or_else(|| damaged("the size"))?,
        threshold: Score::new(row.threshold).ok_or_else(|| damaged("the threshold"))?,
        tags: from_json(row.tags, "tags of a prediction")?,
        metadata: from_json(row.metadata, "metadata of a prediction")?,
        filename: row.filename,
        source: row.source,
        image: row.image,
        latency_ms: row.latency_ms,
        boxes,
        shadow: None,
        created: Timestamp(row.created),
        received: Timestamp(row.received),
        outlier_score: row.outlier_score,
    })
}

/// A box of a review as it is stored: label, `x, y, w, h`, `ignore`.
type DrawnRow = (u32, [f64; 4], bool);

impl Predictions<'_> {
    /// The boxes of the latest review of each, those marked `ignore` too;
    /// without an entry for what was never reviewed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_review_boxes(
        &self,
        ids: &[PredictionId],
    ) -> Result<HashMap<PredictionId, Vec<Annotation>>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let statement = Fragment::new(
            "SELECT p.id AS whose, b.prediction_id, b.label_id, b.x, b.y, b.w, b.h, b.ignored FROM predictions p \
             LEFT JOIN boxes b ON b.prediction_id = p.id AND b.origin = 2 AND b.revision = p.revision \
             WHERE p.revision > 0 AND ",
        )
        .then(Fragment::one_of("p.id", ids.iter().map(|id| Arg::Id(id.0))))
        .say(" ORDER BY p.id, b.position");
        let rows = self.db.reader.query_all_raw(statement.into_statement(self.db.backend())).await?;
        let mut found: Vec<(Uuid, Option<DrawnRow>)> = Vec::with_capacity(rows.len());
        for row in &rows {
            let id: Uuid = row.try_get_by_index(0)?;
            let drawn = match row.try_get_by_index::<Option<Uuid>>(1)? {
                None => None,
                Some(_) => {
                    let label: i64 = row.try_get_by_index(2)?;
                    let label =
                        u32::try_from(label).map_err(|_| StoreError::corrupt("a label of a review"))?;
                    let mut rect = [0.0; 4];
                    for (number, column) in rect.iter_mut().zip(3..) {
                        *number = row.try_get_by_index(column)?;
                    }
                    Some((label, rect, row.try_get_by_index(7)?))
                }
            };
            found.push((id, drawn));
        }
        let numbers = found.iter().filter_map(|(_, drawn)| drawn.as_ref().map(|(label, ..)| *label));
        let labels = self.labels.labels(self.db, numbers).await?;
        let mut reviews: HashMap<PredictionId, Vec<Annotation>> = HashMap::new();
        for (id, drawn) in found {
            let boxes = reviews.entry(PredictionId(id)).or_default();
            let Some((label, [x, y, w, h], ignore)) = drawn else { continue };
            let damaged = || StoreError::corrupt(format!("a reviewed box of prediction {id}"));
            let label = labels.get(&label).cloned().ok_or_else(damaged)?;
            boxes.push(Annotation { label, rect: Rect::new(x, y, w, h).map_err(|_| damaged())?, ignore });
        }
        Ok(reviews)
    }
}
