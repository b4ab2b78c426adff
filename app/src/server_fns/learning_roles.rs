//! Which model comes into which role, and by whose decision.

use crate::error::AppError;
use domain::ids::DeploymentId;
use leptos::prelude::*;

/// Sets what becomes of candidates; an empty `budget_ms` is none.
#[server]
pub async fn set_deploying(
    name: String,
    policy: String,
    gated: bool,
    budget_ms: String,
    class_margin: f64,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    let change = crate::parsing::deploying(&policy, gated, &budget_ms, class_margin)?;
    Ok(service.set_continuous_deployment(&actor, &name, change).await.map(drop)?)
}

/// Makes the former champion the champion again in place of `expected`, the
/// champion that the page showed; empty for whichever there is.
#[server]
pub async fn roll_back(id: DeploymentId, #[server(default)] expected: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    let expected = crate::parsing::optional_version(&expected)?;
    Ok(service.roll_back(&actor, id, expected.as_ref()).await.map(drop)?)
}

/// Lets the shadow see the last images, too.
#[server]
pub async fn replay_shadow(name: String, last: u32) -> Result<(), AppError> {
    let (service, actor) = crate::request::asked()?;
    Ok(service.replay_shadow(&actor, &name, last).await.map(drop)?)
}
