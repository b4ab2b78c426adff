//! The boxes of an image as an annotation tool has them: what of its shapes
//! they stand for, and how many shapes are none.

use crate::{
    FaultKind,
    intake::{Intake, RawBox},
    labels::label_of,
};
use domain::name::Label;
use std::path::Path;

/// What is wrong with a shape that is no box.
pub(crate) type NoBox = (FaultKind, String);

/// The boxes of an image, as its shapes are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolBoxes {
    pub(crate) boxes: Vec<RawBox>,
    /// How many of them stand for another shape.
    pub(crate) reduced: usize,
    /// How many more there were.
    pub(crate) lost: usize,
}

impl ToolBoxes {
    /// Takes what a shape came to: its boxes, and whether they stand for
    /// another shape.
    pub(crate) fn take(
        &mut self,
        shape: Result<(Vec<RawBox>, bool), NoBox>,
        file: &Path,
        place: &str,
        intake: &mut Intake<'_>,
    ) {
        match shape {
            Ok((boxes, is_reduced)) => {
                self.reduced += usize::from(is_reduced) * boxes.len();
                self.boxes.extend(boxes);
            }
            Err((kind, message)) => {
                intake.log.error(kind, file, place, format!("{message}; left out"));
                self.lost += 1;
                match kind {
                    // No box is lost by a line.
                    FaultKind::OtherShape => intake.leave_out_harmless_box(),
                    _ => intake.left_out.boxes += 1,
                }
            }
        }
    }
}

/// The label of a shape.
///
/// # Errors
/// When it can be none.
pub(crate) fn shape_label(name: &str) -> Result<Label, NoBox> {
    label_of(name).map_err(|why| (FaultKind::InvalidLabel, why))
}
