//! Putting a model version to work.

use crate::error::AppError;
use leptos::prelude::*;

/// Makes a deployment of `model` (`NAME/N`) with `shadow` (empty for none)
/// beside it, and leads to it.
#[server]
pub async fn deploy(name: String, model: String, shadow: String, threshold: f64) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let request = crate::parsing::deployment(&name, &model, &shadow, threshold)?;
    let deployment = service.catalogue().deploy(&actor, request).await?;
    leptos_axum::redirect(&crate::addresses::deployment(deployment.name.as_str()));
    Ok(())
}
