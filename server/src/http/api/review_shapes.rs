//! Reviews, revisions and leases on the wire.

use super::{deployments::DeploymentBody, predictions::PredictionBody};
use crate::http::problem::Problem;
use domain::{
    geometry::Rect,
    ids::PredictionId,
    listing::Refusal,
    name::Label,
    review::{
        BulkOutcome, Lease, Review, ReviewStatistics, ReviewSubject, RevisionInfo, SavedBox, Side, Skip,
        Source,
    },
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

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

/// All about a revision but its boxes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RevisionBody {
    /// From 1.
    pub revision: u32,
    /// The one it was made from.
    pub base_revision: u32,
    /// The one whose boxes were taken back, if that is how it came about.
    pub restored_from: Option<u32>,
    /// Who saved it.
    pub reviewer: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Where the review began: `champion`, `shadow` or `empty`.
    #[schema(example = "champion")]
    pub started_from: &'static str,
    /// How the image was picked: `random`, `query`, `outlier` or `alert`.
    #[schema(example = "query")]
    pub picked: &'static str,
    /// Number of boxes.
    pub box_count: u32,
    /// Boxes that are as a model drew them, found by comparing.
    pub untouched: u32,
    /// Whether it counts as made without seeing a model's boxes.
    pub blind: bool,
    /// What was done, as the editor counted it.
    pub statistics: Option<StatisticsShape>,
}

impl From<RevisionInfo> for RevisionBody {
    fn from(info: RevisionInfo) -> Self {
        Self {
            blind: info.is_blind(),
            revision: info.revision,
            base_revision: info.base_revision,
            restored_from: info.restored_from,
            reviewer: info.reviewer,
            at: info.at,
            started_from: info.started_from.as_str(),
            picked: info.picked.as_str(),
            box_count: info.box_count,
            untouched: info.untouched,
            statistics: info.statistics.map(Into::into),
        }
    }
}

/// A revision with its boxes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ReviewBody {
    /// All about it.
    #[serde(flatten)]
    pub info: RevisionBody,
    /// In the order in which they were saved.
    pub boxes: Vec<ReviewBoxBody>,
    /// The models' boxes that are in it as they were drawn.
    pub left_as_drawn: Vec<SourceShape>,
}

impl From<Review> for ReviewBody {
    fn from(review: Review) -> Self {
        Self {
            info: review.info.into(),
            boxes: review.boxes.into_iter().map(Into::into).collect(),
            left_as_drawn: review.left_as_drawn.into_iter().map(Into::into).collect(),
        }
    }
}

/// Why a prediction is set aside.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct SkipBody {
    /// In a person's words; may be empty.
    pub reason: String,
    /// Who said so.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl From<Skip> for SkipBody {
    fn from(skip: Skip) -> Self {
        Self { reason: skip.reason, by: skip.by, at: skip.at }
    }
}

/// An image in a reviewer's hands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct LeaseBody {
    /// The prediction.
    pub prediction_id: Uuid,
    /// Who has it.
    pub holder: String,
    /// Whether it is the page that asks.
    pub mine: bool,
    /// Until when, unless renewed.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// How the image was picked: `random`, `query`, `outlier` or `alert`.
    #[schema(example = "random")]
    pub picked: &'static str,
}

impl From<Lease> for LeaseBody {
    fn from(lease: Lease) -> Self {
        let Lease { prediction_id, holder, mine, until, picked } = lease;
        Self { prediction_id: prediction_id.0, holder, mine, until, picked: picked.as_str() }
    }
}

/// All that a review needs.
#[derive(Serialize, ToSchema)]
pub(super) struct SubjectBody {
    /// With all boxes of champion and shadow.
    pub prediction: PredictionBody,
    /// Where it was made.
    pub deployment: DeploymentBody,
    /// What a box may be labelled.
    pub labels: Vec<String>,
    /// The latest revision; null before the first.
    pub review: Option<ReviewBody>,
    /// To be reviewed from an empty canvas.
    pub blind: bool,
    /// How it was picked, if it was: `random`, `query`, `outlier` or `alert`.
    pub picked: Option<&'static str>,
    /// Why it is set aside, if it is.
    pub skip: Option<SkipBody>,
    /// Who is at it now.
    pub lease: Option<LeaseBody>,
}

impl From<ReviewSubject> for SubjectBody {
    fn from(subject: ReviewSubject) -> Self {
        Self {
            prediction: subject.prediction.into(),
            deployment: subject.deployment.into(),
            labels: subject.labels.into_iter().map(Into::into).collect(),
            review: subject.review.map(Into::into),
            blind: subject.blind,
            picked: subject.picked.map(domain::review::Picked::as_str),
            skip: subject.skip.map(Into::into),
            lease: subject.lease.map(Into::into),
        }
    }
}

/// What became of an act on many predictions. Those that were as asked for
/// already are in neither list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct BulkBody {
    /// Those that changed.
    pub changed: Vec<Uuid>,
    /// Those that were left as they are.
    pub refused: Vec<RefusalBody>,
}

/// Why a prediction was left as it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RefusalBody {
    /// Which.
    pub id: Uuid,
    /// A sentence.
    pub reason: String,
}

impl From<BulkOutcome> for BulkBody {
    fn from(outcome: BulkOutcome) -> Self {
        let refusal = |Refusal { id: PredictionId(id), reason }| RefusalBody { id, reason };
        Self {
            changed: outcome.changed.into_iter().map(|id| id.0).collect(),
            refused: outcome.refused.into_iter().map(refusal).collect(),
        }
    }
}
