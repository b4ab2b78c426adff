//! Predictions, by page and one by one.

use crate::{error::AppError, packed::Packed, wire::Tile};
use domain::{
    page::{Page, PageRequest},
    prediction::{Prediction, PredictionFilter, Status},
};
use leptos::prelude::*;

/// A page of a deployment's predictions.
#[server]
pub async fn list_predictions(
    name: String,
    filter: PredictionFilter,
    page: PageRequest,
) -> Result<Packed<Page<Tile>>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.predictions(&actor, &name, filter, page).await?.map(Tile::from))
}

/// How many predictions match.
#[server]
pub async fn count_predictions(name: String, status: Option<Status>) -> Result<Packed<u64>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.count(&actor, &name, status).await?)
}

/// One prediction with all that is stored of it.
#[server]
pub async fn get_prediction(id: String) -> Result<Packed<Prediction>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.prediction(&actor, crate::parsing::id(&id)?).await?)
}
