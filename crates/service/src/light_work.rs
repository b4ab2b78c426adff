//! The worker for what takes minutes rather than hours: replays of shadows,
//! comparisons, and looking after the learning loop. Apart from the one that
//! trains, so that these never wait for a training.

use crate::{
    Result, Service, ServiceError,
    compare_now::COMPARE,
    judging::JUDGE,
    require,
    shadow_replay::REPLAY,
    training_run::StopFlag,
    worker::{again_and_again, payload_of},
};
use domain::{
    access::{Actor, Role},
    event::Event,
    ids::WorkItemId,
    work::{WorkItem, WorkState},
};
use serde_json::json;
use std::future::Future;
use store::Claimed;

const KINDS: [&str; 3] = [JUDGE, COMPARE, REPLAY];

/// How a piece of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// All was done.
    AtItsEnd,
    /// Somebody asked.
    Early,
}

impl Service {
    /// Does such work, one item at a time, until `stop` resolves. The item at
    /// hand is taken up again by whoever notices.
    ///
    /// `worker` must be unique to this run of the process.
    pub async fn run_light_worker(&self, worker: &str, stop: impl Future<Output = ()>) {
        again_and_again(stop, || self.light_work_once(worker)).await;
    }

    /// Does one item if there is one, and says whether there was.
    ///
    /// # Errors
    /// When the database fails; a failure of the work itself is written into
    /// its item.
    pub async fn light_work_once(&self, worker: &str) -> Result<bool> {
        self.look_after_learning().await?;
        for kind in KINDS {
            if let Some(claimed) = self.store().work().claim(kind, worker, self.now()).await? {
                self.perform_light(claimed, worker).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn perform_light(&self, claimed: Claimed, worker: &str) -> Result<()> {
        let Claimed { item, payload } = claimed;
        let stop = StopFlag::default();
        self.publish(Event::WorkChanged { id: item.id });
        let working = async {
            match item.kind.as_str() {
                JUDGE => self.run_judge(item.id, payload_of(item.id, payload)?, stop.clone()).await,
                COMPARE => self.run_compare(item.id, payload_of(item.id, payload)?, stop.clone()).await,
                REPLAY => self.run_replay(item.id, payload_of(item.id, payload)?, stop.clone()).await,
                other => Err(ServiceError::Internal(format!("nobody knows how to do {other}"))),
            }
        };
        let ended = self.while_held(item.id, worker, &stop, working).await?;
        let (state, message) = match &ended {
            Ok(Stopped::AtItsEnd) => (WorkState::Succeeded, String::new()),
            Ok(Stopped::Early) => (WorkState::Cancelled, String::new()),
            // Whoever may look reads it: what is ours to mend goes to the log.
            Err(error) => (WorkState::Failed, error.shown()),
        };
        self.store().work().finish(item.id, state, &message, self.now()).await?;
        self.publish(Event::WorkChanged { id: item.id });
        Ok(())
    }

    /// Asks a piece of work to stop: a queued one at once, a running one soon.
    /// A training is asked by its experiment.
    ///
    /// # Errors
    /// Admins only; no such work, or a training.
    pub async fn cancel_work(&self, actor: &Actor, id: WorkItemId) -> Result<WorkItem> {
        require(actor, Role::Admin)?;
        let found = self.store().work().find(id).await?;
        let item = found.ok_or_else(|| ServiceError::not_found(format!("There is no work {id}.")))?;
        if item.kind == crate::TRAIN {
            return Err(ServiceError::conflict(format!("Cancel the experiment {} instead.", item.subject)));
        }
        let item = self.store().work().cancel(id, self.now()).await?;
        self.record(actor, "work.cancel", &item.subject, json!({ "kind": item.kind })).await?;
        self.publish(Event::WorkChanged { id });
        Ok(item)
    }
}
