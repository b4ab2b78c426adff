//! A model file before it is imported, as the API tells it, and pictures to try
//! it on.

use domain::{
    geometry::{Rect, Size},
    recipe::Recipe,
};
use serde::{Deserialize, Serialize};

/// A file that waits to be imported.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct StagedModel {
    /// Identity.
    pub id: String,
    /// As it is called where it came from.
    pub filename: String,
    /// Its length.
    pub bytes: u64,
    /// What it is; `None` when it cannot be imported as it is.
    pub inspected: Option<InspectedModel>,
    /// Why it cannot; `None` when it can.
    pub fault: Option<StagedFault>,
}

/// What a file turned out to be.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct InspectedModel {
    /// `fovea` or `onnx`.
    pub format: String,
    /// In the order of the outputs.
    pub labels: Vec<String>,
    /// How it is fed and read, where there is more than one way.
    pub recipe: Option<Recipe>,
    /// The recipe in sentences.
    pub explanation: Vec<String>,
    /// What was seen and taken for granted.
    pub notes: Vec<String>,
    /// Whether a training here can start from it.
    pub trainable: bool,
}

/// Why a file cannot be imported as it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StagedFault {
    /// In a sentence.
    pub reason: String,
    /// Inputs, outputs and metadata, each in a line.
    pub seen: Vec<String>,
    /// A recipe to start from, as JSON.
    pub recipe: String,
}

/// What a model says of a picture on trial.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Trial {
    /// Of the upright picture.
    pub width: u32,
    /// Of the upright picture.
    pub height: u32,
    /// From pixels to boxes.
    pub latency_ms: f64,
    /// By falling score.
    pub boxes: Vec<TrialBox>,
}

/// A box on trial.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TrialBox {
    /// One of the labels.
    pub label: String,
    /// From 0 to 1.
    pub score: f64,
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Trial {
    /// The picture's size.
    #[must_use]
    pub fn size(&self) -> Option<Size> {
        Size::new(self.width, self.height)
    }

    /// The boxes whose score is at or above `threshold`.
    pub fn visible(&self, threshold: f64) -> impl Iterator<Item = (String, Rect)> + '_ {
        let visible = self.boxes.iter().filter(move |b| b.score >= threshold);
        visible.filter_map(|b| Some((b.label.clone(), Rect::new(b.x, b.y, b.w, b.h).ok()?)))
    }
}

/// A version that was made of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ImportedModel {
    /// `model/number`.
    pub name: String,
    /// The model.
    pub model: String,
}

/// A file that waits from an earlier visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingModel {
    /// Identity.
    pub id: String,
    /// As it is called where it came from.
    pub filename: String,
    /// Its length.
    pub bytes: u64,
}

/// A picture that the server has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedPicture {
    /// What it is, for people.
    pub title: String,
    /// The address of its file.
    pub image: String,
    /// The address of a small copy.
    pub thumb: String,
}

/// What somebody who imports a model begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelImportStart {
    /// Their files that wait; none for those who may not import.
    pub waiting: Vec<WaitingModel>,
    /// Pictures to try a model on.
    pub pictures: Vec<OfferedPicture>,
}
