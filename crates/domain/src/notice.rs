//! What people and programs are told: alerts that fired and cleared, and
//! events on their way to webhooks.

use crate::{
    alert::AlertRule,
    ids::{AlertEventId, AlertRuleId, DeliveryId, DeploymentId, WebhookId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Events that webhooks may ask for.
pub const EVENTS: [&str; 8] = [
    "alert.fired",
    "alert.cleared",
    "drift.declared",
    "drift.cleared",
    "prediction.reviewed",
    "continuous_training.started",
    "continuous_training.finished",
    "model.deployed",
];

/// A rule of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptRule {
    /// Identity.
    pub id: AlertRuleId,
    /// Unique within the deployment.
    pub name: String,
    /// When to tell.
    pub rule: AlertRule,
    /// Whether it is looked at.
    pub enabled: bool,
    /// Since when it fires; `None` when it does not.
    pub firing_since: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
}

/// A firing or a clearing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertEvent {
    /// Identity.
    pub id: AlertEventId,
    /// Of which rule, which may be gone.
    pub rule_id: AlertRuleId,
    /// Its name then.
    pub name: String,
    /// Fired, or cleared.
    pub fired: bool,
    /// When.
    pub at: Timestamp,
    /// The figure that made it.
    pub value: f64,
    /// Selects the predictions behind it.
    pub query: String,
    /// When somebody took note.
    pub read: Option<Timestamp>,
}

/// An address that is told of events. Its secret is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Identity.
    pub id: WebhookId,
    /// Whose events; `None` for those of all deployments.
    pub deployment_id: Option<DeploymentId>,
    /// Where they are sent.
    pub url: String,
    /// Which; empty for all.
    pub events: Vec<String>,
    /// Whether it is told.
    pub enabled: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// An event on its way to one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Identity.
    pub id: DeliveryId,
    /// To which address.
    pub webhook_id: WebhookId,
    /// Which event.
    pub event: String,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    pub next: Timestamp,
    /// What the address answered last, or why it could not be reached.
    pub answer: String,
    /// When the event happened.
    pub created: Timestamp,
}

/// How long to wait after so many failed attempts: 10 s, doubling up to six
/// hours. `None` when it is not tried again: after twelve, about a day.
#[must_use]
pub fn pause_ms(attempts: u32) -> Option<i64> {
    const FIRST_MS: i64 = 10_000;
    const LONGEST_MS: i64 = 6 * 3_600_000;
    const MOST: u32 = 12;
    (attempts < MOST)
        .then(|| FIRST_MS.saturating_mul(1 << attempts.saturating_sub(1).min(20)).min(LONGEST_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_six_hours_and_end() {
        let pauses: Vec<_> = (1..=12).map(pause_ms).collect();
        assert_eq!(pauses[..3], [Some(10_000), Some(20_000), Some(40_000)]);
        assert_eq!(pauses[10], Some(10_240_000));
        assert_eq!(pauses[11], None);
        assert!(pauses.iter().flatten().all(|pause| *pause <= 6 * 3_600_000));
    }
}
