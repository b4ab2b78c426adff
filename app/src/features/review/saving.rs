//! What follows on the page when the server has stored a review, or refused
//! it.

use super::{
    draft_store::DraftState,
    drafts, navigation,
    save_queue::{PendingSave, RejectedSave, SaveOutcome},
    session::ReviewSession,
};
use domain::{ids::PredictionId, prediction::Status, review::Review};
use leptos::{prelude::*, task::spawn_local};
use std::sync::Arc;

/// Sends what waited when the page was left, and follows what becomes of it.
pub fn resume(session: ReviewSession) {
    session.saves.resume(move |id, outcome| match outcome {
        SaveOutcome::Stored { review, not_submitted } => {
            stored(session, id, &review);
            if let Some((name, why)) = not_submitted {
                session
                    .message
                    .set(Some(format!("The review of {name} is saved, but was not submitted. {why}")));
            }
        }
        SaveOutcome::Rejected { pending, reason } => rejected(session, id, pending, reason),
    });
}

/// Queues an accepted review.
pub fn push(session: ReviewSession, id: PredictionId, save: PendingSave) {
    if !session.saves.push(id, save) {
        session
            .editor
            .announce("The browser has no room to keep this review: leave the page open until it is saved.");
    }
    drafts::remove(session, id);
}

fn stored(session: ReviewSession, id: PredictionId, review: &Review) {
    if session.id() == id {
        session.status.set(Status::Reviewed);
        session.subject.update(|subject| Arc::make_mut(subject).review = Some(review.clone()));
        session.editor.change(|editor| editor.mark_saved(review.info.revision, review.boxes.clone()));
    }
}

/// What the server refused becomes a draft again.
fn rejected(session: ReviewSession, id: PredictionId, pending: PendingSave, reason: String) {
    let PendingSave { name, draft, .. } = pending;
    let state = session.drafts.with_value(|drafts| drafts.write(id, name.clone(), draft));
    if state == DraftState::NoRoom {
        session.editor.announce("The browser has no room to keep a review that came back.");
    }
    if session.id() == id {
        session.editor.announce(format!("Not saved: {reason}."));
        spawn_local(async move {
            navigation::refresh(session).await;
            if session.is_at(id) {
                drafts::recover(session);
            }
        });
        return;
    }
    session.saves.rejected.update(|list| {
        list.retain(|rejected| rejected.id != id);
        list.push(RejectedSave { id, name, reason });
    });
}
