//! How a review begins: from the models' boxes, from nothing, or from what
//! was saved.

use crate::{
    activity::Activity,
    boxes::{BoxId, LabelIndex, ReviewBox, SavedBox, SavedReview, StartedFrom},
    document::{Change, Document, Transaction},
    editor::Editor,
    filter::{Filter, ScoreRange},
    history::History,
    labels::LabelSet,
    models::{Models, View},
    order::sort,
    selection::BoxSelection,
    space::CanvasSize,
    tools::Tool,
    viewport::Viewport,
};
use domain::{
    geometry::{Score, Size},
    name::Label,
    prediction::PredictedBox,
};
use std::collections::BTreeSet;

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
            selection: BoxSelection::default(),
            chosen: None,
            filter: Filter::new(ScoreRange::from_threshold(threshold)),
            view: View::default(),
            tool: Tool::default(),
            held_pan: false,
            gesture: None,
            gesture_revision: 0,
            owner: None,
            touches: Vec::new(),
            pinching: false,
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
}

impl Editor {
    /// Takes over what belongs to the reviewer and not to the image: the
    /// tool, the label of the next box, whether labels are shown, what was
    /// copied.
    pub fn take_over_tools(&mut self, former: &Self) {
        self.tool = former.tool;
        self.show_labels = former.show_labels;
        self.clipboard.clone_from(&former.clipboard);
        let label = former.labels.get(former.current_label);
        self.current_label = label.and_then(|label| self.labels.find(label)).unwrap_or_default();
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
    let mut untouched = saved.untouched.clone();
    sort(&mut untouched, Ord::cmp);
    let mut used = BTreeSet::new();
    let mut one = |b: &SavedBox| {
        let rect = b.rect.clamp_to(size)?;
        let label = labels.insert(&b.label);
        let source = b
            .source
            .filter(|source| models.original(*source).is_some())
            .or_else(|| models.find(saved.started_from, label, &rect))
            .filter(|source| used.insert(*source));
        let score = source.and_then(|source| models.original(source)).map(|(_, _, score)| score);
        let touched = source.is_none_or(|source| untouched.binary_search(&source).is_err());
        Some(ReviewBox { id: BoxId(0), label, rect, score, source, ignore: b.ignore, locked: false, touched })
    };
    saved.boxes.iter().filter_map(&mut one).collect()
}
