//! Which images are in whose hands.

use crate::{error::AppError, packed::Packed};
use domain::{
    ids::PredictionId,
    review::{Lease, NextRequest},
};
use leptos::prelude::*;

/// The next images that nobody else holds; they are the page's for five
/// minutes.
#[server(input = server_fn::codec::Json)]
pub async fn next_reviews(deployment: String, request: NextRequest) -> Result<Packed<Vec<Lease>>, AppError> {
    let (service, actor) = crate::request::reviewer()?;
    crate::packed::packed(&service.reviews().next(&actor, &deployment, request).await?)
}

/// Keeps images for another five minutes, or takes them.
#[server(input = server_fn::codec::Json)]
pub async fn renew_leases(
    deployment: String,
    ids: Vec<PredictionId>,
    session: String,
) -> Result<Packed<Vec<Lease>>, AppError> {
    let (service, actor) = crate::request::reviewer()?;
    crate::packed::packed(&service.reviews().renew_leases(&actor, &deployment, ids, &session).await?)
}
