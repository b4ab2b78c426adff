//! What is done with an import that is there.

use crate::error::AppError;
use domain::ids::WorkItemId;
use leptos::prelude::*;

/// Asks it to stop.
#[server]
pub async fn cancel_import(id: WorkItemId) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.catalogue().cancel_import(&actor, id).await.map(drop)?)
}

/// Deletes the version that it made.
#[server]
pub async fn undo_import(id: WorkItemId) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.catalogue().undo_import(&actor, id).await.map(drop)?)
}
