//! The editor's state and what can be read from it. It is changed by
//! [`Editor::handle`] (pointer events, `pointer.rs`) and [`Editor::execute`]
//! (commands, `command.rs`), and painted from [`crate::Scene`]. It knows
//! neither the browser nor the server.

use crate::{
    activity::Activity,
    boxes::{BoxId, LabelIndex, ReviewBox, SavedBox, SavedReview, Side, StartedFrom},
    clipboard::Clipboard,
    compare::{Tally, tally},
    document::{Change, Document, Transaction},
    filter::{Filter, ScoreRange},
    gesture::{Gesture, Touch},
    history::{Act, History},
    hit::{Hit, HitContext, Reach},
    labels::LabelSet,
    models::{Candidate, Models, View},
    selection::Selection,
    space::{CanvasSize, ImagePoint, ScreenPoint},
    viewport::Viewport,
};
use domain::{
    geometry::{Rect, Score, Size},
    name::Label,
    prediction::PredictedBox,
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

/// What a review is opened with.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// Of the upright image.
    pub size: Size,
    /// The deployment's labels, in their order.
    pub labels: Vec<Label>,
    /// The threshold frozen into the prediction.
    pub threshold: Score,
    /// All of the champion's stored boxes, by falling score.
    pub champion: Vec<PredictedBox>,
    /// All of the shadow's, if there is one.
    pub shadow: Option<Vec<PredictedBox>>,
    /// What the review begins with.
    pub start: Start,
    /// Shows nothing of the models before [`Editor::reveal`]; such a review
    /// starts from [`StartedFrom::Empty`].
    pub blind: bool,
}

/// What a review begins with.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// Nobody has saved a review of this image yet.
    Fresh(StartedFrom),
    /// The latest revision.
    Saved(SavedReview),
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
    /// Opens a review. Boxes are brought into the image; what lies wholly
    /// outside is left out.
    #[must_use]
    pub fn open(opening: Opening, canvas: CanvasSize) -> Self {
        let Opening { size, labels, threshold, champion, shadow, start, blind } = opening;
        let mut labels = LabelSet::new(labels);
        let mut models = Models::new(&champion, shadow.as_deref(), threshold, size, &mut labels);
        models.conceal(blind);
        let started_from = match &start {
            Start::Fresh(started_from) if blind && started_from.side().is_some() => StartedFrom::Empty,
            Start::Fresh(started_from) => *started_from,
            Start::Saved(saved) => saved.started_from,
        };
        let mut document = Document::new(size, started_from);
        let (base_revision, boxes) = match &start {
            Start::Fresh(_) => (0, models.start(started_from).collect()),
            Start::Saved(saved) => (saved.revision, saved_boxes(saved, &models, &mut labels, size)),
        };
        let changes = number(boxes, &mut document).into_iter().map(Change::insert).collect();
        document.apply(&Transaction { changes, started_from: (started_from, started_from) });
        let mut editor = Self {
            models,
            labels,
            saved_at: document.revision(),
            document,
            history: History::default(),
            selection: Selection::default(),
            filter: Filter::new(ScoreRange::from_threshold(threshold)),
            view: View::default(),
            tool: Tool::default(),
            held_pan: false,
            gesture: Gesture::Idle,
            gesture_revision: 0,
            owner: None,
            touches: Vec::new(),
            viewport: Viewport::new(size, canvas),
            pointer: None,
            hover: None,
            current_label: LabelIndex::default(),
            show_labels: true,
            clipboard: None,
            base_revision,
            base: Vec::new(),
            activity: Activity::default(),
        };
        editor.base = editor.saved_boxes();
        editor
    }

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

/// Gives each box an id of its own.
pub(crate) fn number(boxes: Vec<ReviewBox>, document: &mut Document) -> Vec<ReviewBox> {
    boxes.into_iter().map(|b| ReviewBox { id: document.fresh_id(), ..b }).collect()
}

/// A revision's boxes, with what the models know of them.
pub(crate) fn saved_boxes(
    saved: &SavedReview,
    models: &Models,
    labels: &mut LabelSet,
    size: Size,
) -> Vec<ReviewBox> {
    let untouched: std::collections::BTreeSet<_> = saved.untouched.iter().copied().collect();
    let mut used = std::collections::BTreeSet::new();
    let mut one = |b: &SavedBox| {
        let rect = b.rect.clamp_to(size)?;
        let label = labels.insert(&b.label);
        let source = b
            .source
            .filter(|source| models.original(*source).is_some())
            .or_else(|| models.find(saved.started_from, label, &rect))
            .filter(|source| used.insert(*source));
        let score = source.and_then(|source| models.original(source)).map(|(_, _, score)| score);
        let touched = !source.is_some_and(|source| untouched.contains(&source));
        Some(ReviewBox { id: BoxId(0), label, rect, score, source, ignore: b.ignore, locked: false, touched })
    };
    saved.boxes.iter().filter_map(&mut one).collect()
}
