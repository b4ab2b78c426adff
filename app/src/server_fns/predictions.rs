//! Predictions, by page and one by one.

use crate::{error::AppError, packed::Packed, wire::TilePage};
use domain::{listing::ListRequest, prediction::Prediction};
use leptos::prelude::*;

/// A page of a deployment's predictions.
#[server]
pub async fn list_predictions(
    name: String,
    request: Packed<ListRequest>,
) -> Result<Packed<TilePage>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&TilePage::from(
        service.browsing().list_predictions(&actor, &name, &request.open()?).await?,
    ))
}

/// One prediction with all that is stored of it.
#[server]
pub async fn get_prediction(id: String) -> Result<Packed<Prediction>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.browsing().prediction(&actor, crate::parsing::id(&id)?).await?)
}
