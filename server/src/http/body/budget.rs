//! How much memory all bodies in flight may take together, and how much of it
//! one caller.
//!
//! Memory is taken in steps, as bytes come: a length that was only announced
//! takes nothing. What one caller holds ends at a quarter of the budget, so
//! that no caller keeps another's bodies out. The oldest body of a caller may
//! go over that quarter, and the oldest of all may use what is kept back for
//! it: one body always gets on, however many wait for each other.

use super::super::problem::Problem;
use domain::fault::ErrorKind;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;
use uuid::Uuid;

/// Memory is counted in steps of this many bytes.
const STEP: usize = 16 * 1024;
/// How long a body waits for its next step before it is refused.
const PATIENCE: Duration = Duration::from_secs(30);

/// The memory that there is for bodies.
#[derive(Clone, Debug)]
pub(in crate::http) struct BodyBudget {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// What all bodies but the oldest may hold together.
    common: usize,
    /// What one caller may hold, unless it is all in his oldest body.
    each: usize,
    patience: Duration,
    held: Mutex<Held>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Held {
    next: u64,
    /// Caller and bytes of each body, the oldest first.
    bodies: BTreeMap<u64, (Uuid, usize)>,
}

impl Held {
    fn all(&self) -> usize {
        self.bodies.values().map(|(_, bytes)| bytes).sum()
    }

    fn of(&self, caller: Uuid) -> usize {
        self.bodies.values().filter(|(whose, _)| *whose == caller).map(|(_, bytes)| bytes).sum()
    }

    fn is_oldest(&self, body: u64) -> bool {
        self.bodies.first_key_value().is_some_and(|(first, _)| *first == body)
    }

    fn is_oldest_of(&self, caller: Uuid, body: u64) -> bool {
        self.bodies.iter().find(|(_, (whose, _))| *whose == caller).is_some_and(|(first, _)| *first == body)
    }
}

impl BodyBudget {
    /// A budget of `bytes`, of which `largest` are kept back for the oldest
    /// body.
    #[must_use]
    pub(in crate::http) fn new(bytes: usize, largest: usize) -> Self {
        Self::with_patience(bytes, largest, PATIENCE)
    }

    fn with_patience(bytes: usize, largest: usize, patience: Duration) -> Self {
        let common = bytes - largest.min(bytes / 2);
        let (held, freed) = (Mutex::default(), Notify::new());
        Self { inner: Arc::new(Inner { common, each: bytes / 4, patience, held, freed }) }
    }

    /// A place for a body of `caller`; it holds nothing yet.
    #[must_use]
    pub(in crate::http) fn open(&self, caller: Uuid) -> Share {
        let mut held = self.inner.lock();
        let body = held.next;
        held.next += 1;
        held.bodies.insert(body, (caller, 0));
        drop(held);
        Share { inner: self.inner.clone(), body, caller, bytes: 0 }
    }

    /// Bytes that all bodies hold now.
    #[cfg(test)]
    pub(in crate::http) fn held(&self) -> usize {
        self.inner.lock().all()
    }
}

impl Inner {
    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the body now holds `bytes`, being allowed to.
    fn try_hold(&self, body: u64, caller: Uuid, bytes: usize) -> bool {
        let mut held = self.lock();
        let before = held.bodies.get(&body).map_or(0, |(_, bytes)| *bytes);
        let more = bytes.saturating_sub(before);
        let fits_caller = held.of(caller) + more <= self.each || held.is_oldest_of(caller, body);
        let fits_all = held.all() + more <= self.common || held.is_oldest(body);
        if fits_caller && fits_all {
            held.bodies.insert(body, (caller, bytes));
        }
        fits_caller && fits_all
    }
}

/// What one body holds of the budget; given back when dropped.
#[derive(Debug)]
pub(in crate::http) struct Share {
    inner: Arc<Inner>,
    body: u64,
    caller: Uuid,
    bytes: usize,
}

impl Share {
    /// Holds at least `bytes` from now on, waiting for them if need be.
    ///
    /// # Errors
    /// `Busy` when others hold them for too long.
    pub(in crate::http) async fn hold(&mut self, bytes: usize) -> Result<(), Problem> {
        if bytes <= self.bytes {
            return Ok(());
        }
        let wanted = bytes.next_multiple_of(STEP);
        let waiting = async {
            loop {
                // Listening before looking: what is freed in between counts.
                let freed = self.inner.freed.notified();
                if self.inner.try_hold(self.body, self.caller, wanted) {
                    return;
                }
                freed.await;
            }
        };
        if tokio::time::timeout(self.inner.patience, waiting).await.is_err() {
            let message = "Too many bodies are on their way at this moment. Send this one again in a while.";
            return Err(Problem::new(ErrorKind::Busy, message));
        }
        self.bytes = wanted;
        Ok(())
    }

    /// Gives back all but `bytes`.
    pub(in crate::http) fn shrink_to(&mut self, bytes: usize) {
        let wanted = bytes.next_multiple_of(STEP);
        if wanted < self.bytes {
            self.inner.lock().bodies.insert(self.body, (self.caller, wanted));
            self.bytes = wanted;
            self.inner.freed.notify_waiters();
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.inner.lock().bodies.remove(&self.body);
        self.inner.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const KIB: usize = 1024;
    const ANN: Uuid = Uuid::from_u128(1);
    const BEN: Uuid = Uuid::from_u128(2);

    #[tokio::test]
    async fn what_is_announced_takes_nothing_and_what_is_dropped_comes_back() {
        let budget = BodyBudget::new(1024 * KIB, 256 * KIB);
        let mut share = budget.open(ANN);
        assert_eq!(budget.held(), 0);
        share.hold(100).await.expect("room");
        assert_eq!(budget.held(), STEP);
        share.hold(100 * KIB).await.expect("room");
        share.shrink_to(1);
        assert_eq!(budget.held(), STEP);
        drop(share);
        assert_eq!(budget.held(), 0);
    }

    #[tokio::test]
    async fn a_caller_with_a_quarter_waits_while_another_goes_on() {
        let budget = BodyBudget::new(1024 * KIB, 256 * KIB);
        let (mut first, mut second, mut third) = (budget.open(ANN), budget.open(ANN), budget.open(ANN));
        first.hold(16 * KIB).await.expect("room");
        second.hold(224 * KIB).await.expect("a quarter together");
        assert!(third.hold(32 * KIB).now_or_never().is_none(), "more than a quarter");
        first.hold(256 * KIB).now_or_never().expect("the oldest may").expect("room");
        let mut other = budget.open(BEN);
        other.hold(240 * KIB).now_or_never().expect("another's share is free").expect("room");
        drop(first);
        drop(second);
        third.hold(32 * KIB).now_or_never().expect("now it fits").expect("room");
    }

    #[tokio::test]
    async fn the_oldest_of_all_gets_on_when_everything_is_held() {
        let budget = BodyBudget::new(1024 * KIB, 256 * KIB);
        let mut oldest = budget.open(ANN);
        let mut others: Vec<Share> = (2..5).map(|n| budget.open(Uuid::from_u128(n))).collect();
        for share in &mut others {
            share.hold(256 * KIB).await.expect("room");
        }
        let mut late = budget.open(BEN);
        assert!(late.hold(16 * KIB).now_or_never().is_none());
        oldest.hold(256 * KIB).now_or_never().expect("kept back for it").expect("room");
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_to_come_back() {
        let budget = BodyBudget::with_patience(64 * KIB, 32 * KIB, Duration::from_millis(5));
        let mut first = budget.open(ANN);
        first.hold(32 * KIB).await.expect("room");
        let refused = budget.open(BEN).hold(32 * KIB).await;
        assert_eq!(refused.map_err(|problem| problem.0.kind), Err(ErrorKind::Busy));
    }

    #[tokio::test]
    async fn many_that_grow_side_by_side_all_end() {
        let budget = BodyBudget::new(256 * KIB, 128 * KIB);
        let bodies = (0..40_u128).map(|n| {
            let mut share = budget.open(Uuid::from_u128(n % 3));
            async move {
                for step in 1..=8 {
                    share.hold(step * STEP).await?;
                    tokio::task::yield_now().await;
                }
                Ok::<_, Problem>(())
            }
        });
        let ended = futures::future::join_all(bodies).await;
        assert!(ended.iter().all(Result::is_ok));
        assert_eq!(budget.held(), 0);
    }
}
