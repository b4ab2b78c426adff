//! From one image to another: to the next one that nobody else holds, to the
//! one beside, to any of the query. And the image itself when the server has
//! something newer.

use super::{
    drafts, merging,
    prefetch::ReadyImage,
    session::{Panel, ReviewSession, opening},
};
use crate::{
    addresses,
    dom::{self, Picture, fetch_picture},
    error::AppError,
    server_fns::reviews::get_around,
};
use domain::{ids::PredictionId, review::ReviewSubject};
use leptos::{prelude::*, task::spawn_local};
use review::Editor;
use std::sync::Arc;

/// Opens an image: at once when it was fetched ahead.
pub fn open(session: ReviewSession, id: PredictionId) {
    if session.id() == id && !session.exhausted.get_untracked() {
        return;
    }
    if let Some(ready) = session.prefetch.take(Some(id)) {
        show_and_go(session, ready);
        return;
    }
    session.loading_next.set(true);
    spawn_local(async move {
        let answer = session.scope.get_value().fetch(id).await;
        arrive(session, answer.map(|subject| Some((subject, None))));
    });
}

/// Opens the image before or after this one in the query.
pub fn step(session: ReviewSession, forwards: bool) {
    let neighbour = session.around.with_untracked(|around| {
        let around = around.as_ref()?;
        let item = if forwards { around.after.first() } else { around.before.last() };
        item.map(|item| item.id)
    });
    match neighbour {
        Some(id) => open(session, id),
        None => {
            let words = if forwards { "This is the last image." } else { "This is the first image." };
            session.editor.announce(words);
        }
    }
}

/// Opens the next image to review that nobody else holds.
pub fn next(session: ReviewSession) {
    if let Some(ready) = session.prefetch.take(None) {
        show_and_go(session, ready);
        return;
    }
    session.loading_next.set(true);
    spawn_local(async move {
        let handled = session.handled_ids();
        session.prefetch.fill(handled.clone()).await;
        arrive(session, session.prefetch.take_when_ready(handled).await);
    });
}

/// Shows what was fetched, says why nothing was, or that nothing is left.
fn arrive(session: ReviewSession, answer: Result<Option<ReadyImage>, AppError>) {
    if session.subject.is_disposed() {
        return;
    }
    session.loading_next.set(false);
    match answer {
        Ok(Some(ready)) => show_and_go(session, ready),
        Ok(None) => session.exhausted.set(true),
        Err(error) => session.message.set(Some(error.0.message)),
    }
}

fn show_and_go(session: ReviewSession, (subject, picture): ReadyImage) {
    let id = subject.prediction.id;
    show(session, subject, picture);
    session.go_to(id, false);
}

/// Shows an image, with the reviewer's tools as they were.
pub fn show(session: ReviewSession, subject: ReviewSubject, picture: Option<Picture>) {
    let mut editor = Editor::open(opening(&subject), session.editor.canvas_size());
    session.editor.read(|former| editor.take_over_tools(former));
    let id = subject.prediction.id;
    session.status.set(subject.prediction.status);
    session.lease.set(subject.lease.clone());
    let needs_picture = picture.is_none() && subject.prediction.image.is_some();
    session.subject.set(Arc::new(subject));
    session.loading_next.set(false);
    session.exhausted.set(false);
    session.message.set(None);
    session.viewed_revision.set(None);
    session.suspended_work.set_value(None);
    session.merge.set(None);
    session.panel.set(Panel::Boxes);
    session.editor.replace(editor, !session.may_review());
    session.painter.show(picture.map(|picture| (id.to_string(), picture)));
    if needs_picture {
        load_picture(session, id);
    }
    settle_in(session);
}

/// What follows once an image is shown: its draft, its lease, its place in
/// the query, the images after it.
pub fn settle_in(session: ReviewSession) {
    drafts::recover(session);
    refresh_around(session);
    spawn_local(renew_leases(session));
    spawn_local(session.prefetch.fill(session.handled_ids()));
}

/// Leases the image, and those ahead, for five minutes more.
pub async fn renew_leases(session: ReviewSession) {
    if session.exhausted.get_untracked() {
        return;
    }
    let id = session.id();
    let lease = session.prefetch.renew(id).await;
    if lease.is_some() && session.is_at(id) {
        session.lease.set(lease);
    }
}

/// Fetches the picture of the image.
pub fn load_picture(session: ReviewSession, id: PredictionId) {
    spawn_local(async move {
        match fetch_picture(&addresses::prediction_image(id)).await {
            Ok(picture) if session.is_at(id) => session.painter.show(Some((id.to_string(), picture))),
            Err(words) if session.is_at(id) => session.message.set(Some(words)),
            Ok(_) | Err(_) => {}
        }
    });
}

/// Asks where the image lies in the query; what is shown stays meanwhile.
pub fn refresh_around(session: ReviewSession) {
    let id = session.id();
    let (q, sort) = session.scope.with_value(|scope| (scope.q.clone(), scope.sort.clone()));
    spawn_local(async move {
        let answer = get_around(id.to_string(), q, sort).await.and_then(|around| around.open());
        if let Ok(around) = answer
            && session.is_at(id)
        {
            session.around.set(Some(Arc::new(around)));
        }
    });
}

/// The server may have another revision: takes it where nothing would be
/// lost, else makes one of both.
pub async fn refresh(session: ReviewSession) {
    let id = session.id();
    let Ok(subject) = session.scope.get_value().fetch(id).await else { return };
    if !session.is_at(id) || session.viewed_revision.get_untracked().is_some() {
        return;
    }
    session.status.set(subject.prediction.status);
    let (base, dirty) = session.editor.read(|editor| (editor.base_revision(), editor.is_dirty()));
    let newer = subject.review.clone().filter(|review| review.info.revision > base);
    let Some(theirs) = newer else {
        session.subject.set(Arc::new(subject));
        return;
    };
    if dirty {
        let draft = session.editor.read(|editor| editor.draft(dom::now()));
        session.subject.set(Arc::new(subject));
        merging::begin(session, draft, theirs);
    } else {
        let words = format!("{} saved revision {} meanwhile.", theirs.info.reviewer, theirs.info.revision);
        let picture = session.painter.picture();
        show(session, subject, picture);
        session.message.set(Some(words));
    }
}
