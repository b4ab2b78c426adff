//! Deployments and what they count.

use crate::{error::AppError, packed::Packed};
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

/// What it counted in the last `last_ms` milliseconds.
#[server]
pub async fn get_dashboard(name: String, last_ms: i64) -> Result<Packed<Dashboard>, AppError> {
    let (service, actor) = crate::request::asked()?;
    let request = service::DashboardRequest { range: None, last_ms: Some(last_ms), resolution: None };
    crate::packed::packed(&service.dashboard(&actor, &name, request).await?)
}
