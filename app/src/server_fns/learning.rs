//! The learning loop of a deployment.

use crate::{error::AppError, packed::Packed};
use domain::{
    deployment::ShadowState,
    learning::{ContinuousDeployment, TrainingState},
};
use leptos::prelude::*;

/// Continuous training: settings, and launches.
#[server]
pub async fn get_training(name: String) -> Result<Packed<TrainingState>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.learning().continuous_training(&actor, &name).await?)
}

/// What becomes of candidates.
#[server]
pub async fn get_deploying(name: String) -> Result<Packed<ContinuousDeployment>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.learning().settings::<ContinuousDeployment>(&actor, &name).await?)
}

/// What a rollback would bring back, if anything.
#[server]
pub async fn get_former(name: String) -> Result<Packed<Option<String>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.learning().former_champion(&actor, &name).await?)
}

/// The shadow, if there is one.
#[server]
pub async fn get_shadow(name: String) -> Result<Packed<Option<ShadowState>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.learning().shadow_state(&actor, &name).await?)
}
