//! Rows of predictions as types of `domain`.

use super::Predictions;
use crate::{
    convert::{from_json, to_size, to_u32},
    entity::prediction::{boxes, predictions},
    error::{Result, StoreError},
    packed,
};
use domain::{
    geometry::{Rect, Score},
    ids::{DeploymentId, ModelVersionId, PredictionId},
    listing::ListedPrediction,
    name::Label,
    prediction::{PredictedBox, Prediction},
    time::Timestamp,
};
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
