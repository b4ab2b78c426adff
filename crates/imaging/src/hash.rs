//! Three ways to say "the same picture": same bytes, same pixels, same look.

use crate::resize;
use domain::{geometry::Size, inference::Pixels};
use sha2::{Digest, Sha256};
use std::f64::consts::PI;

/// SHA-256 of a file's bytes, hex.
#[must_use]
pub fn content_hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// SHA-256, hex, of width and height (little-endian, 32 bits each) followed
/// by the upright RGB pixels: the same for the same picture in another file.
#[must_use]
pub fn pixel_hash(pixels: &Pixels) -> String {
    let mut hasher = Sha256::new();
    hasher.update(pixels.size().width.to_le_bytes());
    hasher.update(pixels.size().height.to_le_bytes());
    hasher.update(pixels.rgb());
    format!("{:x}", hasher.finalize())
}

/// Side of the small grey copy.
const SIDE: usize = 32;
/// Frequencies kept in each direction.
const KEPT: usize = 8;

/// 64 bits that look-alikes share but for a few: the signs, against their
/// median, of the 8×8 lowest non-constant frequencies of a 32×32 grey copy.
/// Source: Zauner, "Implementation and Benchmarking of Perceptual Image Hash
/// Functions", 2010, section 3.2.1. Robust against scaling and compression,
/// not against cropping or turning.
#[must_use]
pub fn perceptual_hash(pixels: &Pixels) -> u64 {
    let small = resize(pixels, Size { width: SIDE as u32, height: SIDE as u32 });
    let (rgb, _) = small.rgb().as_chunks::<3>();
    let grey: Vec<f64> = rgb.iter().map(|rgb| crate::properties::luma(*rgb)).collect();
    let basis = cosine_basis();
    // Rows, then columns: the transform is separable.
    let rows: Vec<[f64; KEPT]> =
        grey.chunks_exact(SIDE).map(|row| project(&row.iter().copied(), &basis)).collect();
    let mut frequencies = Vec::with_capacity(KEPT * KEPT);
    for u in 0..KEPT {
        let column = rows.iter().map(|row| row.get(u).copied().unwrap_or_default());
        // Whole numbers, so that a flat picture's rounding errors are zeros.
        frequencies.extend(project(&column, &basis).map(|value| value.round() as i64));
    }
    let mut sorted = frequencies.clone();
    sorted.sort_unstable();
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    frequencies.iter().fold(0, |bits, value| bits << 1 | u64::from(*value > median))
}

/// `basis[k][i]` is the DCT-II's k+1-th cosine at place i.
fn cosine_basis() -> [[f64; SIDE]; KEPT] {
    std::array::from_fn(|k| {
        std::array::from_fn(|i| ((2 * i + 1) as f64 * (k + 1) as f64 * PI / (2 * SIDE) as f64).cos())
    })
}

fn project(values: &(impl Iterator<Item = f64> + Clone), basis: &[[f64; SIDE]; KEPT]) -> [f64; KEPT] {
    basis.map(|cosines| values.clone().zip(cosines).map(|(value, cosine)| value * cosine).sum())
}
