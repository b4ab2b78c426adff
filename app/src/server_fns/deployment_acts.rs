//! What an administrator does to a deployment.

use crate::error::AppError;
use domain::ids::DeploymentId;
use leptos::prelude::*;

/// Sets the threshold of later predictions, in [0, 1].
#[server]
pub async fn set_threshold(id: DeploymentId, threshold: f64) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let change = service::DeploymentChange { threshold: Some(threshold), ..Default::default() };
    Ok(service.catalogue().change_deployment(&actor, id, change).await.map(drop)?)
}

/// Puts `shadow` (`model/number`) beside the champion; empty for none.
#[server]
pub async fn set_shadow(id: DeploymentId, shadow: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let shadow = Some(crate::parsing::optional_version(&shadow)?);
    let change = service::DeploymentChange { shadow, ..Default::default() };
    Ok(service.catalogue().change_deployment(&actor, id, change).await.map(drop)?)
}

/// Makes `version` (`model/number`) the champion in place of `expected`, the
/// champion that the page showed; empty for whichever there is.
#[server]
pub async fn promote(
    id: DeploymentId,
    version: String,
    #[server(default)] expected: String,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let expected_champion = crate::parsing::optional_version(&expected)?;
    let wanted =
        service::Promotion { model: crate::parsing::version(&version)?, force: false, expected_champion };
    Ok(service.learning().promote(&actor, id, &wanted).await.map(drop)?)
}
