//! The work in progress, kept in this browser at every change, so that a
//! closed tab or a crash loses nothing.

use super::{merging, outbox, room::Room};
use crate::{dom, ui::time_of_day};
use domain::ids::PredictionId;
use leptos::prelude::*;
use review::{Draft, DraftError};
use serde::{Deserialize, Serialize};

/// How the draft is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// There is nothing to keep.
    Nothing,
    /// All of it is kept.
    Saved,
    /// The browser has no room for it.
    Refused,
}

/// A draft with what people call its image.
#[derive(Serialize, Deserialize)]
struct KeptDraft {
    deployment: String,
    name: String,
    draft: Draft,
}

/// An image with work that was not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Which.
    pub id: PredictionId,
    /// What people call it.
    pub name: String,
}

fn prefix(me: &str) -> String {
    format!("fovea/{me}/draft/")
}

fn key(room: Room, id: PredictionId) -> String {
    room.place.with_value(|place| prefix(&place.me)) + &id.to_string()
}

/// Keeps the work on the desk, if there is any that no revision holds.
pub fn keep(room: Room) {
    if room.looking.get_untracked().is_some() || room.done.get_untracked() {
        return;
    }
    let (dirty, draft) = room.desk.read(|editor| (editor.is_dirty(), editor.draft(dom::now())));
    if dirty {
        room.kept.set(put(room, room.id(), draft));
    } else {
        forget(room, room.id());
        room.kept.set(Kept::Nothing);
    }
}

/// Keeps a draft of any image.
pub fn put(room: Room, id: PredictionId, draft: Draft) -> Kept {
    let deployment = room.place.with_value(|place| place.deployment.clone());
    let name = room.name_of(id);
    let text = serde_json::to_string(&KeptDraft { deployment, name, draft }).unwrap_or_default();
    if dom::keep(&key(room, id), &text) { Kept::Saved } else { Kept::Refused }
}

/// Forgets the draft of an image.
pub fn forget(room: Room, id: PredictionId) {
    dom::forget(&key(room, id));
}

/// Images of this deployment with work that was not finished, but for the one
/// on the desk.
pub fn unfinished(room: Room) -> Vec<Unfinished> {
    let (me, deployment) = room.place.with_value(|place| (place.me.clone(), place.deployment.clone()));
    let prefix = prefix(&me);
    let here = room.id();
    let one = |name: String| {
        let id: PredictionId = name.strip_prefix(&prefix)?.parse().ok()?;
        let kept: KeptDraft = serde_json::from_str(&dom::kept(&name)?).ok()?;
        (kept.deployment == deployment && id != here).then_some(Unfinished { id, name: kept.name })
    };
    dom::kept_names(&prefix).into_iter().filter_map(one).collect()
}

/// Takes up the draft of the image on the desk, as a step that can be undone;
/// one that was made from an older revision is merged with the newer one.
pub fn offer(room: Room) {
    room.kept.set(Kept::Nothing);
    let id = room.id();
    let draft = match (dom::kept(&key(room, id)), outbox::letter(id)) {
        (Some(text), _) => match serde_json::from_str::<KeptDraft>(&text) {
            Ok(kept) => kept.draft,
            Err(_) => {
                // Of another version of the program: it stays where it is.
                let words = "A draft of this image is kept, but this version cannot read it.";
                room.word.set(Some(words.to_owned()));
                return;
            }
        },
        // Accepted, and still on its way.
        (None, Some(letter)) => letter.draft,
        (None, None) => return,
    };
    let mut outcome = Ok(());
    room.desk.change(|editor| outcome = editor.restore(&draft).map(drop));
    match outcome {
        Ok(()) => {
            room.kept.set(Kept::Saved);
            let at = time_of_day(draft.kept);
            room.word.set(Some(format!("Your draft of {at} is back. Undo takes it away.")));
        }
        Err(DraftError::Stale { .. }) => {
            if let Some(theirs) = room.subject_now().review.clone() {
                merging::begin(room, draft, theirs);
            }
        }
        Err(error) => room.word.set(Some(format!("A draft is kept, but {error}."))),
    }
}
