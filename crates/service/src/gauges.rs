//! How deployments do right now, for who watches the server.

use crate::{Result, Service};
use domain::{
    monitor::page::Totals,
    prediction::{PredictionFilter, Status},
};

/// Over how long figures are measured.
const WINDOW_MS: i64 = 300_000;
/// Deployments that are told apart: labels of a figure stay few.
const DEPLOYMENTS: usize = 9;

/// A deployment in the last five minutes.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentGauges {
    /// Its name.
    pub name: String,
    /// Figures of the last five minutes.
    pub recent: Totals,
    /// Features that are declared to drift.
    pub drifting: usize,
    /// Alerts that fire.
    pub firing: usize,
    /// Predictions that nobody has reviewed.
    pub to_review: u64,
}

impl Service {
    /// How the first nine deployments, by name, do right now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deployment_gauges(&self) -> Result<Vec<DeploymentGauges>> {
        let mut gauges = Vec::new();
        for deployment in self.store().deployments().list().await?.into_iter().take(DEPLOYMENTS) {
            let waiting = PredictionFilter { status: Some(Status::ToReview), ..PredictionFilter::default() };
            let rules = self.store().monitoring().alert_rules(deployment.id).await?;
            gauges.push(DeploymentGauges {
                recent: self.recent_totals(deployment.id, WINDOW_MS).await?,
                drifting: self.drift_now(&deployment).await?.map_or(0, |drift| drift.declared.len()),
                firing: rules.iter().filter(|rule| rule.kept.firing_since.is_some()).count(),
                to_review: self.store().predictions().count(deployment.id, &waiting).await?,
                name: deployment.name.to_string(),
            });
        }
        Ok(gauges)
    }
}
