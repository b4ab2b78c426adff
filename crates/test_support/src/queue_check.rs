//! What a test leaves in the queue of work.

use domain::page::PageRequest;
use service::{Internal, JobSettings, Service};
use std::{
    collections::BTreeSet,
    future::Future,
    sync::{Arc, Mutex},
};
use store::{Store, StoreOptions};
use tempfile::TempDir;

/// Fails the test that drops it while work waits or runs that the test did not
/// say it leaves: what nobody does, a process would do later.
pub struct QueueCheck {
    options: StoreOptions,
    left: Mutex<BTreeSet<String>>,
    _folder: Arc<TempDir>,
}

impl QueueCheck {
    /// Of the database of these options; keeps the folder until it has looked.
    #[must_use]
    pub fn new(options: StoreOptions, folder: Arc<TempDir>) -> Self {
        Self { options, left: Mutex::default(), _folder: folder }
    }

    /// Work of this kind may be left.
    ///
    /// # Panics
    /// Never.
    pub fn leaves(&self, kind: &str) {
        self.left.lock().expect("never poisoned").insert(kind.to_owned());
    }
}

impl Drop for QueueCheck {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let (options, left) = (self.options.clone(), self.left.lock().expect("never poisoned").clone());
        // The runtime of the test stands still meanwhile, so that nothing of its
        // store can be waited for: neither a connection that is to be given back
        // nor whoever writes.
        let looking = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(unfinished(options))
        });
        let unfinished = looking.join().expect("the queue can be read");
        let forgotten: Vec<_> = unfinished.into_iter().filter(|(kind, _)| !left.contains(kind)).collect();
        assert!(forgotten.is_empty(), "the test leaves work behind: {forgotten:?}");
    }
}

/// Kind and state of each item that has not ended, read through connections
/// that only read, and so wait for nobody.
async fn unfinished(options: StoreOptions) -> Vec<(String, String)> {
    let store = Store::open_unchanged(options).await.expect("a store");
    let unfinished = unfinished_in(&store).await.expect("reads");
    store.close().await.expect("closed");
    unfinished
}

async fn unfinished_in(store: &Store) -> store::Result<Vec<(String, String)>> {
    let (mut unfinished, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.work().page(&PageRequest { limit: Some(200), cursor }).await?;
        let open = page.items.into_iter().filter(|item| !item.state.is_final());
        unfinished.extend(open.map(|item| (item.kind, item.state.to_string())));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(unfinished);
        }
    }
}

/// Runs the background task of this name, as a process runs it, until `stop`
/// resolves.
///
/// # Panics
/// When there is none.
pub async fn run_background_task(
    service: &Service,
    name: &str,
    worker: &str,
    stop: impl Future<Output = ()> + Send,
) {
    let mut tasks = service.jobs().background(Internal, &JobSettings::default()).into_iter();
    let task = tasks.find(|task| task.name() == name).expect("a task of this name");
    task.run(worker, stop).await;
}
