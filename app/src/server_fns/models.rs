//! Model versions.

use crate::{error::AppError, packed::Packed};
use domain::{
    model::ModelVersion,
    page::{Page, PageRequest},
};
use leptos::prelude::*;

/// Versions of all models, newest first.
#[server]
pub async fn list_models(page: PageRequest) -> Result<Packed<Page<ModelVersion>>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.models(&actor, page).await?)
}

/// One version, by `model/number`.
#[server]
pub async fn get_model(version: String) -> Result<Packed<ModelVersion>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.model_version(&actor, &crate::parsing::version(&version)?).await?)
}
