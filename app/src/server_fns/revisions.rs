//! The history of a review.

use crate::{error::AppError, packed::Packed};
use domain::review::{Review, RevisionInfo, Saved};
use leptos::prelude::*;

/// All revisions, newest first.
#[server]
pub async fn list_revisions(id: String) -> Result<Packed<Vec<RevisionInfo>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.reviews().revisions(&actor, crate::parsing::id(&id)?).await?)
}

/// One revision with its boxes.
#[server]
pub async fn get_revision(id: String, revision: u32) -> Result<Packed<Review>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.reviews().revision(&actor, crate::parsing::id(&id)?, revision).await?)
}

/// Saves an earlier revision's boxes as a new one.
#[server]
pub async fn restore_revision(id: String, base: u32, revision: u32) -> Result<Packed<Saved>, AppError> {
    let (service, actor) = crate::request::reviewer()?;
    let id = crate::parsing::id(&id)?;
    crate::packed::packed(&service.reviews().restore_revision(&actor, id, base, revision).await?)
}
