//! What an administrator does to the learning loop of a deployment.

use crate::error::AppError;
use domain::ids::ExperimentId;
use leptos::prelude::*;

/// Launches a training on all that was submitted.
#[server]
pub async fn launch_training(name: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.learning().launch_continuous_training(&actor, &name).await.map(drop)?)
}

/// Trains again what failed.
#[server]
pub async fn retry_experiment(id: ExperimentId) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.learning().retry_experiment(&actor, id).await.map(drop)?)
}
