//! Faults for tests, where they really happen: SQLite interrupts a statement
//! or refuses a commit by its own hooks, and has no page left by its own
//! limit; a proxy cuts a connection to PostgreSQL. Statements and commits of
//! the writing side are numbered in their order, from 1.

mod disk_full;
mod every_statement;
mod eye;
mod in_doubt;
mod proxy;
mod readiness;
mod scenarios;
mod small_files;

use sqlx::sqlite::SqlitePoolOptions;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

static ARMED: Mutex<Option<HashMap<PathBuf, Arc<Faults>>>> = Mutex::new(None);

/// The faults of one SQLite database's writing side.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Statements and commits that ended since [`Faults::arm`].
    ended: usize,
    /// The one that fails; 0 for none.
    fails: usize,
    fired: bool,
    /// A statement is under way, and has not committed yet.
    runs: bool,
    /// The statement under way has committed by itself.
    committed: bool,
    /// Commits that are refused, whatever their number.
    refused_commits: usize,
    full: bool,
    panics: bool,
}

impl Faults {
    /// Those of a database that is opened later.
    pub(crate) fn of(path: &Path) -> Arc<Self> {
        let mut armed = ARMED.lock().unwrap();
        Arc::clone(armed.get_or_insert_default().entry(path.to_owned()).or_default())
    }

    /// Numbers begin at 1 again, and the one with this number fails.
    pub(crate) fn arm(&self, fails: usize) {
        let mut state = self.0.lock().unwrap();
        *state = State { fails, full: state.full, ..State::default() };
    }

    /// Nothing fails any more; whether something did, and how many statements
    /// and commits there were.
    pub(crate) fn disarm(&self) -> (bool, usize) {
        let mut state = self.0.lock().unwrap();
        state.fails = 0;
        (state.fired, state.ended)
    }

    /// So many commits are refused from now on.
    pub(crate) fn refuse_commits(&self, number: usize) {
        self.0.lock().unwrap().refused_commits = number;
    }

    /// The next statement panics after it ran.
    pub(crate) fn panic_once(&self) {
        self.0.lock().unwrap().panics = true;
    }

    /// For connections that are made from now on.
    pub(crate) fn set_full(&self, full: bool) {
        self.0.lock().unwrap().full = full;
    }

    /// Whether the running statement may go on. SQLite asks once more after a
    /// commit, when it is too late.
    fn step(&self) -> bool {
        let mut state = self.0.lock().unwrap();
        let fails = state.runs && state.fails == state.ended + 1;
        state.fired |= fails;
        !fails
    }

    /// Whether a transaction may be committed.
    fn commit(&self) -> bool {
        let mut state = self.0.lock().unwrap();
        if state.runs {
            // By a statement of its own, which ends with it.
            (state.runs, state.committed) = (false, true);
            state.ended += 1;
        }
        state.ended += 1;
        let refused = state.refused_commits > 0;
        state.refused_commits = state.refused_commits.saturating_sub(1);
        let fails = state.fails == state.ended;
        state.fired |= fails;
        !(fails || refused)
    }

    pub(crate) fn statement_begins(&self) {
        self.0.lock().unwrap().runs = true;
    }

    pub(crate) fn statement_ended(&self) {
        let mut state = self.0.lock().unwrap();
        if !std::mem::take(&mut state.committed) {
            state.ended += 1;
        }
        state.runs = false;
        let panics = std::mem::take(&mut state.panics);
        drop(state);
        assert!(!panics, "a statement that a test makes panic");
    }
}

/// Hangs the faults of `path` on each connection of its writing pool.
pub(crate) fn on_connect(pool: SqlitePoolOptions, path: &Path) -> SqlitePoolOptions {
    let Some(faults) = registered(path) else { return pool };
    pool.after_connect(move |connection, _| {
        let faults = Arc::clone(&faults);
        Box::pin(async move {
            if faults.0.lock().unwrap().full {
                sqlx::query(FULL).execute(&mut *connection).await?;
            }
            let mut handle = connection.lock_handle().await?;
            let (steps, commits) = (Arc::clone(&faults), faults);
            handle.set_progress_handler(1, move || steps.step());
            handle.set_commit_hook(move || commits.commit());
            Ok(())
        })
    })
}

/// The database may not grow: SQLite takes the least that it is already.
pub(crate) const FULL: &str = "PRAGMA max_page_count = 1";
/// The database may grow again.
pub(crate) const ROOM: &str = "PRAGMA max_page_count = 1000000";

/// The faults of `path`, if it is to have any.
pub(crate) fn registered(path: &Path) -> Option<Arc<Faults>> {
    ARMED.lock().unwrap().as_ref()?.get(path).cloned()
}
