//! The places at which a box is resized.

use crate::{bounds::HeldEdges, space::ImagePoint};
use domain::geometry::Rect;

/// One of the eight places at which a box is resized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handle {
    /// Upper left corner.
    NorthWest,
    /// Upper edge.
    North,
    /// Upper right corner.
    NorthEast,
    /// Right edge.
    East,
    /// Lower right corner.
    SouthEast,
    /// Lower edge.
    South,
    /// Lower left corner.
    SouthWest,
    /// Left edge.
    West,
}

/// Edge handles need a side of this many CSS pixels, or they would cover the
/// corners'.
const EDGE_HANDLE_ROOM_PX: f64 = 28.0;

impl Handle {
    /// All eight: corners before edges, since a corner wins where they meet.
    pub const ALL: [Self; 8] = [
        Self::NorthWest,
        Self::NorthEast,
        Self::SouthEast,
        Self::SouthWest,
        Self::North,
        Self::East,
        Self::South,
        Self::West,
    ];

    pub(crate) fn held(self) -> HeldEdges {
        let (x, y) = match self {
            Self::NorthWest => (-1, -1),
            Self::North => (0, -1),
            Self::NorthEast => (1, -1),
            Self::East => (1, 0),
            Self::SouthEast => (1, 1),
            Self::South => (0, 1),
            Self::SouthWest => (-1, 1),
            Self::West => (-1, 0),
        };
        HeldEdges { x, y }
    }

    /// Where it is on a box, in image pixels.
    #[must_use]
    pub fn on(self, rect: &Rect) -> ImagePoint {
        let held = self.held();
        let place = |start: f64, length: f64, held: i8| start + length * (f64::from(held) + 1.0) / 2.0;
        ImagePoint::new(place(rect.x(), rect.w(), held.x), place(rect.y(), rect.h(), held.y))
    }

    /// The handles that a box of this size on the canvas has room for, in CSS
    /// pixels: the corners always, an edge's when it is long enough.
    pub fn that_fit(width_px: f64, height_px: f64) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |handle| {
            let held = handle.held();
            (held.x != 0 || width_px >= EDGE_HANDLE_ROOM_PX)
                && (held.y != 0 || height_px >= EDGE_HANDLE_ROOM_PX)
        })
    }
}
