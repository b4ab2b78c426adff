//! Work on other threads, watched by whoever tells how far it is.

use crate::{
    Result, ServiceError,
    jobs::{JobContext, stop_flag::StopFlag},
};
use domain::dataset_import::DatasetImport;
use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Between two looks at how far the work on other threads is.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// Of these looks, after so many the upload is kept for longer.
const LOOKS_TO_RENEWAL: u32 = 200;

/// What the work says of itself, and is told.
pub(super) struct State {
    pub(super) said: Mutex<(f64, String)>,
    pub(super) over: AtomicBool,
    pub(super) stop: StopFlag,
}

impl State {
    pub(super) fn say(&self, share: f64, words: &str) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = (share.min(0.999), words.to_owned());
    }

    /// Whether somebody asked for an end, or nobody waits for this attempt.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed) || self.stop.is_cancelled()
    }
}

/// Work on other threads, and the one who tells how far it is.
pub(super) struct Watched<'a> {
    pub(super) context: &'a JobContext<'a>,
    pub(super) import: &'a DatasetImport,
    pub(super) state: Arc<State>,
}

impl<'a> Watched<'a> {
    pub(super) fn new(context: &'a JobContext<'a>, import: &'a DatasetImport) -> Self {
        let said = Mutex::new((0.0, "unpacking".to_owned()));
        let state = State { said, over: AtomicBool::new(false), stop: context.stop_flag() };
        Self { context, import, state: Arc::new(state) }
    }

    /// The work and the telling go on side by side: each may wait for the one
    /// connection that writes while the other has it.
    pub(super) async fn until_ended<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            ended = work => ended,
            error = self.tell() => Err(error),
        }
    }

    /// Tells how far the work is, again and again; ends with what keeps it from
    /// that.
    async fn tell(&self) -> ServiceError {
        let mut looks = 0;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            looks += 1;
            if let Err(error) = self.look(looks % LOOKS_TO_RENEWAL == 0).await {
                return error;
            }
        }
    }

    async fn look(&self, renews: bool) -> Result<()> {
        let (share, words) = self.state.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.context.progress(share, &words).await?;
        if renews {
            self.context.service().catalogue().renew_upload(self.import.order.upload).await?;
        }
        Ok(())
    }
}

impl Drop for Watched<'_> {
    /// Threads that nobody waits for any more come to an end.
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::Relaxed);
    }
}
