//! Each write of the store, failed at each of its statements and commits in
//! turn: who is refused finds everything as before, who is answered finds it
//! stored, and the next write works.

use super::{
    Faults,
    eye::{Eye, changed},
    proxy::{Cut, Proxy},
    scenarios,
};
use crate::{Durability, Result, Store, StoreError, StoreOptions, fixtures::START};
use std::{fmt::Debug, future::Future, sync::Arc};
use tokio::sync::Mutex;

/// More statements than any write has.
const MOST: usize = 400;

/// A store and the way to make its writes fail.
pub(crate) struct Run {
    pub(crate) store: Store,
    fault: Fault,
    eye: Mutex<Eye>,
}

enum Fault {
    Sqlite(Arc<Faults>),
    Postgres(Proxy),
}

impl Fault {
    fn arm(&self, number: usize) {
        match self {
            Self::Sqlite(faults) => faults.arm(number),
            Self::Postgres(proxy) => proxy.arm(number, Cut::Before),
        }
    }

    /// Whether it happened, for the write that had this number armed. What is
    /// one transaction has the same statements each time; what is several may
    /// have been taken in fewer than the time before.
    fn disarm(&self, number: usize, whole: bool) -> bool {
        match self {
            Self::Sqlite(faults) => {
                let (fired, ended) = faults.disarm();
                let expected = fired || !whole || ended + 1 == number;
                assert!(expected, "{ended} statements, and number {number} did not fail");
                fired
            }
            Self::Postgres(proxy) => proxy.disarm(),
        }
    }
}

impl Run {
    /// Does `act`, which is one transaction, until no statement of it fails
    /// any more.
    pub(crate) async fn act<T: Debug>(&self, name: &str, act: impl AsyncFn() -> Result<T>) -> T {
        self.fail_each(name, true, act).await
    }

    /// The same of what is several transactions, each of which may be stored
    /// when a later one fails, and which do no harm when they are repeated.
    pub(crate) async fn steps<T: Debug>(&self, name: &str, act: impl AsyncFn() -> Result<T>) -> T {
        self.fail_each(name, false, act).await
    }

    async fn fail_each<T: Debug>(&self, name: &str, whole: bool, act: impl AsyncFn() -> Result<T>) -> T {
        let mut eye = self.eye.lock().await;
        for number in 1..MOST {
            let at = format!("{name}, statement {number}");
            let value = serde_json::json!(at);
            let healed = self.store.settings().put("test", &value, START).await;
            healed.unwrap_or_else(|error| panic!("before {at}: the next write fails: {error}"));
            assert_eq!(eye.setting("test").await, Some(value.to_string()), "before {at}: not committed");
            eye.settle().await;
            let before = eye.sight().await;
            self.fault.arm(number);
            let result = act().await;
            let fired = self.fault.disarm(number, whole);
            let differing = changed(&before, &eye.sight().await);
            match result {
                Err(error) => {
                    assert!(fired, "{at}: {error}");
                    assert!(
                        differing.is_empty() || !whole,
                        "{at}: refused with {error}, and yet changed {differing:?}"
                    );
                    let wrong = matches!(error, StoreError::NotFound { .. } | StoreError::Conflict { .. });
                    assert!(!wrong, "{at}: a fault of the database is told as {error:?}");
                }
                Ok(value) => {
                    assert!(!fired, "{at}: failed and answered {value:?}");
                    assert!(number > 1, "{at}: no statement");
                    assert!(!differing.is_empty() || !whole, "{at}: answered {value:?} and changed nothing");
                    return value;
                }
            }
        }
        panic!("{name} has more than {MOST} statements");
    }
}

async fn on_sqlite<F: Future<Output = ()>>(scenario: impl FnOnce(Arc<Run>) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions::in_folder(folder.path());
    let path = folder.path().join("fovea.db");
    let fault = Fault::Sqlite(Faults::of(&path));
    let store = Store::open(options.clone()).await.unwrap();
    let eye = Eye::sqlite(&path).await;
    check(Run { store, fault, eye: Mutex::new(eye) }, options, scenario).await;
}

async fn on_postgres<F: Future<Output = ()>>(scenario: impl FnOnce(Arc<Run>) -> F) {
    let Some(url) = test_postgres::fresh_database().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::new(&url).await;
    let storage_url = folder.path().display().to_string();
    let options = |database_url| StoreOptions {
        database_url,
        storage_url: storage_url.clone(),
        durability: Durability::Normal,
    };
    let store = Store::open(options(proxy.url.clone())).await.unwrap();
    let eye = Eye::postgres(&url).await;
    let run = Run { store, fault: Fault::Postgres(proxy), eye: Mutex::new(eye) };
    check(run, options(url), scenario).await;
}

async fn check<F: Future<Output = ()>>(
    run: Run,
    options: StoreOptions,
    scenario: impl FnOnce(Arc<Run>) -> F,
) {
    let run = Arc::new(run);
    scenario(Arc::clone(&run)).await;
    assert_eq!(run.store.inconsistencies().await.unwrap(), Vec::<String>::new());
    let mut eye = run.eye.lock().await;
    let before = eye.sight().await;
    run.store.close().await.unwrap();
    let again = Store::open(options).await.unwrap();
    assert_eq!(changed(&before, &eye.sight().await), Vec::<String>::new(), "lost at the stop");
    again.close().await.unwrap();
}

macro_rules! scenarios {
    ($($name:ident)*) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn fails_whole_or_is_stored_on_sqlite() {
                super::on_sqlite(super::scenarios::$name).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn fails_whole_or_is_stored_on_postgres() {
                super::on_postgres(super::scenarios::$name).await;
            }
        }
    )*};
}

scenarios! {
    predictions
    reviews
    feedback
    learning
    roles
    deletion
    files
    people
    datasets
    models_and_experiments
    work_items
    training_data
    alerts_and_webhooks
    views
}
