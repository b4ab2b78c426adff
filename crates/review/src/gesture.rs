//! What the pointer is in the middle of. A gesture changes nothing: it holds
//! a preview, which becomes one undoable step when the pointer is released
//! and vanishes when it is cancelled.

use crate::{
    boxes::BoxId,
    hit::{Handle, Hit},
    space::{ImagePoint, ScreenPoint},
};
use domain::geometry::Rect;
use std::collections::BTreeSet;

/// A pointer moves this far, in CSS pixels, before a press becomes a drag.
pub const DRAG_PX: f64 = 3.0;

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

/// A finger on the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Touch {
    pub(crate) id: i32,
    pub(crate) at: ScreenPoint,
}

/// The state machine of the pointer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Gesture {
    /// Nothing is pressed.
    Idle,
    /// Pressed with the select or the zoom tool, not yet moved.
    Pressed(Press),
    /// Boxes follow the pointer.
    Moving(Moving),
    /// One box follows one of its handles.
    Resizing(Resizing),
    /// A box is being drawn.
    Drawing(Drawing),
    /// A rectangle selects what lies within.
    Marquee(Marquee),
    /// The image follows the pointer.
    Panning { last: ScreenPoint },
    /// A rectangle says where to zoom.
    ZoomArea { anchor: ScreenPoint, to: ScreenPoint },
    /// Two fingers hold the image.
    Pinching,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Press {
    pub(crate) pointer: Pointer,
    pub(crate) on: PressedOn,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PressedOn {
    /// The select tool pressed on this.
    Canvas(Option<Hit>),
    /// The zoom tool pressed.
    Zoom,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moving {
    /// The image point that was grabbed.
    pub(crate) grab: ImagePoint,
    /// Boxes and where they were, by rising id.
    pub(crate) originals: Vec<(BoxId, Rect)>,
    /// The rectangle around all of them.
    pub(crate) hull: Rect,
    /// Boxes and where they are now.
    pub(crate) preview: Vec<(BoxId, Rect)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Resizing {
    pub(crate) id: BoxId,
    pub(crate) handle: Handle,
    pub(crate) original: Rect,
    /// From the pointer to the handle, in CSS pixels: it stays the same, so
    /// that a handle grabbed beside its middle does not jump.
    pub(crate) offset: ScreenPoint,
    pub(crate) preview: Rect,
}

/// How far a drawing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DrawPhase {
    /// The first press, not yet moved.
    Pressed,
    /// Drawn by drag.
    Dragging,
    /// The first click is done, the second corner follows the free pointer.
    AwaitingSecond,
    /// The second press.
    SecondPressed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Drawing {
    /// The first corner.
    pub(crate) anchor: ImagePoint,
    /// Where the first press was.
    pub(crate) pressed_at: ScreenPoint,
    pub(crate) phase: DrawPhase,
    /// `None` until there is something to see.
    pub(crate) preview: Option<Rect>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Marquee {
    pub(crate) anchor: ImagePoint,
    pub(crate) to: ImagePoint,
    /// What was selected before, for cancelling.
    pub(crate) before: BTreeSet<BoxId>,
    /// Adds to what was selected.
    pub(crate) adds: bool,
}

impl Marquee {
    pub(crate) fn rect(&self) -> Option<Rect> {
        Rect::from_corners(self.anchor.x, self.anchor.y, self.to.x, self.to.y)
    }
}

impl Gesture {
    /// Where the gesture shows a box, if it holds it.
    pub(crate) fn preview(&self, id: BoxId) -> Option<Rect> {
        match self {
            Self::Moving(moving) => {
                let place = moving.preview.binary_search_by_key(&id, |(id, _)| *id).ok()?;
                moving.preview.get(place).map(|(_, rect)| *rect)
            }
            Self::Resizing(resizing) => (resizing.id == id).then_some(resizing.preview),
            _ => None,
        }
    }

    /// The box being drawn.
    pub(crate) fn drawn(&self) -> Option<Rect> {
        match self {
            Self::Drawing(drawing) => drawing.preview,
            _ => None,
        }
    }

    /// Whether it goes on without a button held.
    pub(crate) fn awaits_second_click(&self) -> bool {
        matches!(self, Self::Drawing(Drawing { phase: DrawPhase::AwaitingSecond, .. }))
    }
}
