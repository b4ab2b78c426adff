//! The feedback loop of a deployment.

use crate::{error::AppError, packed::Packed};
use domain::{
    feedback::{FeedbackState, Submission},
    ids::PredictionId,
    page::{Page, PageRequest},
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Settings, and what is in.
#[server]
pub async fn get_feedback(name: String) -> Result<Packed<FeedbackState>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.reviews().feedback_state(&actor, &name).await?)
}

/// What was submitted, the latest first.
#[server]
pub async fn list_submissions(name: String, page: PageRequest) -> Result<Packed<Page<Submission>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.reviews().submissions(&actor, &name, page).await?)
}

/// Turns the loop on or off; `dataset` (`dataset/version`) is made when it is
/// not there, and empty for none; `values` are the loop's other settings.
#[server]
pub async fn set_feedback(
    name: String,
    enabled: bool,
    dataset: String,
    #[server(default)] values: BTreeMap<String, String>,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let change = crate::parsing::feedback(enabled, &dataset, &values)?;
    Ok(service.reviews().set_feedback(&actor, &name, change).await.map(drop)?)
}

/// Takes a submission out again.
#[server]
pub async fn unsubmit(name: String, id: PredictionId) -> Result<(), AppError> {
    let (service, actor) = crate::request::reviewer()?;
    Ok(service.reviews().unsubmit(&actor, &name, vec![id]).await.map(drop)?)
}
