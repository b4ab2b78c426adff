//! Deployments and what they count.

use crate::{
    error::AppError,
    packed::Packed,
    stretch::Stretch,
    wire::{DashboardParts, LiveFigures},
};
use domain::deployment::{Deployment, DeploymentCard};
use leptos::prelude::*;

/// Every deployment with its figures of the day.
#[server]
pub async fn list_deployments() -> Result<Packed<Vec<DeploymentCard>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.catalogue().deployments(&actor).await?)
}

/// One deployment by its name or id.
#[server]
pub async fn get_deployment(name: String) -> Result<Packed<Deployment>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.catalogue().deployment(&actor, &name).await?)
}

/// What it counted in a stretch of time, and its latest predictions.
#[server(endpoint = "live")]
pub async fn get_live(name: String, stretch: Stretch) -> Result<Packed<LiveFigures>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::live_data::live(&service, &actor, &name, stretch).await
}

/// The parts of its dashboard that the server prepares.
#[server(endpoint = "sections")]
pub async fn get_sections(name: String, stretch: Stretch) -> Result<Packed<DashboardParts>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::live_data::drawn(&service, &actor, &name, stretch).await
}
