//! The feedback loop of a deployment.

use crate::{error::AppError, packed::Packed};
use domain::{
    feedback::{FeedbackState, Submission},
    page::{Page, PageRequest},
};
use leptos::prelude::*;

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
