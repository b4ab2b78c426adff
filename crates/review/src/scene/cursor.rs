//! The shapes of the pointer: each tells what pressing would do.

use crate::handle::Handle;

/// The shape of the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cursor {
    /// The usual arrow.
    Default,
    /// Draws.
    Crosshair,
    /// Takes a candidate.
    Pointer,
    /// Moves boxes.
    Move,
    /// Moves the image.
    Grab,
    /// Is moving the image.
    Grabbing,
    /// Zooms.
    Zoom,
    /// Resizes to the left and right.
    ResizeEw,
    /// Resizes up and down.
    ResizeNs,
    /// Resizes from the upper left to the lower right.
    ResizeNwse,
    /// Resizes from the upper right to the lower left.
    ResizeNesw,
}

impl Cursor {
    /// Its name in CSS.
    #[must_use]
    pub fn css(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Crosshair => "crosshair",
            Self::Pointer => "pointer",
            Self::Move => "move",
            Self::Grab => "grab",
            Self::Grabbing => "grabbing",
            Self::Zoom => "zoom-in",
            Self::ResizeEw => "ew-resize",
            Self::ResizeNs => "ns-resize",
            Self::ResizeNwse => "nwse-resize",
            Self::ResizeNesw => "nesw-resize",
        }
    }
}

impl From<Handle> for Cursor {
    fn from(handle: Handle) -> Self {
        match handle {
            Handle::NorthWest | Handle::SouthEast => Self::ResizeNwse,
            Handle::NorthEast | Handle::SouthWest => Self::ResizeNesw,
            Handle::North | Handle::South => Self::ResizeNs,
            Handle::East | Handle::West => Self::ResizeEw,
        }
    }
}
