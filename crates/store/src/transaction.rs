//! How rows are written: single statements and transactions. What they answer
//! for is committed; what failed is rolled back. Knows no table.
//!
//! Three ways lead from a failed write to an answer that is not true, and each
//! is closed here or by [`outside_a_transaction`]:
//!
//! - SQLite rolls back by itself when a COMMIT or a statement fails for want of
//!   space, by a fault of the disk or for want of memory. The driver does not
//!   notice; it goes on counting an open transaction, and begins the next one
//!   as a savepoint inside one that nobody ends.
//! - After such a rollback a further statement would run on its own, and stay.
//! - `INSERT … RETURNING` outside a transaction gives its row before the
//!   commit, and who takes one row and leaves does not hear that it failed.

use crate::{
    events::{self, Journal, PendingEvents},
    health::WriteActivity,
};
use domain::event::Event;
use futures::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    Statement, TransactionOptions, TransactionTrait,
};
use sqlx::{Connection, pool::PoolConnectionMetadata};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// For a pool's `before_acquire`: refuses a connection whose last transaction
/// did not end, so that it is closed, which rolls back, and replaced.
///
/// The pool pings a connection first, and a queued rollback runs before the
/// ping; so this looks at the outcome of it. The driver may count a
/// transaction that is over, never the other way round.
pub(crate) fn outside_a_transaction<C: Connection>(
    connection: &mut C,
    _: PoolConnectionMetadata,
) -> BoxFuture<'_, std::result::Result<bool, sqlx::Error>> {
    let outside = !connection.is_in_transaction();
    if !outside {
        tracing::warn!("a connection was left inside a transaction: it is closed and replaced");
    }
    Box::pin(std::future::ready(Ok(outside)))
}

/// Where single statements are written, each of them committed when it is
/// answered.
#[derive(Clone, Debug)]
pub(crate) struct WriteConnection {
    connection: DatabaseConnection,
    activity: Arc<WriteActivity>,
    journal: Arc<Journal>,
}

impl WriteConnection {
    pub(crate) fn new(
        connection: DatabaseConnection,
        activity: Arc<WriteActivity>,
        journal: Arc<Journal>,
    ) -> Self {
        Self { connection, activity, journal }
    }

    /// What is closed at the end.
    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    pub(crate) async fn begin(&self, options: TransactionOptions) -> Result<Transaction, DbErr> {
        let begun = self.activity.note(self.connection.begin_with_options(options).await)?;
        self.activity.opened();
        Ok(Transaction {
            inner: Some(begun),
            failed: AtomicBool::new(false),
            activity: Arc::clone(&self.activity),
            events: Mutex::default(),
            journal: Arc::clone(&self.journal),
        })
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for WriteConnection {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.activity.watch(self.connection.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.activity.watch(self.connection.execute_unprepared(sql)).await
    }

    /// Reads to the end before it answers: only then is a row that the
    /// statement wrote committed.
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.activity.watch(self.connection.query_all_raw(statement)).await
    }
}

/// A transaction that ends with [`Transaction::commit`] or leaves no trace.
/// After a statement of it failed it takes no further one.
#[derive(Debug)]
pub(crate) struct Transaction {
    /// There until it has ended.
    inner: Option<DatabaseTransaction>,
    failed: AtomicBool,
    activity: Arc<WriteActivity>,
    /// What it changes, as open pages are told of it.
    events: Mutex<PendingEvents>,
    journal: Arc<Journal>,
}

impl Transaction {
    /// Tells whoever follows, in every process, once this is committed.
    pub(crate) fn publish(&self, event: Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).add(event);
    }

    /// Makes it last.
    ///
    /// # Errors
    /// When a statement of it failed, or the database's. Nothing of it is there
    /// then, unless the connection to PostgreSQL broke at this very moment:
    /// whether it committed is not known in that case.
    pub(crate) async fn commit(mut self) -> Result<(), DbErr> {
        // PostgreSQL answers the COMMIT of a failed transaction without an error.
        self.open()?;
        let pending = std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner));
        let events = pending.distinct();
        let appended = if events.is_empty() { Ok(()) } else { events::append(&self, &events).await };
        if let Err(error) = appended {
            // Now and not in the background: a row that is still locked would be
            // passed over by the next claim of work.
            if let Err(again) = self.rollback().await {
                tracing::debug!(error = %again, "a transaction is taken back with its connection");
            }
            return Err(error);
        }
        let Some(inner) = self.inner.take() else { return Err(ended()) };
        self.activity.note(inner.commit().await)?;
        if !events.is_empty() {
            self.journal.committed(&events);
        }
        Ok(())
    }

    /// Takes everything back.
    ///
    /// # Errors
    /// The database's; but not after a statement of it failed: then SQLite may
    /// have rolled back already, and the first error is the one to tell.
    pub(crate) async fn rollback(mut self) -> Result<(), DbErr> {
        let failed = self.failed.load(Ordering::Acquire);
        match self.inner.take() {
            Some(inner) => inner.rollback().await.or_else(|error| if failed { Ok(()) } else { Err(error) }),
            None => Ok(()),
        }
    }

    /// As migrations want it. They stop at the first error, so that nothing
    /// runs after one.
    pub(crate) fn for_migrations(&self) -> Result<&DatabaseTransaction, DbErr> {
        self.open()
    }

    fn open(&self) -> Result<&DatabaseTransaction, DbErr> {
        match &self.inner {
            Some(inner) if !self.failed.load(Ordering::Acquire) => Ok(inner),
            _ => Err(ended()),
        }
    }

    fn note<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if result.is_err() {
            self.failed.store(true, Ordering::Release);
        }
        result
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.activity.closed();
    }
}

fn ended() -> DbErr {
    DbErr::Custom("a statement of this transaction failed, which ended it".to_owned())
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.as_ref().map_or(DbBackend::Sqlite, ConnectionTrait::get_database_backend)
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.note(self.activity.watch(self.open()?.execute_raw(statement)).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.note(self.activity.watch(self.open()?.execute_unprepared(sql)).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.note(self.activity.watch(self.open()?.query_one_raw(statement)).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.note(self.activity.watch(self.open()?.query_all_raw(statement)).await)
    }
}
