//! What is done to the feedback loop of a deployment.

use crate::error::AppError;
use domain::ids::PredictionId;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Turns the loop on or off; `dataset` (`dataset/version`) is made when it is
/// not there, and empty for none; `values` are the loop's other settings.
#[server]
pub async fn set_feedback(
    name: String,
    enabled: bool,
    dataset: String,
    #[server(default)] values: BTreeMap<String, String>,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let change = crate::parsing::feedback(enabled, &dataset, &values)?;
    Ok(service.reviews().set_feedback(&actor, &name, change).await.map(drop)?)
}

/// Takes a submission out again.
#[server]
pub async fn unsubmit(name: String, id: PredictionId) -> Result<(), AppError> {
    let (service, actor) = crate::request::reviewer()?;
    Ok(service.reviews().unsubmit(&actor, &name, vec![id]).await.map(drop)?)
}
