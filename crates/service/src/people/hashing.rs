//! Where passwords are hashed: as many at a time as there are processors.
//!
//! Argon2id takes 19 MiB and tens of milliseconds. Without a bound, whoever
//! sends many passwords fills the memory and the threads that decode images.

use crate::{Result, ServiceError};
use domain::fault::{ApiError, ErrorKind};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::{Semaphore, oneshot};

/// Passwords that wait for a processor; more are told to come again. At some
/// 50 ms each and two processors the last one waits less than two seconds.
const WAITING: usize = 64;

/// The processors that hash.
pub(crate) struct Hashing {
    processors: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Default for Hashing {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with(processors)
    }
}

impl Hashing {
    fn with(processors: usize) -> Self {
        Self { processors: Arc::new(Semaphore::new(processors)), waiting: AtomicUsize::new(0) }
    }

    /// Does the work on a thread of its own, once a processor is free. The
    /// processor stays taken until the work ends, also when nobody waits for
    /// its result any more.
    ///
    /// # Errors
    /// `Busy` when too many wait already; else the work's.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let slot = QueueSlot::take(&self.waiting)?;
        let Ok(processor) = self.processors.clone().acquire_owned().await else { return Err(busy()) };
        drop(slot);
        let (answer, answered) = oneshot::channel();
        // A thread of its own: no password waits for the pictures that the runtime's
        // threads decode.
        let hasher = std::thread::Builder::new().name("password".to_owned());
        let started = hasher.spawn(move || {
            let result = work();
            drop(processor);
            // Nobody waits any more when the request was given up.
            let _ = answer.send(result);
        });
        started.map_err(|error| ServiceError::Internal(error.to_string()))?;
        answered.await.map_err(|error| ServiceError::Internal(error.to_string()))?
    }
}

/// One of the places to wait at; free again when dropped, so that a caller
/// who leaves does not keep it.
struct QueueSlot<'a>(&'a AtomicUsize);

impl<'a> QueueSlot<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self> {
        let slot = Self(waiting);
        if waiting.fetch_add(1, Ordering::AcqRel) < WAITING { Ok(slot) } else { Err(busy()) }
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn busy() -> crate::ServiceError {
    ApiError::new(ErrorKind::Busy, "Many people sign in just now: try again in a moment.").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn no_more_are_hashed_at_a_time_than_there_are_processors_and_few_wait() {
        let hashing = Arc::new(Hashing::with(2));
        let (begun, seen) = mpsc::channel();
        let (release, gate) = mpsc::channel::<()>();
        let gate = Arc::new(std::sync::Mutex::new(gate));
        let mut tasks = Vec::new();
        for _ in 0..2 + WAITING {
            let (hashing, begun, gate) = (hashing.clone(), begun.clone(), gate.clone());
            tasks.push(tokio::spawn(async move {
                let work = move || {
                    begun.send(()).expect("heard");
                    gate.lock().expect("whole").recv().expect("released");
                    Ok(())
                };
                hashing.run(work).await
            }));
        }
        // Until two work and all others wait.
        while hashing.waiting.load(Ordering::Acquire) < WAITING || hashing.processors.available_permits() > 0
        {
            tokio::task::yield_now().await;
        }
        assert!(hashing.run(|| Ok(())).await.is_err(), "one too many");
        assert_eq!(hashing.waiting.load(Ordering::Acquire), WAITING, "who was refused does not count");
        let both = tokio::task::spawn_blocking(move || {
            for one in [seen.recv(), seen.recv()] {
                one.expect("begun");
            }
            seen
        });
        let seen = both.await.expect("two work");
        assert!(seen.try_recv().is_err(), "and no third one");
        for _ in 0..2 + WAITING {
            release.send(()).expect("somebody waits");
        }
        for task in tasks {
            task.await.expect("ended").expect("hashed");
        }
    }
}
