//! Imports of datasets, as they are looked at.

use crate::{error::AppError, packed::Packed};
use domain::{
    dataset_import::DatasetImport,
    page::{Page, PageRequest},
};
use leptos::prelude::*;

/// Words of the formats that are read, each with what it is.
#[server]
pub async fn import_formats() -> Result<Packed<Vec<(String, String)>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.catalogue().import_formats(&actor))
}

/// Imports by workers, the latest first.
#[server]
pub async fn list_imports(page: PageRequest) -> Result<Packed<Page<DatasetImport>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.catalogue().dataset_imports(&actor, page).await?)
}

/// One import with its report.
#[server]
pub async fn get_import(id: String) -> Result<Packed<DatasetImport>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    let id = crate::parsing::id::<domain::ids::WorkItemId>(&id)?;
    crate::packed::packed(&service.catalogue().dataset_import(&actor, id).await?)
}
