//! What a picture is like, as numbers of its pixels alone: for models that
//! give no embedding of their own.
//!
//! Three blocks side by side: the colours of each cell of a grid (colour
//! layout, as in MPEG-7), the directions of the edges in each cell (histograms
//! of oriented gradients, Dalal and Triggs, CVPR 2005), and how often each
//! colour comes, as the root of its share, so that Euclidean distance is
//! Hellinger's. No training, no chance: the same pixels give the same numbers
//! for ever, since references that were frozen compare with them.

use crate::resize;
use domain::{geometry::Size, inference::Pixels};

/// Side of the copy that is looked at, in pixels.
const SIDE: u32 = 128;
/// Cells of the grid along a side.
const CELLS: usize = 4;
/// Pixels of a cell along a side.
const CELL: usize = SIDE as usize / CELLS;
/// Directions of an edge, over half a turn: which side is the bright one does
/// not count.
const DIRECTIONS: usize = 8;
/// Levels of each channel in the histogram of colours.
const LEVELS: usize = 4;
/// How much the blocks weigh against the histogram, whose length is 1: colours
/// of cells and edges are each about as long for a picture with much of them.
const LAYOUT_WEIGHT: f32 = 0.5;
const EDGES_WEIGHT: f32 = 0.25;

const LAYOUT: usize = CELLS * CELLS * 3;
const EDGES: usize = CELLS * CELLS * DIRECTIONS;
const COLOURS: usize = LEVELS * LEVELS * LEVELS;

/// Numbers of a descriptor.
pub const DESCRIPTOR_LENGTH: usize = LAYOUT + EDGES + COLOURS;

/// The descriptor of a picture: [`DESCRIPTOR_LENGTH`] numbers, of unit length.
#[must_use]
pub fn descriptor(pixels: &Pixels) -> Vec<f32> {
    let copy = match Size::new(SIDE, SIDE) {
        Some(size) => resize(pixels, size),
        None => pixels.clone(),
    };
    let (rgb, _) = copy.rgb().as_chunks::<3>();
    let mut all = Vec::with_capacity(DESCRIPTOR_LENGTH);
    all.extend(layout(rgb).map(|value| value * LAYOUT_WEIGHT));
    all.extend(edges(rgb).map(|value| value * EDGES_WEIGHT));
    all.extend(colours(rgb));
    let length = all.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    all.iter_mut().for_each(|value| *value /= length);
    all
}

/// The cell of the pixel at this place of the copy.
fn cell(place: usize) -> usize {
    let (x, y) = (place % SIDE as usize, place / SIDE as usize);
    (y / CELL).min(CELLS - 1) * CELLS + x / CELL
}

/// The mean colour of each cell: luma and the two differences of colour
/// (BT.601), each from −0.5 to 0.5.
fn layout(rgb: &[[u8; 3]]) -> impl Iterator<Item = f32> {
    let mut sums = [0.0_f32; LAYOUT];
    for (place, pixel) in rgb.iter().enumerate() {
        let [r, _, b] = pixel.map(|channel| f32::from(channel) / 255.0);
        let luma = luma_of(*pixel) / 255.0;
        let values = [luma - 0.5, (b - luma) * 0.564, (r - luma) * 0.713];
        let sums = sums.iter_mut().skip(cell(place) * 3).take(3);
        sums.zip(values).for_each(|(sum, value)| *sum += value);
    }
    sums.into_iter().map(|sum| sum / (CELL * CELL) as f32)
}

/// For each cell and direction, the root of the mean strength of the edges.
fn edges(rgb: &[[u8; 3]]) -> impl Iterator<Item = f32> {
    let lumas: Vec<f32> = rgb.iter().map(|pixel| luma_of(*pixel)).collect();
    let side = SIDE as usize;
    let mut sums = [0.0_f32; EDGES];
    let at = |place: usize| lumas.get(place).copied().unwrap_or_default();
    for y in 1..side - 1 {
        for x in 1..side - 1 {
            let place = y * side + x;
            let (dx, dy) = (at(place + 1) - at(place - 1), at(place + side) - at(place - side));
            let strength = dx.hypot(dy) / 255.0;
            let turn = dy.atan2(dx).rem_euclid(std::f32::consts::PI) / std::f32::consts::PI;
            // Shared by the two directions that are next to it.
            let position = turn * DIRECTIONS as f32;
            let (low, share) = (position.floor(), position.fract());
            let first = low as usize % DIRECTIONS;
            for (direction, share) in [(first, 1.0 - share), ((first + 1) % DIRECTIONS, share)] {
                if let Some(sum) = sums.get_mut(cell(place) * DIRECTIONS + direction) {
                    *sum += strength * share;
                }
            }
        }
    }
    sums.into_iter().map(|sum| (sum / (CELL * CELL) as f32).sqrt())
}

/// The root of the share of each colour. A pixel counts for the levels on both
/// sides of its channels, by how near they are: a little noise moves little.
fn colours(rgb: &[[u8; 3]]) -> impl Iterator<Item = f32> {
    let mut shares = [0.0_f32; COLOURS];
    for pixel in rgb {
        let sides = pixel.map(|channel| {
            let position = f32::from(channel) / 255.0 * (LEVELS - 1) as f32;
            let low = (position as usize).min(LEVELS - 2);
            (low, position - low as f32)
        });
        for corner in 0..8_usize {
            let (mut place, mut weight) = (0, 1.0);
            for (channel, (low, above)) in sides.iter().enumerate() {
                let upper = corner >> channel & 1;
                place = place * LEVELS + low + upper;
                weight *= if upper == 1 { *above } else { 1.0 - above };
            }
            if let Some(share) = shares.get_mut(place) {
                *share += weight;
            }
        }
    }
    let all = rgb.len().max(1) as f32;
    shares.into_iter().map(move |share| (share / all).sqrt())
}

fn luma_of(pixel: [u8; 3]) -> f32 {
    crate::properties::luma(pixel) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(colour: impl Fn(u32, u32) -> [u8; 3]) -> Vec<f32> {
        let (width, height) = (200, 150);
        let rgb: Vec<u8> = (0..width * height).flat_map(|i| colour(i % width, i / width)).collect();
        descriptor(&Pixels::new(Size::new(width, height).expect("a size"), rgb).expect("pixels"))
    }

    fn distance(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }

    #[test]
    fn it_has_unit_length_whatever_the_picture() {
        let stripes = |x: u32, _: u32| if x.is_multiple_of(16) { [255; 3] } else { [0; 3] };
        for made in [drawn(|_, _| [0; 3]), drawn(|_, _| [255; 3]), drawn(|_, _| [128; 3]), drawn(stripes)] {
            assert_eq!(made.len(), DESCRIPTOR_LENGTH);
            assert!((distance(&made, &[0.0; DESCRIPTOR_LENGTH]) - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn a_little_noise_is_nearer_than_another_colour_direction_or_place() {
        let bars = |x: u32, _: u32| if (x / 12).is_multiple_of(2) { [180, 90, 90] } else { [120, 60, 60] };
        let usual = drawn(bars);
        let noisy = drawn(|x, y| bars(x, y).map(|c| c + ((x * 7 + y * 13) % 5) as u8));
        let blue = drawn(|x, y| {
            let [r, g, b] = bars(x, y);
            [b, g, r]
        });
        let turned = drawn(|x, y| bars(y, x));
        let half = drawn(|x, y| if y > 75 { [20; 3] } else { bars(x, y) });
        for (what, other) in [("colour", blue), ("direction", turned), ("place", half)] {
            let (near, far) = (distance(&usual, &noisy), distance(&usual, &other));
            assert!(far > 2.0 * near, "{what}: {far} beside {near}");
        }
    }
}
