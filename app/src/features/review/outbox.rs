//! Accepted reviews on their way to the server. Each waits in this browser
//! until the server has it: without a connection, with an expired session,
//! after a crash. The server stores the same review once however often it is
//! sent.

use super::{drafts, room::Room};
use crate::{dom, error::AppError, server_fns::review_acts::save_review};
use domain::{
    fault::ErrorKind,
    ids::PredictionId,
    prediction::Status,
    review::{Review, SaveReview, Saved},
};
use leptos::{prelude::*, task::spawn_local};
use review::Draft;
use serde::{Deserialize, Serialize};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    sync::Arc,
    time::Duration,
};

/// After so long without a connection it is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// A review as it was accepted.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// What people call the image.
    pub name: String,
    /// What is saved.
    pub save: SaveReview,
    /// The work, should it come back.
    pub draft: Draft,
}

/// Why nothing goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trouble {
    /// It does.
    #[default]
    None,
    /// The server cannot be reached.
    Away,
    /// The session has ended.
    SignedOut,
}

/// A review that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Of which image.
    pub id: PredictionId,
    /// What people call it.
    pub name: String,
    /// Why.
    pub why: String,
}

/// What the page shows of it.
#[derive(Clone, Copy)]
pub struct Post {
    waiting: RwSignal<Vec<PredictionId>>,
    /// Why nothing goes out.
    pub trouble: RwSignal<Trouble>,
    /// What came back.
    pub returned: RwSignal<Vec<Returned>>,
}

thread_local! {
    static LETTERS: RefCell<BTreeMap<PredictionId, Letter>> = const { RefCell::new(BTreeMap::new()) };
    static SENDING: Cell<bool> = const { Cell::new(false) };
}

fn prefix(room: Room) -> String {
    room.place.with_value(|place| format!("fovea/{}/accepted/", place.me))
}

impl Default for Post {
    fn default() -> Self {
        Self {
            waiting: RwSignal::new(Vec::new()),
            trouble: RwSignal::new(Trouble::None),
            returned: RwSignal::new(Vec::new()),
        }
    }
}

impl Post {
    /// How many wait; follows it.
    pub fn count(self) -> usize {
        self.waiting.with(Vec::len)
    }

    /// Whether an image's review is on its way; follows it.
    pub fn has(self, id: PredictionId) -> bool {
        self.waiting.with(|ids| ids.contains(&id))
    }

    /// Whose reviews are on their way; does not follow it.
    pub fn ids(self) -> Vec<PredictionId> {
        self.waiting.get_untracked()
    }

    fn recount(self) {
        self.waiting.set(LETTERS.with_borrow(|letters| letters.keys().copied().collect()));
    }
}

/// The accepted review of an image, while it waits.
pub fn letter(id: PredictionId) -> Option<Letter> {
    LETTERS.with_borrow(|letters| letters.get(&id).cloned())
}

/// Reads what waited when the page was left, and sends it.
pub fn begin(room: Room) {
    let prefix = prefix(room);
    let read = |name: String| {
        let id: PredictionId = name.strip_prefix(&prefix)?.parse().ok()?;
        Some((id, serde_json::from_str(&dom::kept(&name)?).ok()?))
    };
    let letters = dom::kept_names(&prefix).into_iter().filter_map(read).collect();
    LETTERS.set(letters);
    SENDING.set(false);
    flush(room);
}

/// Puts an accepted review on its way.
pub fn put(room: Room, id: PredictionId, letter: Letter) {
    write(room, id, letter);
    drafts::forget(room, id);
    flush(room);
}

fn write(room: Room, id: PredictionId, letter: Letter) {
    let text = serde_json::to_string(&letter).unwrap_or_default();
    if !dom::keep(&(prefix(room) + &id.to_string()), &text) {
        room.desk.tell("The browser has no room to keep this review: leave the page open until it is saved.");
    }
    LETTERS.with_borrow_mut(|letters| letters.insert(id, letter));
    room.post.recount();
}

fn remove(room: Room, id: PredictionId) {
    dom::forget(&(prefix(room) + &id.to_string()));
    LETTERS.with_borrow_mut(|letters| letters.remove(&id));
    room.post.recount();
}

/// Sends what waits, one after the other.
pub fn flush(room: Room) {
    room.post.recount();
    if !SENDING.replace(true) {
        spawn_local(async move {
            send_all(room).await;
            SENDING.set(false);
        });
    }
}

async fn send_all(room: Room) {
    while let Some((id, letter)) =
        LETTERS.with_borrow(|letters| letters.iter().next().map(|(id, letter)| (*id, letter.clone())))
    {
        let answer = save_review(id.to_string(), letter.save.clone()).await;
        match answer.and_then(|saved| saved.open()) {
            Ok(Saved::Stored { review, .. }) => stored(room, id, &letter, review),
            Ok(Saved::Stale { current }) => {
                let why =
                    format!("{} saved revision {} meanwhile", current.info.reviewer, current.info.revision);
                give_back(room, id, why).await;
            }
            Err(error) if waits(room, &error) => return,
            Err(error) => give_back(room, id, error.0.message).await,
        }
        room.post.trouble.set(Trouble::None);
    }
}

/// Whether it can be sent later as it is; then it will be.
fn waits(room: Room, error: &AppError) -> bool {
    match error.kind() {
        ErrorKind::Unauthenticated => room.post.trouble.set(Trouble::SignedOut),
        ErrorKind::Unavailable | ErrorKind::Busy | ErrorKind::Internal | ErrorKind::StorageFull => {
            room.post.trouble.set(Trouble::Away);
            set_timeout(
                move || {
                    if room.post.trouble.try_get_untracked() == Some(Trouble::Away) {
                        flush(room);
                    }
                },
                RETRY,
            );
        }
        _ => return false,
    }
    true
}

fn stored(room: Room, id: PredictionId, sent: &Letter, review: Review) {
    let newer = letter(id).filter(|held| held != sent);
    match newer {
        // Accepted anew while the former was on its way: it builds on that.
        Some(mut held) if held.save.base_revision == sent.save.base_revision => {
            held.save.base_revision = review.info.revision;
            held.draft.base_revision = review.info.revision;
            held.draft.base.clone_from(&review.boxes);
            write(room, id, held);
        }
        _ => remove(room, id),
    }
    if room.id() == id {
        room.status.set(Status::Reviewed);
        room.subject.update(|subject| Arc::make_mut(subject).review = Some(review.clone()));
        room.desk.change(|editor| editor.mark_saved(review.info.revision, review.boxes));
    }
}

/// What the server did not take becomes a draft again.
async fn give_back(room: Room, id: PredictionId, why: String) {
    let Some(Letter { name, draft, .. }) = letter(id) else { return };
    if drafts::put(room, id, draft) == drafts::Kept::Refused {
        room.desk.tell("The browser has no room to keep a review that came back.");
    }
    remove(room, id);
    if room.id() == id {
        room.desk.tell(format!("Not saved: {why}."));
        room.refresh().await;
        drafts::offer(room);
        return;
    }
    room.post.returned.update(|list| {
        list.retain(|returned| returned.id != id);
        list.push(Returned { id, name, why });
    });
}
