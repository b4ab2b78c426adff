//! The room around the desk: which image is under review, where it lies in
//! the query, who else is at it, and how one gets to the next.

use super::{ahead, desk::Desk, drafts, easel, merging::Merging, outbox::Post};
use crate::{
    addresses,
    dom::{self, Picture, fetch_picture},
    error::AppError,
    review_wire::{Around, ReviewStart},
    server_fns::reviews::get_review,
};
use domain::{
    ids::PredictionId,
    name::Label,
    prediction::Status,
    review::{Lease, Review, ReviewSubject},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use review::{CanvasSize, Editor, Opening, Start, StartedFrom};
use std::sync::Arc;

/// What the right side shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The boxes.
    Boxes,
    /// The revisions.
    History,
}

/// What is asked in a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// So many boxes are hidden and would be saved.
    Hidden(usize),
    /// Why the image is of no use.
    Skip,
    /// Which key does what.
    Keys,
}

/// What does not change while the page is open.
#[derive(Clone, Debug)]
pub struct Place {
    /// The deployment's name.
    pub deployment: String,
    /// The query.
    pub q: String,
    /// Its order.
    pub sort: String,
    /// The word for this page.
    pub session: String,
    /// Who reviews.
    pub me: String,
    /// Whether they may save.
    pub may_review: bool,
}

/// How the page goes elsewhere.
type Navigate = Arc<dyn Fn(&str, NavigateOptions) + Send + Sync>;

/// Handles on all that the page shows; cheap to copy.
#[derive(Clone, Copy)]
pub struct Room {
    /// The editor.
    pub desk: Desk,
    /// What does not change.
    pub place: StoredValue<Place>,
    /// The image under review.
    pub subject: RwSignal<Arc<ReviewSubject>>,
    /// How far it is.
    pub status: RwSignal<Status>,
    /// Its place in the query.
    pub around: RwSignal<Option<Arc<Around>>>,
    /// Who has it.
    pub lease: RwSignal<Option<Lease>>,
    /// What the right side shows.
    pub panel: RwSignal<Panel>,
    /// What is asked.
    pub question: RwSignal<Option<Question>>,
    /// A sentence above the image, until another image comes.
    pub word: RwSignal<Option<String>>,
    /// Saves on their way.
    pub post: Post,
    /// How the draft is kept.
    pub kept: RwSignal<drafts::Kept>,
    /// Work on other images that was not finished.
    pub unfinished: RwSignal<Vec<drafts::Unfinished>>,
    /// Two versions of this review that become one.
    pub merging: RwSignal<Option<Arc<Merging>>>,
    /// The revision that is looked at instead of the work.
    pub looking: RwSignal<Option<u32>>,
    /// The work meanwhile.
    pub aside: StoredValue<Option<Editor>>,
    /// The next image is on its way.
    pub turning: RwSignal<bool>,
    /// There is no next image.
    pub done: RwSignal<bool>,
    pub(super) navigate: StoredValue<Navigate>,
}

impl Room {
    /// The room of a page that the server opened.
    pub fn new(start: ReviewStart, subject: ReviewSubject, q: String, sort: String) -> Self {
        let editor = Editor::open(opening(&subject), CanvasSize::new(1000.0, 700.0));
        let ReviewStart { session, me, may_review, deployment, around, .. } = start;
        let deployment = deployment.name.as_str().to_owned();
        let navigate = use_navigate();
        Self {
            desk: Desk::new(editor),
            place: StoredValue::new(Place { deployment, q, sort, session, me, may_review }),
            status: RwSignal::new(subject.prediction.status),
            around: RwSignal::new(around.map(Arc::new)),
            lease: RwSignal::new(subject.lease.clone()),
            subject: RwSignal::new(Arc::new(subject)),
            panel: RwSignal::new(Panel::Boxes),
            question: RwSignal::new(None),
            word: RwSignal::new(None),
            post: Post::default(),
            kept: RwSignal::new(drafts::Kept::Nothing),
            unfinished: RwSignal::new(Vec::new()),
            merging: RwSignal::new(None),
            looking: RwSignal::new(None),
            aside: StoredValue::new(None),
            turning: RwSignal::new(false),
            done: RwSignal::new(false),
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
        let here = self.subject.with_untracked(|subject| {
            let prediction = &subject.prediction;
            (prediction.id == id).then(|| prediction.filename.clone()).flatten()
        });
        here.or_else(|| super::outbox::letter(id).map(|letter| letter.name)).unwrap_or_else(|| id.to_string())
    }

    /// The place; does not follow it.
    pub fn place(self) -> Place {
        self.place.get_value()
    }

    /// Puts an image on the desk, with the reviewer's tools as they were.
    pub fn show(self, subject: ReviewSubject, picture: Option<Picture>) {
        let mut editor = Editor::open(opening(&subject), easel::canvas());
        self.desk.read(|former| editor.take_over_tools(former));
        let may_review = self.place.with_value(|place| place.may_review);
        let id = subject.prediction.id;
        self.status.set(subject.prediction.status);
        self.lease.set(subject.lease.clone());
        let loaded = picture.is_some() || subject.prediction.image.is_none();
        self.subject.set(Arc::new(subject));
        for clear in [self.turning, self.done] {
            clear.set(false);
        }
        self.word.set(None);
        self.looking.set(None);
        self.aside.set_value(None);
        self.merging.set(None);
        self.panel.set(Panel::Boxes);
        self.desk.replace(editor, !may_review);
        easel::show(self.desk, picture.map(|picture| (id.to_string(), picture)));
        if !loaded {
            self.load_picture(id);
        }
        self.arrived();
    }

    /// What follows once an image lies on the desk: the draft, the lease, the
    /// place in the query, the images after it.
    pub fn arrived(self) {
        drafts::offer(self);
        self.refresh_around();
        spawn_local(ahead::hold(self));
        spawn_local(ahead::fill(self));
    }

    /// Fetches the picture of the image on the desk.
    pub fn load_picture(self, id: PredictionId) {
        spawn_local(async move {
            match fetch_picture(&addresses::prediction_image(id)).await {
                Ok(picture) if self.id() == id => {
                    easel::show(self.desk, Some((id.to_string(), picture)));
                }
                Ok(_) => {}
                Err(words) => self.word.set(Some(words)),
            }
        });
    }

    /// What the server knows of an image now.
    pub async fn fetch(self, id: PredictionId) -> Result<ReviewSubject, AppError> {
        let session = self.place.with_value(|place| place.session.clone());
        get_review(id.to_string(), session).await?.open()
    }

    /// Another revision lies on the server: takes it where nothing would be
    /// lost, else makes one of both.
    pub async fn refresh(self) {
        let id = self.id();
        let Ok(subject) = self.fetch(id).await else { return };
        if self.id() != id || self.looking.get_untracked().is_some() {
            return;
        }
        self.status.set(subject.prediction.status);
        let (base, dirty) = self.desk.read(|editor| (editor.base_revision(), editor.is_dirty()));
        let newer = subject.review.clone().filter(|review| review.info.revision > base);
        let Some(theirs) = newer else {
            self.subject.set(Arc::new(subject));
            return;
        };
        if dirty {
            let draft = self.desk.read(|editor| editor.draft(dom::now()));
            self.subject.set(Arc::new(subject));
            super::merging::begin(self, draft, theirs);
        } else {
            let words =
                format!("{} saved revision {} meanwhile.", theirs.info.reviewer, theirs.info.revision);
            let picture = easel::picture();
            self.show(subject, picture);
            self.word.set(Some(words));
        }
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

/// An earlier revision, as the editor opens it.
pub fn opening_of(subject: &ReviewSubject, revision: &Review) -> Opening {
    opening_with(subject, Start::Saved(revision.to_saved()))
}

fn opening_with(subject: &ReviewSubject, start: Start) -> Opening {
    let prediction = &subject.prediction;
    let labels: Vec<Label> = subject.labels.clone();
    Opening {
        size: prediction.size,
        labels,
        threshold: prediction.threshold,
        champion: prediction.boxes.clone(),
        shadow: prediction.shadow.as_ref().map(|shadow| shadow.boxes.clone()),
        start,
        blind: subject.blind,
    }
}
