//! What a deployment is called, and whether there is one.

use crate::error::AppError;
use domain::ids::DeploymentId;
use leptos::prelude::*;

/// Gives a deployment another name, and leads to its settings there.
#[server]
pub async fn rename_deployment(id: DeploymentId, name: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let name = Some(crate::parsing::name("name", &name)?);
    let change = service::DeploymentChange { name, ..Default::default() };
    let renamed = service.catalogue().change_deployment(&actor, id, change).await?;
    leptos_axum::redirect(&crate::routes::Route::Settings.with(&[renamed.name.as_str()]));
    Ok(())
}

/// Deletes a deployment with its predictions, and leads to where that can be
/// undone.
#[server]
pub async fn remove_deployment(id: DeploymentId) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let removed = service.catalogue().remove_deployment(&actor, id).await?;
    leptos_axum::redirect(&crate::addresses::undo_removal(removed.id, removed.name.as_str()));
    Ok(())
}

/// Brings a deployment back that was just deleted, and leads to it.
#[server]
pub async fn restore_deployment(id: DeploymentId) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let restored = service.catalogue().restore_deployment(&actor, id).await?;
    leptos_axum::redirect(&crate::addresses::deployment(restored.name.as_str()));
    Ok(())
}
