//! Launching a training.

use crate::error::AppError;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Queues a training of `model` on `dataset` (`NAME/VERSION`), from `base`
/// (`NAME/N`; empty for nothing), for `minutes` at most (0 for no limit), and
/// leads to it. `params` are those of the training by name.
#[server]
pub async fn launch(
    dataset: String,
    model: String,
    base: String,
    minutes: u64,
    #[server(default)] params: BTreeMap<String, String>,
) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    let request = crate::parsing::launch(&dataset, &model, &base, minutes, &params)?;
    let experiment = service.learning().launch(&actor, request).await?;
    leptos_axum::redirect(&crate::addresses::experiment(experiment.name.as_str()));
    Ok(())
}
