//! What a training is asked for, what it says on its way, what it gives back.

pub mod memory;
mod param;

pub use param::{PARAMS, ParamInfo, ParamKind};

use crate::{
    dataset::{Annotation, Split},
    geometry::Size,
    name::Label,
};
use measures::metrics::coco::Summary;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A year. Times are added to clocks, whose range is not that of a number.
const LONGEST_TIME_LIMIT_S: u64 = 365 * 86_400;

/// Everything that shapes a training run, besides the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainParams {
    /// Width of the network's input in pixels, a multiple of 32.
    pub input_width: u32,
    /// Height of the network's input in pixels, a multiple of 32.
    pub input_height: u32,
    /// Multiplies the channels of every layer; 1 is the default network.
    pub width: f64,
    /// Passes over the training images.
    pub epochs: u32,
    /// Optimiser steps at most; 0 for as many as `epochs` needs.
    pub max_steps: u32,
    /// Images in a step.
    pub batch_size: u32,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Share of the steps in which the rate climbs to its peak.
    pub warmup: f64,
    /// Decay of the averaged weights (EMA), per step.
    pub ema_decay: f64,
    /// Share of images that are made of four (mosaic augmentation).
    pub mosaic: f64,
    /// Chance that an image is mirrored top to bottom: 0.5 where up and down
    /// mean nothing (microscopes, maps), 0 for the world as people see it.
    pub flip_vertical: f64,
    /// Also fit the weights to the `val` split, which then selects nothing.
    pub train_on_val: bool,
    /// Evaluations on the validation split during the run.
    pub evaluations: u32,
    /// Seconds after which it stops with what it has; 0 for no limit. The
    /// schedule is stretched or cut to fit.
    pub time_limit_s: u64,
    /// Fixes every random choice.
    pub seed: u64,
}

impl Default for TrainParams {
    fn default() -> Self {
        Self {
            input_width: 416,
            input_height: 320,
            width: 1.0,
            epochs: 60,
            max_steps: 0,
            batch_size: 8,
            learning_rate: 2e-3,
            weight_decay: 0.02,
            warmup: 0.05,
            ema_decay: 0.998,
            mosaic: 0.0,
            flip_vertical: 0.0,
            train_on_val: false,
            evaluations: 8,
            time_limit_s: 0,
            seed: 0,
        }
    }
}

/// Why a `key=value` was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidParam {
    /// No such parameter.
    #[error("there is no training parameter {key:?}; there are: {known}")]
    Unknown {
        /// As given.
        key: String,
        /// The names there are.
        known: String,
    },
    /// The value does not fit.
    #[error("{key}: {reason}")]
    Value {
        /// The parameter.
        key: String,
        /// What is wrong and what is allowed.
        reason: String,
    },
}

impl TrainParams {
    /// Checks that every number is in its range.
    ///
    /// # Errors
    /// Names the first parameter that is not.
    pub fn validate(&self) -> Result<(), InvalidParam> {
        let side = |v: u32| (64..=1280).contains(&v) && v.is_multiple_of(32);
        let rules: [(&str, bool, &str); 14] = [
            ("input_width", side(self.input_width), "a multiple of 32 from 64 to 1280"),
            ("input_height", side(self.input_height), "a multiple of 32 from 64 to 1280"),
            ("width", (0.125..=4.0).contains(&self.width), "from 0.125 to 4"),
            ("epochs", (1..=10_000).contains(&self.epochs), "from 1 to 10000"),
            ("max_steps", self.max_steps <= 10_000_000, "at most 10000000"),
            ("batch_size", (1..=256).contains(&self.batch_size), "from 1 to 256"),
            ("learning_rate", self.learning_rate > 0.0 && self.learning_rate <= 1.0, "above 0, at most 1"),
            ("weight_decay", (0.0..=1.0).contains(&self.weight_decay), "from 0 to 1"),
            ("warmup", (0.0..=0.5).contains(&self.warmup), "from 0 to 0.5"),
            ("ema_decay", (0.0..1.0).contains(&self.ema_decay), "from 0 to below 1"),
            ("mosaic", (0.0..=1.0).contains(&self.mosaic), "from 0 to 1"),
            ("flip_vertical", (0.0..=1.0).contains(&self.flip_vertical), "from 0 to 1"),
            ("evaluations", self.evaluations <= 1000, "at most 1000"),
            ("time_limit_s", self.time_limit_s <= LONGEST_TIME_LIMIT_S, "at most 31536000 (a year)"),
        ];
        match rules.iter().find(|(_, holds, _)| !holds) {
            None => self
                .check_memory(1, memory::TRAINING_BUDGET_BYTES)
                .map_err(|reason| InvalidParam::Value { key: "batch_size".to_owned(), reason }),
            Some((key, _, reason)) => {
                Err(InvalidParam::Value { key: (*key).to_owned(), reason: format!("must be {reason}") })
            }
        }
    }
}

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
    /// Where to put the weights: written whole, then renamed.
    pub output: PathBuf,
    /// Where to leave checkpoints; nowhere when left out.
    #[serde(default)]
    pub checkpoints: Option<Checkpoints>,
}

/// What a training says on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum TrainEvent {
    /// The run begins after this step: 0, or that of the checkpoint it goes
    /// on from. Comes before all others.
    Started {
        /// Steps done by earlier attempts.
        step: u32,
    },
    /// A step was done.
    Step {
        /// Steps done.
        step: u32,
        /// Steps there will be, as now expected.
        steps: u32,
        /// The whole loss.
        loss: f64,
        /// Its classification part.
        loss_class: f64,
        /// Its box part.
        loss_box: f64,
        /// The learning rate of the step.
        learning_rate: f64,
        /// Seconds to the end, as now expected.
        seconds_left: f64,
    },
    /// The averaged weights were measured on the validation split.
    Validated {
        /// Steps done.
        step: u32,
        /// The twelve figures.
        summary: Summary,
    },
    /// A checkpoint was written whole. Whoever stores the curves should let
    /// the next attempt use it only once all earlier events are stored: the
    /// curve has no gap then.
    Checkpoint {
        /// Steps done.
        step: u32,
        /// The file.
        path: PathBuf,
    },
    /// A line for the log.
    Log {
        /// The line.
        message: String,
    },
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
    /// Ended before its schedule: by cancel or by the time limit.
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
