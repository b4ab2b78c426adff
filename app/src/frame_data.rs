//! Gathers what the frame around every page shows. Server only.

use crate::{
    error::AppResult,
    wire::{NavCounts, Session},
};
use domain::page::PageRequest;
use service::{As, Service, Viewer};
use std::collections::BTreeSet;

/// Deployments that the navigation lists: those with the latest predictions.
const RECENT: usize = 6;
/// The navigation counts as far as one page of a list reaches.
const COUNTED: u32 = 200;

/// Who is signed in, and what the navigation shows.
///
/// # Errors
/// As the use cases say.
pub async fn session(service: &Service, actor: &As<Viewer>) -> AppResult<Session> {
    let mut cards = service.catalogue().deployments(actor).await?;
    cards.sort_by_key(|card| std::cmp::Reverse(card.last_prediction.unwrap_or(card.deployment.created)));
    let page = || PageRequest { limit: Some(COUNTED), cursor: None };
    let datasets = service.catalogue().datasets(actor, page()).await?;
    let models = service.catalogue().models(actor, page()).await?;
    let experiments = service.learning().experiments(actor, page()).await?;
    Ok(Session {
        name: actor.display_name(),
        role: actor.role,
        counts: NavCounts {
            deployments: cards.len(),
            datasets: datasets.items.iter().map(|v| v.dataset_id).collect::<BTreeSet<_>>().len(),
            models: models.items.iter().map(|v| v.model_id).collect::<BTreeSet<_>>().len(),
            experiments: experiments.items.len(),
        },
        recent: cards.into_iter().take(RECENT).map(|c| c.deployment.name.as_str().to_owned()).collect(),
        commands: crate::request::command_words(),
    })
}
