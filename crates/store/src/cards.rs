//! What the list of deployments shows of each, out of counts only.

use crate::{aggregates::Aggregates, deployments::Deployments, error::Result, labels::LabelBook, sql};
use domain::{
    deployment::{Deployment, DeploymentCard},
    ids::DeploymentId,
    monitor::{Range, Resolution, metrics::Metric},
    time::Timestamp,
};
use sea_orm::ConnectionTrait;

const HOURS: i64 = 24;

impl Deployments<'_> {
    /// A deployment with what arrived lately as seen at `now`; `None` when it
    /// is not there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn card(&self, id: DeploymentId, now: Timestamp) -> Result<Option<DeploymentCard>> {
        let Some(deployment) = self.find(id).await? else { return Ok(None) };
        let labels = LabelBook::default();
        let aggregates = Aggregates { db: self.db, labels: &labels };
        let hour = Resolution::Hour.width_ms();
        let this_hour = Resolution::Hour.start(now);
        let range = Range { from: this_hour.plus_ms(-(HOURS - 1) * hour), to: this_hour.plus_ms(hour) };
        let midnight = Resolution::Day.start(now);
        let counts = aggregates.counts(deployment.id, Metric::Predictions, range, Resolution::Hour).await?;
        let mut hourly = vec![0; HOURS as usize];
        for (start, _, count) in &counts {
            let place = usize::try_from(start.since_ms(range.from) / hour).ok();
            if let Some(slot) = place.and_then(|place| hourly.get_mut(place)) {
                *slot += count;
            }
        }
        let today = counts.iter().filter(|(start, ..)| *start >= midnight).map(|(.., count)| count).sum();
        let total = crate::predictions::count(self.db, deployment.id, None).await?;
        let last_prediction = self.last_prediction(&deployment).await?;
        Ok(Some(DeploymentCard { deployment, today, total, hourly, last_prediction }))
    }

    async fn last_prediction(&self, deployment: &Deployment) -> Result<Option<Timestamp>> {
        let text = "SELECT received FROM predictions WHERE deployment_id = ? AND deletion_id IS NULL \
                    ORDER BY id DESC LIMIT 1";
        let statement = sql::statement(self.db.backend(), text, vec![deployment.id.0.into()]);
        let row = self.db.reader.query_one_raw(statement).await?;
        Ok(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.map(Timestamp))
    }
}
