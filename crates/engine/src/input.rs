//! An image as the numbers that a network wants.

use crate::{
    placement::Placement,
    resample::{antialiased, bilinear, unrounded},
};
use domain::{
    geometry::Size,
    inference::Pixels,
    recipe::{Channels, InputRecipe, Layout, Scaling},
};
use std::borrow::Cow;

/// An image as a network wants it.
pub(crate) struct Prepared {
    /// Of the tensor.
    pub(crate) shape: Vec<usize>,
    /// In the order of the shape.
    pub(crate) values: Vec<f32>,
    /// Leads back to the image.
    pub(crate) placement: Placement,
    /// Of the image.
    pub(crate) size: Size,
}

/// The tensor's shape for an input of `size`.
pub(crate) fn shape(size: Size, layout: Layout) -> Vec<usize> {
    let (width, height) = (size.width as usize, size.height as usize);
    match layout {
        Layout::Nchw => vec![1, 3, height, width],
        Layout::Nhwc => vec![1, height, width, 3],
        Layout::Chw => vec![3, height, width],
    }
}

/// Places an image as the recipe says.
pub(crate) fn prepare(image: &Pixels, recipe: &InputRecipe) -> Prepared {
    let placement = Placement::new(image.size(), recipe);
    let picture = if placement.picture == image.size() {
        Cow::Borrowed(image.rgb())
    } else {
        match recipe.scaling {
            Scaling::Bilinear => Cow::Owned(bilinear(image, placement.picture)),
            Scaling::Antialiased => Cow::Owned(antialiased(image, placement.picture)),
            Scaling::Unrounded => {
                let values =
                    arranged(&unrounded(image, placement.picture), &placement, recipe, |colour, value| {
                        (value / recipe.divisor - recipe.mean[colour]) / recipe.deviation[colour]
                    });
                return Prepared {
                    shape: shape(placement.input, recipe.layout),
                    values,
                    placement,
                    size: image.size(),
                };
            }
        }
    };
    let table = tables(recipe);
    let values =
        arranged(&picture, &placement, recipe, |colour, value: u8| table[colour][usize::from(value)]);
    let shape = shape(placement.input, recipe.layout);
    Prepared { shape, values, placement, size: image.size() }
}

/// For each of the network's colours, what becomes of each value.
fn tables(recipe: &InputRecipe) -> [[f32; 256]; 3] {
    [0, 1, 2].map(|colour| {
        let (mean, deviation) = (recipe.mean[colour], recipe.deviation[colour]);
        std::array::from_fn(|value| (value as f32 / recipe.divisor - mean) / deviation)
    })
}

/// The picture in its place, in the order of the network's axes and colours.
fn arranged<T: Copy + From<u8>>(
    picture: &[T],
    placement: &Placement,
    recipe: &InputRecipe,
    value: impl Fn(usize, T) -> f32,
) -> Vec<f32> {
    let (width, inner) = (placement.input.width as usize, placement.picture.width as usize);
    let (left, top) = (placement.left as usize, placement.top as usize);
    let area = placement.input.pixels() as usize;
    let source = |colour: usize| if recipe.channels == Channels::Rgb { colour } else { 2 - colour };
    let pad = [0, 1, 2].map(|colour| value(colour, T::from(recipe.pad)));
    if recipe.layout == Layout::Nhwc {
        let mut values = pad.repeat(area);
        let rows = values.chunks_exact_mut(width * 3).skip(top);
        for (target, row) in rows.zip(picture.chunks_exact(inner * 3)) {
            let Some(target) = target.get_mut(left * 3..(left + inner) * 3) else { continue };
            for (to, pixel) in target.chunks_exact_mut(3).zip(row.chunks_exact(3)) {
                for (colour, to) in to.iter_mut().enumerate() {
                    *to = value(colour, pixel[source(colour)]);
                }
            }
        }
        return values;
    }
    let mut values = Vec::with_capacity(area * 3);
    for pad in pad {
        values.resize(values.len() + area, pad);
    }
    for (colour, plane) in values.chunks_exact_mut(area).enumerate() {
        let source = source(colour);
        let rows = plane.chunks_exact_mut(width).skip(top);
        for (target, row) in rows.zip(picture.chunks_exact(inner * 3)) {
            let Some(target) = target.get_mut(left..left + inner) else { continue };
            for (to, pixel) in target.iter_mut().zip(row.chunks_exact(3)) {
                *to = value(colour, pixel[source]);
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::tests::recipe;
    use domain::recipe::{Fit, InputSize};

    fn two_pixels() -> Pixels {
        Pixels::new(Size { width: 2, height: 1 }, vec![10, 20, 30, 40, 50, 60]).unwrap()
    }

    fn check(change: impl Fn(&mut InputRecipe), shape: &[usize], expected: &[f32]) {
        let mut recipe = recipe().input;
        recipe.size = InputSize::Fixed(Size { width: 2, height: 3 });
        (recipe.divisor, recipe.pad) = (1.0, 7);
        change(&mut recipe);
        let prepared = prepare(&two_pixels(), &recipe);
        assert_eq!((&prepared.shape[..], &prepared.values[..]), (shape, expected));
    }

    #[test]
    fn values_lie_as_the_recipe_says() {
        let red = [7.0, 7.0, 10.0, 40.0, 7.0, 7.0];
        let green = [7.0, 7.0, 20.0, 50.0, 7.0, 7.0];
        let blue = [7.0, 7.0, 30.0, 60.0, 7.0, 7.0];
        check(|_| {}, &[1, 3, 3, 2], &[red, green, blue].concat());
        check(|r| r.channels = Channels::Bgr, &[1, 3, 3, 2], &[blue, green, red].concat());
        check(|r| r.layout = Layout::Chw, &[3, 3, 2], &[red, green, blue].concat());
        let pixels = [[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]].concat();
        let wide = [vec![7.0; 6], pixels.clone(), vec![7.0; 6]].concat();
        check(|r| r.layout = Layout::Nhwc, &[1, 3, 2, 3], &wide);
        let top_left = |r: &mut InputRecipe| (r.layout, r.fit) = (Layout::Nhwc, Fit::LetterboxTopLeft);
        check(top_left, &[1, 3, 2, 3], &[pixels, vec![7.0; 12]].concat());
    }

    #[test]
    fn means_follow_the_order_of_the_networks_colours() {
        let change = |r: &mut InputRecipe| {
            r.size = InputSize::Original { longest: 9 };
            r.channels = Channels::Bgr;
            (r.divisor, r.mean, r.deviation) = (10.0, [1.0, 0.0, 0.0], [2.0, 1.0, 4.0]);
        };
        check(change, &[1, 3, 1, 2], &[1.0, 2.5, 2.0, 5.0, 0.25, 1.0]);
    }
}
