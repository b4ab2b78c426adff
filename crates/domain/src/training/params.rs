//! The parameters of the built-in trainer.

use super::memory;
use serde::{Deserialize, Serialize};

/// A year. Times are added to clocks, whose range is not that of a number.
pub(super) const LONGEST_TIME_LIMIT_S: u64 = 365 * 86_400;

/// Everything that shapes a training run, besides the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainParams {
    /// Width of the network's input in pixels, a multiple of 32; 0 for what
    /// the pictures and their boxes ask for ([`TrainPlan`](super::TrainPlan)).
    pub input_width: u32,
    /// Height of the network's input in pixels, likewise.
    pub input_height: u32,
    /// Multiplies the channels of every layer; 1 is the default network.
    pub width: f64,
    /// Passes over the training images; 0 for what their number asks for.
    pub epochs: u32,
    /// Optimiser steps at most; 0 for as many as `epochs` needs.
    pub max_steps: u32,
    /// Images in a step; 0 for what the input's size asks for.
    pub batch_size: u32,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Share of the steps in which the rate climbs to its peak.
    pub warmup: f64,
    /// Decay of the averaged weights (EMA), per step.
    pub ema_decay: f64,
    /// Share of images that are made of four (mosaic augmentation); negative
    /// for what the number of passes asks for.
    pub mosaic: f64,
    /// Images are zoomed from 1/(1 + zoom) to 1 + zoom; negative for what the
    /// boxes' sizes ask for.
    pub zoom: f64,
    /// Images with a label that fewer than this share of all images have are
    /// shown more often; 0 for each once, negative for the usual share.
    pub balance: f64,
    /// Chance that an image is mirrored top to bottom: 0.5 where up and down
    /// mean nothing (microscopes, maps), 0 for the world as people see it.
    pub flip_vertical: f64,
    /// Also fit the weights to the `val` split, which then selects nothing.
    pub train_on_val: bool,
    /// Evaluations on the validation split during the run.
    pub evaluations: u32,
    /// Measurements in a row without one that is better, beyond the interval
    /// that the `val` split's images allow, after which it ends, counted once
    /// one had an AP of 0.05; 0 for never, negative for what the numbers of
    /// those images and of `evaluations` ask for.
    pub patience: i32,
    /// Seconds after which it stops with what it has; 0 for no limit. The
    /// schedule is stretched or cut to fit.
    pub time_limit_s: u64,
    /// Fixes every random choice.
    pub seed: u64,
    /// The file of a backbone that others trained, in the folder `backbones`
    /// of the machine that trains; empty for none.
    pub backbone: String,
}

impl Default for TrainParams {
    fn default() -> Self {
        Self {
            input_width: 0,
            input_height: 0,
            width: 1.0,
            epochs: 0,
            max_steps: 0,
            batch_size: 0,
            learning_rate: 2e-3,
            weight_decay: 0.02,
            warmup: 0.05,
            ema_decay: 0.998,
            mosaic: -1.0,
            zoom: -1.0,
            balance: -1.0,
            flip_vertical: 0.0,
            train_on_val: false,
            evaluations: 8,
            patience: -1,
            time_limit_s: 0,
            seed: 0,
            backbone: String::new(),
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
    /// The trainer that is to have it is not there, or cannot be used now.
    #[error("the trainer {trainer} cannot be used: {reason}")]
    Trainer {
        /// Which.
        trainer: String,
        /// Why.
        reason: String,
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
        const SIDE: &str = "a multiple of 32 from 64 to 1280, or 0: from the data";
        const SHARE: &str = "from 0 to 1, or -1: from the data";
        let side = |v: u32| v == 0 || ((64..=1280).contains(&v) && v.is_multiple_of(32));
        let share = |v: f64| (-1.0..=1.0).contains(&v);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let backbone = &self.backbone;
        let is_file = backbone.len() <= 120 && !backbone.starts_with('.') && backbone.chars().all(plain);
        let rules: [(&str, bool, &str); 18] = [
            ("input_width", side(self.input_width), SIDE),
            ("input_height", side(self.input_height), SIDE),
            ("width", (0.125..=4.0).contains(&self.width), "from 0.125 to 4"),
            ("epochs", self.epochs <= 10_000, "from 1 to 10000, or 0: from the data"),
            ("max_steps", self.max_steps <= 10_000_000, "at most 10000000"),
            ("batch_size", self.batch_size <= 256, "from 1 to 256, or 0: from the data"),
            ("learning_rate", self.learning_rate > 0.0 && self.learning_rate <= 1.0, "above 0, at most 1"),
            ("weight_decay", (0.0..=1.0).contains(&self.weight_decay), "from 0 to 1"),
            ("warmup", (0.0..=0.5).contains(&self.warmup), "from 0 to 0.5"),
            ("ema_decay", (0.0..1.0).contains(&self.ema_decay), "from 0 to below 1"),
            ("mosaic", share(self.mosaic), SHARE),
            ("zoom", share(self.zoom), SHARE),
            ("balance", share(self.balance), SHARE),
            ("flip_vertical", (0.0..=1.0).contains(&self.flip_vertical), "from 0 to 1"),
            ("evaluations", self.evaluations <= 1000, "at most 1000"),
            (
                "patience",
                (-1..=1000).contains(&self.patience),
                "from 1 to 1000, 0: never, or -1: from the data",
            ),
            ("backbone", is_file, "the name of a file: letters, digits, dots, dashes"),
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
