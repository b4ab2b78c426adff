//! What a review page reads.

use crate::{
    error::AppError,
    packed::Packed,
    review_wire::{Around, ReviewStart},
};
use domain::review::ReviewSubject;
use leptos::prelude::*;

/// What a page is opened with: one image, or the next to review.
#[server]
pub async fn start_review(
    deployment: String,
    id: Option<String>,
    q: String,
    sort: String,
) -> Result<Packed<ReviewStart>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    let start = crate::review_start::start(&service, &actor, &deployment, id, q, sort).await?;
    crate::packed::packed(&start)
}

/// One image with all that a review shows of it.
#[server]
pub async fn get_review(id: String, session: String) -> Result<Packed<ReviewSubject>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.reviews().subject(&actor, crate::parsing::id(&id)?, &session).await?)
}

/// What lies around an image in a query.
#[server]
pub async fn get_around(id: String, q: String, sort: String) -> Result<Packed<Around>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    let id = crate::parsing::id(&id)?;
    crate::packed::packed(&crate::review_start::around(&service, &actor, id, &q, &sort).await?)
}
