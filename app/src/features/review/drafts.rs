//! The work in progress, stored in this browser at every change and taken up
//! again, so that a closed tab or a crash loses nothing.

use super::{
    draft_store::{DraftState, RecoverableDraft, UnreadableDraft},
    merging,
    session::ReviewSession,
};
use crate::{dom, ui::time_of_day};
use domain::ids::PredictionId;
use leptos::prelude::*;
use review::DraftError;

/// Stores the work on the image, if there is any that no revision holds.
pub fn store(session: ReviewSession) {
    if session.viewed_revision.get_untracked().is_some() || session.exhausted.get_untracked() {
        return;
    }
    let id = session.id();
    let (dirty, draft) = session.editor.read(|editor| (editor.is_dirty(), editor.draft(dom::now())));
    let state = if dirty {
        session.drafts.with_value(|drafts| drafts.write(id, session.name_of(id), draft))
    } else {
        remove(session, id);
        DraftState::Clean
    };
    session.draft_state.set(state);
}

/// Removes the draft of an image.
pub fn remove(session: ReviewSession, id: PredictionId) {
    session.drafts.with_value(|drafts| drafts.remove(id));
}

/// Other images of this deployment with unfinished work.
pub fn recoverable(session: ReviewSession) -> Vec<RecoverableDraft> {
    let mut drafts = session.drafts.with_value(super::draft_store::DraftStore::recoverable);
    drafts.retain(|draft| draft.id != session.id());
    drafts
}

/// Takes up the draft of the image, as a step that can be undone; one that
/// was made from an older revision is merged with the newer one.
pub fn recover(session: ReviewSession) {
    session.draft_state.set(DraftState::Clean);
    let id = session.id();
    let stored = session.drafts.with_value(|drafts| drafts.read(id));
    let draft = match stored {
        // An accepted review that waits holds the work as well.
        Ok(draft) => draft.or_else(|| session.saves.pending(id).map(|save| save.draft)),
        Err(UnreadableDraft) => {
            let words = "A draft of this image is kept, but this version cannot read it.";
            session.message.set(Some(words.to_owned()));
            return;
        }
    };
    let Some(draft) = draft else { return };
    let mut outcome = Ok(());
    session.editor.change(|editor| outcome = editor.restore(&draft).map(drop));
    match outcome {
        Ok(()) => {
            session.draft_state.set(DraftState::Stored);
            let at = time_of_day(draft.stored_at);
            session.message.set(Some(format!("Your draft of {at} is back. Undo takes it away.")));
        }
        Err(DraftError::Stale { .. }) => {
            if let Some(theirs) = session.subject_now().review.clone() {
                merging::begin(session, draft, theirs);
            }
        }
        Err(error) => session.message.set(Some(format!("A draft is kept, but {error}."))),
    }
}
