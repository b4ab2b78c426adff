//! The stream of changes that open pages listen to.

use domain::{event::Event, ids::DeploymentId};
use futures::Stream;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::broadcast;

/// How many past events a reconnecting page can still get one by one.
const REMEMBERED: usize = 1024;

/// An event with its place in the stream of this process.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct SequencedEvent {
    /// Rising; starts with the process's start time in milliseconds, so that
    /// an id from before a restart is never mistaken for a recent one.
    pub id: u64,
    /// What changed; `None` when some were missed and the page must refetch.
    pub event: Option<Event>,
}

/// What a page reads from.
pub type EventStream = std::pin::Pin<Box<dyn Stream<Item = SequencedEvent> + Send>>;

/// Sends every event to every listener, without ever waiting for one.
#[derive(Clone)]
pub(crate) struct EventBus {
    state: Arc<Mutex<State>>,
    sender: broadcast::Sender<SequencedEvent>,
}

struct State {
    next_id: u64,
    recent: VecDeque<SequencedEvent>,
}

impl EventBus {
    pub(crate) fn new(first_id: u64) -> Self {
        let (sender, _) = broadcast::channel(REMEMBERED);
        let state = State { next_id: first_id, recent: VecDeque::with_capacity(REMEMBERED) };
        Self { state: Arc::new(Mutex::new(state)), sender }
    }

    pub(crate) fn publish(&self, event: Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let sequenced = SequencedEvent { id: state.next_id, event: Some(event) };
        state.next_id += 1;
        if state.recent.len() == REMEMBERED {
            state.recent.pop_front();
        }
        state.recent.push_back(sequenced.clone());
        // No listener is no error. Sent under the lock, so that a new
        // listener sees each event either in `recent` or in its channel.
        let _ = self.sender.send(sequenced);
    }

    /// The id of the latest event; what changes from now on has greater ones.
    pub(crate) fn position(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).next_id.saturating_sub(1)
    }

    /// Everything after `last`, then everything new. A gap yields one item
    /// without an event.
    pub(crate) fn subscribe(&self, last: Option<u64>, deployment: Option<DeploymentId>) -> EventStream {
        let (missed, mut receiver) = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (state.after(last), self.sender.subscribe())
        };
        Box::pin(async_stream::stream! {
            for event in missed {
                if concerns(&event, deployment) {
                    yield event;
                }
            }
            loop {
                match receiver.recv().await {
                    Ok(event) if concerns(&event, deployment) => yield event,
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        yield SequencedEvent { id: 0, event: None };
                    }
                    Err(broadcast::error::RecvError::Closed) => break,
                }
            }
        })
    }
}

impl State {
    fn after(&self, last: Option<u64>) -> Vec<SequencedEvent> {
        let Some(last) = last else { return Vec::new() };
        let oldest = self.recent.front().map_or(self.next_id, |event| event.id);
        if last.saturating_add(1) < oldest || last >= self.next_id {
            return vec![SequencedEvent { id: self.next_id.saturating_sub(1), event: None }];
        }
        self.recent.iter().filter(|event| event.id > last).cloned().collect()
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
    use domain::ids::WorkItemId;
    use futures::StreamExt;
    use uuid::Uuid;

    fn event(n: u128) -> Event {
        Event::WorkChanged { id: WorkItemId(Uuid::from_u128(n)) }
    }

    #[tokio::test]
    async fn a_reconnecting_page_gets_what_it_missed_and_then_what_is_new() {
        let bus = EventBus::new(10);
        bus.publish(event(1));
        bus.publish(event(2));
        let mut stream = bus.subscribe(Some(10), None);
        bus.publish(event(3));
        let missed = stream.next().await.expect("remembered");
        assert_eq!((missed.id, missed.event), (11, Some(event(2))));
        assert_eq!(stream.next().await.and_then(|e| e.event), Some(event(3)));
    }

    #[tokio::test]
    async fn what_happens_while_a_page_is_on_its_way_is_not_lost() {
        let bus = EventBus::new(10);
        for number in 1..3 {
            let drawn = bus.position();
            bus.publish(event(number));
            let first = bus.subscribe(Some(drawn), None).next().await.expect("remembered");
            assert_eq!(first.event, Some(event(number)));
        }
    }

    #[tokio::test]
    async fn an_id_from_before_a_restart_asks_for_a_refetch() {
        let bus = EventBus::new(1_000_000);
        bus.publish(event(1));
        for stale in [5, 2_000_000] {
            let first = bus.subscribe(Some(stale), None).next().await.expect("a marker");
            assert_eq!(first.event, None);
        }
    }

    #[tokio::test]
    async fn another_deployments_events_are_not_heard() {
        let bus = EventBus::new(0);
        let (mine, other) = (DeploymentId(Uuid::from_u128(1)), DeploymentId(Uuid::from_u128(2)));
        let mut stream = bus.subscribe(None, Some(mine));
        bus.publish(Event::DeploymentChanged { id: other });
        bus.publish(Event::DeploymentChanged { id: mine });
        assert_eq!(stream.next().await.and_then(|e| e.event), Some(Event::DeploymentChanged { id: mine }));
    }
}
