//! What helps to write a query: values that occur, and queries asked before.

use crate::{error::AppError, packed::Packed};
use domain::listing::{Explanation, SortOrder};
use leptos::prelude::*;
use query::KnownValues;

/// What occurs in a deployment.
#[server]
pub async fn get_known_values(name: String) -> Result<Packed<KnownValues>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.browsing().known_values(&actor, &name).await?)
}

/// Keeps a query for later.
#[server]
pub async fn remember_query(name: String, q: String) -> Result<(), AppError> {
    let (service, actor) = crate::request::viewer()?;
    Ok(service.browsing().remember_query(&actor, &name, &q).await?)
}

/// How a query is answered.
#[server]
pub async fn explain_query(
    name: String,
    q: String,
    sort: SortOrder,
) -> Result<Packed<Explanation>, AppError> {
    let (service, actor) = crate::request::reviewer()?;
    crate::packed::packed(&service.browsing().explain(&actor, &name, &q, sort).await?)
}
