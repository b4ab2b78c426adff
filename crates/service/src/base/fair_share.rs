//! How much of something scarce one caller may use at a time, so that others
//! find some of it left. Knows nothing of what is shared.

use crate::Result;
use domain::{
    access::Actor,
    fault::{ApiError, ErrorKind},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// Callers who use nothing are forgotten beyond this many.
const REMEMBERED: usize = 256;

/// A bound for each caller. The command line and the workers have none.
pub(crate) struct FairShare {
    what: &'static str,
    each: usize,
    patience: Duration,
    callers: Mutex<HashMap<Uuid, Arc<Semaphore>>>,
}

impl FairShare {
    /// `each` of `what` (a plural) at a time for a caller, who waits `patience`
    /// for the next.
    pub(crate) fn new(what: &'static str, each: usize, patience: Duration) -> Self {
        Self { what, each, patience, callers: Mutex::default() }
    }

    /// Waits for the caller's turn, which lasts as long as what comes back.
    ///
    /// # Errors
    /// `Busy` when those before it take too long.
    pub(crate) async fn turn(&self, actor: &Actor) -> Result<Option<OwnedSemaphorePermit>> {
        let Some(caller) = actor.who.id() else { return Ok(None) };
        let own = self.of(caller);
        match tokio::time::timeout(self.patience, own.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            _ => {
                let (each, what) = (self.each, self.what);
                let message = format!("{each} {what} of yours are still running: wait for one to end.");
                Err(ApiError::new(ErrorKind::Busy, message).into())
            }
        }
    }

    fn of(&self, caller: Uuid) -> Arc<Semaphore> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= REMEMBERED {
            callers.retain(|_, own| Arc::strong_count(own) > 1 || own.available_permits() < self.each);
        }
        callers.entry(caller).or_insert_with(|| Arc::new(Semaphore::new(self.each))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        access::{Principal, Role},
        ids::TokenId,
    };

    fn caller(number: u128) -> Actor {
        let id = TokenId(Uuid::from_u128(number));
        Actor { who: Principal::Token { id, name: "t".to_owned() }, role: Role::Viewer }
    }

    #[tokio::test]
    async fn a_caller_with_all_turns_taken_is_busy_and_another_is_not() {
        let share = FairShare::new("searches", 2, Duration::from_millis(5));
        let held = [share.turn(&caller(1)).await, share.turn(&caller(1)).await];
        assert!(held.iter().all(Result::is_ok));
        let refused = share.turn(&caller(1)).await.map(|_| ()).map_err(ApiError::from);
        assert_eq!(refused.map_err(|error| error.kind), Err(ErrorKind::Busy));
        assert!(share.turn(&caller(2)).await.is_ok(), "another's turns are free");
        drop(held);
        assert!(share.turn(&caller(1)).await.is_ok());
    }

    #[tokio::test]
    async fn callers_who_use_nothing_are_forgotten() {
        let share = FairShare::new("searches", 1, Duration::from_secs(5));
        let held = share.turn(&caller(0)).await;
        for number in 1..2_000 {
            drop(share.turn(&caller(number)).await);
        }
        let callers = share.callers.lock().map(|callers| (callers.len(), callers.contains_key(&Uuid::nil())));
        assert!(matches!(callers, Ok((count, true)) if count <= REMEMBERED));
        drop(held);
    }
}
