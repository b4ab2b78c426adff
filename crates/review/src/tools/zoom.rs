//! Zooms in by a click or to a dragged area; out with shift or alt.

use super::{CanvasTool, Release, Sketch, ToolSpec};
use crate::{
    editor::Editor,
    input::Pointer,
    pointer::ZOOM_STEP,
    scene::{Cursor, Primitive},
    space::{ScreenPoint, ScreenRect},
};

pub(super) const SPEC: ToolSpec = ToolSpec {
    name: "Zoom",
    help: "Click to zoom in, drag to zoom to an area; with Shift or Alt a click zooms out.",
    key: "Z",
    icon: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14M5 7h4M7 5v4",
    edits_boxes: false,
};

#[derive(Clone, Debug, Default)]
pub(super) enum Zoom {
    #[default]
    Idle,
    /// Pressed, not yet moved.
    Pressed(Pointer),
    /// A rectangle says where to zoom.
    Area { anchor: ScreenPoint, to: ScreenPoint },
}

impl CanvasTool for Zoom {
    fn down(&mut self, _editor: &mut Editor, pointer: Pointer) {
        *self = Self::Pressed(pointer);
    }

    fn moved(&mut self, _editor: &mut Editor, pointer: Pointer) {
        match self {
            Self::Pressed(press) if pointer.is_dragged_from(press.at) => {
                *self = Self::Area { anchor: press.at, to: pointer.at };
            }
            Self::Area { to, .. } => *to = pointer.at,
            Self::Idle | Self::Pressed(_) => {}
        }
    }

    fn up(&mut self, editor: &mut Editor, _pointer: Pointer) -> Release {
        match self {
            Self::Idle => {}
            Self::Pressed(press) => {
                let out = press.keys.shift || press.keys.alt;
                editor.viewport.zoom_at(press.at, if out { 1.0 / ZOOM_STEP } else { ZOOM_STEP });
            }
            Self::Area { anchor, to } => editor.viewport.zoom_to(ScreenRect::between(*anchor, *to)),
        }
        Release::Ends(None)
    }

    fn cursor(&self, _editor: &Editor) -> Cursor {
        Cursor::Zoom
    }

    fn draw(&self, _editor: &Editor) -> Sketch {
        match self {
            Self::Area { anchor, to } => {
                let guides = vec![Primitive::marquee(ScreenRect::between(*anchor, *to))];
                Sketch { guides, ..Sketch::default() }
            }
            Self::Idle | Self::Pressed(_) => Sketch::default(),
        }
    }
}
