//! Deployments and what they count.

use crate::{error::AppError, packed::Packed, stretch::Stretch};
use domain::{
    deployment::{Deployment, DeploymentCard},
    monitor::Dashboard,
};
use leptos::prelude::*;

/// Every deployment with its figures of the day.
#[server]
pub async fn list_deployments() -> Result<Packed<Vec<DeploymentCard>>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.deployments(&actor).await?)
}

/// One deployment by its name or id.
#[server]
pub async fn get_deployment(name: String) -> Result<Packed<Deployment>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.deployment(&actor, &name).await?)
}

/// What it counted in a stretch of time.
#[server]
pub async fn get_dashboard(name: String, stretch: Stretch) -> Result<Packed<Dashboard>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.dashboard(&actor, &name, stretch.request()).await?)
}

/// The parts of its dashboard that are drawn on the server, as HTML.
#[server]
pub async fn get_sections(name: String, stretch: Stretch) -> Result<Packed<String>, AppError> {
    let (service, actor) = crate::request::asked()?;
    let whole = service.whole_dashboard(&actor, &name, stretch.request()).await?;
    crate::packed::packed(&crate::sections::drawn(&name, &whole))
}
