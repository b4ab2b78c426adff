//! Varying pictures so that a few of them teach more: moved, scaled,
//! mirrored, in another light, four in one (mosaic: Bochkovskiy et al. 2020).

use super::source::Sample;
use crate::loss::Truth;
use domain::geometry::Size;
use imaging::PADDING_GREY;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// How strongly pictures are varied; 0 each for not at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Variation {
    /// Chance of mirroring left to right.
    pub(crate) flip: f64,
    /// Chance of mirroring top to bottom.
    pub(crate) flip_vertical: f64,
    /// Scale from 1/(1 + zoom) to 1 + zoom.
    pub(crate) zoom: f32,
    /// Ratio of the axes' scales, likewise.
    pub(crate) stretch: f32,
    /// Shift, as a share of the input's sides.
    pub(crate) shift: f32,
    /// Change of brightness, contrast, saturation and each channel.
    pub(crate) colour: f32,
    /// Chance of a picture made of four.
    pub(crate) mosaic: f64,
}

impl Variation {
    /// The same, `by` times as strong; mosaics only at full strength.
    pub(crate) fn weaker(self, by: f32) -> Self {
        Self { zoom: self.zoom * by, stretch: self.stretch * by, shift: self.shift * by, mosaic: 0.0, ..self }
    }
}

/// Least share of a box that stays a box when the rest is cut off.
const VISIBLE: f32 = 0.25;
/// Least side of a box in input pixels.
const LEAST_SIDE: f32 = 2.0;

/// Output = input · scale + offset, for one axis.
#[derive(Clone, Copy)]
struct Axis {
    scale: f32,
    offset: f32,
}

/// A part of the output, in pixels.
#[derive(Clone, Copy)]
struct Region {
    x: (usize, usize),
    y: (usize, usize),
}

/// A colour change: saturation, then contrast and brightness, then channels.
struct Light {
    saturation: f32,
    contrast: f32,
    brightness: f32,
    channels: [f32; 3],
}

/// Draws a varied picture of `samples[0]` (of all four as a mosaic) into
/// `out`, `[height, width, 3]` in −1…1, and gives its true boxes.
pub(crate) fn vary(
    samples: &[Sample; 4],
    size: Size,
    variation: &Variation,
    rng: &mut ChaCha8Rng,
    out: &mut [f32],
) -> Vec<Truth> {
    out.fill(f32::from(PADDING_GREY) / 127.5 - 1.0);
    let (width, height) = (size.width as usize, size.height as usize);
    let mosaic = rng.random_bool(variation.mosaic.clamp(0.0, 1.0));
    let mut truths = Vec::new();
    let (middle_x, middle_y) = (
        (width as f32 * rng.random_range(0.35..=0.65)) as usize,
        (height as f32 * rng.random_range(0.35..=0.65)) as usize,
    );
    let regions = if mosaic {
        let (left, right) = ((0, middle_x), (middle_x, width));
        let (upper, lower) = ((0, middle_y), (middle_y, height));
        vec![(left, upper), (right, upper), (left, lower), (right, lower)]
    } else {
        vec![((0, width), (0, height))]
    };
    for (sample, (x, y)) in samples.iter().zip(regions) {
        let light = Light::draw(variation.colour, rng);
        let zoom = spread(variation.zoom, rng) * if mosaic { 0.7 } else { 1.0 };
        let stretch = spread(variation.stretch, rng).sqrt();
        let mut axis = |side: usize, range: (usize, usize), zoom: f32, flip: f64| {
            let side = side as f32;
            let shift = rng.random_range(-1.0..=1.0) * variation.shift * side;
            let middle = (range.0 + range.1) as f32 / 2.0 + shift;
            let scale = if rng.random_bool(flip.clamp(0.0, 1.0)) { -zoom } else { zoom };
            Axis { scale, offset: middle - scale * side / 2.0 }
        };
        let across = axis(width, x, zoom * stretch, variation.flip);
        let down = axis(height, y, zoom / stretch, variation.flip_vertical);
        let region = Region { x, y };
        draw(sample, size, across, down, region, &light, out);
        truths.extend(sample.truths.iter().filter_map(|truth| place(truth, across, down, region)));
    }
    truths
}

/// A factor from 1/(1 + by) to 1 + by, even on a logarithmic scale.
fn spread(by: f32, rng: &mut ChaCha8Rng) -> f32 {
    (rng.random_range(-1.0..=1.0) * (1.0 + by).ln()).exp()
}

impl Light {
    fn draw(strength: f32, rng: &mut ChaCha8Rng) -> Self {
        let mut around = |by: f32| rng.random_range(-1.0..=1.0) * by * strength;
        Self {
            saturation: 1.0 + around(1.0),
            contrast: 1.0 + around(0.8),
            brightness: around(0.4),
            channels: [1.0 + around(0.2), 1.0 + around(0.2), 1.0 + around(0.2)],
        }
    }

    /// Of a pixel in −1…1.
    fn apply(&self, rgb: [f32; 3]) -> [f32; 3] {
        let [r, g, b] = rgb;
        let grey = 0.299 * r + 0.587 * g + 0.114 * b;
        let mut channels = self.channels.iter();
        rgb.map(|v| {
            let v = grey + (v - grey) * self.saturation;
            let v = v * self.contrast + self.brightness;
            let gain = channels.next().copied().unwrap_or(1.0);
            ((v + 1.0) * gain - 1.0).clamp(-1.0, 1.0)
        })
    }
}

/// For each output pixel of `range`: two input pixels and the second's share.
fn taps(axis: Axis, range: (usize, usize), side: usize) -> Vec<Option<(usize, usize, f32)>> {
    (range.0..range.1)
        .map(|i| {
            let at = (i as f32 + 0.5 - axis.offset) / axis.scale - 0.5;
            let last = side.saturating_sub(1);
            if at < -0.5 || at > last as f32 + 0.5 {
                return None;
            }
            let at = at.clamp(0.0, last as f32);
            let first = at as usize;
            Some((first, (first + 1).min(last), at - first as f32))
        })
        .collect()
}

fn draw(
    sample: &Sample,
    size: Size,
    across: Axis,
    down: Axis,
    region: Region,
    light: &Light,
    out: &mut [f32],
) {
    let (width, height) = (size.width as usize, size.height as usize);
    let columns = taps(across, region.x, width);
    let line = |y: usize| sample.rgb.get(y * width * 3..(y + 1) * width * 3).unwrap_or_default();
    let rows = out.chunks_exact_mut(width * 3).skip(region.y.0).zip(taps(down, region.y, height));
    for (row, tap) in rows {
        let Some((y0, y1, fy)) = tap else { continue };
        let (upper, lower) = (line(y0), line(y1));
        let (upper, lower) = (upper.as_chunks::<3>().0, lower.as_chunks::<3>().0);
        for (pixel, tap) in row.chunks_exact_mut(3).skip(region.x.0).zip(&columns) {
            let Some((x0, x1, fx)) = *tap else { continue };
            let (Some(a), Some(b), Some(c), Some(d)) =
                (upper.get(x0), upper.get(x1), lower.get(x0), lower.get(x1))
            else {
                continue;
            };
            let mut rgb = [0.0f32; 3];
            let corners = a.iter().zip(b).zip(c.iter().zip(d));
            for (v, ((a, b), (c, d))) in rgb.iter_mut().zip(corners) {
                let [a, b, c, d] = [*a, *b, *c, *d].map(f32::from);
                let top = a + (b - a) * fx;
                let bottom = c + (d - c) * fx;
                *v = (top + (bottom - top) * fy) / 127.5 - 1.0;
            }
            pixel.copy_from_slice(&light.apply(rgb));
        }
    }
}

/// Where a true box comes to lie; `None` when too little of it is left.
fn place(truth: &Truth, across: Axis, down: Axis, region: Region) -> Option<Truth> {
    let [x0, y0, x1, y1] = truth.corners;
    let map = |axis: Axis, a: f32, b: f32, range: (usize, usize)| {
        let (a, b) = (a * axis.scale + axis.offset, b * axis.scale + axis.offset);
        let (low, high) = (a.min(b), a.max(b));
        let cut = (low.max(range.0 as f32), high.min(range.1 as f32));
        (cut.0, cut.1, (cut.1 - cut.0).max(0.0) / (high - low).max(1e-6))
    };
    let (x0, x1, seen_x) = map(across, x0, x1, region.x);
    let (y0, y1, seen_y) = map(down, y0, y1, region.y);
    let kept = seen_x * seen_y >= VISIBLE && x1 - x0 >= LEAST_SIDE && y1 - y0 >= LEAST_SIDE;
    kept.then_some(Truth { corners: [x0, y0, x1, y1], ..*truth })
}

#[cfg(test)]
mod tests {
    use super::*;
    use imaging::Letterbox;
    use rand::SeedableRng;

    const SIZE: Size = Size { width: 64, height: 32 };
    const NONE: Variation = Variation {
        flip: 0.0,
        flip_vertical: 0.0,
        zoom: 0.0,
        stretch: 0.0,
        shift: 0.0,
        colour: 0.0,
        mosaic: 0.0,
    };

    /// A bright rectangle on black.
    fn sample() -> Sample {
        let mut rgb = vec![0u8; 64 * 32 * 3];
        for (y, x) in (8..20).flat_map(|y| (10..40).map(move |x| (y, x))) {
            rgb[(y * 64 + x) * 3..][..3].fill(255);
        }
        Sample {
            rgb: rgb.into(),
            truths: vec![Truth { class: 0, corners: [10.0, 8.0, 40.0, 20.0], ignore: false }],
            transform: Letterbox { scale_x: 1.0, scale_y: 1.0, dx: 0.0, dy: 0.0 },
            size: SIZE,
        }
    }

    fn run(variation: Variation, seed: u64) -> (Vec<f32>, Vec<Truth>) {
        let samples = [sample(), sample(), sample(), sample()];
        let mut out = vec![0.0; 64 * 32 * 3];
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let truths = vary(&samples, SIZE, &variation, &mut rng, &mut out);
        (out, truths)
    }

    #[test]
    fn no_variation_gives_the_picture_itself() {
        let (out, truths) = run(NONE, 1);
        let mut expected = vec![0.0; out.len()];
        super::super::to_input(&sample().rgb, &mut expected);
        assert!(out.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5));
        assert_eq!(truths, sample().truths);
    }

    /// Boxes follow the pixels: inside it is bright, just outside dark.
    #[test]
    fn boxes_stay_on_their_objects_however_the_picture_is_moved() {
        let all = Variation { flip: 0.5, flip_vertical: 0.5, zoom: 0.5, stretch: 0.2, shift: 0.2, ..NONE };
        let mut seen = 0;
        for seed in 0..200 {
            // In a mosaic the neighbour may be bright as well.
            let mosaic = seed % 4 == 0;
            let (out, truths) = run(Variation { mosaic: f64::from(u8::from(mosaic)), ..all }, seed);
            for truth in truths {
                let [x0, y0, x1, y1] = truth.corners;
                let at = |x: f32, y: f32| out[(y as usize * 64 + x as usize) * 3];
                let (cx, cy) = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
                assert!(at(cx, cy) > 0.9, "seed {seed}: {truth:?}");
                assert!(at((x0 + 1.5).min(63.0), cy) > 0.2 || x1 - x0 < 4.0, "seed {seed}: {truth:?}");
                if x0 > 2.5 && !mosaic {
                    assert!(at(x0 - 2.0, cy) < 0.5, "seed {seed}: {truth:?}");
                }
                seen += 1;
            }
        }
        assert!(seen > 150);
    }

    #[test]
    fn the_same_seed_gives_the_same_picture() {
        let all = Variation { flip: 0.5, zoom: 0.5, shift: 0.2, colour: 0.5, mosaic: 0.5, ..NONE };
        assert_eq!(run(all, 7), run(all, 7));
        assert_ne!(run(all, 7).0, run(all, 8).0);
    }
}
