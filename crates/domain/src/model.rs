//! Models, their versions, and the experiments that make them.

mod experiment;

pub use experiment::{CurvePoint, Experiment, Series};

use crate::{
    dataset::Split,
    ids::{DatasetVersionId, ExperimentId, ModelId, ModelVersionId},
    lineage::Exclusions,
    name::{Label, Name},
    recipe::Recipe,
    time::Timestamp,
};
use measures::{
    metrics::{
        best_threshold::BestThreshold,
        coco::{CategoryAp, Summary},
    },
    statistics::Estimate,
};
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

/// Whose form the bytes of a model's weights have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelFormat {
    /// As a training here writes it.
    #[default]
    Fovea,
    /// The Open Neural Network Exchange: what other programs export.
    Onnx,
}

impl ModelFormat {
    /// All, in the order they are shown.
    pub const ALL: [Self; 2] = [Self::Fovea, Self::Onnx];

    /// The word in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fovea => "fovea",
            Self::Onnx => "onnx",
        }
    }

    /// The format that [`Self::as_str`] names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// As people write it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Fovea => "Fovea",
            Self::Onnx => "ONNX",
        }
    }

    /// What the name of such a file ends with, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Fovea => "safetensors",
            Self::Onnx => "onnx",
        }
    }
}

/// What a model does with an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelTask {
    /// It says where objects are, and which.
    #[default]
    Detection,
}

impl ModelTask {
    /// The word in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Detection => "detection",
        }
    }

    /// The task that [`Self::as_str`] names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        (word == Self::Detection.as_str()).then_some(Self::Detection)
    }
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
    /// What it does.
    #[serde(default)]
    pub task: ModelTask,
    /// In the order of the network's outputs.
    pub labels: Vec<Label>,
    /// The stored weights.
    pub weights: Option<WeightsRef>,
    /// The external trainer that goes on from it; `None` for the built-in one.
    #[serde(default)]
    pub trainer: Option<String>,
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

    /// Whether images can be predicted with it here.
    #[must_use]
    pub fn runs_here(&self) -> bool {
        self.weights.is_some()
    }

    /// Whether its network says what an image is like as a whole. Images of
    /// others are described by their pixels.
    #[must_use]
    pub fn embeds(&self) -> bool {
        self.weights.as_ref().is_some_and(|weights| weights.format == ModelFormat::Fovea)
    }

    /// Whether a training here can start from it.
    #[must_use]
    pub fn trainable_here(&self) -> bool {
        self.untrainable().is_none()
    }

    /// Why no training here can start from it, and what to do instead; `None`
    /// when one can.
    #[must_use]
    pub fn untrainable(&self) -> Option<String> {
        let name = self.full_name();
        match &self.weights {
            None => Some(format!("{name} is served elsewhere and has no weights here to start from.")),
            Some(weights) if weights.format == ModelFormat::Onnx => Some(format!(
                "{name} is an ONNX graph, which the built-in trainer cannot go on from. Start from nothing or \
                 from a version that was trained here, or train it where it came from and import the result as \
                 its next version."
            )),
            Some(_) => None,
        }
    }

    /// What a file with its weights is called: `cells-2.onnx`.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        let weights = self.weights.as_ref()?;
        Some(format!("{}-{}.{}", self.model, self.number, weights.format.extension()))
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
    /// Whose form its weights have; `None` where it runs elsewhere.
    pub format: Option<ModelFormat>,
    /// AP of its latest evaluation.
    pub ap: Option<f64>,
    /// What it does now: `champion of ward`.
    pub roles: Vec<String>,
}

/// Where weights lie, what they must hash to, and how they are asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightsRef {
    /// SHA-256 of the stored bytes, hex; also their key.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Whose form they have.
    #[serde(default)]
    pub format: ModelFormat,
    /// How they are fed and read; `None` where the format knows but one way.
    #[serde(default)]
    pub recipe: Option<Recipe>,
}

impl WeightsRef {
    /// Weights as a training here writes them.
    #[must_use]
    pub fn fovea(sha256: String, bytes: u64) -> Self {
        Self { sha256, bytes, format: ModelFormat::Fovea, recipe: None }
    }
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
    /// Where F1 is highest on these images; `None` for figures of before that
    /// was looked at, or when nothing was right at any threshold.
    #[serde(default)]
    pub best_threshold: Option<BestThreshold>,
    /// How sure AP and AP50 are; `None` for figures of before that was said.
    #[serde(default)]
    pub intervals: Option<ApIntervals>,
}

/// 95 % intervals by bootstrap over the images; `None` without truth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "the field's own names")]
pub struct ApIntervals {
    /// Averaged over IoU 0.50:0.05:0.95.
    pub AP: Option<Estimate>,
    /// At IoU 0.50.
    pub AP50: Option<Estimate>,
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
