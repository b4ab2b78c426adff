//! Where a picture lies in a network's input, and back.
//!
//! Rounds as the programs do that the models come from, so that both see the
//! same pixels.

use domain::{
    geometry::{Rect, Size},
    recipe::{Fit, InputRecipe, InputSize},
};

use crate::Corners;

/// How image pixels and input pixels correspond, per axis:
/// `input = image * scale + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placement {
    /// Of the network's input.
    pub(crate) input: Size,
    /// Of the picture in it.
    pub(crate) picture: Size,
    /// Input pixels left of it.
    pub(crate) left: u32,
    /// Input pixels above it.
    pub(crate) top: u32,
    scale_x: f64,
    scale_y: f64,
}

impl Placement {
    /// Of an image of `image`.
    pub(crate) fn new(image: Size, recipe: &InputRecipe) -> Self {
        match recipe.size {
            InputSize::Fixed(input) => match recipe.fit {
                Fit::Letterbox => Self::centred(image, input, |free| free),
                Fit::LetterboxTopLeft => Self::top_left(image, input),
                Fit::Stretch => Self::over(image, input),
            },
            InputSize::Scaled { longest, stride } => Self::scaled(image, longest, stride, recipe.fit),
            InputSize::Original { longest } => Self::over(image, imaging::fit_within(image, longest)),
        }
    }

    /// The picture fills the input.
    fn over(image: Size, input: Size) -> Self {
        Self {
            input,
            picture: input,
            left: 0,
            top: 0,
            scale_x: f64::from(input.width) / f64::from(image.width),
            scale_y: f64::from(input.height) / f64::from(image.height),
        }
    }

    /// As Ultralytics' `LetterBox`: sides to the nearest pixel, halves to the
    /// even one; the odd pixel of the rest goes right and below. Boxes go back by
    /// the one scale of both axes, whatever the sides were rounded to. `padding`
    /// makes less of what is free.
    fn centred(image: Size, most: Size, padding: impl Fn(u32) -> u32) -> Self {
        let scale = scale(image, most);
        let side = |side: u32, most: u32| ((f64::from(side) * scale).round_ties_even() as u32).clamp(1, most);
        let picture = Size { width: side(image.width, most.width), height: side(image.height, most.height) };
        let free = (padding(most.width - picture.width), padding(most.height - picture.height));
        let before = |free: u32| (f64::from(free) / 2.0 - 0.1).round_ties_even().max(0.0) as u32;
        Self {
            input: Size { width: picture.width + free.0, height: picture.height + free.1 },
            picture,
            left: before(free.0),
            top: before(free.1),
            scale_x: scale,
            scale_y: scale,
        }
    }

    /// As YOLOX: sides are cut to whole pixels.
    fn top_left(image: Size, input: Size) -> Self {
        let scale = scale(image, input);
        let side = |side: u32, most: u32| ((f64::from(side) * scale) as u32).clamp(1, most);
        let picture =
            Size { width: side(image.width, input.width), height: side(image.height, input.height) };
        Self { input, picture, left: 0, top: 0, scale_x: scale, scale_y: scale }
    }

    fn scaled(image: Size, longest: u32, stride: u32, fit: Fit) -> Self {
        let square = Size { width: longest, height: longest };
        let padded = Self::centred(image, square, |free| free % stride.max(1));
        match fit {
            Fit::Letterbox => padded,
            Fit::LetterboxTopLeft => Self { left: 0, top: 0, ..padded },
            Fit::Stretch => Self::over(image, padded.input),
        }
    }

    /// A box of the input in pixels of the image, cut at its border; `None`
    /// when nothing is left.
    pub(crate) fn to_image(self, corners: &Corners, image: Size) -> Option<Rect> {
        let [x0, y0, x1, y1] = corners.map(f64::from);
        let x = |x: f64| ((x - f64::from(self.left)) / self.scale_x).clamp(0.0, f64::from(image.width));
        let y = |y: f64| ((y - f64::from(self.top)) / self.scale_y).clamp(0.0, f64::from(image.height));
        let (x0, y0, x1, y1) = (x(x0), y(y0), x(x1), y(y1));
        Rect::new(x0, y0, x1 - x0, y1 - y0).ok()
    }
}

fn scale(image: Size, most: Size) -> f64 {
    let across = f64::from(most.width) / f64::from(image.width);
    across.min(f64::from(most.height) / f64::from(image.height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::tests::recipe;
    use proptest::prelude::*;

    fn place(image: (u32, u32), size: InputSize, fit: Fit) -> Placement {
        let mut recipe = recipe();
        (recipe.input.size, recipe.input.fit) = (size, fit);
        Placement::new(Size { width: image.0, height: image.1 }, &recipe.input)
    }

    fn check(image: (u32, u32), size: InputSize, fit: Fit, expected: [u32; 6]) {
        let Placement { input, picture, left, top, .. } = place(image, size, fit);
        let numbers = [input.width, input.height, picture.width, picture.height, left, top];
        assert_eq!(numbers, expected, "{image:?} {size:?} {fit:?}");
    }

    #[test]
    fn pictures_lie_where_the_models_programs_put_them() {
        let fixed = InputSize::Fixed(Size { width: 640, height: 640 });
        check((640, 480), fixed, Fit::Letterbox, [640, 640, 640, 480, 0, 80]);
        // 101 · 640 / 333 = 194.1; 446 pixels are free, 223 on each side.
        check((333, 101), fixed, Fit::Letterbox, [640, 640, 640, 194, 0, 223]);
        // 37 · 640 / 611 = 38.76; 601 are free, the odd one is on the right.
        check((37, 611), fixed, Fit::Letterbox, [640, 640, 39, 640, 300, 0]);
        check((37, 611), fixed, Fit::LetterboxTopLeft, [640, 640, 38, 640, 0, 0]);
        check((37, 611), fixed, Fit::Stretch, [640, 640, 640, 640, 0, 0]);
        let scaled = InputSize::Scaled { longest: 640, stride: 32 };
        check((640, 480), scaled, Fit::Letterbox, [640, 480, 640, 480, 0, 0]);
        check((333, 101), scaled, Fit::Letterbox, [640, 224, 640, 194, 0, 15]);
        let original = InputSize::Original { longest: 100 };
        check((333, 101), original, Fit::Letterbox, [100, 30, 100, 30, 0, 0]);
        check((33, 10), original, Fit::Letterbox, [33, 10, 33, 10, 0, 0]);
    }

    #[test]
    fn boxes_go_back_by_the_scale_and_not_by_the_rounded_sides() {
        let fixed = InputSize::Fixed(Size { width: 640, height: 640 });
        let placement = place((333, 101), fixed, Fit::Letterbox);
        let corners = [64.0, 223.0 + 96.096_1, 128.0, 223.0 + 192.192_2];
        let back = placement.to_image(&corners, Size { width: 333, height: 101 }).unwrap();
        let edges = [back.x(), back.y(), back.right(), back.bottom()];
        let near = edges.iter().zip([33.3, 50.0, 66.6, 100.0]).all(|(side, edge)| (side - edge).abs() < 1e-4);
        assert!(near, "{edges:?}");
    }

    proptest! {
        #[test]
        fn a_box_comes_back_to_where_it_was(
            (w, h) in (1u32..3000, 1u32..3000), (iw, ih) in (32u32..1300, 32u32..1300),
            kind in 0usize..5, (x0, x1, y0, y1) in (0.0..1.0f64, 0.0..1.0f64, 0.0..1.0f64, 0.0..1.0f64),
        ) {
            let fixed = InputSize::Fixed(Size { width: iw, height: ih });
            let (size, fit) = [
                (fixed, Fit::Letterbox), (fixed, Fit::LetterboxTopLeft), (fixed, Fit::Stretch),
                (InputSize::Scaled { longest: iw, stride: 32 }, Fit::Letterbox),
                (InputSize::Original { longest: iw }, Fit::Letterbox),
            ][kind];
            let placement = place((w, h), size, fit);
            prop_assert!(placement.left + placement.picture.width <= placement.input.width);
            prop_assert!(placement.top + placement.picture.height <= placement.input.height);
            let image = Size { width: w, height: h };
            let (x, y) = ((x0 * f64::from(w), x1 * f64::from(w)), (y0 * f64::from(h), y1 * f64::from(h)));
            let Some(rect) = Rect::from_corners(x.0, y.0, x.1, y.1) else { return Ok(()) };
            let there = |v: f64, scale: f64, offset: u32| (v * scale + f64::from(offset)) as f32;
            let corners = [
                there(rect.x(), placement.scale_x, placement.left),
                there(rect.y(), placement.scale_y, placement.top),
                there(rect.right(), placement.scale_x, placement.left),
                there(rect.bottom(), placement.scale_y, placement.top),
            ];
            if let Some(back) = placement.to_image(&corners, image) {
                // Half of a rounding of the input's pixels, seen from the image.
                let near = 1e-3 / placement.scale_x.min(placement.scale_y) + 1e-3;
                prop_assert!((back.x() - rect.x()).abs() < near && (back.bottom() - rect.bottom()).abs() < near);
            }
        }
    }
}
