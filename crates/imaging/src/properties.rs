//! Plain properties of a picture, whose drift needs no model to be seen.

use crate::{fit_within, resize};
use domain::{
    inference::Pixels,
    monitor::image_measures::{Appearance, ImageMeasure},
};

/// Longest side of the copy that is measured: a VGA picture is measured as it
/// is, a larger one costs no more.
const MEASURED_SIDE: u32 = 640;

/// What a picture looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Properties {
    /// Every measure that is monitored.
    pub appearance: Appearance,
    /// Mean R, G, B, each 0 to 1.
    pub mean_rgb: [f64; 3],
}

/// Measures a picture, scaled down to 640 pixels first if it is larger.
#[must_use]
pub fn properties(pixels: &Pixels) -> Properties {
    let copy = resize(pixels, fit_within(pixels.size(), MEASURED_SIDE));
    let (rgb, _) = copy.rgb().as_chunks::<3>();
    let count = rgb.len() as f64;
    let lumas: Vec<f32> = rgb.iter().map(|rgb| luma(*rgb) as f32).collect();
    let (brightness, variance) = moments(lumas.iter().map(|luma| f64::from(*luma)));
    let sums = rgb.iter().fold([0u64; 3], |[r0, g0, b0], [r, g, b]| {
        [r0 + u64::from(*r), g0 + u64::from(*g), b0 + u64::from(*b)]
    });
    let measured = |measure| match measure {
        // 0 (black) to 1 (white).
        ImageMeasure::Brightness => brightness / 255.0,
        // 0 (flat) to 0.5 (half black, half white).
        ImageMeasure::Contrast => variance.sqrt() / 255.0,
        ImageMeasure::Sharpness => laplacian_variance(&lumas, copy.size().width as usize),
    };
    Properties {
        appearance: Appearance::measured(|measure| Some(measured(measure))),
        mean_rgb: sums.map(|sum| sum as f64 / count / 255.0),
    }
}

/// Luma of Rec. ITU-R BT.601, 0 to 255.
pub(crate) fn luma([r, g, b]: [u8; 3]) -> f64 {
    0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)
}

/// Variance of luma's Laplacian (4-neighbour kernel), luma from 0 to 255, over
/// all pixels with four neighbours; 0 when there are none. 0 (flat or blurred)
/// upwards; sharp photographs have hundreds. Source: Pech-Pacheco et al.,
/// "Diatom autofocusing in brightfield microscopy", ICPR 2000.
fn laplacian_variance(lumas: &[f32], width: usize) -> f64 {
    let rows: Vec<&[f32]> = lumas.chunks_exact(width).collect();
    let laplacians =
        rows.iter().zip(rows.iter().skip(1)).zip(rows.iter().skip(2)).flat_map(|((above, row), below)| {
            let left_centre_right = row.iter().zip(row.iter().skip(1)).zip(row.iter().skip(2));
            let vertical = above.iter().skip(1).zip(below.iter().skip(1));
            left_centre_right.zip(vertical).map(|(((left, centre), right), (up, down))| {
                f64::from(left + right + up + down - 4.0 * centre)
            })
        });
    moments(laplacians).1
}

/// Mean and variance; zeros of nothing.
fn moments(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut count, mut sum, mut squares) = (0u64, 0.0, 0.0);
    for value in values {
        count += 1;
        sum += value;
        squares += value * value;
    }
    let count = count.max(1) as f64;
    let mean = sum / count;
    (mean, (squares / count - mean * mean).max(0.0))
}
