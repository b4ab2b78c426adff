//! What an administrator does to the learning loop of a deployment.

use crate::error::AppError;
use domain::ids::{DeploymentId, ExperimentId};
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

/// Makes the former champion the champion again in place of `expected`, the
/// champion that the page showed; empty for whichever there is.
#[server]
pub async fn roll_back(id: DeploymentId, #[server(default)] expected: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let expected = crate::parsing::optional_version(&expected)?;
    Ok(service.learning().roll_back(&actor, id, expected.as_ref()).await.map(drop)?)
}

/// Lets the shadow see the last images, too.
#[server]
pub async fn replay_shadow(name: String, last: u32) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.learning().replay_shadow(&actor, &name, last).await.map(drop)?)
}
