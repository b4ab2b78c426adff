//! Trainings that make models, and their curves.

use crate::{
    ids::{DatasetVersionId, ExperimentId},
    name::Name,
    time::Timestamp,
    training::{PlanRecord, RunParams},
    work::WorkState,
};
use serde::{Deserialize, Serialize};

/// A training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// Identity.
    pub id: ExperimentId,
    /// Unique.
    pub name: Name,
    /// How far it is.
    pub state: WorkState,
    /// What it trains on, `dataset/version`.
    pub dataset: String,
    /// The id of the same.
    pub dataset_version_id: DatasetVersionId,
    /// The model that receives the new version.
    pub model: Name,
    /// `model/number` it starts from.
    pub base: Option<String>,
    /// Who trains, and everything that shapes the run, seed included.
    pub params: RunParams,
    /// The data's fingerprint at the start.
    pub fingerprint: String,
    /// The version of the program that ran it.
    pub code_version: String,
    /// What it made, once done.
    pub model_version: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended, however.
    pub finished: Option<Timestamp>,
    /// How far it is, 0 to 1.
    pub progress: f64,
    /// Seconds it may still take, as it estimates.
    pub seconds_left: Option<f64>,
    /// What its trainer said that it will do; `None` before it began, and where
    /// the trainer says nothing of it.
    pub plan: Option<PlanRecord>,
    /// It ended before its schedule, for it got no better on the val split.
    pub stopped_early: bool,
}

/// A point of an experiment's curves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Optimiser steps done.
    pub step: u32,
    /// Which curve.
    pub series: Series,
    /// Its value.
    pub value: f64,
}

/// The curves of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// The whole loss.
    Loss,
    /// Its classification part.
    LossClass,
    /// Its box part.
    LossBox,
    /// The learning rate.
    LearningRate,
    /// AP(50:95) on the validation split.
    ValAp,
    /// AP at IoU 0.5 on the validation split.
    ValAp50,
}

impl Series {
    /// All, in the order they are shown.
    pub const ALL: [Self; 6] =
        [Self::Loss, Self::LossClass, Self::LossBox, Self::LearningRate, Self::ValAp, Self::ValAp50];

    /// The word in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::LossClass => "loss_class",
            Self::LossBox => "loss_box",
            Self::LearningRate => "learning_rate",
            Self::ValAp => "val_ap",
            Self::ValAp50 => "val_ap50",
        }
    }

    /// The series that [`Self::as_str`] names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|series| series.as_str() == word)
    }
}
