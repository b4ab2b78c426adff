//! Upkeep that nobody waits for: references are made, champions followed.
//! Each step is short or persisted, so that a killed process goes on later,
//! and several processes may all do it.

use crate::{Result, Service, work::REFERENCE};

impl Service {
    /// Makes one reference of training data, if one is asked for.
    ///
    /// # Errors
    /// When the database fails; a failure of the work itself is written into
    /// its item.
    pub async fn make_one_reference(&self, worker: &str) -> Result<bool> {
        let claimed = self.store().work().claim(REFERENCE, worker, self.now()).await?;
        let Some(claimed) = claimed else { return Ok(false) };
        self.make_reference(claimed, worker).await?;
        Ok(true)
    }

    /// Everything that is due: a new champion gets a reference of its own,
    /// windows of images are compared, figures from reviews computed, alerts looked at.
    ///
    /// # Errors
    /// When the database fails; what is due stays due.
    pub async fn tend_monitoring(&self) -> Result<()> {
        for deployment in self.store().deployments().list().await? {
            self.follow_champion(&deployment).await?;
            self.look_for_drift(&deployment).await?;
            self.compute_supervised(&deployment).await?;
            self.look_at_alerts(&deployment).await?;
        }
        Ok(())
    }
}
