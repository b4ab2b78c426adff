//! Deployments and what they count.

use crate::{error::AppError, packed::Packed};
use domain::{
    deployment::{Deployment, DeploymentCard},
    learning::Automation,
};
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

/// What of its learning loop is switched on.
#[server]
pub async fn get_automation(name: String) -> Result<Packed<Automation>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.learning().automation(&actor, &name).await?)
}
