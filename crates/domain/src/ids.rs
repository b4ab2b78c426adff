//! Newtyped identifiers, so that a dataset's id cannot be passed for a model's.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Where fresh identifiers come from: an argument, never a global.
pub trait NewId {
    /// A UUID that was never returned before; version 7 outside tests, so
    /// that ids sort by the moment they were made.
    fn new_id(&self) -> Uuid;
}

/// The moment in the first 48 bits of a UUID of version 7.
fn made(id: Uuid) -> Timestamp {
    Timestamp(i64::try_from(id.as_u128() >> 80).unwrap_or(i64::MAX))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// When it was made, as it says itself.
            #[must_use]
            pub fn made(self) -> Timestamp {
                made(self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// A person who can sign in.
    UserId,
    /// A bearer token of the API.
    TokenId,
    /// A named collection of labelled images.
    DatasetId,
    /// One version of a dataset.
    DatasetVersionId,
    /// One image in a dataset version, with its boxes.
    AssetId,
    /// A named line of model versions.
    ModelId,
    /// One set of weights.
    ModelVersionId,
    /// A file that is about to be imported as a model.
    StagedModelId,
    /// One training run.
    ExperimentId,
    /// A model version at work.
    DeploymentId,
    /// What a model said of one image.
    PredictionId,
    /// One launch of continuous training and what became of it.
    RoundId,
    /// A candidate measured against a champion.
    ComparisonId,
    /// A piece of long work.
    WorkItemId,
    /// A file that is being sent, or waits to be used.
    UploadId,
    /// A kept view of a deployment's predictions.
    SavedViewId,
    /// Predictions deleted together, as long as it can be undone.
    DeletionId,
    /// Training data frozen for comparison.
    ReferenceId,
    /// A window of images that was compared with a reference.
    DriftWindowId,
    /// A rule of when to tell somebody.
    AlertRuleId,
    /// A firing or clearing of a rule.
    AlertEventId,
    /// An address that is told of events.
    WebhookId,
    /// One event on its way to one address.
    DeliveryId,
}
