//! Model versions.

use crate::{error::AppError, packed::Packed};
use domain::{
    model::{ModelVersion, Relative},
    page::{Page, PageRequest},
};
use leptos::prelude::*;

/// Versions of all models, newest first.
#[server]
pub async fn list_models(page: PageRequest) -> Result<Packed<Page<ModelVersion>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.catalogue().models(&actor, page).await?)
}

/// One version, by `model/number`.
#[server]
pub async fn get_model(version: String) -> Result<Packed<ModelVersion>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(
        &service.catalogue().model_version(&actor, &crate::parsing::version(&version)?).await?,
    )
}

/// Those it came from, and those that came from them.
#[server]
pub async fn get_lineage(version: String) -> Result<Packed<Vec<Relative>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.catalogue().lineage(&actor, &crate::parsing::version(&version)?).await?)
}
