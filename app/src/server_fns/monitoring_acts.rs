//! What an administrator sets for the watch over a deployment.

use crate::error::AppError;
use domain::ids::WebhookId;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Compares with `dataset` (`NAME/VERSION`) from now on; empty for nothing.
#[server]
pub async fn set_training_data(name: String, dataset: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    match crate::parsing::training_data(&dataset)? {
        Some(change) => service.monitoring().set_training_data(&actor, &name, change).await.map(drop)?,
        None => service.monitoring().clear_training_data(&actor, &name).await?,
    }
    Ok(())
}

/// Adds an address that is told of `events`, or of all if none is named; gives
/// the secret that its messages are signed with, if they are.
#[server]
pub async fn add_webhook(
    name: String,
    #[server(default)] kind: Option<String>,
    url: String,
    #[server(default)] events: BTreeMap<String, String>,
) -> Result<Option<String>, AppError> {
    let (service, actor) = crate::request::admin()?;
    let new =
        service::NewWebhook { kind, address: url.trim().to_owned(), events: events.into_keys().collect() };
    Ok(service.monitoring().add_webhook(&actor, &name, new).await?.1)
}

/// Removes an address, with what was on its way to it.
#[server]
pub async fn delete_webhook(name: String, id: WebhookId) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.monitoring().delete_webhook(&actor, &name, id).await?)
}
