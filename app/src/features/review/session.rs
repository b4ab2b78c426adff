//! The state of a review page: the image under review, where it lies in the
//! query, who else reviews it, and what the page shows around it. What follows
//! from an act is told in `navigation`, `drafts`, `merging`, `saving` and
//! `decisions`, which build on this.

use super::{
    canvas_painter::CanvasPainter,
    draft_store::{DraftState, DraftStore, RecoverableDraft},
    editor_handle::EditorHandle,
    prefetch::Prefetch,
    save_queue::SaveQueue,
    scope::ReviewScope,
};
use crate::{
    addresses,
    review_wire::{Around, ReviewStart},
};
use domain::{
    ids::PredictionId,
    prediction::Status,
    review::{Lease, Review, ReviewSubject},
};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use review::{CanvasSize, Choice, Editor, Merged, Opening, Start, StartedFrom};
use std::sync::Arc;

/// What the right side shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The boxes.
    Boxes,
    /// The revisions.
    History,
}

/// The dialog that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenDialog {
    /// So many boxes are hidden and would be saved.
    HiddenBoxes(usize),
    /// Why the image is of no use.
    Skip,
    /// Which key does what.
    Keys,
}

/// A draft and a newer revision that become one.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenMerge {
    /// The newer revision.
    pub theirs: Review,
    /// Both, box by box.
    pub merged: Merged,
    /// What the reviewer chose of each conflict.
    pub choices: Vec<Choice>,
}

/// How the page goes elsewhere.
type Navigate = Arc<dyn Fn(&str, NavigateOptions) + Send + Sync>;

/// Handles on all that the page shows; cheap to copy.
#[derive(Clone, Copy)]
pub struct ReviewSession {
    /// The editor.
    pub editor: EditorHandle,
    /// Its canvases.
    pub painter: CanvasPainter,
    /// What does not change.
    pub scope: StoredValue<ReviewScope>,
    /// The image under review.
    pub subject: RwSignal<Arc<ReviewSubject>>,
    /// Its status.
    pub status: RwSignal<Status>,
    /// Its place in the query.
    pub around: RwSignal<Option<Arc<Around>>>,
    /// Who holds its lease.
    pub lease: RwSignal<Option<Lease>>,
    /// What the right side shows.
    pub panel: RwSignal<Panel>,
    /// The dialog that is open.
    pub dialog: RwSignal<Option<OpenDialog>>,
    /// A sentence above the image, until another image comes.
    pub message: RwSignal<Option<String>>,
    /// Accepted reviews that the server does not have yet.
    pub saves: SaveQueue,
    /// The images after this one.
    pub prefetch: Prefetch,
    /// The reviewer's drafts.
    pub drafts: StoredValue<DraftStore>,
    /// Whether the work on this image is stored.
    pub draft_state: RwSignal<DraftState>,
    /// Unfinished work on other images.
    pub recoverable: RwSignal<Vec<RecoverableDraft>>,
    /// A draft and a newer revision that become one.
    pub merge: RwSignal<Option<Arc<OpenMerge>>>,
    /// The revision that is shown instead of the work.
    pub viewed_revision: RwSignal<Option<u32>>,
    /// The work meanwhile.
    pub suspended_work: StoredValue<Option<Editor>>,
    /// The next image is being fetched.
    pub loading_next: RwSignal<bool>,
    /// There is no next image.
    pub exhausted: RwSignal<bool>,
    navigate: StoredValue<Navigate>,
}

impl ReviewSession {
    /// The session of a page that the server opened.
    pub fn new(start: ReviewStart, subject: ReviewSubject, q: String, sort: String) -> Self {
        // Until the canvas is laid out, and for what the server draws.
        let canvas = CanvasSize::new(1000.0, 700.0);
        let editor = EditorHandle::new(Editor::open(opening(&subject), canvas));
        let ReviewStart { session, me, may_review, deployment, around, .. } = start;
        let deployment = deployment.name.as_str().to_owned();
        let drafts = StoredValue::new(DraftStore::new(&me, &deployment));
        let saves = SaveQueue::new(&me);
        let scope = ReviewScope { deployment, q, sort, page_token: session, may_review };
        let scope = StoredValue::new(scope);
        let navigate = addresses::use_go();
        Self {
            editor,
            painter: CanvasPainter::new(editor),
            scope,
            status: RwSignal::new(subject.prediction.status),
            around: RwSignal::new(around.map(Arc::new)),
            lease: RwSignal::new(subject.lease.clone()),
            subject: RwSignal::new(Arc::new(subject)),
            panel: RwSignal::new(Panel::Boxes),
            dialog: RwSignal::new(None),
            message: RwSignal::new(None),
            saves,
            prefetch: Prefetch::new(scope),
            drafts,
            draft_state: RwSignal::new(DraftState::Clean),
            recoverable: RwSignal::new(Vec::new()),
            merge: RwSignal::new(None),
            viewed_revision: RwSignal::new(None),
            suspended_work: StoredValue::new(None),
            loading_next: RwSignal::new(false),
            exhausted: RwSignal::new(false),
            navigate: StoredValue::new(Arc::new(navigate)),
        }
    }

    /// The image under review; does not follow it.
    pub fn id(self) -> PredictionId {
        self.subject.with_untracked(|subject| subject.prediction.id)
    }

    /// The image under review and its boxes as the server has them; does not
    /// follow them.
    pub fn subject_now(self) -> Arc<ReviewSubject> {
        self.subject.get_untracked()
    }

    /// What people call an image that the page has to do with.
    pub fn name_of(self, id: PredictionId) -> String {
        let current = self.subject.with_untracked(|subject| {
            let prediction = &subject.prediction;
            (prediction.id == id).then(|| prediction.filename.clone()).flatten()
        });
        current.or_else(|| self.saves.pending(id).map(|save| save.name)).unwrap_or_else(|| id.to_string())
    }

    /// Whether this image is still the one under review; not once the page is
    /// gone, as it may be after any wait.
    pub fn is_at(self, id: PredictionId) -> bool {
        self.subject.try_with_untracked(|subject| subject.prediction.id) == Some(id)
    }

    /// Whether the reviewer may save.
    pub fn may_review(self) -> bool {
        self.scope.with_value(|scope| scope.may_review)
    }

    /// The address of an image in this query.
    pub fn address(self, id: PredictionId) -> String {
        self.scope.with_value(|scope| scope.address_of(id))
    }

    /// Opens the address of an image in this query, or puts it in the place
    /// of the one that is open.
    pub fn go_to(self, id: PredictionId, replace: bool) {
        let navigate = self.navigate.get_value();
        let options = NavigateOptions { scroll: false, replace, ..NavigateOptions::default() };
        navigate(&self.address(id), options);
    }

    /// Images that are not to be given as the next one: this one, and those
    /// whose review is accepted.
    pub fn handled_ids(self) -> Vec<PredictionId> {
        let mut ids = self.saves.ids();
        ids.push(self.id());
        ids
    }
}

/// How the editor opens an image.
pub fn opening(subject: &ReviewSubject) -> Opening {
    let start = match &subject.review {
        Some(review) => Start::Saved(review.to_saved()),
        None => Start::Fresh(if subject.blind { StartedFrom::Empty } else { StartedFrom::Champion }),
    };
    opening_with(subject, start)
}

/// How the editor opens an earlier revision of an image.
pub fn opening_of(subject: &ReviewSubject, revision: &Review) -> Opening {
    opening_with(subject, Start::Saved(revision.to_saved()))
}

fn opening_with(subject: &ReviewSubject, start: Start) -> Opening {
    let prediction = &subject.prediction;
    Opening {
        size: prediction.size,
        labels: subject.labels.clone(),
        threshold: prediction.threshold,
        champion: prediction.boxes.clone(),
        shadow: prediction.shadow.as_ref().map(|shadow| shadow.boxes.clone()),
        start,
        blind: subject.blind,
    }
}
