//! Reviews that scripts send. The SDK knows no revisions: a review is made from
//! the latest one, and once more where another came in between.

use super::{answers::wrong, labels, predicted::review_shape, sdk_body::SdkBody};
use crate::http::{
    AppState,
    admission::Reviewer,
    api::AtMost,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{
    fault::ErrorKind,
    geometry::Rect,
    ids::PredictionId,
    name::Label,
    review::{SaveReview, Saved, SavedBox},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;
use uuid::Uuid;

/// A box, or many: nothing else is drawn here.
#[derive(Deserialize)]
pub(super) struct ReviewBody {
    #[serde(default)]
    rectangles: Option<AtMost<RectangleBody, 20_000>>,
    #[serde(default)]
    polygons: Option<AtMost<IgnoredAny, 1_000>>,
    #[serde(default)]
    classifications: Option<AtMost<IgnoredAny, 1_000>>,
    #[serde(default)]
    lines: Option<AtMost<IgnoredAny, 1_000>>,
    #[serde(default)]
    points: Option<AtMost<IgnoredAny, 1_000>>,
}

#[derive(Clone, Deserialize)]
pub(super) struct RectangleBody {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    pub(super) h: f64,
    pub(super) label_id: Uuid,
}

impl RectangleBody {
    /// Label and place, of these labels.
    ///
    /// # Errors
    /// 400 for a label that is none of them, or a box without an area.
    pub(super) fn checked(&self, known: &[Label]) -> Result<(Label, Rect), Problem> {
        let label = labels::of_id(known, self.label_id)?;
        let rect = Rect::new(self.x, self.y, self.w, self.h);
        Ok((label, rect.map_err(|error| wrong("rectangles", error.to_string()))?))
    }
}

pub(super) async fn add(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Reviewer, ReviewBody>,
) -> Result<Json<Value>, Problem> {
    let prediction = PredictionId(id);
    let others = [&body.polygons, &body.classifications, &body.lines, &body.points];
    if others.into_iter().flatten().any(|list| !list.0.is_empty()) {
        return Err(wrong("rectangles", "A detector's review has rectangles only."));
    }
    let rectangles = body.rectangles.map(|list| list.0).unwrap_or_default();
    for _ in 0..2 {
        let subject = state.service.reviews().subject(&actor, prediction, "").await?;
        let boxes = rectangles.iter().map(|one| {
            let (label, rect) = one.checked(&subject.labels)?;
            let size = subject.prediction.size;
            // What reaches beyond the image is cut off, as with boxes of datasets.
            let rect = rect.clamp_to(size).ok_or_else(|| {
                let message = format!("The box lies outside the image of {}×{} px.", size.width, size.height);
                wrong("rectangles", message)
            })?;
            Ok(SavedBox { label, rect, ignore: false, source: None })
        });
        let boxes = boxes.collect::<Result<Vec<_>, Problem>>()?;
        let base = subject.review.map_or(0, |review| review.info.revision);
        let saved = state.service.reviews().save(&actor, prediction, SaveReview::bare(base, boxes)).await?;
        if let Saved::Stored { review, .. } = saved {
            return Ok(Json(review_shape(id, &review)));
        }
    }
    Err(Problem::new(ErrorKind::Conflict, "Others save reviews of this image just now: send it once more."))
}
