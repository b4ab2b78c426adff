//! Experiments.

use crate::{error::AppError, packed::Packed, wire::ExperimentPage};
use domain::{
    ids::ExperimentId,
    model::Experiment,
    page::{Page, PageRequest},
};
use leptos::prelude::*;

/// All experiments, newest first.
#[server]
pub async fn list_experiments(page: PageRequest) -> Result<Packed<Page<Experiment>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.learning().experiments(&actor, page).await?)
}

/// One experiment with curves and log, by name or id.
#[server]
pub async fn get_experiment(name: String) -> Result<Packed<ExperimentPage>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    let detail = service.learning().experiment(&actor, &name).await?;
    crate::packed::packed(&ExperimentPage {
        experiment: detail.experiment,
        curves: detail.curves,
        log: detail.log,
    })
}

/// Asks it to stop.
#[server]
pub async fn cancel_experiment(id: ExperimentId) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.learning().cancel_experiment(&actor, id).await.map(drop)?)
}
