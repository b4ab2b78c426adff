//! Saved views.

use crate::{error::AppError, packed::Packed};
use domain::{
    ids::SavedViewId,
    listing::{SaveView, SavedView},
};
use leptos::prelude::*;

/// Queries asked before, the latest first, and the views one may see.
#[server]
pub async fn list_views(name: String) -> Result<Packed<(Vec<String>, Vec<SavedView>)>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    let asked_before = crate::packed::packed(&service.browsing().query_history(&actor, &name).await?)?;
    Ok(asked_before.and(crate::packed::packed(&service.browsing().saved_views(&actor, &name).await?)?))
}

/// Keeps a view under its name.
#[server]
pub async fn keep_view(name: String, view: Packed<SaveView>) -> Result<(), AppError> {
    let (service, actor) = crate::request::viewer()?;
    Ok(service.browsing().save_view(&actor, &name, view.open()?).await.map(drop)?)
}

/// Deletes a view.
#[server]
pub async fn delete_view(id: SavedViewId) -> Result<(), AppError> {
    let (service, actor) = crate::request::viewer()?;
    Ok(service.browsing().delete_view(&actor, id).await?)
}
