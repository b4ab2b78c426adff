//! Rows of predictions as types of `domain`.

use super::Predictions;
use crate::{
    boxes::StoredBox,
    convert::{from_json, to_size, to_u32},
    entity::prediction::predictions,
    error::{Result, StoreError},
    packed,
    sql::{Arg, Fragment},
};
use domain::{
    dataset::Annotation,
    geometry::Score,
    ids::{DeploymentId, ModelVersionId, PredictionId},
    listing::{ListedPrediction, Numbers},
    prediction::{PredictedBox, Prediction},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, QueryResult};
use std::collections::HashMap;
use uuid::Uuid;

impl Predictions<'_> {
    /// Predictions with the boxes that people see.
    pub(super) async fn with_visible_boxes(&self, rows: Vec<predictions::Model>) -> Result<Vec<Prediction>> {
        let unpacked = rows.iter().map(|row| packed::unpack(&row.visible)).collect::<Result<Vec<_>>>()?;
        let labels =
            self.labels.labels(self.db, unpacked.iter().flatten().map(|stored| stored.class)).await?;
        let versions = rows.iter().map(|row| ModelVersionId(row.model_version_id));
        let names = self.names.of(self.db, versions).await?;
        rows.into_iter()
            .zip(unpacked)
            .map(|(row, visible)| {
                let id = row.id;
                let boxes =
                    visible.iter().map(|stored| stored.predicted(id, &labels)).collect::<Result<_>>()?;
                to_prediction(row, boxes, &names)
            })
            .collect()
    }
}

/// Rows as lists show them, in their order.
pub(super) async fn listed(
    predictions: &Predictions<'_>,
    rows: Vec<(predictions::Model, Numbers)>,
) -> Result<Vec<ListedPrediction>> {
    let (rows, numbers): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let reviews: Vec<_> = rows.iter().map(|row| (row.reviewed_by.clone(), row.revision)).collect();
    let items = predictions.with_visible_boxes(rows).await?;
    let listed = items.into_iter().zip(numbers).zip(reviews);
    listed
        .map(|((prediction, numbers), (reviewed_by, revision))| {
            let revision = to_u32(revision, "the revision of a prediction")?;
            Ok(ListedPrediction { prediction, numbers, reviewed_by, revision })
        })
        .collect()
}

/// The numbers of a row of the table of predictions, each out of its column.
pub(super) fn numbers(row: &QueryResult) -> Result<Numbers> {
    Numbers::read(|field| {
        let field = field.row();
        Ok(if field.is_whole {
            row.try_get::<Option<i32>>("", field.column)?.map(f64::from)
        } else {
            row.try_get::<Option<f64>>("", field.column)?
        })
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
            "SELECT p.id AS whose, b.prediction_id, b.label_id, b.score, b.x, b.y, b.w, b.h, b.ignored \
             FROM predictions p \
             LEFT JOIN boxes b ON b.prediction_id = p.id AND b.origin = 2 AND b.revision = p.revision \
             WHERE p.revision > 0 AND ",
        )
        .then(Fragment::one_of("p.id", ids.iter().map(|id| Arg::Id(id.0))))
        .say(" ORDER BY p.id, b.position");
        let rows = self.db.reader.query_all_raw(statement.into_statement(self.db.backend())).await?;
        let mut drawn: Vec<(Uuid, Option<StoredBox>)> = Vec::with_capacity(rows.len());
        for row in &rows {
            let is_there = row.try_get_by_index::<Option<Uuid>>(1)?.is_some();
            let stored = is_there.then(|| StoredBox::of_columns(row, 2)).transpose()?;
            drawn.push((row.try_get_by_index(0)?, stored));
        }
        let classes = drawn.iter().filter_map(|(_, stored)| stored.map(|stored| stored.class));
        let labels = self.labels.labels(self.db, classes).await?;
        let mut reviews: HashMap<PredictionId, Vec<Annotation>> = HashMap::new();
        for (id, stored) in drawn {
            let boxes = reviews.entry(PredictionId(id)).or_default();
            if let Some(stored) = stored {
                boxes.push(stored.annotation(id, &labels)?);
            }
        }
        Ok(reviews)
    }
}
