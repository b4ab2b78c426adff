//! Gathers what a review page is opened with. Server only.

use crate::{
    error::AppResult,
    parsing,
    review_wire::{Around, ReviewStart},
};
use domain::{access::Role, ids::PredictionId, listing::SortOrder, review::NextRequest};
use service::{As, Reviewer, Service, Viewer};
use std::hash::{BuildHasher, RandomState};

/// Images on each side of the one under review.
pub const STRIP: u32 = 9;

/// The image that is asked for, or the next one that nobody else holds.
///
/// # Errors
/// As the use cases say.
pub async fn start(
    service: &Service,
    actor: &As<Viewer>,
    deployment: &str,
    id: Option<String>,
    q: String,
    sort: String,
) -> AppResult<ReviewStart> {
    let session = fresh_word();
    let deployment = service.catalogue().deployment(actor, deployment).await?;
    let id = match id {
        Some(id) => Some(parsing::id(&id)?),
        None => next(service, actor, deployment.name.as_str(), &session, &q, &sort).await?,
    };
    let subject = match id {
        Some(id) => Some(service.reviews().subject(actor, id, &session).await?),
        None => None,
    };
    // Without its place in the query the image can still be reviewed: a query
    // that cannot be read is the list's affair.
    let around = match id {
        Some(id) => around(service, actor, id, &q, &sort).await.ok(),
        None => None,
    };
    let may_review = actor.role != Role::Viewer;
    Ok(ReviewStart { session, me: actor.display_name(), may_review, deployment, subject, around })
}

async fn next(
    service: &Service,
    actor: &As<Viewer>,
    deployment: &str,
    session: &str,
    q: &str,
    sort: &str,
) -> AppResult<Option<PredictionId>> {
    let request = NextRequest {
        q: q.to_owned(),
        sort: sort.parse().unwrap_or_default(),
        count: 1,
        exclude: Vec::new(),
        session: session.to_owned(),
    };
    let leases = service.reviews().next(&As::<Reviewer>::check(actor)?, deployment, request).await?;
    Ok(leases.first().map(|lease| lease.prediction_id))
}

/// What lies around an image in a query.
///
/// # Errors
/// As the use case says.
pub async fn around(
    service: &Service,
    actor: &As<Viewer>,
    id: PredictionId,
    q: &str,
    sort: &str,
) -> AppResult<Around> {
    let sort: SortOrder = sort.parse().unwrap_or_default();
    Ok(service.browsing().neighbourhood(actor, id, q, sort, STRIP).await?.into())
}

/// A word that no other open page has.
fn fresh_word() -> String {
    // Keyed anew from the system's randomness each time.
    format!("{:016x}", RandomState::new().hash_one(crate::dom::now().0))
}
