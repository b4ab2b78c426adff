//! What the size that an annotation file gives for an image says about its
//! boxes: whether they were drawn on the image as it is, as it was stored, or
//! at another scale.

use crate::Sizes;
use domain::geometry::{Rect, Size};
use imaging::Probe;

/// How the boxes of an image become boxes of the upright image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fit {
    /// They were drawn on the image as stored, and are turned.
    pub(crate) turn: bool,
    /// They were drawn at another scale: factors along the axes.
    pub(crate) scale: [f64; 2],
}

impl Fit {
    /// Boxes are as they are given.
    pub(crate) const AS_IT_IS: Self = Self { turn: false, scale: [1.0, 1.0] };

    /// `x, y, w, h` in pixels of the file.
    pub(crate) fn scaled(&self, [x, y, w, h]: [f64; 4]) -> [f64; 4] {
        let [sx, sy] = self.scale;
        [x * sx, y * sy, w * sx, h * sy]
    }

    /// The size that scaled boxes are inside of.
    pub(crate) fn room(&self, probe: &Probe) -> Size {
        if self.turn { probe.stored } else { probe.size }
    }

    /// The box of the upright image.
    pub(crate) fn upright(&self, rect: Rect, probe: &Probe) -> Rect {
        let turned = self.turn.then(|| probe.orientation.turn_rect(&rect, probe.stored)).flatten();
        turned.unwrap_or(rect)
    }
}

/// What the declared size means for an image that people see at the size
/// `upright` and that is `stored`; `None` when it may mean several things.
pub(crate) fn fit(declared: Size, upright: Size, stored: Size, sizes: Sizes) -> Option<Fit> {
    if declared == upright {
        return Some(Fit::AS_IT_IS);
    }
    if declared == stored {
        return Some(Fit { turn: true, ..Fit::AS_IT_IS });
    }
    if sizes == Sizes::Ignore {
        return Some(Fit::AS_IT_IS);
    }
    match (scale(declared, upright), scale(declared, stored)) {
        (Some(scale), None) => Some(Fit { turn: false, scale }),
        (None, Some(scale)) => Some(Fit { turn: true, scale }),
        (Some(scale), Some(_)) if upright == stored => Some(Fit { turn: false, scale }),
        _ => None,
    }
}

/// The factors from one size to another of the same shape, to the pixel.
fn scale(from: Size, to: Size) -> Option<[f64; 2]> {
    let sides = [from.width, from.height, to.width, to.height].map(f64::from);
    let [from_w, from_h, to_w, to_h] = sides;
    let [sx, sy] = [to_w / from_w, to_h / from_h];
    let same_shape = (from_h * sx - to_h).abs() <= 1.0 || (from_w * sy - to_w).abs() <= 1.0;
    // A pixel of a very small image is a large part of it.
    let alike = (sx / sy - 1.0).abs() < 0.03;
    (same_shape && alike).then_some([sx, sy])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    #[test]
    fn a_size_of_the_same_shape_scales() {
        let of = |declared| fit(declared, size(64, 48), size(64, 48), Sizes::Check);
        assert_eq!(of(size(64, 48)), Some(Fit::AS_IT_IS));
        assert_eq!(of(size(128, 96)), Some(Fit { turn: false, scale: [0.5, 0.5] }));
        assert_eq!(of(size(32, 24)), Some(Fit { turn: false, scale: [2.0, 2.0] }));
        // One pixel of rounding is no other shape.
        assert!(of(size(1279, 960)).is_some());
    }

    #[test]
    fn a_size_of_another_shape_means_several_things() {
        let of = |declared, sizes| fit(declared, size(64, 48), size(64, 48), sizes);
        assert_eq!(of(size(48, 64), Sizes::Check), None);
        assert_eq!(of(size(640, 640), Sizes::Check), None);
        assert_eq!(of(size(640, 640), Sizes::Ignore), Some(Fit::AS_IT_IS));
    }

    #[test]
    fn boxes_of_an_image_as_stored_are_turned_and_scaled() {
        let of = |declared| fit(declared, size(64, 48), size(48, 64), Sizes::Check);
        assert_eq!(of(size(48, 64)), Some(Fit { turn: true, scale: [1.0, 1.0] }));
        assert_eq!(of(size(96, 128)), Some(Fit { turn: true, scale: [0.5, 0.5] }));
        assert_eq!(of(size(128, 96)), Some(Fit { turn: false, scale: [0.5, 0.5] }));
    }
}
