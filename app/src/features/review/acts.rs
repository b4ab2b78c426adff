//! What the reviewer decides: accept, skip, reopen.

use super::{
    drafts,
    outbox::{self, Letter},
    room::{Panel, Question, Room},
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
pub fn accept_and_next(room: Room) {
    if let Some(words) = why_not(room) {
        room.desk.tell(words);
        return;
    }
    let asked = matches!(room.question.get_untracked(), Some(Question::Hidden(_)));
    let hidden = room.desk.read(review::Editor::hidden_but_saved);
    if hidden > 0 && !asked {
        room.question.set(Some(Question::Hidden(hidden)));
        return;
    }
    room.question.set(None);
    let blind = room.desk.read(review::Editor::is_blind);
    let stored = room.desk.read(|editor| editor.base_revision() > 0 && !editor.is_dirty());
    let sent = outbox::letter(room.id())
        .is_some_and(|letter| letter.save.boxes == room.desk.read(|e| e.saved_boxes()));
    if !(stored || sent) {
        send(room);
    }
    if blind {
        room.desk.change(review::Editor::reveal);
        room.word.set(Some(
            "Saved as you saw it. Now the model's boxes are shown: take what you missed, or accept again for the next image."
                .to_owned(),
        ));
    } else {
        room.next();
    }
}

fn why_not(room: Room) -> Option<&'static str> {
    let boxes = room.desk.read(review::Editor::len);
    if !room.place.with_value(|place| place.may_review) {
        Some("You may look, but not review: an administrator can change that.")
    } else if room.turning.get_untracked() || room.done.get_untracked() {
        Some("There is no image to accept.")
    } else if room.looking.get_untracked().is_some() {
        Some("This is an earlier revision: take it back, or return to your work.")
    } else if room.status.get_untracked() == Status::Submitted {
        Some("This review was submitted. Reopen it to change it.")
    } else if boxes > REVIEW_BOXES {
        Some("A review holds at most 2,000 boxes.")
    } else {
        None
    }
}

fn send(room: Room) {
    let (draft, outcome) = room.desk.read(|editor| (editor.draft(dom::now()), editor.outcome()));
    let Outcome { base_revision, started_from, boxes, statistics, .. } = outcome;
    let save = SaveReview {
        base_revision,
        boxes,
        started_from: Some(started_from),
        picked: None,
        statistics: Some(counted(statistics)),
    };
    let id = room.id();
    outbox::put(room, id, Letter { name: room.name_of(id), save, draft });
}

fn counted(statistics: Statistics) -> ReviewStatistics {
    let Statistics { kept, moved, relabelled, deleted, added, active_ms, .. } = statistics;
    let [kept, moved, relabelled, deleted, added] =
        [kept, moved, relabelled, deleted, added].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    ReviewStatistics { time_spent_ms: active_ms, kept, moved, added, deleted, relabelled }
}

/// Says that the image is of no use, and turns to the next.
pub fn skip(room: Room, reason: String) {
    let id = room.id();
    spawn_local(async move {
        match skip_review(id.to_string(), reason).await {
            Ok(status) => {
                room.question.set(None);
                drafts::forget(room, id);
                if room.id() == id {
                    room.status.set(status);
                    room.next();
                }
            }
            Err(error) => room.desk.tell(format!("Not skipped. {}", error.0.message)),
        }
    });
}

/// Takes the image back to be reviewed.
pub fn reopen(room: Room) {
    let id = room.id();
    spawn_local(async move {
        match reopen_review(id.to_string()).await {
            Ok(status) if room.id() == id => {
                room.status.set(status);
                room.panel.set(Panel::Boxes);
                room.desk.tell("Reopened.");
            }
            Ok(_) => {}
            Err(error) => room.desk.tell(format!("Not reopened. {}", error.0.message)),
        }
    });
}
