//! Reviews, revisions and leases on the wire.

use super::{
    deployment_shapes::DeploymentBody,
    prediction_shapes::PredictionBody,
    review_boxes::{ReviewBoxBody, SourceShape, StatisticsShape},
};
use domain::{
    ids::PredictionId,
    listing::Refusal,
    review::{BulkOutcome, Lease, Review, ReviewSubject, RevisionInfo, Skip},
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

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
pub(super) struct ChangesBody {
    /// Those that changed.
    pub changed: Vec<Uuid>,
    /// Those that were left as they are.
    pub refused: Vec<LeftBody>,
}

/// Why a prediction was left as it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct LeftBody {
    /// Which.
    pub id: Uuid,
    /// A sentence.
    pub reason: String,
}

impl From<BulkOutcome> for ChangesBody {
    fn from(outcome: BulkOutcome) -> Self {
        let refusal = |Refusal { id: PredictionId(id), reason }| LeftBody { id, reason };
        Self {
            changed: outcome.changed.into_iter().map(|id| id.0).collect(),
            refused: outcome.refused.into_iter().map(refusal).collect(),
        }
    }
}
