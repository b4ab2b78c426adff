//! Whether the store can write now: tried by writing, at most once at a time
//! and once a second, however often somebody asks.

use crate::{
    DatabaseKind, Store,
    entity::access::settings,
    error::{Result, StoreError},
};
use sea_orm::{DbErr, EntityTrait, IntoActiveModel, sea_query::OnConflict};
#[cfg(test)]
use std::sync::Arc;
use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long an answer stands: who asks in a loop must not load the database.
const FRESH: Duration = Duration::from_secs(1);
/// How long a trial may take. Who asks expects an answer within two seconds.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long a transaction of our own on SQLite, behind which the trial waits,
/// may be silent before it counts as stuck: one statement of the largest
/// deletion or import takes seconds.
const LONGEST_STATEMENT: Duration = Duration::from_secs(20);
/// The row of `settings` that trials write.
const ROW: &str = "health.probe";

/// Why the store cannot do its work now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// No space for rows.
    DatabaseFull,
    /// The database is away or refuses to be written.
    DatabaseFailing,
    /// The database did not answer in time.
    DatabaseSilent,
    /// No space for images and weights.
    FilesFull,
    /// The folder of images and weights refuses to be written.
    FilesFailing,
    /// The task that stores predictions has ended.
    WriterEnded,
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DatabaseFull => "There is no space left where the database lies: nothing can be stored.",
            Self::DatabaseFailing => "The database is away or cannot be written to.",
            Self::DatabaseSilent => "The database did not take a write in time.",
            Self::FilesFull => "There is no space left where images and weights lie: none can be stored.",
            Self::FilesFailing => "Images and weights cannot be written where they lie.",
            Self::WriterEnded => "The task that stores predictions has ended: start the server again.",
        })
    }
}

/// What the writing side does, as far as it tells whether writing works.
#[derive(Debug)]
pub(crate) struct WriteActivity {
    began: Instant,
    /// When a write last succeeded, in ms after `began`; −1 for never.
    succeeded: AtomicI64,
    /// Writes that failed, but for faults of what was written.
    failures: AtomicU64,
    open: AtomicUsize,
    #[cfg(test)]
    faults: Option<Arc<crate::tests::Faults>>,
}

impl Default for WriteActivity {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            succeeded: AtomicI64::new(-1),
            failures: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            #[cfg(test)]
            faults: None,
        }
    }
}

impl WriteActivity {
    /// Tells these of each statement.
    #[cfg(test)]
    pub(crate) fn with_faults(mut self, faults: Option<Arc<crate::tests::Faults>>) -> Self {
        self.faults = faults;
        self
    }

    /// Runs a statement and notes its outcome.
    pub(crate) async fn watch<T>(
        &self,
        statement: impl Future<Output = std::result::Result<T, DbErr>>,
    ) -> std::result::Result<T, DbErr> {
        #[cfg(test)]
        self.faults.iter().for_each(|faults| faults.statement_begins());
        let result = self.note(statement.await);
        #[cfg(test)]
        self.faults.iter().for_each(|faults| faults.statement_ended());
        result
    }

    /// Passes on the outcome of a write.
    pub(crate) fn note<T>(&self, result: std::result::Result<T, DbErr>) -> std::result::Result<T, DbErr> {
        match &result {
            Ok(_) => {
                let now = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
                self.succeeded.store(now, Ordering::Relaxed);
            }
            Err(error) if crate::failure::of(error).is_some() => {
                self.failures.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => {}
        }
        result
    }

    pub(crate) fn opened(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Whether a trial that waits only waits in line. On SQLite a transaction
    /// of ours that is open holds the one lock there is, so that nobody
    /// else's does.
    fn is_moving(&self, kind: DatabaseKind) -> bool {
        let Ok(succeeded) = u64::try_from(self.succeeded.load(Ordering::Relaxed)) else { return false };
        let silent = self.began.elapsed().saturating_sub(Duration::from_millis(succeeded));
        let in_line = kind == DatabaseKind::Sqlite && self.open.load(Ordering::Relaxed) > 0;
        silent < if in_line { LONGEST_STATEMENT } else { PATIENCE }
    }
}

/// The latest trial.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    probe: Mutex<Option<Probe>>,
}

type Outcome = Option<std::result::Result<(), NotReady>>;

#[derive(Clone, Debug)]
struct Probe {
    started: Instant,
    /// Of the writing side when it started.
    failures: u64,
    outcome: watch::Receiver<Outcome>,
}

impl Probe {
    /// Whether it still runs, or ended lately and no write failed since.
    fn stands(&self, failures: u64) -> bool {
        let running = self.outcome.borrow().is_none() && self.outcome.has_changed().is_ok();
        running || (self.started.elapsed() < FRESH && self.failures == failures)
    }
}

impl Store {
    /// Whether rows and files can be written now; answers within 1.5 s. An
    /// answer may be a second old.
    ///
    /// # Errors
    /// Why they cannot be.
    pub async fn readiness(&self) -> std::result::Result<(), NotReady> {
        if self.inner.writer.has_ended() {
            return Err(NotReady::WriterEnded);
        }
        let Probe { started, mut outcome, .. } = self.probe();
        let ended = outcome.wait_for(Option::is_some);
        match tokio::time::timeout_at((started + PATIENCE).into(), ended).await {
            Ok(Ok(outcome)) => outcome.unwrap_or(Ok(())),
            Ok(Err(_)) => Err(NotReady::DatabaseFailing),
            Err(_) if self.inner.db.activity.is_moving(self.inner.db.kind) => Ok(()),
            Err(_) => Err(NotReady::DatabaseSilent),
        }
    }

    /// The trial that stands, or a new one. It runs on when nobody waits for
    /// it, so that there is never a second one behind it.
    fn probe(&self) -> Probe {
        let mut latest = self.inner.readiness.probe.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = self.inner.db.activity.failures();
        if let Some(probe) = latest.as_ref().filter(|probe| probe.stands(failures)) {
            return probe.clone();
        }
        let (tell, outcome) = watch::channel(None);
        let store = self.clone();
        tokio::spawn(async move {
            let tried = store.try_writing().await;
            tell.send_replace(Some(tried));
        });
        let probe = Probe { started: Instant::now(), failures, outcome };
        *latest = Some(probe.clone());
        probe
    }

    async fn try_writing(&self) -> std::result::Result<(), NotReady> {
        let logged = |error: &StoreError, full: NotReady, failing: NotReady| {
            tracing::warn!(%error, "the store cannot write");
            if matches!(error, StoreError::Full(_)) { full } else { failing }
        };
        let rows = self.write_row().await;
        rows.map_err(|error| logged(&error, NotReady::DatabaseFull, NotReady::DatabaseFailing))?;
        let files = self.inner.blobs.try_writing().await;
        files.map_err(|error| logged(&error, NotReady::FilesFull, NotReady::FilesFailing))
    }

    /// The same row again: SQLite writes its page, whatever is in it.
    async fn write_row(&self) -> Result<()> {
        let row = settings::Model { key: ROW.to_owned(), value: serde_json::Value::Null, updated: 0 };
        let replace =
            OnConflict::column(settings::Column::Key).update_column(settings::Column::Updated).to_owned();
        let insert = settings::Entity::insert(row.into_active_model()).on_conflict(replace);
        let tx = self.inner.db.begin().await?;
        insert.exec_without_returning(&tx).await?;
        Ok(tx.commit().await?)
    }
}
