//! What can happen to the editor, in one value.

use crate::{
    command::Command,
    input::{Modifiers, Pointer},
    space::{CanvasSize, ScreenPoint},
};

/// What can happen to the editor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A button or finger went down.
    Down(Pointer),
    /// A pointer moved.
    Move(Pointer),
    /// A button or finger went up.
    Up(Pointer),
    /// The system took the pointer away.
    Cancel {
        /// The browser's id of it.
        id: i32,
    },
    /// The pointer left the canvas without a button held.
    Leave,
    /// The wheel turned, in CSS pixels.
    Wheel {
        /// Where the pointer is.
        at: ScreenPoint,
        /// To the right.
        delta_x: f64,
        /// Towards the user.
        delta_y: f64,
        /// Shift pans instead of zooming.
        keys: Modifiers,
    },
    /// A pinch on a trackpad.
    Pinch {
        /// Where the pointer is.
        at: ScreenPoint,
        /// What the zoom is multiplied by.
        factor: f64,
    },
    /// The key that pans while it is held went down or up.
    HoldPan(bool),
    /// The canvas has a new size.
    Resize(CanvasSize),
    /// A key or a button asks for something.
    Command(Command),
}
