//! What open pages are told of changes, and which changes concern them.

use crate::{
    Anyone, As, Browsing, DeploymentRef, Result, Viewer,
    base::{
        Base,
        event_bus::{EventStream, SequencedEvent},
    },
};
use domain::{event::Event, ids::DeploymentId};

impl Browsing {
    /// What changes from now on, in any process on this database, or since
    /// `last_event_id`; with a deployment, only what concerns it.
    ///
    /// # Errors
    /// When there is no such deployment, or the database fails.
    pub async fn events(
        &self,
        _: &As<Viewer>,
        deployment: Option<DeploymentRef>,
        last_event_id: Option<u64>,
    ) -> Result<EventStream> {
        let wanted = match deployment {
            Some(name) => Some(self.base.known_deployment(name).await?.id),
            None => None,
        };
        self.follow_events(Anyone).await?;
        Ok(self.base.bus().subscribe(last_event_id, move |event| concerns(event, wanted)))
    }

    /// Begins to read the events of all processes, if nobody has asked for
    /// them yet: a server does so before it renders its first page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow_events(&self, _: Anyone) -> Result<()> {
        self.base.bus().begin(self.base.store()).await
    }

    /// Where the events stand: what a page shows that is drawn from now on, no
    /// earlier event can make old.
    #[must_use]
    pub fn event_position(&self, _: Anyone) -> u64 {
        self.base.bus().position()
    }
}

impl Base {
    /// Deletes the rows of events that everybody has read; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn prune_events(&self) -> Result<u64> {
        Ok(self.store().events().prune().await?)
    }
}

fn concerns(event: &SequencedEvent, wanted: Option<DeploymentId>) -> bool {
    let Some(wanted) = wanted else { return true };
    match &event.event {
        Some(
            Event::PredictionsArrived { deployment_id, .. } | Event::PredictionChanged { deployment_id, .. },
        ) => *deployment_id == wanted,
        Some(Event::DeploymentChanged { id }) => *id == wanted,
        Some(Event::ExperimentChanged { .. } | Event::WorkChanged { .. }) => false,
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn another_deployments_events_are_not_heard() {
        let (mine, other) = (DeploymentId(Uuid::from_u128(1)), DeploymentId(Uuid::from_u128(2)));
        let heard = |event, wanted| concerns(&SequencedEvent { id: 1, event }, wanted);
        let changed = |id| Some(Event::DeploymentChanged { id });
        assert!(heard(changed(mine), Some(mine)) && !heard(changed(other), Some(mine)));
        assert!(heard(changed(other), None) && heard(None, Some(mine)), "a gap concerns everybody");
    }
}
