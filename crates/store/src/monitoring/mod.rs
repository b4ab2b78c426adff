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
pub use webhooks::Outgoing;
pub(crate) use webhooks::enqueue;

use crate::{database::Database, error::Result, labels::LabelBook, names::ModelNames, sql::Fragment};
use domain::name::Label;
use sea_orm::{ConnectionTrait, ExecResult, QueryResult};
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

    /// The labels of these numbers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn label_names(&self, numbers: impl IntoIterator<Item = u32>) -> Result<HashMap<u32, Label>> {
        self.labels.labels(self.db, numbers).await
    }
}

pub(crate) async fn rows(db: &impl ConnectionTrait, text: Fragment) -> Result<Vec<QueryResult>> {
    Ok(db.query_all_raw(text.into_statement(db.get_database_backend())).await?)
}

pub(crate) async fn row(db: &impl ConnectionTrait, text: Fragment) -> Result<Option<QueryResult>> {
    Ok(db.query_one_raw(text.into_statement(db.get_database_backend())).await?)
}

pub(crate) async fn run(db: &impl ConnectionTrait, text: Fragment) -> Result<ExecResult> {
    Ok(db.execute_raw(text.into_statement(db.get_database_backend())).await?)
}
