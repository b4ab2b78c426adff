//! Everything that the monitoring of a deployment has due.

use super::{Ended, Job, JobContext, Lane};
use crate::{Internal, Result, jobs::Jobs};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Gives a new champion a reference of its own, compares windows of images,
/// computes figures from reviews, looks at alerts. What fails is logged, and
/// keeps nothing else waiting: not the next step, and no other deployment.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct UpdateMonitoring;

impl Job for UpdateMonitoring {
    const KIND: &'static str = "monitoring";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(3));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let service = context.service();
        service
            .base()
            .for_each_deployment("the monitoring", |deployment| async move {
                let of = &deployment.name;
                let following = service.monitoring().follow_champion(&deployment);
                service.base().isolated("following the champion", of, following).await;
                service
                    .base()
                    .isolated("looking for drift", of, service.monitoring().look_for_drift(&deployment))
                    .await;
                let figures = service.monitoring().compute_supervised(&deployment);
                service.base().isolated("computing figures from reviews", of, figures).await;
                service
                    .base()
                    .isolated("looking at the alerts", of, service.monitoring().look_at_alerts(&deployment))
                    .await;
                Ok(())
            })
            .await?;
        Ok(Ended::done())
    }
}

impl Jobs<'_> {
    /// Does everything that the monitoring has due, now.
    ///
    /// # Errors
    /// When the deployments cannot be listed; what is due stays due.
    pub async fn update_monitoring(self, _: Internal) -> Result<()> {
        self.run_periodic(UpdateMonitoring).await
    }
}
