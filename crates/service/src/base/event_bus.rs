//! The stream of changes that open pages listen to: what the store says has
//! changed, whichever process changed it, to every listener of this one. Knows
//! nothing of what concerns whom.

use crate::Result;
use domain::event::Event;
use futures::Stream;
use std::{
    collections::VecDeque,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::{Follower, Store, StoreError};
use tokio::{
    sync::{OnceCell, broadcast},
    task::AbortHandle,
};

/// How many past events a reconnecting page can still get one by one.
const REMEMBERED: usize = 1024;
/// How long a database that fails is left alone. What is committed meanwhile
/// is read afterwards.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Bits of an id below the second in which its process started: a process may
/// give two million ids a second before it meets those of one that started
/// later, and all ids stay below 2^53, which is as far as JavaScript counts.
const BITS_WITHIN_A_SECOND: u32 = 21;

/// An event with its place in the stream of this process.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct SequencedEvent {
    /// Rising within a process. It begins with the time at which the process
    /// started and a random part, so that an id from before a restart, or of
    /// another server, is not mistaken for a recent one.
    pub id: u64,
    /// What changed; `None` when some were missed and the page must refetch.
    pub event: Option<Event>,
}

/// What a page reads from.
pub type EventStream = std::pin::Pin<Box<dyn Stream<Item = SequencedEvent> + Send>>;

/// The events of this process, and what reads them from the store.
pub(crate) struct EventBus {
    feed: Feed,
    /// Begun with the first listener: a command without any needs none.
    following: OnceCell<Following>,
}

/// Ends with the last clone of the service.
struct Following(AbortHandle);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends every event to every listener, without ever waiting for one.
#[derive(Clone)]
struct Feed {
    state: Arc<Mutex<State>>,
    sender: broadcast::Sender<SequencedEvent>,
}

struct State {
    next_id: u64,
    recent: VecDeque<SequencedEvent>,
}

impl EventBus {
    /// `started_ms`: when this process started, in Unix milliseconds.
    pub(crate) fn new(started_ms: u64) -> Self {
        let random = RandomState::new().hash_one(started_ms) >> (u64::BITS - BITS_WITHIN_A_SECOND);
        let first_id = ((started_ms / 1_000) << BITS_WITHIN_A_SECOND) | random;
        Self { feed: Feed::new(first_id), following: OnceCell::new() }
    }

    /// The id of the latest event; what changes from now on has greater ones.
    /// 0 while nobody listens: whoever begins to listen there is told to fetch
    /// again what it shows.
    pub(crate) fn position(&self) -> u64 {
        if self.following.initialized() { self.feed.position() } else { 0 }
    }

    /// Begins to read the events of all processes, if nobody has asked for
    /// them yet.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn begin(&self, store: &Store) -> Result<()> {
        let begin = || async {
            let follower = store.events().follow().await?;
            Ok::<_, StoreError>(Following(tokio::spawn(self.feed.clone().follow(follower)).abort_handle()))
        };
        self.following.get_or_try_init(begin).await?;
        Ok(())
    }

    /// What has happened after `last` and what happens from now on, of what
    /// concerns the listener.
    pub(crate) fn subscribe(
        &self,
        last: Option<u64>,
        concerns: impl Fn(&SequencedEvent) -> bool + Send + 'static,
    ) -> EventStream {
        self.feed.subscribe(last, concerns)
    }
}

impl Feed {
    fn new(first_id: u64) -> Self {
        let (sender, _) = broadcast::channel(REMEMBERED);
        let state = State { next_id: first_id, recent: VecDeque::with_capacity(REMEMBERED) };
        Self { state: Arc::new(Mutex::new(state)), sender }
    }

    /// `None` when some events were missed.
    fn publish(&self, event: Option<Event>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let sequenced = SequencedEvent { id: state.next_id, event };
        state.next_id += 1;
        if state.recent.len() == REMEMBERED {
            state.recent.pop_front();
        }
        state.recent.push_back(sequenced.clone());
        // No listener is no error. Sent under the lock, so that a new
        // listener sees each event either in `recent` or in its channel.
        let _ = self.sender.send(sequenced);
    }

    fn position(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).next_id.saturating_sub(1)
    }

    /// Everything after `last` that concerns the listener, then everything
    /// new. A gap yields one item without an event.
    fn subscribe(
        &self,
        last: Option<u64>,
        concerns: impl Fn(&SequencedEvent) -> bool + Send + 'static,
    ) -> EventStream {
        let (missed, mut receiver) = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (state.after(last), self.sender.subscribe())
        };
        Box::pin(async_stream::stream! {
            for event in missed {
                if concerns(&event) {
                    yield event;
                }
            }
            loop {
                match receiver.recv().await {
                    Ok(event) if concerns(&event) => yield event,
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        yield SequencedEvent { id: 0, event: None };
                    }
                    Err(broadcast::error::RecvError::Closed) => break,
                }
            }
        })
    }

    /// Publishes what is read, until the store is closed.
    async fn follow(self, mut follower: Follower) {
        let mut failing = false;
        loop {
            match follower.next().await {
                Ok(news) => {
                    if news.missed {
                        self.publish(None);
                    }
                    news.events.into_iter().for_each(|event| self.publish(Some(event)));
                    failing = false;
                }
                Err(StoreError::Closed) => return,
                Err(error) => {
                    if !failing {
                        tracing::warn!(%error, "events cannot be read; pages hear of them later");
                    }
                    failing = true;
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            }
        }
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
        let bus = Feed::new(10);
        bus.publish(Some(event(1)));
        bus.publish(Some(event(2)));
        let mut stream = bus.subscribe(Some(10), |_| true);
        bus.publish(Some(event(3)));
        let missed = stream.next().await.expect("remembered");
        assert_eq!((missed.id, missed.event), (11, Some(event(2))));
        assert_eq!(stream.next().await.and_then(|e| e.event), Some(event(3)));
    }

    #[tokio::test]
    async fn what_happens_while_a_page_is_on_its_way_is_not_lost() {
        let bus = Feed::new(10);
        for number in 1..3 {
            let drawn = bus.position();
            bus.publish(Some(event(number)));
            let first = bus.subscribe(Some(drawn), |_| true).next().await.expect("remembered");
            assert_eq!(first.event, Some(event(number)));
        }
    }

    #[tokio::test]
    async fn an_id_from_before_a_restart_asks_for_a_refetch() {
        let bus = Feed::new(1_000_000);
        bus.publish(Some(event(1)));
        for stale in [5, 2_000_000] {
            let first = bus.subscribe(Some(stale), |_| true).next().await.expect("a marker");
            assert_eq!(first.event, None);
        }
    }
}
