//! Planes of samples to rows of RGB: those of lower resolution are scaled up
//! and colours converted as libjpeg and the browsers do by default, with the
//! same rounding ("fancy upsampling": a triangle filter at half resolution,
//! repetition at any other).

use super::{
    frame::{Colours, Component, Frame},
    plane::Plane,
};
use crate::wide::wide;

/// How a plane's samples become as many as the picture has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scaling {
    /// Each so often, across and down.
    Repeat(usize, usize),
    /// Twice across, by a triangle filter.
    Across,
    /// Twice down.
    Down,
    /// Twice across and down.
    Both,
}

impl Scaling {
    fn of(frame: &Frame, one: &Component) -> Self {
        let (h_max, v_max) = frame.factors();
        let wide = frame.own_size(one).0 > 2;
        match (h_max / one.h, v_max / one.v) {
            (2, 1) if wide => Self::Across,
            (1, 2) => Self::Down,
            (2, 2) if wide => Self::Both,
            (h, v) => Self::Repeat(h.into(), v.into()),
        }
    }
}

/// What [`to_rgb`] holds besides the planes.
pub(super) fn scratch_bytes(frame: &Frame) -> u64 {
    // A row of each component, up to three samples too long, and the sums of
    // two rows.
    let width = u64::from(frame.width) + 8;
    width * frame.components.len() as u64 + 2 * width
}

/// Fills `target` with RGB, three bytes a pixel.
pub(super) fn to_rgb(frame: &Frame, colours: Colours, planes: &[Plane], target: &mut [u8]) {
    let width = usize::from(frame.width);
    let scalings: Vec<Scaling> = frame.components.iter().map(|one| Scaling::of(frame, one)).collect();
    let mut rows = vec![vec![0; width + 8]; planes.len()];
    let mut sums = vec![0; width + 8];
    wide(|| {
        for (y, line) in target.chunks_exact_mut(3 * width).enumerate() {
            for ((plane, scaling), row) in planes.iter().zip(&scalings).zip(&mut rows) {
                scale_row(plane, *scaling, y, row, &mut sums);
            }
            let (pixels, _) = line.as_chunks_mut::<3>();
            convert(colours, &mut rows, pixels);
        }
    });
}

/// Row `y` of the picture, as the plane has it.
#[inline(always)]
fn scale_row(plane: &Plane, scaling: Scaling, y: usize, row: &mut [u8], sums: &mut [u16]) {
    let (width, height) = plane.size;
    let samples = |y: usize| {
        let start = y.min(height - 1) * plane.stride;
        plane.samples.get(start..start + width).unwrap_or_default()
    };
    // The row that is nearest, and the one beyond it.
    let (near, far) = (y / 2, if y.is_multiple_of(2) { (y / 2).saturating_sub(1) } else { y / 2 + 1 });
    match scaling {
        Scaling::Repeat(1, v) => row.iter_mut().zip(samples(y / v)).for_each(|(to, value)| *to = *value),
        Scaling::Repeat(h, v) => {
            for (to, value) in row.chunks_mut(h).zip(samples(y / v)) {
                to.fill(*value);
            }
        }
        Scaling::Across => across(samples(y), row),
        Scaling::Down => {
            let bias = if y.is_multiple_of(2) { 1 } else { 2 };
            for ((to, near), far) in row.iter_mut().zip(samples(near)).zip(samples(far)) {
                *to = ((3 * u16::from(*near) + u16::from(*far) + bias) >> 2) as u8;
            }
        }
        Scaling::Both => {
            for ((sum, near), far) in sums.iter_mut().zip(samples(near)).zip(samples(far)) {
                *sum = 3 * u16::from(*near) + u16::from(*far);
            }
            both(sums.get(..width).unwrap_or_default(), row);
        }
    }
}

/// Each sample to two: three parts of itself, one of its neighbour.
#[inline(always)]
fn across(samples: &[u8], row: &mut [u8]) {
    let value = |at: usize| u16::from(samples[at]);
    let (pairs, _) = row.as_chunks_mut::<2>();
    for (at, pair) in pairs.iter_mut().take(samples.len()).enumerate() {
        let left = value(at.saturating_sub(1));
        let right = value((at + 1).min(samples.len() - 1));
        *pair = [((3 * value(at) + left + 1) >> 2) as u8, ((3 * value(at) + right + 2) >> 2) as u8];
    }
}

/// The same from sums of rows, which are four times as large.
#[inline(always)]
fn both(sums: &[u16], row: &mut [u8]) {
    let (pairs, _) = row.as_chunks_mut::<2>();
    let two = |left: u16, own: u16, right: u16| {
        [((3 * own + left + 8) >> 4) as u8, ((3 * own + right + 7) >> 4) as u8]
    };
    for (pair, three) in pairs.iter_mut().skip(1).zip(sums.windows(3)) {
        *pair = two(three[0], three[1], three[2]);
    }
    let last = sums.len().saturating_sub(1);
    for at in [0, last] {
        if let (Some(pair), Some(own)) = (pairs.get_mut(at), sums.get(at)) {
            let beside = |at: Option<usize>| at.and_then(|at| sums.get(at)).unwrap_or(own);
            *pair = two(*beside(at.checked_sub(1)), *own, *beside(Some(at + 1)));
        }
    }
}

/// JFIF 1.02, "Conversion to and from RGB", in 65,536ths.
#[inline(always)]
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    let red = y + ((91_881 * cr + 32_768) >> 16);
    let green = y + ((-22_554 * cb - 46_802 * cr + 32_768) >> 16);
    let blue = y + ((116_130 * cb + 32_768) >> 16);
    [red.clamp(0, 255) as u8, green.clamp(0, 255) as u8, blue.clamp(0, 255) as u8]
}

/// Rows of YCbCr to rows of RGB, in their place.
#[inline(always)]
fn to_rgb_rows(y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) {
    for ((y, cb), cr) in y.iter_mut().zip(cb).zip(cr) {
        [*y, *cb, *cr] = rgb(*y, *cb, *cr);
    }
}

#[inline(always)]
fn convert(colours: Colours, rows: &mut [Vec<u8>], pixels: &mut [[u8; 3]]) {
    let over_black = |ink: u8, k: u8| ((u32::from(ink) * u32::from(k) + 127) / 255) as u8;
    if let (Colours::YCbCr | Colours::Ycck, [y, cb, cr, ..]) = (colours, &mut *rows) {
        to_rgb_rows(y, cb, cr);
    }
    match (colours, &*rows) {
        (Colours::Grey, [grey]) => pixels.iter_mut().zip(grey).for_each(|(to, grey)| *to = [*grey; 3]),
        (Colours::YCbCr | Colours::Rgb, [r, g, b]) => {
            pixels.iter_mut().zip(r).zip(g).zip(b).for_each(|(((to, r), g), b)| *to = [*r, *g, *b]);
        }
        (Colours::Cmyk | Colours::Ycck, [c, m, y, k]) => {
            let flip = if colours == Colours::Ycck { 255 } else { 0 };
            for ((((to, c), m), y), k) in pixels.iter_mut().zip(c).zip(m).zip(y).zip(k) {
                *to = [*c, *m, *y].map(|ink| over_black(ink ^ flip, *k));
            }
        }
        _ => {}
    }
}
