//! Pictures of blood smears through a microscope, with the boxes of all
//! cells. The same seed and look give the same picture.
//!
//! Light passes the slide and each cell takes its share (Beer–Lambert), so
//! cells that lie over each other are darker where they overlap, as in the
//! real thing.

use super::cells::{Absorbance, Cell, Kind, Noise, smooth};
use domain::{
    dataset::Annotation,
    geometry::{Rect, Size},
    inference::Pixels,
    name::Label,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::f32::consts::TAU;

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
const W: usize = WIDTH as usize;
const H: usize = HEIGHT as usize;
/// Cells of which less is inside the picture are not labelled.
const LEAST_VISIBLE: f64 = 0.35;
/// How many red cells of all lie beside another one: they cling together.
const BESIDE_ANOTHER: f64 = 0.55;

/// How the microscope is set up and the slide was stained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    /// Strength of the dyes; 1 is usual.
    pub stain: f32,
    /// Warmth of the lamp: 0 is usual, 1 is yellow, −1 is blue.
    pub warmth: f32,
    /// Brightness of the lamp; 1 is usual.
    pub light: f32,
    /// Standard deviation of the defocus in pixels.
    pub blur: f32,
}

impl Look {
    /// As in the training data.
    pub(super) const USUAL: Self = Self { stain: 1.0, warmth: 0.0, light: 1.0, blur: 0.7 };

    /// The usual look drifting away: 0 not at all, 1 far.
    #[must_use]
    pub(super) fn drifted(amount: f32) -> Self {
        let amount = amount.clamp(0.0, 1.0);
        Self {
            stain: 1.0 + 0.45 * amount,
            warmth: 0.6 * amount,
            light: 1.0 - 0.24 * amount,
            blur: 0.7 + 1.5 * amount,
        }
    }
}

/// A picture and what is in it.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    /// Upright RGB.
    pub pixels: Pixels,
    /// Every cell of which enough is visible.
    pub annotations: Vec<Annotation>,
}

/// Draws the picture of `seed`.
#[must_use]
pub(super) fn draw(seed: u64, look: Look) -> Option<Picture> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let noise = Noise::new(&mut rng);
    let cells = place_cells(&mut rng);
    let mut absorbed = vec![[0.0_f32; 3]; W * H];
    for cell in &cells {
        stain(&mut absorbed, cell, &noise, &mut rng);
    }
    let mut light = shine(&absorbed, look, &noise, &mut rng);
    blur(&mut light, look.blur);
    let rgb = expose(&light, &mut rng);
    let size = Size::new(WIDTH, HEIGHT)?;
    let annotations = cells.iter().filter_map(|cell| annotation(cell, size)).collect();
    Some(Picture { pixels: Pixels::new(size, rgb)?, annotations })
}

fn place_cells(rng: &mut ChaCha8Rng) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    let whites = [0, 1, 1, 1, 2];
    let counts = [
        (Kind::White, whites.get(rng.random_range(0..whites.len())).copied().unwrap_or(1)),
        (Kind::Red, rng.random_range(8..24)),
        (Kind::Platelet, rng.random_range(3..11)),
    ];
    for (kind, count) in counts {
        for _ in 0..count {
            let beside =
                (kind == Kind::Red && rng.random_bool(BESIDE_ANOTHER)).then(|| red_cell(&cells, rng));
            // A few tries to find room; cells may touch and overlap a little.
            for _ in 0..12 {
                let cell = Cell::new(kind, 0.0, 0.0, rng);
                let (x, y) = match beside.flatten() {
                    Some((other_x, other_y, radius)) => {
                        let angle = rng.random_range(0.0..TAU);
                        let apart = (radius + cell.radius()) * rng.random_range(0.8..1.05);
                        (other_x + apart * angle.cos(), other_y + apart * angle.sin())
                    }
                    None => {
                        (rng.random_range(-12.0..W as f32 + 12.0), rng.random_range(-12.0..H as f32 + 12.0))
                    }
                };
                let cell = cell.moved_to(x, y);
                if has_room(&cells, &cell) {
                    cells.push(cell);
                    break;
                }
            }
        }
    }
    cells
}

/// Place and radius of a red cell that is there.
fn red_cell(cells: &[Cell], rng: &mut ChaCha8Rng) -> Option<(f32, f32, f32)> {
    let red: Vec<&Cell> = cells.iter().filter(|cell| cell.kind == Kind::Red).collect();
    let place = (!red.is_empty()).then(|| rng.random_range(0..red.len()))?;
    red.get(place).map(|cell| (cell.x, cell.y, cell.radius()))
}

/// Red cells lie over each other, others beside each other.
fn has_room(cells: &[Cell], cell: &Cell) -> bool {
    cells.iter().all(|other| {
        let apart = (other.x - cell.x).hypot(other.y - cell.y);
        let both_red = other.kind == Kind::Red && cell.kind == Kind::Red;
        let least = if both_red { 0.78 } else { 0.92 };
        apart > least * (other.radius() + cell.radius())
    })
}

fn stain(absorbed: &mut [Absorbance], cell: &Cell, noise: &Noise, rng: &mut ChaCha8Rng) {
    let reach = cell.reach();
    let span = |centre: f32, end: usize| {
        let from = (centre - reach).floor().max(0.0) as usize;
        let to = (centre + reach).ceil().max(0.0) as usize;
        from.min(end)..to.min(end)
    };
    for y in span(cell.y, H) {
        for x in span(cell.x, W) {
            let grain = rng.random::<f32>();
            let takes = cell.absorbs(x as f32 + 0.5 - cell.x, y as f32 + 0.5 - cell.y, grain, noise);
            if let Some(point) = absorbed.get_mut(y * W + x) {
                for (sum, more) in point.iter_mut().zip(takes) {
                    *sum += more;
                }
            }
        }
    }
}

/// What comes through: an uneven lamp, a slide with a little plasma on it,
/// and the cells.
fn shine(absorbed: &[Absorbance], look: Look, noise: &Noise, rng: &mut ChaCha8Rng) -> Vec<[f32; 3]> {
    let lamp = [0.86 + 0.07 * look.warmth, 0.885 - 0.02 * look.warmth, 0.86 - 0.17 * look.warmth];
    let (lean_x, lean_y) = (rng.random_range(-0.06..0.06), rng.random_range(-0.06..0.06));
    let point = |(index, takes): (usize, &Absorbance)| {
        let (x, y) = ((index % W) as f32, (index / W) as f32);
        let (u, v) = (x / W as f32 - 0.5, y / H as f32 - 0.5);
        let vignette = 1.0 - 0.13 * smooth((u * u + v * v) * 2.0) + lean_x * u + lean_y * v;
        let plasma = 0.05 * (noise.at(x / 70.0, y / 70.0) + 0.5 * noise.at(x / 23.0, y / 23.0) - 0.7);
        let mut through = [0.0; 3];
        for (channel, out) in through.iter_mut().enumerate() {
            let (lamp, takes) = (lamp.get(channel).copied(), takes.get(channel).copied());
            let dye = [0.3, 1.0, 0.7].get(channel).copied().unwrap_or(1.0) * plasma;
            let depth = look.stain * (takes.unwrap_or(0.0) + dye);
            *out = lamp.unwrap_or(0.9) * look.light * vignette * (-depth).exp();
        }
        through
    };
    absorbed.iter().enumerate().map(point).collect()
}

/// Gaussian defocus, as three box filters along rows, then along columns
/// (Wells, "Efficient synthesis of Gaussian filters by cascaded uniform
/// filters", 1986), blended for widths below a pixel.
fn blur(light: &mut [[f32; 3]], sigma: f32) {
    let weight = (sigma * sigma / 3.0).min(1.0 / 3.0);
    let passes = (sigma * sigma / (2.0 * weight)).round().max(1.0) as usize;
    let mut line = Vec::new();
    for _ in 0..passes {
        for y in 0..H {
            smooth_line(light, y * W, 1, W, weight, &mut line);
        }
        for x in 0..W {
            smooth_line(light, x, W, H, weight, &mut line);
        }
    }
}

/// Each point becomes a mean of itself and its two neighbours on the line.
fn smooth_line(
    light: &mut [[f32; 3]],
    start: usize,
    step: usize,
    length: usize,
    weight: f32,
    line: &mut Vec<[f32; 3]>,
) {
    line.clear();
    line.extend(light.iter().skip(start).step_by(step).take(length));
    let ends = (line.first().copied(), line.last().copied());
    let (Some(first), Some(last)) = ends else { return };
    let before = std::iter::once(&first).chain(line.iter());
    let after = line.iter().skip(1).chain(std::iter::once(&last));
    let points = light.iter_mut().skip(start).step_by(step).take(length);
    for (point, (before, after)) in points.zip(before.zip(after)) {
        for (channel, (b, a)) in point.iter_mut().zip(before.iter().zip(after)) {
            *channel = *channel * (1.0 - 2.0 * weight) + weight * (b + a);
        }
    }
}

/// The camera: noise that grows with the light, and 8 bits.
fn expose(light: &[[f32; 3]], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(light.len() * 3);
    for point in light {
        for channel in point {
            // Two uniform numbers are near enough to a bell.
            let noise = rng.random::<f32>() + rng.random::<f32>() - 1.0;
            let value = channel + noise * 0.020 * channel.max(0.05).sqrt();
            rgb.push((value.clamp(0.0, 1.0) * 255.0).round() as u8);
        }
    }
    rgb
}

fn annotation(cell: &Cell, size: Size) -> Option<Annotation> {
    let (mut x0, mut y0, mut x1, mut y1) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
    for step in 0_u8..64 {
        let angle = TAU * f32::from(step) / 64.0;
        let distance = cell.outline(angle);
        let (x, y) = (cell.x + distance * angle.cos(), cell.y + distance * angle.sin());
        (x0, y0, x1, y1) = (x0.min(x), y0.min(y), x1.max(x), y1.max(y));
    }
    let whole = Rect::from_corners(f64::from(x0), f64::from(y0), f64::from(x1), f64::from(y1))?;
    let visible = whole.clamp_to(size)?;
    if visible.area() < LEAST_VISIBLE * whole.area() {
        return None;
    }
    Some(Annotation { label: Label::new(cell.kind.label()).ok()?, rect: visible, ignore: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_picture_and_another_another() {
        let draw = |seed| draw(seed, Look::USUAL).expect("a picture");
        assert_eq!(draw(7).pixels, draw(7).pixels);
        assert_ne!(draw(7).pixels, draw(8).pixels);
    }

    #[test]
    fn every_box_lies_inside_the_picture_and_on_something_darker() {
        for seed in 0..6 {
            let picture = draw(seed, Look::USUAL).expect("a picture");
            assert!(picture.annotations.len() >= 5, "seed {seed}");
            let green = |x: f64, y: f64| {
                let index = (y as usize * W + x as usize) * 3 + 1;
                f64::from(picture.pixels.rgb()[index])
            };
            let all = picture.pixels.rgb().iter().skip(1).step_by(3).map(|g| f64::from(*g));
            let brightest = all.fold(0.0, f64::max);
            for annotation in &picture.annotations {
                assert!(annotation.rect.is_inside(picture.pixels.size(), 0.0));
                let r = annotation.rect;
                // A red cell is pale in its middle, but not around it.
                let across =
                    (1..10).map(|tenth| green(r.x() + r.w() * f64::from(tenth) / 10.0, r.y() + r.h() * 0.5));
                let darkest = across.fold(255.0, f64::min);
                assert!(darkest < 0.92 * brightest, "seed {seed}: {annotation:?} is not darker");
            }
        }
    }

    #[test]
    fn every_kind_is_there_often_and_large_enough_to_be_learnt() {
        let size = Size::new(WIDTH, HEIGHT).expect("a size");
        let cells = |seed| place_cells(&mut ChaCha8Rng::seed_from_u64(seed));
        let annotations: Vec<Annotation> =
            (0..40).flat_map(cells).filter_map(|cell| annotation(&cell, size)).collect();
        for kind in Kind::ALL {
            let boxes = annotations.iter().filter(|annotation| annotation.label.as_str() == kind.label());
            // Of an input that is half as wide as the pictures.
            let mut sides: Vec<f64> = boxes.map(|a| a.rect.w().min(a.rect.h()) / 2.0).collect();
            sides.sort_by(f64::total_cmp);
            assert!(sides.len() >= 30, "{kind:?}: {}", sides.len());
            assert!(sides[sides.len() / 10] >= 8.0, "{kind:?}: {:?}", &sides[..sides.len() / 10]);
            assert!(sides[sides.len() / 2] >= 16.0, "{kind:?}");
        }
    }

    #[test]
    fn a_drifted_look_is_darker_than_the_usual_one() {
        let mean = |look| {
            let picture = draw(3, look).expect("a picture");
            let sum: u64 = picture.pixels.rgb().iter().map(|value| u64::from(*value)).sum();
            sum / picture.pixels.rgb().len() as u64
        };
        assert!(mean(Look::drifted(1.0)) + 20 < mean(Look::USUAL));
    }
}
