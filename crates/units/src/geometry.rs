//! Rectangles in pixels of the upright image: `x, y` the upper left corner,
//! `w, h` the extent, floats, y downwards. No "+ 1 pixel" anywhere.

use serde::{Deserialize, Serialize};

/// Two places are the same when they differ by less.
pub const SAME_PLACE_PX: f64 = 1e-6;

/// Width and height of an image in pixels, both at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Size {
    /// `None` when a side is 0.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Option<Self> {
        (width > 0 && height > 0).then_some(Self { width, height })
    }

    /// Number of pixels.
    #[must_use]
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// An axis-parallel rectangle. All four numbers are finite and both sides are
/// positive: an empty or inverted one cannot exist.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawRect", into = "RawRect")]
pub struct Rect {
    x: f64,
    y: f64,
    w: f64,
    h: f64,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct RawRect {
    x: f64,
    y: f64,
    w: f64,
    h: f64,
}

/// Why four numbers are not a [`Rect`].
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("x {x}, y {y}, w {w}, h {h} is not a box: the numbers must be finite, and w and h above 0")]
pub struct InvalidRect {
    /// The left edge given.
    pub x: f64,
    /// The upper edge given.
    pub y: f64,
    /// The width given.
    pub w: f64,
    /// The height given.
    pub h: f64,
}

impl Rect {
    /// Checks the four numbers.
    ///
    /// # Errors
    /// When one is not finite or a side is not above 0.
    pub fn new(x: f64, y: f64, w: f64, h: f64) -> Result<Self, InvalidRect> {
        let finite = x.is_finite() && y.is_finite() && w.is_finite() && h.is_finite();
        if finite && w > 0.0 && h > 0.0 && (x + w).is_finite() && (y + h).is_finite() {
            Ok(Self { x, y, w, h })
        } else {
            Err(InvalidRect { x, y, w, h })
        }
    }

    /// The rectangle between two opposite corners, in any order; `None` when
    /// it would be empty or a number is not finite.
    #[must_use]
    pub fn from_corners(x0: f64, y0: f64, x1: f64, y1: f64) -> Option<Self> {
        Self::new(x0.min(x1), y0.min(y1), (x1 - x0).abs(), (y1 - y0).abs()).ok()
    }

    /// Left edge.
    #[must_use]
    pub fn x(&self) -> f64 {
        self.x
    }

    /// Upper edge.
    #[must_use]
    pub fn y(&self) -> f64 {
        self.y
    }

    /// Width, above 0.
    #[must_use]
    pub fn w(&self) -> f64 {
        self.w
    }

    /// Height, above 0.
    #[must_use]
    pub fn h(&self) -> f64 {
        self.h
    }

    /// Right edge.
    #[must_use]
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Lower edge.
    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// Square pixels.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.w * self.h
    }

    /// Square pixels that both cover.
    #[must_use]
    pub fn intersection_area(&self, other: &Self) -> f64 {
        let w = self.right().min(other.right()) - self.x.max(other.x);
        let h = self.bottom().min(other.bottom()) - self.y.max(other.y);
        if w > 0.0 && h > 0.0 { w * h } else { 0.0 }
    }

    /// Intersection over union, in [0, 1].
    #[must_use]
    pub fn iou(&self, other: &Self) -> f64 {
        let intersection = self.intersection_area(other);
        let union = self.area() + other.area() - intersection;
        if intersection > 0.0 && union > 0.0 { (intersection / union).min(1.0) } else { 0.0 }
    }

    /// Whether the two are the same, as far as anybody could tell: no number
    /// differs by [`SAME_PLACE_PX`] or more.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() < SAME_PLACE_PX;
        near(self.x, other.x) && near(self.y, other.y) && near(self.w, other.w) && near(self.h, other.h)
    }

    /// The part inside an image of `size`, or `None` when nothing is.
    #[must_use]
    pub fn clamp_to(&self, size: Size) -> Option<Self> {
        let x0 = self.x.clamp(0.0, f64::from(size.width));
        let y0 = self.y.clamp(0.0, f64::from(size.height));
        let x1 = self.right().clamp(0.0, f64::from(size.width));
        let y1 = self.bottom().clamp(0.0, f64::from(size.height));
        (x1 > x0 && y1 > y0).then_some(Self { x: x0, y: y0, w: x1 - x0, h: y1 - y0 })
    }

    /// Whether it lies inside an image of `size`, to within `slack` pixels.
    #[must_use]
    pub fn is_inside(&self, size: Size, slack: f64) -> bool {
        self.x >= -slack
            && self.y >= -slack
            && self.right() <= f64::from(size.width) + slack
            && self.bottom() <= f64::from(size.height) + slack
    }
}

impl TryFrom<RawRect> for Rect {
    type Error = InvalidRect;
    fn try_from(raw: RawRect) -> Result<Self, Self::Error> {
        Self::new(raw.x, raw.y, raw.w, raw.h)
    }
}

impl From<Rect> for RawRect {
    fn from(rect: Rect) -> Self {
        Self { x: rect.x, y: rect.y, w: rect.w, h: rect.h }
    }
}

/// A confidence in [0, 1], never NaN.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Score(f64);

/// Why a number is not a [`Score`].
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{0} is not a score: it must lie between 0 and 1")]
pub struct InvalidScore(pub f64);

impl Score {
    /// `None` outside [0, 1] and for NaN.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Score {
    type Error = InvalidScore;
    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::new(value).ok_or(InvalidScore(value))
    }
}

impl From<Score> for f64 {
    fn from(score: Score) -> Self {
        score.0
    }
}
