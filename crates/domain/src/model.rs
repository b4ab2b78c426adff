//! Models, their versions, and the experiments that make them.

use crate::{
    dataset::Split,
    ids::{DatasetVersionId, ExperimentId, ModelId, ModelVersionId},
    lineage::Exclusions,
    name::{Label, Name},
    time::Timestamp,
    training::TrainParams,
    work::WorkState,
};
use measures::metrics::coco::{CategoryAp, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A named line of versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Identity.
    pub id: ModelId,
    /// Unique.
    pub name: Name,
    /// When it was made.
    pub created: Timestamp,
}

/// One set of weights, or a model served elsewhere (`weights` is `None`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelVersion {
    /// Identity.
    pub id: ModelVersionId,
    /// The model it belongs to.
    pub model_id: ModelId,
    /// The model's name.
    pub model: Name,
    /// 1, 2, 3 …
    pub number: u32,
    /// In the order of the network's outputs.
    pub labels: Vec<Label>,
    /// The stored weights.
    pub weights: Option<WeightsRef>,
    /// What made it.
    pub experiment_id: Option<ExperimentId>,
    /// What its training started from.
    pub base_id: Option<ModelVersionId>,
    /// What it was trained on.
    pub dataset_version_id: Option<DatasetVersionId>,
    /// When it was made.
    pub created: Timestamp,
    /// Evaluations, by what they were measured on.
    pub evaluations: Vec<Evaluation>,
}

impl ModelVersion {
    /// `model/number`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.model, self.number)
    }

    /// The evaluation that says the most of how good it is: the latest, of
    /// those on images that it did not learn from where there are any.
    #[must_use]
    pub fn latest_evaluation(&self) -> Option<&Evaluation> {
        self.evaluations.iter().max_by_key(|evaluation| (evaluation.fitted != Some(true), evaluation.at))
    }
}

/// A version among those it came from and those that came from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relative {
    /// `model/number`.
    pub version: String,
    /// What its training started from, if that is among the relatives.
    pub base: Option<String>,
    /// The experiment that made it.
    pub experiment: Option<String>,
    /// What it was trained on, `dataset/version`.
    pub dataset: Option<String>,
    /// AP of its latest evaluation.
    pub ap: Option<f64>,
    /// What it does now: `champion of ward`.
    pub roles: Vec<String>,
}

/// Where weights lie and what they must hash to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightsRef {
    /// SHA-256 of the stored bytes, hex; also their key.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
}

/// COCO figures of a model version on one split of a dataset version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// `dataset/version`.
    pub dataset: String,
    /// Which part.
    pub split: Split,
    /// Images measured.
    pub images: u64,
    /// True boxes measured.
    pub boxes: u64,
    /// The twelve figures.
    pub summary: Summary,
    /// By label.
    pub per_label: BTreeMap<Label, CategoryAp>,
    /// When.
    pub at: Timestamp,
    /// Images of the split that were not measured, since the version learned
    /// from them; `None` for figures of before that was looked at.
    pub left_out: Option<Exclusions>,
    /// Whether the version was fitted to this very split, or chosen by it:
    /// then all of it is measured, and the figures say how well it was learned.
    /// `None` as above.
    pub fitted: Option<bool>,
}

impl Evaluation {
    /// Whose images these are to the version, in a few words; `None` where
    /// nothing speaks against the figures, or nobody looked.
    #[must_use]
    pub fn caveat(&self) -> Option<String> {
        if self.fitted == Some(true) {
            return Some("the version was fitted to these images, or chosen by them".to_owned());
        }
        self.left_out.and_then(|left_out| left_out.words("the version"))
    }
}

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
    /// Everything that shapes the run, seed included.
    pub params: TrainParams,
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
