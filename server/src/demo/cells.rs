//! Blood cells as light sees them: how much of each colour a point of a cell
//! absorbs. Knows nothing of images.

use rand::Rng;
use std::f32::consts::TAU;

/// A kind of cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Disc, paler in the middle.
    Red,
    /// Large, with a lobed nucleus.
    White,
    /// Small and granular.
    Platelet,
}

impl Kind {
    /// In the order of the model's classes.
    pub(super) const ALL: [Self; 3] = [Self::Red, Self::White, Self::Platelet];

    /// As the data set calls it.
    #[must_use]
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Red => "red cell",
            Self::White => "white cell",
            Self::Platelet => "platelet",
        }
    }
}

/// Absorbance of red, green and blue light.
pub(super) type Absorbance = [f32; 3];

/// Eosin (red cells, cytoplasm) and azure (nuclei, platelets), the two dyes
/// of a Romanowsky stain, as they look.
const EOSIN: Absorbance = [0.11, 0.37, 0.35];
const AZURE: Absorbance = [0.50, 0.74, 0.14];

/// Values in [0, 1] that change smoothly from place to place: what a cell is
/// made of is never even.
#[derive(Clone, Debug)]
pub(super) struct Noise {
    values: Vec<f32>,
}

impl Noise {
    /// Values along a side; beyond it they come again.
    const SIDE: i32 = 64;

    /// Like no other.
    pub(super) fn new(rng: &mut impl Rng) -> Self {
        Self { values: (0..Self::SIDE * Self::SIDE).map(|_| rng.random()).collect() }
    }

    /// The value at a place; from one whole number to the next it is another.
    #[must_use]
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (right_share, lower_share) = (smooth(x - left), smooth(y - top));
        let value = |dx: i32, dy: i32| {
            let column = (left as i32 + dx).rem_euclid(Self::SIDE);
            let row = (top as i32 + dy).rem_euclid(Self::SIDE);
            self.values.get((row * Self::SIDE + column) as usize).copied().unwrap_or(0.5)
        };
        let upper = value(0, 0) * (1.0 - right_share) + value(1, 0) * right_share;
        let lower = value(0, 1) * (1.0 - right_share) + value(1, 1) * right_share;
        upper * (1.0 - lower_share) + lower * lower_share
    }
}

/// One cell at its place, in pixels.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// What it is.
    pub kind: Kind,
    /// Centre.
    pub x: f32,
    /// Centre.
    pub y: f32,
    radius: f32,
    stretch: f32,
    turn: f32,
    waves: [(f32, f32); 3],
    /// Where a nucleus is round, and how large, in parts of the radius.
    lobes: Vec<(f32, f32, f32)>,
    pallor: Pallor,
    depth: f32,
}

/// The pale middle of a red cell.
#[derive(Clone, Copy, Debug)]
struct Pallor {
    /// How much less it absorbs, 0 to 1.
    amount: f32,
    /// Its radius and where it lies, in parts of the cell's.
    radius: f32,
    x: f32,
    y: f32,
}

impl Cell {
    /// A cell of `kind` around (`x`, `y`), like no other.
    pub(super) fn new(kind: Kind, x: f32, y: f32, rng: &mut impl Rng) -> Self {
        // As through an objective of 100x. A platelet is small beside the others,
        // but no smaller than what a training of minutes can learn.
        let (radius, wobble, stretch) = match kind {
            Kind::Red => (rng.random_range(42.0..56.0), 0.05, 0.84..1.18),
            Kind::White => (rng.random_range(74.0..94.0), 0.05, 0.88..1.12),
            Kind::Platelet => (rng.random_range(18.0..27.0), 0.10, 0.88..1.12),
        };
        let lobes = if kind == Kind::White { nucleus(rng) } else { Vec::new() };
        let wave = |rng: &mut dyn rand::RngCore| (rng.random_range(0.0..wobble), rng.random_range(0.0..TAU));
        let pallor = Pallor {
            amount: rng.random_range(0.15..0.8),
            radius: rng.random_range(0.3..0.5),
            x: rng.random_range(-0.12..0.12),
            y: rng.random_range(-0.12..0.12),
        };
        Self {
            kind,
            x,
            y,
            radius,
            stretch: rng.random_range(stretch),
            turn: rng.random_range(0.0..TAU),
            waves: [wave(rng), wave(rng), wave(rng)],
            lobes,
            pallor,
            depth: rng.random_range(0.85..1.15),
        }
    }

    /// The same cell somewhere else.
    #[must_use]
    pub(super) fn moved_to(self, x: f32, y: f32) -> Self {
        Self { x, y, ..self }
    }

    /// About how far it reaches from its centre.
    #[must_use]
    pub(super) fn radius(&self) -> f32 {
        self.radius
    }

    /// No point of the cell is farther from its centre than this.
    #[must_use]
    pub(super) fn reach(&self) -> f32 {
        self.radius * 1.35
    }

    /// Distance from the centre at which the outline lies in direction `angle`.
    #[must_use]
    pub(super) fn outline(&self, angle: f32) -> f32 {
        let local = angle - self.turn;
        let (sin, cos) = local.sin_cos();
        let ellipse = self.radius / ((cos / self.stretch).powi(2) + (sin * self.stretch).powi(2)).sqrt();
        let waves = self.waves.iter().zip([2.0, 3.0, 5.0]);
        let wobble: f32 = waves.map(|((height, phase), n)| height * (n * local + phase).sin()).sum();
        ellipse * (1.0 + wobble)
    }

    /// What a point at (`dx`, `dy`) from the centre absorbs; `grain` in [0, 1]
    /// is of that point alone, `noise` of the whole picture.
    #[must_use]
    pub(super) fn absorbs(&self, dx: f32, dy: f32, grain: f32, noise: &Noise) -> Absorbance {
        let distance = dx.hypot(dy);
        if distance > self.reach() {
            return [0.0; 3];
        }
        let edge = self.outline(dy.atan2(dx));
        let r = distance / edge;
        // About one pixel of softness at the outline.
        let inside = smooth((1.0 - r) * edge / 2.4 + 0.5);
        if inside <= 0.0 {
            return [0.0; 3];
        }
        let noise = |size_px: f32| noise.at((self.x + dx) / size_px, (self.y + dy) / size_px);
        match self.kind {
            Kind::Red => {
                let Pallor { amount, radius, x, y } = self.pallor;
                let from_middle = (dx / edge - x).hypot(dy / edge - y);
                let middle = 1.0 - amount * smooth((radius + 0.12 - from_middle) / 0.24);
                let rim = 1.0 + 0.18 * (-((r - 0.88) / 0.1).powi(2)).exp();
                mix(EOSIN, AZURE, 0.03, self.depth * inside * middle * rim * (0.92 + 0.16 * noise(9.0)))
            }
            Kind::White => {
                let unit = self.radius;
                let uneven = 0.12 * (noise(14.0) - 0.5);
                let nucleus = self.lobes.iter().map(|(x, y, size)| {
                    let away = ((dx / unit - x).hypot(dy / unit - y)) / size;
                    smooth((1.0 - away + uneven) * 4.0 + 0.5)
                });
                let nucleus = nucleus.fold(0.0_f32, f32::max);
                let soft = noise(9.0);
                let plasma = 0.20 + 0.20 * grain * soft + 0.12 * soft;
                let strength = inside * (plasma + nucleus * (0.62 + 0.42 * noise(5.0)));
                mix(EOSIN, AZURE, 0.5 + 0.5 * nucleus, self.depth * strength)
            }
            // Granules gather in the middle.
            Kind::Platelet => {
                let granules = 0.30 + 0.50 * (-(r / 0.6).powi(2)).exp();
                mix(EOSIN, AZURE, 0.85, self.depth * inside * granules * (0.55 + 0.7 * noise(3.0)))
            }
        }
    }
}

/// Lobes in a row that bends, with what joins one to the next.
fn nucleus(rng: &mut impl Rng) -> Vec<(f32, f32, f32)> {
    let (start, bend): (f32, f32) = (rng.random_range(0.0..TAU), rng.random_range(0.85..1.25));
    let mut lobes: Vec<(f32, f32, f32)> = Vec::new();
    for index in 0..rng.random_range(2_u8..6) {
        let angle = start + f32::from(index) * bend;
        let away = rng.random_range(0.28..0.44);
        let (x, y) = (away * angle.cos(), away * angle.sin());
        if let Some((before_x, before_y, _)) = lobes.last().copied() {
            lobes.push((
                f32::midpoint(before_x, x),
                f32::midpoint(before_y, y),
                rng.random_range(0.14..0.20),
            ));
        }
        lobes.push((x, y, rng.random_range(0.24..0.33)));
    }
    lobes
}

fn mix(a: Absorbance, b: Absorbance, share: f32, strength: f32) -> Absorbance {
    let mut mixed = [0.0; 3];
    for (out, (a, b)) in mixed.iter_mut().zip(a.iter().zip(b)) {
        *out = strength * (a * (1.0 - share) + b * share);
    }
    mixed
}

/// 0 below 0, 1 above 1, and smooth between.
pub(super) fn smooth(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
