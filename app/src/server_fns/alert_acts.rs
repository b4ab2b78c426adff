//! What an administrator does to the alerts of a deployment.

use crate::{error::AppError, wire::AlertForm};
use domain::ids::AlertRuleId;
use leptos::prelude::*;

/// Adds an alert.
#[server]
pub async fn add_alert(name: String, form: AlertForm) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let change = crate::parsing::alert(form)?;
    Ok(service.monitoring().set_alert(&actor, &name, None, change).await.map(drop)?)
}

/// Removes one; what it said stays.
#[server]
pub async fn delete_alert(name: String, id: AlertRuleId) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.monitoring().delete_alert(&actor, &name, id).await?)
}

/// Takes note of what the alerts said so far.
#[server]
pub async fn read_alerts(name: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::reviewer()?;
    Ok(service.monitoring().read_alerts(&actor, &name).await.map(drop)?)
}
