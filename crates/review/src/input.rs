//! What a mouse, a pen or a finger tells the editor.

use crate::space::ScreenPoint;

/// A mouse or pen that moves no further than this, in CSS pixels, while it is
/// pressed has clicked: hands tremble.
pub const DRAG_PX: f64 = 3.0;
/// The same of a finger.
const FINGER_DRAG_PX: f64 = 8.0;

/// Which button is down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Button {
    /// The left one, a pen's tip, a finger.
    #[default]
    Primary,
    /// The wheel; pans with any tool.
    Middle,
    /// The right one; does nothing here.
    Secondary,
}

/// What is pointing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PointerKind {
    /// A mouse.
    #[default]
    Mouse,
    /// A pen.
    Pen,
    /// A finger; two of them pinch.
    Touch,
}

/// Keys held while pointing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Modifiers {
    /// Shift: adds to the selection, zooms out.
    pub shift: bool,
    /// Control, or command on a Mac: adds to the selection.
    pub ctrl: bool,
    /// Alt: does not snap, zooms out.
    pub alt: bool,
}

/// One state of one pointer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pointer {
    /// The browser's id of it.
    pub id: i32,
    /// Where on the canvas.
    pub at: ScreenPoint,
    /// Which button went down or up.
    pub button: Button,
    /// What is pointing.
    pub kind: PointerKind,
    /// Keys held.
    pub keys: Modifiers,
}

impl Pointer {
    /// Whether it moved so far since it was pressed at `from` that it drags.
    pub(crate) fn is_dragged_from(&self, from: ScreenPoint) -> bool {
        let most = if self.kind == PointerKind::Touch { FINGER_DRAG_PX } else { DRAG_PX };
        from.distance(self.at) > most
    }
}

/// A finger on the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Touch {
    pub(crate) id: i32,
    pub(crate) at: ScreenPoint,
}
