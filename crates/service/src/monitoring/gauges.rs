//! How deployments do right now, for who watches the server.

use crate::{Internal, Monitoring, Result};
use domain::{
    ids::DeploymentId,
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

impl Monitoring {
    /// How the first nine deployments, by name, do right now. One that cannot
    /// be read is left out, and logged.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deployment_gauges(&self, _: Internal) -> Result<Vec<DeploymentGauges>> {
        let mut gauges = Vec::new();
        for id in self.base.store().deployments().ids().await?.into_iter().take(DEPLOYMENTS) {
            let of_one = self.base.unless_damaged("reading figures of", &id, self.gauges_of(id)).await?;
            gauges.extend(of_one.flatten());
        }
        Ok(gauges)
    }

    /// `None` for one that was deleted meanwhile.
    async fn gauges_of(&self, id: DeploymentId) -> Result<Option<DeploymentGauges>> {
        let Some(deployment) = self.base.store().deployments().find(id).await? else { return Ok(None) };
        let waiting = PredictionFilter { status: Some(Status::ToReview), ..PredictionFilter::default() };
        let rules = self.base.store().monitoring().alert_rules(id).await?;
        Ok(Some(DeploymentGauges {
            recent: self.recent_totals(id, WINDOW_MS).await?,
            drifting: self.drift_now(&deployment).await?.map_or(0, |drift| drift.declared.len()),
            firing: rules.iter().filter(|rule| rule.kept.firing_since.is_some()).count(),
            to_review: self.base.store().predictions().count(id, &waiting).await?,
            name: deployment.name.to_string(),
        }))
    }
}
