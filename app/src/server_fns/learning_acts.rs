//! What an administrator does to the learning loop of a deployment.

use crate::error::AppError;
use domain::ids::ExperimentId;
use leptos::prelude::*;

/// Sets when a training is launched; the parameters stay as they are.
#[server]
pub async fn set_training(
    name: String,
    enabled: bool,
    trigger: String,
    threshold: u32,
    every_hours: u32,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    let (trigger, now) =
        (crate::parsing::trigger(&trigger)?, service.continuous_training(&actor, &name).await?);
    let change =
        domain::learning::ContinuousTraining { enabled, trigger, threshold, every_hours, ..now.settings };
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
