//! Accepted reviews that the server does not have yet. Each is stored in this
//! browser until the server has it: without a connection, with an expired
//! session, after a crash. The server stores the same review once however
//! often it is sent.

use crate::{
    dom::{self, BrowserValue},
    error::AppError,
    json,
    server_fns::review_acts::save_review,
};
use domain::{
    fault::ErrorKind,
    ids::PredictionId,
    review::{Review, SaveReview, Saved},
};
use leptos::{prelude::*, task::spawn_local};
use review::Draft;
use serde::{Deserialize, Serialize};
use std::{rc::Rc, time::Duration};

/// After so long without a connection it is tried again: soon enough that a
/// short outage goes unnoticed, seldom enough for a server that starts anew.
const RETRY: Duration = Duration::from_secs(5);

/// An accepted review that the server does not have yet.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PendingSave {
    /// What people call the image.
    pub name: String,
    /// What is saved.
    pub save: SaveReview,
    /// The work, should the server refuse it.
    pub draft: Draft,
}

/// Whether saves reach the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// They do.
    #[default]
    Running,
    /// The server cannot be reached.
    Offline,
    /// The session has ended.
    SignedOut,
}

/// A review that the server refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedSave {
    /// The image.
    pub id: PredictionId,
    /// What people call it.
    pub name: String,
    /// Why, as part of a sentence.
    pub reason: String,
}

/// What became of a save.
pub enum SaveOutcome {
    /// The server has it.
    Stored {
        /// As it has it.
        review: Review,
        /// Why it was not submitted, where reviews are as they are saved: the
        /// image's name, and a sentence.
        not_submitted: Option<(String, String)>,
    },
    /// The server refused it; nothing will send it again.
    Rejected {
        /// What was refused.
        pending: PendingSave,
        /// Why, as part of a sentence.
        reason: String,
    },
}

type Report = Rc<dyn Fn(PredictionId, SaveOutcome)>;

/// A handle on the queue; one reviewer's, in one page.
#[derive(Clone, Copy)]
pub struct SaveQueue {
    /// Names in the browser's storage begin with it.
    prefix: StoredValue<String>,
    /// In the order of their acceptance; first what waited when the page was
    /// left, by image.
    pending: RwSignal<Vec<(PredictionId, PendingSave)>>,
    sending: StoredValue<bool>,
    report: BrowserValue<Report>,
    /// Whether saves reach the server.
    pub delivery: RwSignal<Delivery>,
    /// What was refused and not looked at since.
    pub rejected: RwSignal<Vec<RejectedSave>>,
}

impl SaveQueue {
    /// The empty queue of a reviewer.
    pub fn new(reviewer: &str) -> Self {
        Self {
            prefix: StoredValue::new(format!("fovea/{reviewer}/accepted/")),
            pending: RwSignal::new(Vec::new()),
            sending: StoredValue::new(false),
            report: BrowserValue::empty(),
            delivery: RwSignal::new(Delivery::Running),
            rejected: RwSignal::new(Vec::new()),
        }
    }

    /// How many wait; follows it.
    pub fn count(self) -> usize {
        self.pending.with(Vec::len)
    }

    /// Whether an image's review waits; follows it.
    pub fn contains(self, id: PredictionId) -> bool {
        self.pending.with(|pending| pending.iter().any(|(waiting, _)| *waiting == id))
    }

    /// Whose reviews wait; does not follow it.
    pub fn ids(self) -> Vec<PredictionId> {
        self.pending.with_untracked(|pending| pending.iter().map(|(id, _)| *id).collect())
    }

    /// The accepted review of an image, while it waits; does not follow it.
    pub fn pending(self, id: PredictionId) -> Option<PendingSave> {
        let save = |pending: &Vec<(PredictionId, PendingSave)>| {
            pending.iter().find(|(waiting, _)| *waiting == id).map(|(_, save)| save.clone())
        };
        self.pending.with_untracked(save)
    }

    /// Reads what waited when the page was left, and sends it. `report` is
    /// told what becomes of each save.
    pub fn resume(self, report: impl Fn(PredictionId, SaveOutcome) + 'static) {
        self.report.set(Rc::new(report));
        let prefix = self.prefix.get_value();
        let read = |name: String| {
            let id: PredictionId = name.strip_prefix(&prefix)?.parse().ok()?;
            Some((id, json::read(&dom::stored(&name)?).ok()?))
        };
        let mut waiting: Vec<(PredictionId, PendingSave)> = Vec::new();
        // The browser's storage has no order of its own.
        for (id, save) in dom::stored_names(&prefix).into_iter().filter_map(read) {
            waiting.insert(waiting.partition_point(|(other, _)| *other < id), (id, save));
        }
        self.pending.set(waiting);
        self.flush();
    }

    /// Queues an accepted review and sends it; `false` when the browser has
    /// no room for it, so that it is lost with the page.
    pub fn push(self, id: PredictionId, save: PendingSave) -> bool {
        let stored = self.write(id, save);
        self.flush();
        stored
    }

    /// Sends what waits, one after the other.
    pub fn flush(self) {
        if self.sending.try_update_value(|sending| !std::mem::replace(sending, true)) == Some(true) {
            spawn_local(async move {
                self.send_all().await;
                self.sending.try_set_value(false);
            });
        }
    }

    fn write(self, id: PredictionId, save: PendingSave) -> bool {
        let text = serde_json::to_string(&save).unwrap_or_default();
        let stored = dom::store(&self.name_of(id), &text);
        self.pending.update(|pending| match pending.iter_mut().find(|(waiting, _)| *waiting == id) {
            Some((_, former)) => *former = save,
            None => pending.push((id, save)),
        });
        stored
    }

    fn remove(self, id: PredictionId) {
        dom::unstore(&self.name_of(id));
        self.pending.update(|pending| pending.retain(|(waiting, _)| *waiting != id));
    }

    fn name_of(self, id: PredictionId) -> String {
        self.prefix.with_value(|prefix| format!("{prefix}{id}"))
    }

    /// The first that waits; `None` once all are sent, or the page was left:
    /// what waits then is resumed when it is opened again.
    fn first(self) -> Option<(PredictionId, PendingSave)> {
        self.pending.try_with_untracked(|pending| pending.first().cloned()).flatten()
    }

    async fn send_all(self) {
        while let Some((id, sent)) = self.first() {
            let answer = save_review(id.to_string(), sent.save.clone()).await;
            if self.pending.is_disposed() {
                return;
            }
            match answer.and_then(|saved| saved.open()) {
                Ok(Saved::Stored { review, not_submitted, .. }) => {
                    let not_submitted = not_submitted.map(|why| (sent.name.clone(), why));
                    self.stored(id, &sent, &review);
                    self.tell(id, SaveOutcome::Stored { review, not_submitted });
                }
                Ok(Saved::Stale { current }) => {
                    let info = current.info;
                    self.reject(id, format!("{} saved revision {} meanwhile", info.reviewer, info.revision));
                }
                Err(error) if self.can_wait(&error) => return,
                Err(error) => self.reject(id, error.0.message),
            }
            self.delivery.set(Delivery::Running);
        }
    }

    /// Whether it can be sent later as it is; then it will be.
    fn can_wait(self, error: &AppError) -> bool {
        match error.kind() {
            ErrorKind::Unauthenticated => self.delivery.set(Delivery::SignedOut),
            ErrorKind::Unavailable | ErrorKind::Busy | ErrorKind::Internal | ErrorKind::StorageFull => {
                self.delivery.set(Delivery::Offline);
                let retry = move || {
                    if self.delivery.try_get_untracked() == Some(Delivery::Offline) {
                        self.flush();
                    }
                };
                set_timeout(retry, RETRY);
            }
            _ => return false,
        }
        true
    }

    fn stored(self, id: PredictionId, sent: &PendingSave, review: &Review) {
        match self.pending(id).filter(|pending| pending != sent) {
            // Accepted anew while the former was under way: it builds on that.
            Some(mut newer) if newer.save.base_revision == sent.save.base_revision => {
                newer.save.base_revision = review.info.revision;
                newer.draft.base_revision = review.info.revision;
                newer.draft.base.clone_from(&review.boxes);
                self.write(id, newer);
            }
            _ => self.remove(id),
        }
    }

    fn reject(self, id: PredictionId, reason: String) {
        if let Some(pending) = self.pending(id) {
            self.tell(id, SaveOutcome::Rejected { pending, reason });
            // Only now: whoever was told has stored the draft by then.
            self.remove(id);
        }
    }

    fn tell(self, id: PredictionId, outcome: SaveOutcome) {
        if let Some(report) = self.report.with(|report| Rc::clone(report)) {
            report(id, outcome);
        }
    }
}
