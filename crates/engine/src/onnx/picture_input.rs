//! The axes of an input that takes a picture.

use super::graph::TensorInfo;
use domain::{geometry::Size, recipe::Layout};

/// Where the axis of colours is; where all are open, where it usually is.
pub(super) fn layout_of(input: &TensorInfo) -> Option<Layout> {
    let three = |axis: usize| input.axis(axis) == Some(3);
    let open = |axis: usize| input.axis(axis).is_none();
    match input.rank()? {
        4 if three(1) => Some(Layout::Nchw),
        4 if three(3) => Some(Layout::Nhwc),
        4 if open(1) => Some(Layout::Nchw),
        3 if three(0) || open(0) => Some(Layout::Chw),
        _ => None,
    }
}

/// Height and width where the file fixes them.
pub(super) fn fixed_size(input: &TensorInfo) -> Option<Size> {
    let (height, width) = match layout_of(input)? {
        Layout::Nchw => (2, 3),
        Layout::Nhwc | Layout::Chw => (1, 2),
    };
    let side = |axis: usize| u32::try_from(input.axis(axis)?).ok();
    Size::new(side(width)?, side(height)?)
}
