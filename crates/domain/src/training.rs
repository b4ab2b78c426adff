//! What a training is asked for, what it says on its way, what it gives back.

mod event;
pub mod memory;
mod param;
mod params;
mod plan;
mod run_params;
mod running;
mod trainers;

pub use event::TrainEvent;
pub use param::{PARAMS, ParamInfo, ParamKind};
pub use params::{InvalidParam, TrainParams};
pub use plan::{PlanRecord, TrainPlan};
pub use run_params::{BUILT_IN, ParamValue, ParamValues, RunParams};
pub use running::{NoTrainers, TrainerJob, Trainers};
pub use trainers::{
    JOB_FILE, MODEL_FILE, OUTPUT_FOLDER, PROTOCOL, ParamSpec, RECIPE_FILE, TrainerDescription, TrainerInfo,
};

use crate::{
    dataset::{Annotation, Split},
    geometry::Size,
    name::Label,
};
use measures::metrics::coco::Summary;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// One image of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainImage {
    /// Where the training process finds the file.
    pub path: PathBuf,
    /// Of the upright image.
    pub size: Size,
    /// What it is for; `Test` images are not touched.
    pub split: Split,
    /// Its true boxes.
    pub annotations: Vec<Annotation>,
}

/// Where a training leaves what a later attempt goes on from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoints {
    /// A folder that outlives the process. The trainer gives each file a name
    /// of its own, and removes none.
    pub folder: PathBuf,
    /// Seconds between two of them; 0 for one after every step.
    pub every_s: u64,
    /// The one to go on from. One that is damaged, or of another request or
    /// program, is left aside: the training then begins at step 0.
    pub resume: Option<PathBuf>,
}

/// What a training is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainRequest {
    /// Classes, in the order of the network's outputs.
    pub labels: Vec<Label>,
    /// The data.
    pub images: Vec<TrainImage>,
    /// Everything else.
    pub params: TrainParams,
    /// Weights to start from.
    pub base: Option<PathBuf>,
    /// A backbone that others trained, to start from: a file as it was found.
    #[serde(default)]
    pub backbone: Option<PathBuf>,
    /// Where to put the weights: written whole, then renamed.
    pub output: PathBuf,
    /// Where to leave checkpoints; nowhere when left out.
    #[serde(default)]
    pub checkpoints: Option<Checkpoints>,
}

/// Whether a training goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Control {
    /// Go on.
    Continue,
    /// Stop soon, and leave a usable model.
    Stop,
    /// Stop at once, and leave a checkpoint instead of a model.
    Suspend,
}

/// What a training gives back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainOutcome {
    /// Steps done.
    pub steps: u32,
    /// Wall time.
    pub seconds: f64,
    /// Ended before its schedule: by cancel, by the time limit, or because the
    /// `val` split told of nothing better any more.
    pub stopped_early: bool,
    /// The best measurement on the validation split, if there was one.
    pub validation: Option<Summary>,
    /// SHA-256 of the file at `output`, hex.
    pub sha256: String,
}

/// Why a training gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    /// The request cannot work.
    #[error("{0}")]
    Request(String),
    /// The loss is no longer a number.
    #[error("the loss is no longer a number at step {step}: lower learning_rate")]
    Diverged {
        /// Where.
        step: u32,
    },
    /// A file, the disk, the device.
    #[error("{0}")]
    Failed(String),
    /// It was told to; another attempt goes on from its checkpoint.
    #[error("the training was interrupted and goes on later")]
    Suspended,
    /// A trainer that the operator named did not do what was asked for: in
    /// words for people, with the last lines that it said.
    #[error("{0}")]
    Trainer(String),
    /// Somebody wanted an end, and there was no model yet.
    #[error("it was told to stop, and there was no model yet")]
    Stopped,
    /// Its process was killed from outside, by hand or for want of memory:
    /// another attempt may come to its end.
    #[error("{0}")]
    Killed(String),
}

/// Trains a detector. Blocking; the caller gives it a thread or a process.
pub trait Trainer: Send + Sync {
    /// The folder of this machine under which each training may leave its
    /// checkpoints; `None` where nothing outlives the trainer.
    fn checkpoints(&self) -> Option<&Path> {
        None
    }

    /// The folder of this machine in which backbones that others trained are
    /// looked for by name; `None` where there is none.
    fn backbones(&self) -> Option<&Path> {
        None
    }

    /// Runs to the end, to the time limit, or until `observe` says stop; in
    /// all three cases the weights at `request.output` are usable.
    ///
    /// # Errors
    /// When nothing usable came out; `request.output` is then not written.
    fn train(
        &self,
        request: &TrainRequest,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError>;
}
