//! What a deployment counted, as its dashboard shows it.

use crate::{
    error::AppError,
    packed::Packed,
    stretch::Stretch,
    wire::{DashboardParts, LiveFigures},
};
use leptos::prelude::*;

/// How many milliseconds up to now its dashboard opens on.
#[server]
pub async fn get_opening_range(name: String) -> Result<i64, AppError> {
    let (service, actor) = crate::request::viewer()?;
    Ok(service.monitoring().opening_range_ms(&actor, &name).await?)
}

/// What it counted in a stretch of time, and its latest predictions.
#[server(endpoint = "live")]
pub async fn get_live(name: String, stretch: Stretch) -> Result<Packed<LiveFigures>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::live_data::live(&service, &actor, &name, stretch).await
}

/// The parts of its dashboard that the server prepares.
#[server(endpoint = "sections")]
pub async fn get_sections(name: String, stretch: Stretch) -> Result<Packed<DashboardParts>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::live_data::drawn(&service, &actor, &name, stretch).await
}
