//! Datasets, their versions and images.

use crate::error::AppError;
use domain::{
    dataset::{Asset, DatasetVersion, Split},
    ids::DatasetVersionId,
    page::{Page, PageRequest},
};
use leptos::prelude::*;

/// Versions of all datasets, newest first.
#[server]
pub async fn list_datasets(page: PageRequest) -> Result<Page<DatasetVersion>, AppError> {
    let (service, actor) = crate::request::asked()?;
    Ok(service.datasets(&actor, page).await?)
}

/// One version, by `dataset/version`.
#[server]
pub async fn get_dataset(version: String) -> Result<DatasetVersion, AppError> {
    let (service, actor) = crate::request::asked()?;
    Ok(service.dataset(&actor, &crate::parsing::version(&version)?).await?)
}

/// A page of a version's images.
#[server]
pub async fn list_assets(
    id: DatasetVersionId,
    split: Option<Split>,
    page: PageRequest,
) -> Result<Page<Asset>, AppError> {
    let (service, actor) = crate::request::asked()?;
    Ok(service.assets(&actor, id, split, page).await?)
}
