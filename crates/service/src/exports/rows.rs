//! Predictions as they are exported, read in chunks.

use super::ExportBoxes;
use crate::{Result, base::Base};
use domain::{geometry::Rect, ids::PredictionId, listing::ListedPrediction, name::Label};
use serde::Serialize;

/// A box that is exported.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct ExportedBox {
    pub(super) label: Label,
    /// A reviewer's box has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) score: Option<f64>,
    #[serde(flatten)]
    pub(super) rect: Rect,
    pub(super) ignore: bool,
}

/// A prediction that is exported.
#[derive(Clone, Debug)]
pub(super) struct ExportedRow {
    pub(super) listed: ListedPrediction,
    pub(super) boxes: Vec<ExportedBox>,
    /// Whether the boxes are a reviewer's.
    pub(super) reviewed: bool,
}

impl ExportedRow {
    /// A file name that is unique and harmless.
    pub(super) fn filename(&self) -> String {
        let given = self.listed.prediction.filename.as_deref().unwrap_or_default();
        let ending = given.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
        let ending =
            if matches!(ending.as_str(), "png" | "webp" | "jpeg") { ending } else { "jpg".to_owned() };
        format!("{}.{ending}", self.listed.prediction.id)
    }
}

/// Those of `ids` that are still there, in their order.
pub(super) async fn read(base: &Base, ids: &[PredictionId], boxes: ExportBoxes) -> Result<Vec<ExportedRow>> {
    let predictions = base.store().predictions();
    let listed = predictions.listed(ids).await?;
    let reviewed: Vec<PredictionId> =
        listed.iter().filter(|one| one.revision > 0).map(|one| one.prediction.id).collect();
    let mut reviews = if boxes == ExportBoxes::Champion {
        std::collections::HashMap::new()
    } else {
        predictions.latest_review_boxes(&reviewed).await?
    };
    let row = |listed: ListedPrediction| {
        let review = reviews.remove(&listed.prediction.id);
        let reviewed = review.is_some();
        if boxes == ExportBoxes::Review && !reviewed {
            return None;
        }
        let boxes = match review {
            Some(review) => review
                .into_iter()
                .map(|b| ExportedBox { label: b.label, score: None, rect: b.rect, ignore: b.ignore })
                .collect(),
            None => {
                let visible_boxes = listed.prediction.visible_boxes().cloned();
                visible_boxes
                    .map(|b| ExportedBox {
                        label: b.label,
                        score: Some(b.score.get()),
                        rect: b.rect,
                        ignore: false,
                    })
                    .collect()
            }
        };
        Some(ExportedRow { listed, boxes, reviewed })
    };
    Ok(listed.into_iter().filter_map(row).collect())
}
