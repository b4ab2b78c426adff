//! What may be sent and what comes out, as metadata tells it.

use crate::http::problem::{Problem, shortened};
use serde::Serialize;

/// A tensor that goes in or comes out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Tensor {
    /// By which requests name it.
    pub name: &'static str,
    /// As the protocol spells types.
    pub datatype: &'static str,
    /// -1 stands for any length.
    pub shape: &'static [i64],
}

/// A file of a picture; one to a request, since each has boxes of its own number.
pub(super) const IMAGE: Tensor = Tensor { name: "image", datatype: "BYTES", shape: &[1] };
/// Rows of upright R G B.
pub(super) const PIXELS: Tensor = Tensor { name: "pixels", datatype: "UINT8", shape: &[-1, -1, 3] };

/// One of them is sent.
pub(super) const INPUTS: [Tensor; 2] = [IMAGE, PIXELS];

/// What comes out of a picture with N boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// Corners x1, y1, x2, y2 in pixels of the upright picture.
    Boxes,
    /// By falling score.
    Scores,
    /// Names of classes.
    Labels,
    /// Places of these names among the model's.
    ClassIds,
    /// Under what the prediction is found in Fovea.
    PredictionId,
}

/// In the order in which they are answered.
pub(super) const OUTPUTS: [Output; 5] =
    [Output::Boxes, Output::Scores, Output::Labels, Output::ClassIds, Output::PredictionId];

impl Output {
    /// What metadata says of it.
    pub(super) fn tensor(self) -> Tensor {
        let (name, datatype, shape): (_, _, &'static [i64]) = match self {
            Self::Boxes => ("boxes", "FP32", &[-1, 4]),
            Self::Scores => ("scores", "FP32", &[-1]),
            Self::Labels => ("labels", "BYTES", &[-1]),
            Self::ClassIds => ("class_ids", "INT64", &[-1]),
            Self::PredictionId => ("prediction_id", "BYTES", &[1]),
        };
        Tensor { name, datatype, shape }
    }

    /// The output of this name.
    ///
    /// # Errors
    /// Tells the names of those that there are.
    pub(super) fn wanted(name: &str) -> Result<Self, Problem> {
        let named = OUTPUTS.into_iter().find(|output| output.tensor().name == name);
        named.ok_or_else(|| {
            let known = OUTPUTS.map(|output| output.tensor().name).join(", ");
            let name = shortened(name);
            Problem::invalid("outputs", format!("There is no output {name:?}; there are: {known}."))
        })
    }
}
