//! Launches of continuous training, and how far they are.

use super::{ContinuousTraining, Trigger};
use crate::{
    ids::{ComparisonId, DatasetVersionId, DeploymentId, ExperimentId, RoundId},
    time::Timestamp,
    training::{RunParams, TrainerInfo},
};
use measures::gate::Verdict;
use serde::{Deserialize, Serialize};

/// How far a launch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundState {
    /// Its experiment has not ended.
    Training,
    /// The candidate is being measured.
    Judging,
    /// All was done.
    Done,
    /// It ended without a candidate, or without a comparison.
    Failed,
}

impl RoundState {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Training, Self::Judging, Self::Done, Self::Failed];

    /// The word of the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Judging => "judging",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// The state that [`Self::as_str`] names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}

/// One launch of continuous training, from its snapshot to what became of its
/// candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Identity.
    pub id: RoundId,
    /// Whose.
    pub deployment_id: DeploymentId,
    /// The training.
    pub experiment_id: ExperimentId,
    /// Its name.
    pub experiment: String,
    /// `model/number` it started from, the champion at that time.
    pub champion: String,
    /// `model/number` it made, once done.
    pub candidate: Option<String>,
    /// What launched it.
    pub trigger: Trigger,
    /// The frozen images.
    pub snapshot: DatasetVersionId,
    /// Submissions that it took.
    pub submissions: u64,
    /// How far it is.
    pub state: RoundState,
    /// The evidence.
    pub comparison: Option<ComparisonId>,
    /// What the gate said.
    pub verdict: Option<Verdict>,
    /// What was done, or why nothing was, in a sentence.
    pub outcome: String,
    /// When it was launched.
    pub created: Timestamp,
    /// When it ended.
    pub finished: Option<Timestamp>,
}

/// Continuous training of a deployment, as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingState {
    /// The settings.
    pub settings: ContinuousTraining,
    /// All parameters that the next training would have, or why there is none.
    pub params: Result<RunParams, String>,
    /// Why the next training does not go on from the champion but starts from
    /// nothing; `None` when it goes on.
    pub starts_from_nothing: Option<String>,
    /// The trainers that there are, the built-in one first.
    pub trainers: Vec<TrainerInfo>,
    /// Submissions that no training has taken.
    pub waiting: u64,
    /// The latest launches, the latest first.
    pub rounds: Vec<Round>,
}
