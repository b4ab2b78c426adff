//! How many predictions match a query, and what they are like.

use crate::{error::AppError, packed::Packed};
use domain::listing::{Count, Facets};
use leptos::prelude::*;

/// How many match.
#[server]
pub async fn count_predictions(name: String, q: String) -> Result<Packed<Count>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.browsing().count_predictions(&actor, &name, &q).await?)
}

/// What those that match are like.
#[server]
pub async fn get_facets(name: String, q: String) -> Result<Packed<Facets>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.browsing().facets(&actor, &name, &q).await?)
}
