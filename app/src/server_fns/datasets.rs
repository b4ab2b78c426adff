//! Datasets, their versions and images.

use crate::{error::AppError, packed::Packed};
use domain::{
    dataset::{Asset, DatasetVersion, Split},
    ids::DatasetVersionId,
    page::{Page, PageRequest},
};
use leptos::prelude::*;

/// Versions of all datasets, newest first.
#[server]
pub async fn list_datasets(page: PageRequest) -> Result<Packed<Page<DatasetVersion>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.catalogue().datasets(&actor, page).await?)
}

/// One version, by `dataset/version`.
#[server]
pub async fn get_dataset(version: String) -> Result<Packed<DatasetVersion>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.catalogue().dataset(&actor, &crate::parsing::version(&version)?).await?)
}

/// A page of a version's images.
#[server]
pub async fn list_assets(
    id: DatasetVersionId,
    split: Option<Split>,
    page: PageRequest,
) -> Result<Packed<Page<Asset>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.catalogue().assets(&actor, id, split, page).await?)
}
