//! The images after this one, fetched and decoded before they are needed, and
//! held so that nobody else gets them.

use super::room::{Place, Room};
use crate::{
    addresses,
    dom::{self, Picture, fetch_picture},
    error::AppError,
    server_fns::leases::{next_reviews, renew_leases},
};
use domain::{
    ids::PredictionId,
    review::{NextRequest, ReviewSubject},
};
use leptos::{prelude::*, task::spawn_local};
use serde::Serialize;
use std::cell::{Cell, RefCell};

/// So many images are fetched ahead.
const AHEAD: usize = 3;

struct Ahead {
    id: PredictionId,
    subject: Option<ReviewSubject>,
    picture: Option<Picture>,
}

thread_local! {
    static LINE: RefCell<Vec<Ahead>> = const { RefCell::new(Vec::new()) };
    static FILLING: Cell<bool> = const { Cell::new(false) };
}

/// Forgets them.
pub fn clear() {
    LINE.with_borrow_mut(Vec::clear);
}

/// The first image, or the one that is asked for, if it was fetched.
pub fn take(id: Option<PredictionId>) -> Option<(ReviewSubject, Option<Picture>)> {
    LINE.with_borrow_mut(|line| {
        let fits = |ahead: &Ahead| ahead.subject.is_some() && id.is_none_or(|id| id == ahead.id);
        let at = line.iter().position(fits).filter(|at| id.is_some() || *at == 0)?;
        let Ahead { subject, picture, .. } = line.remove(at);
        Some((subject?, picture))
    })
}

/// The first image, fetched now if it is not yet there; `None` when there is
/// no image left to review.
pub async fn take_when_ready(room: Room) -> Result<Option<(ReviewSubject, Option<Picture>)>, AppError> {
    if let Some(ready) = take(None) {
        return Ok(Some(ready));
    }
    let first = LINE.with_borrow_mut(|line| if line.is_empty() { None } else { Some(line.remove(0).id) });
    let id = match first {
        Some(id) => Some(id),
        None => claim(room, 1).await?.first().copied(),
    };
    match id {
        Some(id) => room.fetch(id).await.map(|subject| Some((subject, None))),
        None => Ok(None),
    }
}

/// Asks for images that nobody else holds; they are held for us then.
async fn claim(room: Room, count: usize) -> Result<Vec<PredictionId>, AppError> {
    let Place { deployment, q, sort, session, .. } = room.place();
    let mut exclude: Vec<PredictionId> = room.post.ids();
    exclude.push(room.id());
    exclude.extend(LINE.with_borrow(|line| line.iter().map(|ahead| ahead.id).collect::<Vec<_>>()));
    let count = u32::try_from(count).unwrap_or(1);
    let sort = sort.parse().unwrap_or_default();
    let request = NextRequest { q, sort, count, exclude, session };
    let leases = next_reviews(deployment, request).await?.open()?;
    Ok(leases.into_iter().filter(|lease| lease.mine).map(|lease| lease.prediction_id).collect())
}

/// Fetches as many as are missing.
pub async fn fill(room: Room) {
    let missing = AHEAD.saturating_sub(LINE.with_borrow(Vec::len));
    let may_review = room.place.with_value(|place| place.may_review);
    if missing == 0 || !may_review || FILLING.replace(true) {
        return;
    }
    // What cannot be fetched ahead is fetched when it is needed, and fails there.
    let ids = claim(room, missing).await.unwrap_or_default();
    FILLING.set(false);
    for id in ids {
        LINE.with_borrow_mut(|line| line.push(Ahead { id, subject: None, picture: None }));
        spawn_local(load(room, id));
    }
}

async fn load(room: Room, id: PredictionId) {
    let Ok(subject) = room.fetch(id).await else { return };
    let picture = match subject.prediction.image {
        Some(_) => fetch_picture(&addresses::prediction_image(id)).await.ok(),
        None => None,
    };
    LINE.with_borrow_mut(|line| {
        if let Some(ahead) = line.iter_mut().find(|ahead| ahead.id == id) {
            (ahead.subject, ahead.picture) = (Some(subject), picture);
        }
    });
}

/// Takes the image on the desk, or keeps it and those ahead for five minutes
/// more; those that went to somebody else are let go.
pub async fn hold(room: Room) {
    let Place { deployment, session, may_review, .. } = room.place();
    if !may_review || room.done.get_untracked() {
        return;
    }
    let current = room.id();
    let leases = renew_leases(deployment, held(room), session).await.and_then(|leases| leases.open());
    let Ok(leases) = leases else { return };
    LINE.with_borrow_mut(|line| {
        line.retain(|ahead| leases.iter().all(|lease| lease.mine || lease.prediction_id != ahead.id));
    });
    let ours = leases.into_iter().find(|lease| lease.prediction_id == current);
    if room.id() == current && ours.is_some() {
        room.lease.set(ours);
    }
}

fn held(room: Room) -> Vec<PredictionId> {
    let ahead = LINE.with_borrow(|line| line.iter().map(|ahead| ahead.id).collect::<Vec<_>>());
    std::iter::once(room.id()).chain(ahead).collect()
}

/// Gives back what is held, while the page is being left.
pub fn release(room: Room) {
    #[derive(Serialize)]
    struct Release {
        ids: Vec<PredictionId>,
        session: String,
    }
    let Place { deployment, session, .. } = room.place();
    let body = Release { ids: held(room), session };
    if let Ok(json) = serde_json::to_string(&body) {
        dom::send_on_leaving(&format!("/api/v1/deployments/{deployment}/review/release"), &json);
    }
}
