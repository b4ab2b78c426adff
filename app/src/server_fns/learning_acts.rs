//! What an administrator does to the learning loop of a deployment.

use crate::error::AppError;
use domain::ids::ExperimentId;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Sets when a training is launched, and with which parameters: those that are
/// not among `params` stay as they are.
#[server]
pub async fn set_training(
    name: String,
    enabled: bool,
    trigger: String,
    threshold: u32,
    every_hours: u32,
    #[server(default)] params: BTreeMap<String, String>,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    let (trigger, now) =
        (crate::parsing::trigger(&trigger)?, service.continuous_training(&actor, &name).await?);
    let params = crate::parsing::changed_params(&now, params);
    let change = domain::learning::ContinuousTraining { enabled, trigger, threshold, every_hours, params };
    Ok(service.set_continuous_training(&actor, &name, change).await.map(drop)?)
}

/// Launches a training on all that was submitted.
#[server]
pub async fn launch_training(name: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    Ok(service.launch_continuous_training(&actor, &name).await.map(drop)?)
}

/// Trains again what failed.
#[server]
pub async fn retry_experiment(id: ExperimentId) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    Ok(service.retry_experiment(&actor, id).await.map(drop)?)
}
