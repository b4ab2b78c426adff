//! The tools of the canvas. Each is a file with its state, what the pointer
//! and keys do to it, and a [`ToolSpec`]; the list below is all that the tool
//! bar, the key sheet and the tests know of them.

mod centre_box;
mod draw;
mod pan;
mod select;
mod two_points;
mod zoom;

use crate::{
    bounds::Snap,
    boxes::BoxId,
    command::Command,
    editor::Editor,
    hit::Hit,
    input::Pointer,
    notice::Notice,
    scene::{Cursor, Primitive},
};
use domain::geometry::Rect;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How near to the image's edge, in CSS pixels, an edge snaps to it.
const SNAP_PX: f64 = 6.0;

/// What people see of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToolSpec {
    /// Its name, on its button and in the key sheet.
    pub name: &'static str,
    /// How it is used, in a sentence.
    pub help: &'static str,
    /// The key that chooses it, unless the reviewer gave it another one.
    pub key: &'static str,
    /// Its icon: an SVG path in a square of 16, stroked and not filled.
    pub icon: &'static str,
    /// Whether it edits boxes. Where boxes can only be looked at, pressing
    /// then does what [`Tool::Select`] does.
    pub edits_boxes: bool,
}

/// A tool at work, from the first press to the end of the gesture. It holds a
/// preview; the boxes change once, when the gesture ends.
///
/// The editor has taken the tool out of itself during each call, so that the
/// tool may change the editor.
pub(crate) trait CanvasTool: CloneTool + fmt::Debug + Send + Sync {
    /// A button or finger went down: the first time, or again where [`Self::up`]
    /// gave [`Release::AwaitsClick`].
    fn down(&mut self, editor: &mut Editor, pointer: Pointer);

    /// The pointer moved, or the image under it. Comes between `down` and
    /// `up`, right before `up`, and while another click is awaited.
    fn moved(&mut self, editor: &mut Editor, pointer: Pointer);

    /// The button or finger went up.
    fn up(&mut self, editor: &mut Editor, pointer: Pointer) -> Release;

    /// A command during the gesture; `None` leaves it to the editor, which
    /// cancels the gesture unless the command only looks.
    fn key(&mut self, _editor: &mut Editor, _command: Command) -> Option<Notice> {
        None
    }

    /// The gesture ends without a trace: gives back what `moved` changed.
    fn cancel(&mut self, _editor: &mut Editor) {}

    /// What the pointer looks like; also asked of a tool that nobody pressed.
    fn cursor(&self, editor: &Editor) -> Cursor;

    /// What lies over the boxes; also asked of a tool that nobody pressed.
    fn draw(&self, _editor: &Editor) -> Sketch {
        Sketch::default()
    }

    /// What a free pointer would act on, to be lit up.
    fn hover(&self, _editor: &Editor, _pointer: Pointer) -> Option<Hit> {
        None
    }

    /// Where the gesture shows a box that it moves or resizes.
    fn preview(&self, _id: BoxId) -> Option<Rect> {
        None
    }
}

/// What releasing the pointer means for the gesture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Release {
    /// It ended, with what it did, if anything.
    Ends(Option<Notice>),
    /// It goes on with a free pointer, until another click.
    AwaitsClick,
}

/// What a tool shows over the boxes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sketch {
    /// A box that does not exist yet, in the colour of the current label;
    /// only during a gesture.
    pub(crate) new_box: Option<Rect>,
    /// Lines and areas on the layer of the guides.
    pub(crate) guides: Vec<Primitive>,
}

/// Lets an editor with a tool at work be cloned; every tool that is `Clone`
/// has it.
pub(crate) trait CloneTool {
    fn clone_tool(&self) -> Box<dyn CanvasTool>;
}

impl<T: CanvasTool + Clone + 'static> CloneTool for T {
    fn clone_tool(&self) -> Box<dyn CanvasTool> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn CanvasTool> {
    fn clone(&self) -> Self {
        (**self).clone_tool()
    }
}

/// Makes [`Tool`] of lines `Name => module::State`, in the order of the bar.
/// `module::SPEC` describes the tool; `State::default()` is at rest.
macro_rules! tools {
    ($($(#[$doc:meta])* $name:ident => $module:ident::$state:ident),+ $(,)?) => {
        /// What pressing the pointer means.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Tool { $($(#[$doc])* $name),+ }

        impl Tool {
            /// All tools, in the order of the tool bar.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// What people see of it.
            #[must_use]
            pub fn spec(self) -> &'static ToolSpec {
                match self { $(Self::$name => &$module::SPEC),+ }
            }

            /// The tool at rest.
            pub(crate) fn start(self) -> Box<dyn CanvasTool> {
                match self { $(Self::$name => Box::new($module::$state::default())),+ }
            }
        }
    };
}

tools! {
    /// Select, move, resize.
    #[default]
    Select => select::Select,
    /// Draw boxes from corner to corner.
    Draw => draw::Draw,
    /// Draw boxes from their centre outwards.
    CentreBox => centre_box::CentreBox,
    /// Move the image.
    Pan => pan::Pan,
    /// Zoom in by a click or to an area; out with shift or alt.
    Zoom => zoom::Zoom,
}

/// How far edges snap under this pointer; alt switches it off.
fn snap(editor: &Editor, pointer: Pointer) -> Snap {
    if pointer.keys.alt { Snap::OFF } else { Snap(SNAP_PX / editor.viewport.zoom()) }
}
