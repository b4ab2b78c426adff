//! Models on their way in, and put to work.

use crate::{error::AppError, packed::Packed, wire::ModelImportStart};
use leptos::prelude::*;

/// What an administrator begins with who imports a model: their files that
/// wait, and pictures to try one on; `None` for others.
#[server(name = AskModelImportStart)]
pub async fn get_import_start() -> Result<Packed<Option<ModelImportStart>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    let start = service.catalogue().model_import_start(&actor).await?;
    crate::packed::packed(&start.map(crate::parsing::model_import_start))
}

/// Registers a model that is served elsewhere, and leads to the form that puts
/// it to work. `labels`: separated by commas, or one a line.
#[server]
pub async fn register_model(name: String, labels: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let (name, labels) = crate::parsing::new_model(&name, &labels)?;
    let version = service.catalogue().register_model(&actor, name, labels).await?;
    let form = crate::routes::Route::Deploy.href();
    leptos_axum::redirect(&format!("{form}?model={}", version.full_name()));
    Ok(())
}

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
