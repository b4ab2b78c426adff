//! What people make of predictions: revisions of boxes, skips, who has which
//! image on the table. Every change moves status, counts and audit row in one
//! transaction. Knows no rule of who may, and none of what counts as what.

mod aside;
mod change;
mod leases;
mod read;
mod rows;
mod save;
mod status;

pub(crate) use change::{Decision, StatusChange};
pub use leases::{Claim, Holder};
pub(crate) use read::latest_review;
pub(crate) use status::{Moves, locked, locked_many, missing, record, refusal};

use crate::{audit::By, database::Database, feedback::Candidate, labels::LabelBook, outgoing::Outgoing};
use domain::{
    ids::{DatasetVersionId, DeploymentId, PredictionId},
    review::{Picked, ReviewStatistics, SavedBox, Source, StartedFrom},
};

/// A revision to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRevision {
    /// Of what.
    pub prediction_id: PredictionId,
    /// The revision it was made from; another one being the latest, nothing
    /// is stored.
    pub base_revision: u32,
    /// In the order in which they are kept.
    pub boxes: Vec<SavedBox>,
    /// Where the review began.
    pub started_from: StartedFrom,
    /// How the image was picked.
    pub picked: Picked,
    /// The models' boxes that are in it as they were drawn.
    pub left_as_drawn: Vec<Source>,
    /// What the editor counted.
    pub statistics: Option<ReviewStatistics>,
    /// The revision whose boxes were taken back.
    pub restored_from: Option<u32>,
    /// Who and when.
    pub by: By,
    /// The event that goes out when it is stored.
    pub outgoing: Option<Outgoing>,
    /// Submits it in the same transaction, if it may be submitted.
    pub submission: Option<NewSubmission>,
}

/// Where a revision is submitted as it is saved.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSubmission {
    /// The deployment whose loop takes it.
    pub deployment: DeploymentId,
    /// The dataset version that receives the image.
    pub version: DatasetVersionId,
    /// The prediction, and its image.
    pub candidate: Candidate,
}

/// Revisions, skips and leases.
#[derive(Clone, Copy, Debug)]
pub struct Reviews<'a> {
    pub(crate) db: &'a Database,
    pub(crate) labels: &'a LabelBook,
}
