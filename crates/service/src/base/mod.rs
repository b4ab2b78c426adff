//! What every area stands on: the store, the clock, fresh ids, the limits,
//! and who is told of a change. Knows no use case; checks no role.

pub(crate) mod arrivals;
pub(crate) mod decoding_room;
pub(crate) mod error;
pub(crate) mod event_bus;
pub(crate) mod fair_share;
pub(crate) mod images;
pub(crate) mod limits;
pub(crate) mod loaded_models;
mod lookups;
pub(crate) mod one_thread;
pub(crate) mod outages;
pub(crate) mod refs;
mod repeated;
pub(crate) mod serving;
pub(crate) mod shadow_queue;
pub(crate) mod shared_answers;

pub(crate) use lookups::{EventDeployment, person};

use crate::{Limits, Parts, Result};
use domain::{
    inference::PredictorLoader,
    time::Timestamp,
    training::{Trainer, Trainers},
};
use event_bus::EventBus;
use outages::Outages;
use repeated::Repeated;
use shared_answers::SharedAnswers;
use std::sync::Arc;
use store::Store;

/// Shared by all areas. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Base {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Arc<Parts>,
    events: EventBus,
    answers: SharedAnswers,
    repeated: Repeated,
    outages: Outages,
}

impl Base {
    pub(crate) fn new(parts: Arc<Parts>) -> Self {
        let first_event = u64::try_from(parts.clock.now().0).unwrap_or(0);
        Self {
            inner: Arc::new(Inner {
                parts,
                events: EventBus::new(first_event),
                answers: SharedAnswers::default(),
                repeated: Repeated::default(),
                outages: Outages::default(),
            }),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.parts.store
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.parts.limits
    }

    pub(crate) fn trainer(&self) -> &Arc<dyn Trainer> {
        &self.inner.parts.trainer
    }

    pub(crate) fn loader(&self) -> &Arc<dyn PredictorLoader> {
        &self.inner.parts.loader
    }

    pub(crate) fn trainers(&self) -> &Arc<dyn Trainers> {
        &self.inner.parts.trainers
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }

    pub(crate) fn new_id<T: From<uuid::Uuid>>(&self) -> T {
        T::from(self.inner.parts.ids.new_id())
    }

    pub(crate) fn answers(&self) -> &SharedAnswers {
        &self.inner.answers
    }

    pub(crate) fn bus(&self) -> &EventBus {
        &self.inner.events
    }

    pub(crate) fn outages(&self) -> &Outages {
        &self.inner.outages
    }
}

/// Runs blocking work on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}
