//! Experiments beside each other.

use crate::{error::AppError, packed::Packed, wire::ComparedExperiment};
use leptos::prelude::*;

/// Some beside each other.
#[server]
pub async fn compare_experiments(names: Vec<String>) -> Result<Packed<Vec<ComparedExperiment>>, AppError> {
    let (service, actor) = crate::request::asked()?;
    let found = service.compare_experiments(&actor, &names).await?;
    let compared = found.into_iter().map(|(found, made)| ComparedExperiment {
        page: crate::wire::ExperimentPage {
            experiment: found.experiment,
            curves: found.curves,
            log: Vec::new(),
        },
        made,
    });
    crate::packed::packed(&compared.collect::<Vec<_>>())
}
