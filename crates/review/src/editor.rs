//! The editor's state and what can be read from it. It is changed by
//! [`Editor::handle`] (pointer events, `pointer.rs`) and [`Editor::execute`]
//! (commands, `command.rs`), and painted from [`crate::Scene`]. It knows
//! neither the browser nor the server.

use crate::{
    activity::Activity,
    boxes::{BoxId, LabelIndex, ReviewBox, SavedBox, Source, StartedFrom},
    clipboard::Clipboard,
    document::Document,
    filter::Filter,
    history::{Act, History},
    hit::{Hit, HitContext, Reach},
    input::Touch,
    labels::LabelSet,
    models::{Models, View},
    selection::BoxSelection,
    space::{ImagePoint, ScreenPoint},
    stack::ChosenAt,
    tools::{CanvasTool, Tool},
    viewport::Viewport,
};
use domain::{
    geometry::{Rect, Size},
    time::Timestamp,
};

/// One image under review.
#[derive(Clone, Debug)]
pub struct Editor {
    pub(crate) models: Models,
    pub(crate) labels: LabelSet,
    pub(crate) document: Document,
    pub(crate) history: History,
    pub(crate) selection: BoxSelection,
    pub(crate) chosen: Option<ChosenAt>,
    pub(crate) filter: Filter,
    pub(crate) view: View,
    pub(crate) tool: Tool,
    pub(crate) held_pan: bool,
    /// The tool at work, from the first press to the end of the gesture.
    pub(crate) gesture: Option<Box<dyn CanvasTool>>,
    /// Rises when a gesture's look changes.
    pub(crate) gesture_revision: u64,
    /// The pointer that is down; none while a gesture awaits another click.
    pub(crate) owner: Option<i32>,
    pub(crate) touches: Vec<Touch>,
    /// Two fingers hold the image.
    pub(crate) pinching: bool,
    pub(crate) viewport: Viewport,
    pub(crate) pointer: Option<ScreenPoint>,
    pub(crate) hover: Option<Hit>,
    pub(crate) current_label: LabelIndex,
    pub(crate) show_labels: bool,
    pub(crate) clipboard: Option<Clipboard>,
    pub(crate) base_revision: u32,
    pub(crate) base: Vec<SavedBox>,
    pub(crate) saved_at: u64,
    pub(crate) activity: Activity,
}

impl Editor {
    /// The upright image.
    #[must_use]
    pub fn size(&self) -> Size {
        self.document.size()
    }

    /// The labels: the deployment's, then any others that boxes brought along.
    #[must_use]
    pub fn labels(&self) -> &LabelSet {
        &self.labels
    }

    /// The boxes of the review, hidden ones too, by rising id.
    pub fn boxes(&self) -> impl Iterator<Item = &ReviewBox> {
        self.document.iter()
    }

    /// How many boxes the review holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.document.len()
    }

    /// Whether the review holds no box.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.document.len() == 0
    }

    /// One box.
    #[must_use]
    pub fn get(&self, id: BoxId) -> Option<&ReviewBox> {
        self.document.get(id)
    }

    /// Rises with every change of the boxes, undo and redo included: the sign
    /// to keep a new draft.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.document.revision()
    }

    /// Where the review began.
    #[must_use]
    pub fn started_from(&self) -> StartedFrom {
        self.document.started_from()
    }

    /// Where the image lies on the canvas.
    #[must_use]
    pub fn viewport(&self) -> &Viewport {
        &self.viewport
    }

    /// The viewport, to be moved by buttons and the minimap.
    pub fn viewport_mut(&mut self) -> &mut Viewport {
        &mut self.viewport
    }

    /// The tool that is chosen.
    #[must_use]
    pub fn tool(&self) -> Tool {
        self.tool
    }

    /// The label that the next drawn box gets.
    #[must_use]
    pub fn current_label(&self) -> LabelIndex {
        self.current_label
    }

    /// Whose boxes lie beside the review's.
    #[must_use]
    pub fn view(&self) -> View {
        self.view
    }

    /// Whether there is a shadow to look at.
    #[must_use]
    pub fn has_shadow(&self) -> bool {
        self.models.has_shadow()
    }

    /// Whether labels are written beside boxes.
    #[must_use]
    pub fn shows_labels(&self) -> bool {
        self.show_labels
    }

    /// The selected boxes, by rising id.
    pub fn selected(&self) -> impl Iterator<Item = BoxId> {
        self.selection.ids().iter().copied()
    }

    /// Whether a box is selected.
    #[must_use]
    pub fn is_selected(&self, id: BoxId) -> bool {
        self.selection.contains(id)
    }

    /// What the pointer is over.
    #[must_use]
    pub fn hover(&self) -> Option<Hit> {
        self.hover
    }

    /// Marks a box as if the pointer were over it: for the list beside.
    pub fn set_hover(&mut self, id: Option<BoxId>) {
        self.hover = id.filter(|id| self.document.get(*id).is_some()).map(Hit::Interior);
    }

    /// Marks a model's box as if the pointer were over it.
    pub fn set_hover_candidate(&mut self, source: Option<Source>) {
        self.hover = source.filter(|_| !self.is_blind()).map(Hit::Candidate);
    }

    /// Where in the image the pointer is; may lie outside it.
    #[must_use]
    pub fn pointer_in_image(&self) -> Option<ImagePoint> {
        self.pointer.map(|at| self.viewport.to_image(at))
    }

    /// The image pixel under the pointer, if it is over the image.
    #[must_use]
    pub fn pixel_under_pointer(&self) -> Option<(u32, u32)> {
        let p = self.pointer_in_image()?;
        let size = self.size();
        let inside =
            (0.0..f64::from(size.width)).contains(&p.x) && (0.0..f64::from(size.height)).contains(&p.y);
        inside.then_some((p.x as u32, p.y as u32))
    }

    /// What undo would take back.
    #[must_use]
    pub fn can_undo(&self) -> Option<Act> {
        self.history.can_undo()
    }

    /// What redo would make again.
    #[must_use]
    pub fn can_redo(&self) -> Option<Act> {
        self.history.can_redo()
    }

    /// Somebody did something at this moment: counts the time spent.
    pub fn note_activity(&mut self, now: Timestamp) {
        self.activity.note(now);
    }

    /// What lies under a place of the canvas.
    #[must_use]
    pub fn hit_test(&self, at: ScreenPoint, reach: Reach) -> Option<Hit> {
        HitContext::of(self).test(at, reach)
    }

    /// Where a box is drawn now: the gesture's preview, else its place.
    #[must_use]
    pub fn shown_rect(&self, b: &ReviewBox) -> Rect {
        self.gesture.as_ref().and_then(|tool| tool.preview(b.id)).unwrap_or(b.rect)
    }

    /// Whether boxes can be edited in this view.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        self.view != View::Compare
    }
}
