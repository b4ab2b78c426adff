//! What the figures from reviews are made of.

use domain::{monitor::supervised::Period, time::Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// How a model did on images that arrived one after the other.
#[derive(Serialize, ToSchema)]
pub(super) struct PeriodBody {
    /// When the first of them arrived.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// When the last of them arrived.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Reviewed images.
    pub images: u64,
    /// AP at IoU 0.50:0.95; null without truth.
    #[serde(rename = "AP")]
    pub ap: Option<f64>,
    /// AP at IoU 0.50.
    #[serde(rename = "AP50")]
    pub ap50: Option<f64>,
}

impl From<Period> for PeriodBody {
    fn from(p: Period) -> Self {
        Self { from: p.from, to: p.to, images: p.images, ap: p.AP, ap50: p.AP50 }
    }
}
