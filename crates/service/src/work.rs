//! Long work as people see it, and what a worker is given to do.

use crate::{Result, Service, require};
use domain::{
    access::{Actor, Role},
    event::Event,
    ids::ExperimentId,
    name::Name,
    page::{Page, PageRequest},
    work::WorkItem,
};
use serde::{Deserialize, Serialize};

/// The kind of a work item that is a training.
pub const TRAIN: &str = "train";

/// The kind of a work item that looks at training data.
pub const REFERENCE: &str = "training_reference";

/// What a training's worker is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainJob {
    /// Which experiment to run.
    pub experiment_id: ExperimentId,
}

impl Service {
    /// The latest work first.
    ///
    /// # Errors
    /// A cursor that no page gave out.
    pub async fn work_items(&self, actor: &Actor, page: PageRequest) -> Result<Page<WorkItem>> {
        require(actor, Role::Viewer)?;
        Ok(self.store().work().page(&page).await?)
    }

    /// The work of a kind that waits or runs for a deployment, if there is any.
    pub(crate) async fn under_way(&self, kind: &str, deployment: &Name) -> Result<Option<WorkItem>> {
        let unfinished = self.store().work().unfinished(kind).await?;
        Ok(unfinished.into_iter().find(|item| item.subject == deployment.as_str()))
    }

    /// What changes from now on, or since `last_event_id`; with a deployment,
    /// only what concerns it.
    ///
    /// # Errors
    /// When there is no such deployment.
    pub async fn events(
        &self,
        actor: &Actor,
        deployment: Option<&str>,
        last_event_id: Option<u64>,
    ) -> Result<crate::EventStream> {
        require(actor, Role::Viewer)?;
        let wanted = match deployment {
            Some(name) => Some(self.known_deployment(name).await?.id),
            None => None,
        };
        Ok(self.inner.events.subscribe(last_event_id, wanted))
    }

    /// Where the events stand: what a page shows that is drawn from now on, no
    /// earlier event can make old.
    #[must_use]
    pub fn event_position(&self) -> u64 {
        self.inner.events.position()
    }

    pub(crate) fn publish(&self, event: Event) {
        if matches!(event, Event::DeploymentChanged { .. }) {
            self.inner.shared_answers.forget();
        }
        self.inner.events.publish(event);
    }
}
