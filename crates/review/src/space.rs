//! Points and rectangles of the two spaces, so that one is never taken for
//! the other: pixels of the upright image, and CSS pixels of the canvas.
//! Neither knows about device pixels; that is the painter's affair.

use domain::geometry::{Rect, Size};
use serde::{Deserialize, Serialize};

/// A place in the upright image, in its pixels, y downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImagePoint {
    /// From the left edge.
    pub x: f64,
    /// From the upper edge.
    pub y: f64,
}

impl ImagePoint {
    /// The point at `x`, `y`.
    #[must_use]
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The nearest point of an image of `size`.
    #[must_use]
    pub fn clamp_to(self, size: Size) -> Self {
        Self { x: self.x.clamp(0.0, f64::from(size.width)), y: self.y.clamp(0.0, f64::from(size.height)) }
    }
}

/// A place on the canvas, in CSS pixels from its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScreenPoint {
    /// From the left edge.
    pub x: f64,
    /// From the upper edge.
    pub y: f64,
}

impl ScreenPoint {
    /// The point at `x`, `y`.
    #[must_use]
    pub fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// Whether both numbers are finite.
    #[must_use]
    pub fn is_finite(self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }

    /// CSS pixels as the crow flies.
    #[must_use]
    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// A rectangle on the canvas, in CSS pixels; sides are not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScreenRect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl ScreenRect {
    /// The rectangle between two opposite corners, in any order.
    #[must_use]
    pub fn between(a: ScreenPoint, b: ScreenPoint) -> Self {
        Self { x: a.x.min(b.x), y: a.y.min(b.y), w: (a.x - b.x).abs(), h: (a.y - b.y).abs() }
    }

    /// The square of `side` around a point.
    #[must_use]
    pub fn around(centre: ScreenPoint, side: f64) -> Self {
        Self { x: centre.x - side / 2.0, y: centre.y - side / 2.0, w: side, h: side }
    }
}

/// Width and height of the canvas in CSS pixels, both at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CanvasSize {
    width: f64,
    height: f64,
}

impl CanvasSize {
    /// Sides below 1 or not finite become 1: a canvas that is not laid out
    /// yet is no reason to fail.
    #[must_use]
    pub fn new(width: f64, height: f64) -> Self {
        let side = |v: f64| if v.is_finite() { v.max(1.0) } else { 1.0 };
        Self { width: side(width), height: side(height) }
    }

    /// CSS pixels from left to right.
    #[must_use]
    pub fn width(self) -> f64 {
        self.width
    }

    /// CSS pixels from top to bottom.
    #[must_use]
    pub fn height(self) -> f64 {
        self.height
    }

    /// The middle.
    #[must_use]
    pub fn centre(self) -> ScreenPoint {
        ScreenPoint::new(self.width / 2.0, self.height / 2.0)
    }
}

/// Coordinates that differ by less than this many image pixels are the same:
/// numbers that travelled as text may come back a last digit off.
pub(crate) const SAME_PLACE: f64 = domain::geometry::SAME_PLACE_PX;

/// Whether two rectangles are the same, as far as anybody could tell.
pub(crate) fn same_place(a: &Rect, b: &Rect) -> bool {
    a.is_same_place(b)
}

/// Whether `inner` lies within `outer`, edges included.
pub(crate) fn contains(outer: &Rect, inner: &Rect) -> bool {
    inner.x() >= outer.x()
        && inner.y() >= outer.y()
        && inner.right() <= outer.right()
        && inner.bottom() <= outer.bottom()
}

/// Whether the two share a point, edges included.
pub(crate) fn touches(a: &Rect, b: &Rect) -> bool {
    a.x() <= b.right() && b.x() <= a.right() && a.y() <= b.bottom() && b.y() <= a.bottom()
}
