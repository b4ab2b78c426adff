//! Trainings by trainers that the operator named.

use super::{Control, TrainError, TrainEvent, TrainOutcome, TrainerInfo};
use crate::name::Name;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A job of a trainer: a folder with everything it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainerJob {
    /// Where [`JOB_FILE`](super::JOB_FILE) lies, and where the trainer leaves its output.
    pub folder: PathBuf,
    /// Seconds after which it is told to stop; 0 for never.
    pub time_limit_s: u64,
}

/// The trainers that the operator named.
pub trait Trainers: Send + Sync {
    /// All of them, by name, each asked to describe itself if it was not yet.
    /// May block for seconds.
    fn list(&self) -> Vec<TrainerInfo>;

    /// Runs a job to its end, or until `observe` says stop. Blocks. The first
    /// event is [`TrainEvent::Started`]. The model at the job's output is as
    /// the trainer left it: nobody looked at it. Nothing that the trainer
    /// began is still running afterwards.
    ///
    /// # Errors
    /// When there is no such trainer, or it left no model.
    fn run(
        &self,
        trainer: &Name,
        job: &TrainerJob,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError>;
}

/// Where the operator named none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTrainers;

impl Trainers for NoTrainers {
    fn list(&self) -> Vec<TrainerInfo> {
        Vec::new()
    }

    fn run(
        &self,
        trainer: &Name,
        _: &TrainerJob,
        _: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        Err(TrainError::Request(format!("there is no trainer {trainer} here: name it with --trainer")))
    }
}
