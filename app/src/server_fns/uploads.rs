//! Files on their way, before they are used.

use crate::error::AppError;
use domain::ids::UploadId;
use leptos::prelude::*;

/// Begins a file that is going to be sent, and gives its id.
#[server]
pub async fn begin_upload(filename: String, bytes: u64) -> Result<UploadId, AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.catalogue().begin_upload(&actor, &filename, bytes).await?.id)
}

/// How many bytes of it are there.
#[server]
pub async fn received_of_upload(id: UploadId) -> Result<u64, AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.catalogue().upload(&actor, id).await?.received)
}

/// Forgets what was sent of it.
#[server]
pub async fn discard_upload(id: UploadId) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.catalogue().discard_upload(&actor, id).await?)
}
