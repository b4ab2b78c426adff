//! Detectors that other programs export as ONNX.
//!
//! A file is data, however it was made: [`graph`] reads what it says and
//! refuses what must not be loaded, [`recognise`] tells from it how it is to be
//! asked (a [`Recipe`](domain::recipe::Recipe)), [`trial`] loads it and asks it
//! once where nothing else can come to harm, and [`decode`] makes boxes of what
//! it answers. What runs the graph is a [`Runtime`].

mod decode;
mod families;
mod format;
mod graph;
mod labels;
mod metadata;
mod onnxruntime;
mod picture_input;
mod recognise;
mod rten;
mod session;
mod trial;
mod wire;

pub use format::{AnswerLimits, OnnxFormat};
pub use graph::MOST_BYTES;
pub use onnxruntime::{Accelerators, OnnxRuntime, OnnxRuntimeError};
pub use rten::Rten;
pub use session::{Runtime, Session, Tensor, Values};
pub use trial::{OutputSeen, TRIAL_COMMAND, TrialProgram, TrialReport, TrialRequest, run_trial_child};

#[cfg(test)]
pub(crate) mod tests {
    use domain::recipe::Recipe;

    /// Of YOLOv8 at 640×640.
    pub(crate) fn recipe() -> Recipe {
        let text = r#"{"input": {"size": {"fixed": {"width": 640, "height": 640}}},
            "output": {"form": "columns", "suppression": {"iou": 0.7}}}"#;
        Recipe::from_json(text).unwrap()
    }
}
