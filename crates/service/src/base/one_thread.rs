//! Blocking work, one piece after another, on a thread of its own.
//!
//! The memory that a decoder needs at its peak stays with the allocator of the
//! thread that it ran on (glibc keeps an arena a thread), so that a pool of
//! threads holds the peak once a thread, however few images are decoded at a
//! time: 115 photographs, two at a time, left 566 MB behind. Work over many
//! images, with nobody waiting for each of them, is done on one.

use crate::{Result, ServiceError};
use std::sync::mpsc;
use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// A thread that ends with this value, once its last work is done.
pub(crate) struct OneThread {
    waiting: mpsc::Sender<Work>,
}

impl OneThread {
    /// Starts it.
    ///
    /// # Errors
    /// When there are no threads left.
    pub(crate) fn start(name: &str) -> Result<Self> {
        let (waiting, work) = mpsc::channel::<Work>();
        let run = move || work.into_iter().for_each(|work| work());
        std::thread::Builder::new().name(name.to_owned()).spawn(run)?;
        Ok(Self { waiting })
    }

    /// Does `work` after what waits already.
    ///
    /// # Errors
    /// Those of the work; `Internal` when it panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move || {
            // Whoever gave up waiting needs no answer.
            let _ = answer.send(work());
        });
        let gone = || ServiceError::Internal("a thread of an import ended early".to_owned());
        self.waiting.send(work).map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_in_order_on_one_thread_and_a_panic_is_an_error() {
        let thread = OneThread::start("test").expect("a thread");
        let id = || Ok(std::thread::current().id());
        let (first, second) = tokio::join!(thread.run(id), thread.run(id));
        assert_eq!(first.expect("done"), second.expect("done"));
        assert!(thread.run(|| -> Result<()> { panic!("broken") }).await.is_err());
        assert!(thread.run(|| Ok(())).await.is_err(), "the thread is gone, and says so");
    }
}
