//! Moves the image with the pointer. The middle button and the key that is
//! held for it use this tool, whichever one is chosen.

use super::{CanvasTool, Release, ToolSpec};
use crate::{editor::Editor, input::Pointer, scene::Cursor, space::ScreenPoint};

pub(super) const SPEC: ToolSpec = ToolSpec {
    name: "Move the image",
    help: "Drag the image; the middle button does it with any tool.",
    key: "H",
    icon: "M8 2v12M2 8h12M6.5 3.5 8 2l1.5 1.5M6.5 12.5 8 14l1.5-1.5M3.5 6.5 2 8l1.5 1.5M12.5 6.5 14 8l-1.5 1.5",
    edits_boxes: false,
};

#[derive(Clone, Debug, Default)]
pub(super) struct Pan {
    /// Where the pointer was last, while it is down.
    last: Option<ScreenPoint>,
}

impl CanvasTool for Pan {
    fn down(&mut self, _editor: &mut Editor, pointer: Pointer) {
        self.last = Some(pointer.at);
    }

    fn moved(&mut self, editor: &mut Editor, pointer: Pointer) {
        if let Some(last) = self.last.replace(pointer.at) {
            editor.viewport.pan_by(pointer.at.x - last.x, pointer.at.y - last.y);
        }
    }

    fn up(&mut self, _editor: &mut Editor, _pointer: Pointer) -> Release {
        Release::Ends(None)
    }

    fn cursor(&self, _editor: &Editor) -> Cursor {
        if self.last.is_some() { Cursor::Grabbing } else { Cursor::Grab }
    }
}
