//! The boxes of reviews on the wire, and what the editor counted.

use crate::http::problem::Problem;
use domain::{
    geometry::Rect,
    name::Label,
    review::{ReviewStatistics, SavedBox, Side, Source},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A true box, in pixels of the upright image.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviewBoxIn {
    /// One of the deployment's labels.
    #[schema(example = "car")]
    pub label: String,
    /// Left edge.
    #[schema(value_type = f64)]
    pub x: Option<f64>,
    /// Upper edge.
    #[schema(value_type = f64)]
    pub y: Option<f64>,
    /// Width, above 0.
    #[schema(value_type = f64)]
    pub w: Option<f64>,
    /// Height, above 0.
    #[schema(value_type = f64)]
    pub h: Option<f64>,
    /// A region that metrics leave alone.
    #[serde(default)]
    pub ignore: bool,
    /// The model's box it came from.
    #[serde(default)]
    pub source: Option<SourceShape>,
    /// Read and left out, so that a predicted box can be sent back as it is:
    /// a person is sure.
    #[serde(default, rename = "score")]
    pub _score: Option<f64>,
}

/// A model's box.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceShape {
    /// `champion` or `shadow`.
    #[schema(value_type = String, example = "champion")]
    pub side: Side,
    /// Its place among that model's boxes, best first, from 0.
    pub index: u32,
}

impl From<SourceShape> for Source {
    fn from(shape: SourceShape) -> Self {
        Self { side: shape.side, index: shape.index }
    }
}

impl From<Source> for SourceShape {
    fn from(source: Source) -> Self {
        Self { side: source.side, index: source.index }
    }
}

impl ReviewBoxIn {
    fn checked(self, place: &str) -> Result<SavedBox, Problem> {
        let number = |name: &str, value: Option<f64>| {
            value.ok_or_else(|| Problem::invalid(&format!("{place}.{name}"), "A number is missing here."))
        };
        let [x, y, w, h] =
            [number("x", self.x)?, number("y", self.y)?, number("w", self.w)?, number("h", self.h)?];
        let rect = Rect::new(x, y, w, h).map_err(|error| Problem::invalid(place, error.to_string()))?;
        let label = Label::new(self.label);
        let label = label.map_err(|error| Problem::invalid(&format!("{place}.label"), error.to_string()))?;
        Ok(SavedBox { label, rect, ignore: self.ignore, source: self.source.map(Into::into) })
    }
}

/// Checks the boxes' numbers; whether they fit the image is for the use case.
pub(super) fn checked_review(boxes: Vec<ReviewBoxIn>) -> Result<Vec<SavedBox>, Problem> {
    let checked = |(index, b): (usize, ReviewBoxIn)| b.checked(&format!("boxes[{index}]"));
    boxes.into_iter().enumerate().map(checked).collect()
}

/// A true box as it is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ReviewBoxBody {
    /// One of the deployment's labels.
    pub label: String,
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
    /// A region that metrics leave alone.
    pub ignore: bool,
    /// The model's box it came from, as far as the sender said.
    pub source: Option<SourceShape>,
}

impl From<SavedBox> for ReviewBoxBody {
    fn from(b: SavedBox) -> Self {
        let rect = b.rect;
        Self {
            label: b.label.into(),
            x: rect.x(),
            y: rect.y(),
            w: rect.w(),
            h: rect.h(),
            ignore: b.ignore,
            source: b.source.map(Into::into),
        }
    }
}

/// What the reviewer did, as the editor counted it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StatisticsShape {
    /// Time at work, pauses left out.
    pub time_spent_ms: u64,
    /// Boxes of the start in the same place with the same label.
    pub kept: u32,
    /// Boxes of the start in another place or of another size.
    pub moved: u32,
    /// Boxes that were not there at the start.
    pub added: u32,
    /// Boxes of the start that are gone.
    pub deleted: u32,
    /// Boxes of the start with another label.
    pub relabelled: u32,
}

impl From<StatisticsShape> for ReviewStatistics {
    fn from(s: StatisticsShape) -> Self {
        let StatisticsShape { time_spent_ms, kept, moved, added, deleted, relabelled } = s;
        Self { time_spent_ms, kept, moved, added, deleted, relabelled }
    }
}

impl From<ReviewStatistics> for StatisticsShape {
    fn from(s: ReviewStatistics) -> Self {
        let ReviewStatistics { time_spent_ms, kept, moved, added, deleted, relabelled } = s;
        Self { time_spent_ms, kept, moved, added, deleted, relabelled }
    }
}
