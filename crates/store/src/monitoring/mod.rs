//! What deployments are compared with, and what came of it: references of
//! training data, drift, figures from reviews, alerts and webhooks. Knows no
//! statistics: what it keeps is `domain`'s.

mod alerts;
mod deliveries;
mod drift;
mod features;
mod matches;
mod references;
mod reviewed;
mod webhooks;

pub use alerts::StoredRule;
pub use deliveries::DueDelivery;
pub use drift::DriftStep;
pub(crate) use drift::settle_drift;
pub use features::ArrivedImage;
pub(crate) use matches::{changed, changed_everywhere, forget, rematch};
pub use references::NewReference;

use crate::{database::Database, error::Result, labels::LabelBook, names::ModelNames};
use domain::{ids::ModelVersionId, name::Label};
use std::collections::HashMap;

/// What deployments are compared with, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Monitoring<'a> {
    pub(crate) db: &'a Database,
    pub(crate) labels: &'a LabelBook,
    pub(crate) names: &'a ModelNames,
}

impl Monitoring<'_> {
    /// The numbers by which counts and references know labels; those that are
    /// new are stored first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn label_numbers(&self, labels: &[Label]) -> Result<HashMap<Label, u32>> {
        self.labels.ids(self.db, labels).await
    }

    /// The names of these model versions, as `model/number`.
    ///
    /// # Errors
    /// `Corrupt` when one is not there.
    pub async fn model_names(
        &self,
        ids: impl IntoIterator<Item = ModelVersionId>,
    ) -> Result<HashMap<ModelVersionId, String>> {
        self.names.of(self.db, ids).await
    }

    /// The labels of these numbers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn label_names(&self, numbers: impl IntoIterator<Item = u32>) -> Result<HashMap<u32, Label>> {
        self.labels.labels(self.db, numbers).await
    }
}
