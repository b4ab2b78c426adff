//! What an administrator sets for the watch over a deployment.

use crate::error::AppError;
use domain::ids::WebhookId;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Compares with `dataset` (`NAME/VERSION`) from now on; empty for nothing.
#[server]
pub async fn set_training_data(name: String, dataset: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    match crate::parsing::training_data(&dataset)? {
        Some(change) => service.set_training_data(&actor, &name, change).await.map(drop)?,
        None => service.clear_training_data(&actor, &name).await?,
    }
    Ok(())
}

/// Adds an address that is told of `events`, or of all if none is named; gives
/// the secret that its letters are signed with.
#[server]
pub async fn add_webhook(
    name: String,
    url: String,
    #[server(default)] events: BTreeMap<String, String>,
) -> Result<String, AppError> {
    let (service, actor) = crate::request::asked()?;
    let events = events.into_keys().collect();
    Ok(service.add_webhook(&actor, &name, url.trim(), events).await?.1)
}

/// Removes an address, with what was on its way to it.
#[server]
pub async fn delete_webhook(name: String, id: WebhookId) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    Ok(service.delete_webhook(&actor, &name, id).await?)
}
