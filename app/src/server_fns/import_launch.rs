//! Files that were sent become a dataset version.

use crate::{error::AppError, wire::ImportWay};
use domain::ids::{UploadId, WorkItemId};
use leptos::prelude::*;

/// Imports what was sent, or only looks at it, and leads to it.
/// `version`, `format` and `split` are empty for what the files say.
#[server]
pub async fn import_dataset(
    upload: UploadId,
    dataset: String,
    #[server(default)] version: String,
    #[server(default)] format: String,
    #[server(default)] split: String,
    #[server(default)] way: ImportWay,
) -> Result<WorkItemId, AppError> {
    let (service, actor) = crate::request::admin()?;
    let order = crate::parsing::import_order(upload, &dataset, &version, &format, &split, way)?;
    let import = service.catalogue().start_import(&actor, order).await?;
    leptos_axum::redirect(&crate::addresses::import(import.id));
    Ok(import.id)
}
