//! The picture of a trial, and what is kept of the answer.

use super::OutputSeen;
use crate::onnx::session::{Tensor, Values};
use domain::{geometry::Size, inference::Pixels};

/// Longest row of which every column is told.
const SHORT: usize = 8;
/// Of longer ones the box, and how sure it is that anything is there.
const FIRST: usize = 5;

/// Blocks of many colours: something for a network to be unsure about.
pub(super) fn picture() -> Pixels {
    const SIDE: u32 = 320;
    let size = Size { width: SIDE, height: SIDE * 3 / 4 };
    let mut state = 12_345u32;
    let blocks: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(20 * 20 * 3)
    .collect();
    let rgb: Vec<u8> = (0..size.height)
        .flat_map(|y| (0..size.width).map(move |x| ((y / 16) * 20 + x / 16) as usize * 3))
        .flat_map(|at| blocks[at..at + 3].iter().copied())
        .collect();
    Pixels::new(size, rgb).expect("three bytes a pixel")
}

pub(super) fn look(tensor: Tensor) -> OutputSeen {
    let is_whole = matches!(tensor.values, Values::Integers(_));
    let width = tensor.shape.last().copied().unwrap_or(1).max(1);
    let values = tensor.values.into_floats();
    let range = |values: &mut dyn Iterator<Item = f32>| {
        values.filter(|value| value.is_finite()).fold(None, |range: Option<[f32; 2]>, value| {
            Some(range.map_or([value, value], |[least, most]| [least.min(value), most.max(value)]))
        })
    };
    let few = if width <= SHORT { width } else { FIRST };
    let column = |column: usize| range(&mut values.iter().skip(column).step_by(width).copied());
    let has_corners =
        width >= 4 && values.chunks_exact(width).all(|row| row[2] >= row[0] && row[3] >= row[1]);
    OutputSeen {
        range: range(&mut values.iter().copied()),
        columns: (0..few).filter_map(column).collect(),
        name: tensor.name,
        shape: tensor.shape,
        is_whole,
        has_corners,
    }
}
