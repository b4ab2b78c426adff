//! What an administrator does to a deployment.

use crate::error::AppError;
use domain::ids::DeploymentId;
use leptos::prelude::*;

/// Sets the threshold of later predictions, in [0, 1].
#[server]
pub async fn set_threshold(id: DeploymentId, threshold: f64) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    Ok(service.set_threshold(&actor, id, threshold).await.map(drop)?)
}

/// Puts `shadow` (`model/number`) beside the champion; empty for none.
#[server]
pub async fn set_shadow(id: DeploymentId, shadow: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    let shadow = if shadow.is_empty() { None } else { Some(crate::parsing::version(&shadow)?) };
    Ok(service.set_shadow(&actor, id, shadow).await.map(drop)?)
}

/// Makes `version` (`model/number`) the champion in place of `expected`, the
/// champion that the page showed; empty for whichever there is.
#[server]
pub async fn promote(
    id: DeploymentId,
    version: String,
    #[server(default)] expected: String,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    let expected_champion = crate::parsing::optional_version(&expected)?;
    let wanted =
        service::Promotion { model: crate::parsing::version(&version)?, force: false, expected_champion };
    Ok(service.promote(&actor, id, &wanted).await.map(drop)?)
}
