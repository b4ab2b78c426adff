//! What the reviewer decides: accept, skip, reopen.

use super::{
    drafts, navigation,
    save_queue::PendingSave,
    saving,
    session::{OpenDialog, Panel, ReviewSession},
};
use crate::{
    dom,
    server_fns::review_acts::{reopen_review, skip_review},
};
use domain::{
    prediction::Status,
    review::{REVIEW_BOXES, ReviewStatistics, SaveReview},
};
use leptos::{prelude::*, task::spawn_local};
use review::{Outcome, Statistics};

/// Saves the review and turns to the next image. Asks first when boxes are
/// hidden; shows what the model saw after a blind one.
pub fn accept_and_next(session: ReviewSession) {
    if let Some(words) = why_not(session) {
        session.editor.announce(words);
        return;
    }
    let confirmed = matches!(session.dialog.get_untracked(), Some(OpenDialog::HiddenBoxes(_)));
    let hidden = session.editor.read(review::Editor::hidden_but_saved);
    if hidden > 0 && !confirmed {
        session.dialog.set(Some(OpenDialog::HiddenBoxes(hidden)));
        return;
    }
    session.dialog.set(None);
    let blind = session.editor.read(review::Editor::is_blind);
    let stored = session.editor.read(|editor| editor.base_revision() > 0 && !editor.is_dirty());
    let queued = session
        .saves
        .pending(session.id())
        .is_some_and(|pending| pending.save.boxes == session.editor.read(|e| e.saved_boxes()));
    if !(stored || queued) {
        queue_save(session);
    }
    if blind {
        session.editor.change(review::Editor::reveal);
        session.message.set(Some(
            "Saved as you saw it. Now the model's boxes are shown: take what you missed, or accept again for the next image."
                .to_owned(),
        ));
    } else {
        navigation::next(session);
    }
}

fn why_not(session: ReviewSession) -> Option<&'static str> {
    let boxes = session.editor.read(review::Editor::len);
    if !session.may_review() {
        Some("You may look, but not review: an administrator can change that.")
    } else if session.loading_next.get_untracked() || session.exhausted.get_untracked() {
        Some("There is no image to accept.")
    } else if session.viewed_revision.get_untracked().is_some() {
        Some("This is an earlier revision: take it back, or return to your work.")
    } else if session.status.get_untracked() == Status::Submitted {
        Some("This review was submitted. Reopen it to change it.")
    } else if boxes > REVIEW_BOXES {
        Some("A review holds at most 2,000 boxes.")
    } else {
        None
    }
}

fn queue_save(session: ReviewSession) {
    let (draft, outcome) = session.editor.read(|editor| (editor.draft(dom::now()), editor.outcome()));
    let Outcome { base_revision, started_from, boxes, statistics, .. } = outcome;
    let save = SaveReview {
        base_revision,
        boxes,
        started_from: Some(started_from),
        picked: None,
        statistics: Some(counted(statistics)),
    };
    let id = session.id();
    saving::push(session, id, PendingSave { name: session.name_of(id), save, draft });
}

fn counted(statistics: Statistics) -> ReviewStatistics {
    let Statistics { kept, moved, relabelled, deleted, added, active_ms, .. } = statistics;
    let [kept, moved, relabelled, deleted, added] =
        [kept, moved, relabelled, deleted, added].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    ReviewStatistics { time_spent_ms: active_ms, kept, moved, added, deleted, relabelled }
}

/// Says that the image is of no use, and turns to the next.
pub fn skip(session: ReviewSession, reason: String) {
    let id = session.id();
    spawn_local(async move {
        let answer = skip_review(id.to_string(), reason).await;
        if session.subject.is_disposed() {
            return;
        }
        match answer {
            Ok(status) => {
                session.dialog.set(None);
                drafts::remove(session, id);
                if session.is_at(id) {
                    session.status.set(status);
                    navigation::next(session);
                }
            }
            Err(error) => session.editor.announce(format!("Not skipped. {}", error.0.message)),
        }
    });
}

/// Takes the image back to be reviewed.
pub fn reopen(session: ReviewSession) {
    let id = session.id();
    spawn_local(async move {
        match reopen_review(id.to_string()).await {
            Ok(status) if session.is_at(id) => {
                session.status.set(status);
                session.panel.set(Panel::Boxes);
                session.editor.announce("Reopened.");
            }
            Err(error) if session.is_at(id) => {
                session.editor.announce(format!("Not reopened. {}", error.0.message));
            }
            Ok(_) | Err(_) => {}
        }
    });
}
