//! What is done to many predictions at once.

use crate::{error::AppError, packed::Packed};
use domain::{
    ids::DeletionId,
    listing::{BulkReport, BulkRequest},
};
use leptos::prelude::*;

/// Does something to a selection, for about a second; the report says whether
/// to go on.
#[server]
pub async fn act_on_predictions(
    name: String,
    request: Packed<BulkRequest>,
) -> Result<Packed<BulkReport>, AppError> {
    let (service, actor) = crate::request::reviewer()?;
    crate::packed::packed(&service.browsing().bulk(&actor, &name, request.open()?).await?)
}

/// Takes a deletion back, within its ten seconds.
#[server]
pub async fn undo_deletion(id: DeletionId) -> Result<u64, AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.browsing().undo_delete(&actor, id).await?)
}
