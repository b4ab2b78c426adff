//! What a deployment is watched by: training data, alerts, webhooks.

use crate::{error::AppError, packed::Packed};
use domain::{
    notice::{AlertEvent, KeptRule, Webhook},
    training_data::TrainingData,
};
use leptos::prelude::*;

/// What it is compared with.
#[server]
pub async fn get_training_data(name: String) -> Result<Packed<TrainingData>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.training_data(&actor, &name).await?)
}

/// Its alerts, and what they said.
#[server]
pub async fn get_alerts(name: String) -> Result<Packed<(Vec<KeptRule>, Vec<AlertEvent>)>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.alerts(&actor, &name).await?)
}

/// The addresses that are told of its events.
#[server]
pub async fn get_webhooks(name: String) -> Result<Packed<Vec<Webhook>>, AppError> {
    let (service, actor) = crate::request::asked()?;
    crate::packed::packed(&service.webhooks(&actor, &name).await?)
}
