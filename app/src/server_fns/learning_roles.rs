//! Which model comes into which role, and by whose decision.

use crate::error::AppError;
use domain::ids::DeploymentId;
use leptos::prelude::*;

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
