//! What a deployment is watched by: training data, alerts, webhooks.

use crate::{error::AppError, packed::Packed};
use domain::{
    notice::{AlertEvent, ChannelKind, KeptRule, Webhook},
    training_data::TrainingData,
};
use leptos::prelude::*;

/// What it is compared with.
#[server]
pub async fn get_training_data(name: String) -> Result<Packed<TrainingData>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.monitoring().training_data(&actor, &name).await?)
}

/// Its alerts, and what they said.
#[server]
pub async fn get_alerts(name: String) -> Result<Packed<(Vec<KeptRule>, Vec<AlertEvent>)>, AppError> {
    let (service, actor) = crate::request::viewer()?;
    crate::packed::packed(&service.monitoring().alerts(&actor, &name).await?)
}

/// The addresses that are told of its events, and the kinds that there are.
#[server]
pub async fn get_webhooks(name: String) -> Result<Packed<(Vec<Webhook>, Vec<ChannelKind>)>, AppError> {
    let (service, actor) = crate::request::admin()?;
    let kinds = service.monitoring().channel_kinds(&actor);
    crate::packed::packed(&(service.monitoring().webhooks(&actor, &name).await?, kinds))
}
