//! What a reviewer does: save, skip, reopen.

use crate::{error::AppError, packed::Packed};
use domain::{
    prediction::Status,
    review::{SaveReview, Saved},
};
use leptos::prelude::*;

/// Saves a review as a new revision, unless somebody saved since.
#[server(name = SendReview, input = server_fn::codec::Json)]
pub async fn save_review(id: String, save: SaveReview) -> Result<Packed<Saved>, AppError> {
    let (service, actor) = crate::request::reviewer()?;
    crate::packed::packed(&service.reviews().save(&actor, crate::parsing::id(&id)?, save).await?)
}

/// Says that an image is of no use.
#[server]
pub async fn skip_review(id: String, reason: String) -> Result<Status, AppError> {
    let (service, actor) = crate::request::reviewer()?;
    Ok(service.reviews().skip(&actor, crate::parsing::id(&id)?, &reason).await?.status)
}

/// Takes an image back to be reviewed.
#[server]
pub async fn reopen_review(id: String) -> Result<Status, AppError> {
    let (service, actor) = crate::request::reviewer()?;
    Ok(service.reviews().reopen(&actor, crate::parsing::id(&id)?).await?.status)
}
