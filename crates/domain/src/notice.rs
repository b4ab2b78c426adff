//! What people and programs are told: alerts that fired and cleared, and
//! events on their way to webhooks.

use crate::{
    alert::AlertRule,
    ids::{AlertEventId, AlertRuleId, DeliveryId, DeploymentId, WebhookId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What people and programs may be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum NoticeKind {
    /// An alert's figure went beyond its limit.
    AlertFired,
    /// It came back.
    AlertCleared,
    /// What arrives differs from the training data.
    DriftDeclared,
    /// It does no more.
    DriftCleared,
    /// Somebody saved a review.
    PredictionReviewed,
    /// A training on the feedback was launched.
    TrainingStarted,
    /// It has ended, one way or another.
    TrainingFinished,
    /// Another model answers.
    ModelDeployed,
}

impl NoticeKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::AlertFired,
        Self::AlertCleared,
        Self::DriftDeclared,
        Self::DriftCleared,
        Self::PredictionReviewed,
        Self::TrainingStarted,
        Self::TrainingFinished,
        Self::ModelDeployed,
    ];

    /// The name that receivers rely on.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlertFired => "alert.fired",
            Self::AlertCleared => "alert.cleared",
            Self::DriftDeclared => "drift.declared",
            Self::DriftCleared => "drift.cleared",
            Self::PredictionReviewed => "prediction.reviewed",
            Self::TrainingStarted => "continuous_training.started",
            Self::TrainingFinished => "continuous_training.finished",
            Self::ModelDeployed => "model.deployed",
        }
    }
}

impl From<NoticeKind> for &'static str {
    fn from(kind: NoticeKind) -> Self {
        kind.as_str()
    }
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no notice of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("There is no event {0:?}: use {names}.", names = NoticeKind::ALL.map(NoticeKind::as_str).join(", "))]
pub struct UnknownNotice(pub String);

impl FromStr for NoticeKind {
    type Err = UnknownNotice;

    fn from_str(name: &str) -> Result<Self, UnknownNotice> {
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        kind.ok_or_else(|| UnknownNotice(name.to_owned()))
    }
}

impl TryFrom<String> for NoticeKind {
    type Error = UnknownNotice;

    fn try_from(name: String) -> Result<Self, UnknownNotice> {
        name.parse()
    }
}

/// What happened, as it is stored until it is delivered and as webhooks get it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Of which kind.
    pub event: NoticeKind,
    /// When.
    pub at: Timestamp,
    /// Where, by name.
    pub deployment: Option<String>,
    /// More about it, by kind.
    pub data: serde_json::Value,
}

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
    /// Since when nothing arrives; `None` while something does, or when nothing
    /// ever did.
    pub silent_since: Option<Timestamp>,
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

/// A way on which notices go out, as a form offers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelKind {
    /// The word for it in the API.
    pub name: String,
    /// As people call it.
    pub label: String,
    /// What an address of this kind looks like.
    pub example: String,
    /// What whoever adds one should know.
    pub hint: String,
}

/// An address that is told of events. Its secret is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Identity.
    pub id: WebhookId,
    /// Whose events; `None` for those of all deployments.
    pub deployment_id: Option<DeploymentId>,
    /// The name of a [`ChannelKind`].
    pub kind: String,
    /// Where they are sent, as the kind writes an address.
    pub url: String,
    /// Which; empty for all.
    pub events: Vec<NoticeKind>,
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
    pub event: NoticeKind,
    /// Whether it waits or has ended.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    pub next: Timestamp,
    /// What the address answered last, or why it could not be reached.
    pub answer: String,
    /// When the event happened.
    pub created: Timestamp,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is tried, or tried again.
    Waiting,
    /// The address took it.
    Delivered,
    /// It is not tried any more.
    Failed,
}

impl DeliveryState {
    /// As it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::Failed].into_iter().find(|state| state.as_str() == name)
    }
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
    fn every_kind_is_read_by_its_name() {
        for kind in NoticeKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            let json = serde_json::to_string(&kind).expect("JSON");
            assert_eq!(json, format!("{:?}", kind.as_str()));
            assert_eq!(serde_json::from_str::<NoticeKind>(&json).expect("a kind"), kind);
        }
        let unknown = "alert.fried".parse::<NoticeKind>().expect_err("unknown");
        assert!(unknown.to_string().contains("use alert.fired, alert.cleared"), "{unknown}");
    }

    #[test]
    fn pauses_double_up_to_six_hours_and_end() {
        let pauses: Vec<_> = (1..=12).map(pause_ms).collect();
        assert_eq!(pauses[..3], [Some(10_000), Some(20_000), Some(40_000)]);
        assert_eq!(pauses[10], Some(10_240_000));
        assert_eq!(pauses[11], None);
        assert!(pauses.iter().flatten().all(|pause| *pause <= 6 * 3_600_000));
    }
}
