//! Candidates against champions.

use crate::{error::AppError, packed::Packed};
use domain::{comparison::StoredComparison, geometry::Size, ids::AssetId};
use leptos::prelude::*;

/// A comparison, and the sizes of the images that it shows.
pub type PicturedComparison = (StoredComparison, Vec<(AssetId, Size)>);

/// The latest comparison, if there is one, with the sizes of its images.
#[server]
pub async fn get_comparison(name: String) -> Result<Packed<Option<PicturedComparison>>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.pictured_comparison(&actor, &name).await?)
}
