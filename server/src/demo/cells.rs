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
const EOSIN: Absorbance = [0.10, 0.36, 0.27];
const AZURE: Absorbance = [0.62, 0.85, 0.30];

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
    lobes: Vec<(f32, f32, f32)>,
    depth: f32,
}

impl Cell {
    /// A cell of `kind` around (`x`, `y`), like no other.
    pub(super) fn new(kind: Kind, x: f32, y: f32, rng: &mut impl Rng) -> Self {
        let (radius, wobble) = match kind {
            Kind::Red => (rng.random_range(30.0..40.0), 0.03),
            Kind::White => (rng.random_range(52.0..68.0), 0.05),
            Kind::Platelet => (rng.random_range(11.0..17.0), 0.14),
        };
        let lobes = match kind {
            Kind::White => {
                let count = rng.random_range(2..=5);
                let start: f32 = rng.random_range(0.0..TAU);
                let lobe = |index: i32, rng: &mut dyn rand::RngCore| {
                    let angle = start + index as f32 * rng.random_range(0.7..1.25);
                    let away = rng.random_range(0.18..0.42);
                    (away * angle.cos(), away * angle.sin(), rng.random_range(0.26..0.38))
                };
                (0..count).map(|index| lobe(index, rng)).collect()
            }
            _ => Vec::new(),
        };
        let wave = |rng: &mut dyn rand::RngCore| (rng.random_range(0.0..wobble), rng.random_range(0.0..TAU));
        Self {
            kind,
            x,
            y,
            radius,
            stretch: rng.random_range(0.88..1.12),
            turn: rng.random_range(0.0..TAU),
            waves: [wave(rng), wave(rng), wave(rng)],
            lobes,
            depth: rng.random_range(0.85..1.15),
        }
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

    /// What a point at (`dx`, `dy`) from the centre absorbs; `grain` is noise
    /// in [0, 1] of that point.
    #[must_use]
    pub(super) fn absorbs(&self, dx: f32, dy: f32, grain: f32) -> Absorbance {
        let distance = dx.hypot(dy);
        if distance > self.reach() {
            return [0.0; 3];
        }
        let edge = self.outline(dy.atan2(dx));
        let r = distance / edge;
        // About one pixel of softness at the outline.
        let inside = smooth((1.0 - r) * edge / 2.0 + 0.5);
        if inside <= 0.0 {
            return [0.0; 3];
        }
        match self.kind {
            Kind::Red => {
                let dimple = 1.0 - 0.62 * (-(r / 0.45).powi(2)).exp();
                let rim = 1.0 + 0.25 * (-((r - 0.86) / 0.12).powi(2)).exp();
                mix(EOSIN, AZURE, 0.0, self.depth * inside * dimple * rim)
            }
            Kind::White => {
                let unit = self.radius;
                let nucleus = self.lobes.iter().map(|(x, y, size)| {
                    let away = ((dx / unit - x).hypot(dy / unit - y)) / size;
                    smooth((1.0 - away) * 4.0 + 0.5)
                });
                let nucleus = nucleus.fold(0.0_f32, f32::max);
                let plasma = 0.34 + 0.22 * grain;
                let strength = inside * (plasma + nucleus * (0.85 + 0.3 * grain));
                mix(EOSIN, AZURE, 0.25 + 0.75 * nucleus, self.depth * strength)
            }
            // Granules gather in the middle.
            Kind::Platelet => {
                let granules = 0.35 + 0.45 * (-(r / 0.6).powi(2)).exp();
                mix(EOSIN, AZURE, 0.8, self.depth * inside * granules * (0.7 + 0.6 * grain))
            }
        }
    }
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
