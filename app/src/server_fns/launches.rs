//! Launching a training, and the trainers there are.

use crate::{error::AppError, packed::Packed};
use domain::training::TrainerInfo;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Queues a training of `model` on `dataset` (`NAME/VERSION`), from `base`
/// (`NAME/N`; empty for nothing), for `minutes` at most (0 for no limit), and
/// leads to it. `params` are those of the trainers, each as `TRAINER:KEY`; those
/// of `trainer` count (empty for the built-in one).
#[server]
pub async fn launch(
    dataset: String,
    model: String,
    base: String,
    minutes: u64,
    #[server(default)] trainer: String,
    #[server(default)] params: BTreeMap<String, String>,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let request = crate::parsing::launch(&dataset, &model, &base, minutes, (&trainer, params))?;
    let experiment = service.learning().launch(&actor, request).await?;
    leptos_axum::redirect(&crate::addresses::experiment(experiment.name.as_str()));
    Ok(())
}

/// All trainers, the built-in one first.
#[server]
pub async fn list_trainers() -> Result<Packed<Vec<TrainerInfo>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.learning().trainers(&actor).await?)
}
