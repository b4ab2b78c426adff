//! Upkeep that nobody waits for: references are made, champions followed.
//! Each step is short or persisted, so that a killed process goes on later,
//! and several processes may all do it.

use crate::{
    Result, Service,
    holding::{Leaving, leaving, staying},
    work::REFERENCE,
};
use std::future::Future;

impl Service {
    /// Makes references of training data that are asked for, one at a time,
    /// until `stop` resolves. The one at hand then goes back to the queue.
    ///
    /// `worker` must be unique to this run of the process.
    pub async fn run_reference_worker(&self, worker: &str, stop: impl Future<Output = ()> + Send) {
        let stop = leaving(stop);
        let step = || self.reference_until(worker, stop.clone());
        self.until_stopped("looking at training data", &stop, step).await;
    }

    /// Makes one reference of training data, if one is asked for.
    ///
    /// # Errors
    /// When the database fails; a failure of the work itself is written into
    /// its item.
    pub async fn make_one_reference(&self, worker: &str) -> Result<bool> {
        self.reference_until(worker, staying()).await
    }

    async fn reference_until(&self, worker: &str, leaving: Leaving<'_>) -> Result<bool> {
        let claimed = self.store().work().claim(REFERENCE, worker, self.now()).await?;
        let Some(claimed) = claimed else { return Ok(false) };
        self.make_reference(claimed, worker, leaving).await?;
        Ok(true)
    }

    /// Everything that is due: a new champion gets a reference of its own,
    /// windows of images are compared, figures from reviews computed, alerts
    /// looked at. What fails is logged, and keeps nothing else waiting: not
    /// the next step, and no other deployment.
    ///
    /// # Errors
    /// When the deployments cannot be listed; what is due stays due.
    pub async fn tend_monitoring(&self) -> Result<()> {
        self.for_each_deployment("the monitoring", |deployment| async move {
            let of = &deployment.name;
            self.isolated("following the champion", of, self.follow_champion(&deployment)).await;
            self.isolated("looking for drift", of, self.look_for_drift(&deployment)).await;
            self.isolated("computing figures from reviews", of, self.compute_supervised(&deployment)).await;
            self.isolated("looking at the alerts", of, self.look_at_alerts(&deployment)).await;
            Ok(())
        })
        .await
    }
}
