//! Experiments beside each other.

use crate::{error::AppError, packed::Packed, wire::ComparedExperiment};
use leptos::prelude::*;

/// Some beside each other.
#[server]
pub async fn compare_experiments(names: Vec<String>) -> Result<Packed<Vec<ComparedExperiment>>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    let experiments = service.learning().compare_experiments(&actor, &names).await?;
    let compared = experiments.into_iter().map(|(experiment, made)| ComparedExperiment {
        page: crate::wire::ExperimentPage {
            experiment: experiment.experiment,
            curves: experiment.curves,
            log: Vec::new(),
        },
        made,
    });
    crate::packed::packed(&compared.collect::<Vec<_>>())
}
