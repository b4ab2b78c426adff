//! Candidates against champions.

use crate::{error::AppError, packed::Packed};
use domain::{comparison::StoredComparison, geometry::Size, ids::AssetId, work::WorkItem};
use leptos::prelude::*;

/// A comparison, and the sizes of the images that it shows.
pub type PicturedComparison = (StoredComparison, Vec<(AssetId, Size)>);

/// The latest comparison, if there is one, with the sizes of its images.
#[server]
pub async fn get_comparison(name: String) -> Result<Packed<Option<PicturedComparison>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.learning().pictured_comparison(&actor, &name).await?)
}

/// Compares `candidate` (`NAME/N`) with the champion, soon.
#[server]
pub async fn compare_now(name: String, candidate: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let candidate = crate::parsing::version(&candidate)?;
    Ok(service.learning().compare_now(&actor, &name, Some(&candidate)).await.map(drop)?)
}

/// What can be compared with the champion, the latest first, and the
/// comparison that is under way.
#[server]
pub async fn get_comparable(name: String) -> Result<Packed<(Vec<String>, Option<WorkItem>)>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.learning().comparable_versions(&actor, &name).await?)
}
