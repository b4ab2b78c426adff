//! The editor's state and what can be read from it. It is changed by
//! [`Editor::handle`] (pointer events, `pointer.rs`) and [`Editor::execute`]
//! (commands, `command.rs`), and painted from [`crate::Scene`]. It knows
//! neither the browser nor the server.

use crate::{
    activity::Activity,
    boxes::{BoxId, LabelIndex, ReviewBox, SavedBox, Side, StartedFrom},
    clipboard::Clipboard,
    compare::{Tally, tally},
    document::Document,
    filter::{Filter, ScoreRange},
    gesture::{Gesture, Touch},
    history::{Act, History},
    hit::{Hit, HitContext, Reach},
    labels::LabelSet,
    models::{Candidate, Models, View},
    selection::Selection,
    space::{ImagePoint, ScreenPoint},
    viewport::Viewport,
};
use domain::{
    geometry::{Rect, Size},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// What pressing the pointer means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Select, move, resize.
    #[default]
    Select,
    /// Draw boxes, by drag or by two clicks.
    Draw,
    /// Move the image.
    Pan,
    /// Zoom in by a click or to a dragged area; out with shift or alt.
    Zoom,
}

/// One image under review.
#[derive(Clone, Debug)]
pub struct Editor {
    pub(crate) models: Models,
    pub(crate) labels: LabelSet,
    pub(crate) document: Document,
    pub(crate) history: History,
    pub(crate) selection: Selection,
    pub(crate) filter: Filter,
    pub(crate) view: View,
    pub(crate) tool: Tool,
    pub(crate) held_pan: bool,
    pub(crate) gesture: Gesture,
    /// Rises when a gesture's look changes.
    pub(crate) gesture_revision: u64,
    pub(crate) owner: Option<i32>,
    pub(crate) touches: Vec<Touch>,
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

    /// What is shown.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
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

    /// Where in the image the pointer is; may lie outside it.
    #[must_use]
    pub fn pointer_in_image(&self) -> Option<ImagePoint> {
        self.pointer.map(|at| self.viewport.to_image(at))
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

    /// Sets the range of confidence that is shown. Deletes nothing.
    pub fn set_score_range(&mut self, range: ScoreRange) {
        self.filter.set_range(range);
        self.forget_hidden();
    }

    /// Opens or closes the eye of a label. Deletes nothing.
    pub fn toggle_eye(&mut self, label: LabelIndex) {
        self.filter.toggle_eye(label);
        self.forget_hidden();
    }

    /// Boxes that the filter hides and accepting would save: ask before.
    #[must_use]
    pub fn hidden_but_saved(&self) -> usize {
        self.document.iter().filter(|b| !self.filter.shows(b.label, b.score)).count()
    }

    /// Whether a box of the review is on the canvas now.
    #[must_use]
    pub fn shows(&self, b: &ReviewBox) -> bool {
        (self.view != View::Compare || b.source.is_none()) && self.filter.shows(b.label, b.score)
    }

    /// The models' boxes that a click takes into the review.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        self.models.candidates(self.view, &self.document, &self.filter)
    }

    /// What the two models agree on; all zero without a shadow.
    #[must_use]
    pub fn tally(&self) -> Tally {
        tally(self.models.compared())
    }

    /// Whether the models' boxes are kept from a blind reviewer's eyes.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.models.are_concealed()
    }

    /// Ends the blindness, once the review was accepted.
    pub fn reveal(&mut self) {
        self.models.conceal(false);
    }

    /// Counts of the viewed model's scores in equal bins over [0, 1], for the
    /// slider; empty while blind.
    #[must_use]
    pub fn score_histogram(&self, bins: usize) -> Vec<usize> {
        let side = if self.view == View::Shadow { Side::Shadow } else { Side::Champion };
        let mut counts = vec![0; bins];
        for score in self.models.scores(side) {
            let bin = ((score.get() * bins as f64) as usize).min(bins.saturating_sub(1));
            if let Some(count) = counts.get_mut(bin) {
                *count += 1;
            }
        }
        counts
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

    /// The boxes on the canvas now, by rising id.
    #[must_use]
    pub fn visible_ids(&self) -> Vec<BoxId> {
        let Some(region) = self.viewport.visible() else { return Vec::new() };
        let mut ids = self.document.index().collect(&region);
        ids.retain(|id| self.document.get(*id).is_some_and(|b| self.shows(b)));
        ids
    }

    /// Where a box is drawn now: the gesture's preview, else its place.
    #[must_use]
    pub fn shown_rect(&self, b: &ReviewBox) -> Rect {
        self.gesture.preview(b.id).unwrap_or(b.rect)
    }

    /// Whether boxes can be edited in this view.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        self.view != View::Compare
    }

    pub(crate) fn forget_hidden(&mut self) {
        let (document, filter, view) = (&self.document, &self.filter, self.view);
        self.selection.retain(|id| {
            document.get(*id).is_some_and(|b| {
                (view != View::Compare || b.source.is_none()) && filter.shows(b.label, b.score)
            })
        });
        self.hover = None;
    }
}
