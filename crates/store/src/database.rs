//! The connections: for SQLite one writer and a pool of readers, for
//! PostgreSQL one pool. Knows no table.

use crate::{
    error::{Result, StoreError},
    events::Journal,
    health::WriteActivity,
    options::{Durability, StoreOptions},
    transaction::{Transaction, WriteConnection, outside_a_transaction},
    urls,
};
use sea_orm::{
    DatabaseConnection, DbBackend, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector,
    TransactionOptions,
};
use sqlx::{
    ConnectOptions, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};

/// SQLite reads beside its one writer. Lists and figures have more connections
/// than the queue of work, and searches, which may take their whole time limit,
/// have some of their own, so that none of these waits for another kind.
const READERS: u32 = 4;
const QUEUE_CONNECTIONS: u32 = 2;
const TIMED_READERS: u32 = 3;
/// All kinds together, for each process: PostgreSQL grants 100 by default, and
/// several servers and workers share them.
const POSTGRES_CONNECTIONS: u32 = 12;
/// Rows that SQLite may be ahead of who takes them.
const ROWS_AHEAD: usize = 2_000;
/// How long a writer waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a call waits for a connection to PostgreSQL before it says that
/// there is none: long enough for a burst, short enough for who waits.
const POSTGRES_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a start waits for a PostgreSQL that is starting, too.
const POSTGRES_START_TIMEOUT: Duration = Duration::from_secs(30);
const OLDEST_POSTGRES: i64 = 150_000;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// Connections for a job queue that keeps its own tables in the same database.
#[derive(Clone, Debug)]
pub enum QueuePool {
    /// Opened like the store's own: WAL, foreign keys, busy timeout.
    Sqlite(SqlitePool),
    /// The store's own pool.
    Postgres(PgPool),
}

/// Connections whose statements are stopped when their time is over. Apart
/// from the readers: what stops a statement stays set on a connection.
#[derive(Clone, Debug)]
pub(crate) enum TimedPool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) writer: WriteConnection,
    pub(crate) reader: DatabaseConnection,
    pub(crate) queue: QueuePool,
    pub(crate) timed: TimedPool,
    pub(crate) kind: DatabaseKind,
    pub(crate) activity: Arc<WriteActivity>,
    pub(crate) journal: Arc<Journal>,
}

impl Database {
    pub(crate) async fn open(options: &StoreOptions) -> Result<Self> {
        let url = options.database_url.as_str();
        if let Some(path) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            Self::open_sqlite(path, options.durability).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url, options.durability).await
        } else {
            Err(StoreError::Options(format!(
                "{} is not a database URL: use sqlite://PATH or postgres://USER@HOST/NAME",
                urls::shown(url)
            )))
        }
    }

    /// Opens what is there; on SQLite every write fails.
    pub(crate) async fn open_unchanged(options: &StoreOptions) -> Result<Self> {
        let url = options.database_url.as_str();
        match url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            Some(path) => open_sqlite_unchanged(Path::new(path.split('?').next().unwrap_or(path))).await,
            None => Self::open(options).await,
        }
    }

    async fn open_sqlite(path: &str, durability: Durability) -> Result<Self> {
        let path = PathBuf::from(path.split('?').next().unwrap_or(path));
        if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
            return Err(StoreError::Options("the SQLite database needs a file: sqlite://PATH".to_owned()));
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                StoreError::Options(format!("the folder {} cannot be made: {error}", folder.display()))
            })?;
        }
        let options = sqlite_options(durability).filename(&path);
        let pool = |connections: u32| {
            let pool = SqlitePoolOptions::new().max_connections(connections).max_lifetime(None);
            pool.before_acquire(outside_a_transaction)
        };
        let writing = options.clone().pragma("cache_size", "-32000");
        let writing_pool = pool(1);
        #[cfg(test)]
        let writing_pool = crate::tests::on_connect(writing_pool, &path);
        let writer = writing_pool.connect_with(writing).await.map_err(unreachable_database)?;
        let reading = options.clone().pragma("cache_size", "-8000").pragma("query_only", "ON");
        let reader = pool(READERS).connect_with(reading).await.map_err(unreachable_database)?;
        let timing = options.clone().pragma("cache_size", "-16000").pragma("query_only", "ON");
        let timed = pool(TIMED_READERS).connect_lazy_with(timing);
        let queue = pool(QUEUE_CONNECTIONS).connect_lazy_with(options.pragma("cache_size", "-2000"));
        let writer = SqlxSqliteConnector::from_sqlx_sqlite_pool(writer);
        let activity = WriteActivity::default();
        #[cfg(test)]
        let activity = activity.with_faults(crate::tests::registered(&path));
        let (activity, journal) = (Arc::new(activity), Arc::<Journal>::default());
        Ok(Self {
            writer: WriteConnection::new(writer, Arc::clone(&activity), Arc::clone(&journal)),
            reader: SqlxSqliteConnector::from_sqlx_sqlite_pool(reader),
            queue: QueuePool::Sqlite(queue),
            timed: TimedPool::Sqlite(timed),
            kind: DatabaseKind::Sqlite,
            activity,
            journal,
        })
    }

    async fn open_postgres(url: &str, durability: Durability) -> Result<Self> {
        let commit = match durability {
            Durability::Normal => "local",
            Durability::Full => "on",
        };
        let options = PgConnectOptions::from_str(&urls::postgres(url))
            .map_err(|error| {
                let url = urls::shown(url);
                StoreError::Options(format!("the database URL {url} cannot be read: {error}"))
            })?
            .options([("synchronous_commit", commit)])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(POSTGRES_ACQUIRE_TIMEOUT)
            .before_acquire(outside_a_transaction)
            .connect_lazy_with(options);
        await_server(&pool).await?;
        let version: i64 = sqlx::query_scalar("SELECT current_setting('server_version_num')::bigint")
            .fetch_one(&pool)
            .await
            .map_err(unreachable_database)?;
        if version < OLDEST_POSTGRES {
            return Err(StoreError::Options(format!(
                "PostgreSQL {} is too old: 15 is the oldest that works",
                version / 10_000
            )));
        }
        let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
        let (activity, journal) = (Arc::<WriteActivity>::default(), Arc::<Journal>::default());
        Ok(Self {
            writer: WriteConnection::new(connection.clone(), Arc::clone(&activity), Arc::clone(&journal)),
            reader: connection,
            queue: QueuePool::Postgres(pool.clone()),
            timed: TimedPool::Postgres(pool),
            kind: DatabaseKind::Postgres,
            activity,
            journal,
        })
    }

    /// A transaction that may write; on SQLite it takes the lock at once, so
    /// that it never fails half-way for want of it.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.kind == DatabaseKind::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin(options).await?)
    }

    pub(crate) fn backend(&self) -> DbBackend {
        match self.kind {
            DatabaseKind::Sqlite => DbBackend::Sqlite,
            DatabaseKind::Postgres => DbBackend::Postgres,
        }
    }

    pub(crate) async fn close(&self) -> Result<()> {
        self.journal.close();
        match &self.timed {
            TimedPool::Sqlite(pool) => pool.close().await,
            TimedPool::Postgres(pool) => pool.close().await,
        }
        match &self.queue {
            QueuePool::Sqlite(pool) => pool.close().await,
            QueuePool::Postgres(pool) => pool.close().await,
        }
        self.reader.clone().close().await?;
        self.writer.connection().clone().close().await?;
        Ok(())
    }
}

/// A file that nobody has open has no `-wal` beside it, or an empty one; it is
/// read as it is, since SQLite would make `-wal` and `-shm` even for reading.
async fn open_sqlite_unchanged(path: &Path) -> Result<Database> {
    if !path.is_file() {
        return Err(StoreError::Options(format!("there is no database {}", path.display())));
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(!Path::new(&log).exists())
        .busy_timeout(BUSY_TIMEOUT)
        .row_buffer_size(ROWS_AHEAD)
        .pragma("temp_store", "MEMORY")
        .pragma("query_only", "ON")
        // What a schema says is not run with more trust than what a file says.
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging();
    let pool = || SqlitePoolOptions::new().max_connections(READERS).max_lifetime(None);
    let reader = pool().connect_with(options.clone()).await.map_err(unreachable_database)?;
    let lazy = pool().connect_lazy_with(options);
    let reader = SqlxSqliteConnector::from_sqlx_sqlite_pool(reader);
    let (activity, journal) = (Arc::<WriteActivity>::default(), Arc::<Journal>::default());
    Ok(Database {
        writer: WriteConnection::new(reader.clone(), Arc::clone(&activity), Arc::clone(&journal)),
        reader,
        queue: QueuePool::Sqlite(lazy.clone()),
        timed: TimedPool::Sqlite(lazy),
        kind: DatabaseKind::Sqlite,
        activity,
        journal,
    })
}

fn sqlite_options(durability: Durability) -> SqliteConnectOptions {
    let synchronous = match durability {
        Durability::Normal => SqliteSynchronous::Normal,
        Durability::Full => SqliteSynchronous::Full,
    };
    SqliteConnectOptions::new()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        // A full buffer stops the thread that reads until the other one comes.
        .row_buffer_size(ROWS_AHEAD)
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging()
}

/// Waits for a server that is starting, longer than a call would.
async fn await_server(pool: &PgPool) -> Result<()> {
    let deadline = Instant::now() + POSTGRES_START_TIMEOUT;
    loop {
        match pool.acquire().await {
            Ok(_) => return Ok(()),
            Err(sqlx::Error::PoolTimedOut) if Instant::now() < deadline => {}
            Err(error) => return Err(unreachable_database(error)),
        }
    }
}

pub(crate) fn unreachable_database(error: sqlx::Error) -> StoreError {
    sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{ConnectionTrait, TransactionTrait};

    async fn pragma(db: &impl ConnectionTrait, name: &str) -> String {
        let statement = sea_orm::Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
        let row = db.query_one_raw(statement).await.expect("a pragma").expect("a value");
        row.try_get_by_index::<i64>(0)
            .map(|number| number.to_string())
            .or_else(|_| row.try_get_by_index::<String>(0))
            .expect("a number or a word")
    }

    async fn check(db: &impl ConnectionTrait, synchronous: &str, query_only: &str) {
        let names = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only"];
        let mut values = Vec::new();
        for name in names {
            values.push(pragma(db, name).await);
        }
        assert_eq!(values, ["wal", synchronous, "1", "10000", query_only]);
    }

    #[tokio::test]
    async fn every_connection_has_its_pragmas() {
        for (durability, synchronous) in [(Durability::Normal, "1"), (Durability::Full, "2")] {
            let folder = tempfile::tempdir().expect("a folder");
            let options = StoreOptions { durability, ..StoreOptions::in_folder(folder.path()) };
            let db = Database::open(&options).await.expect("a database");
            check(&db.writer, synchronous, "0").await;
            // Open transactions hold their connections, so each one is another.
            let mut readers = Vec::new();
            for _ in 0..READERS {
                let reader = db.reader.begin().await.expect("a reader");
                check(&reader, synchronous, "1").await;
                readers.push(reader);
            }
            let QueuePool::Sqlite(queue) = &db.queue else { panic!("not SQLite") };
            let queue = SqlxSqliteConnector::from_sqlx_sqlite_pool(queue.clone());
            let mut held = Vec::new();
            for _ in 0..QUEUE_CONNECTIONS {
                let connection = queue.begin().await.expect("a connection");
                check(&connection, synchronous, "0").await;
                held.push(connection);
            }
            drop((readers, held));
            db.close().await.expect("closed");
        }
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Database::open(&StoreOptions::in_folder(folder.path())).await.expect("a database");
        assert!(db.reader.execute_unprepared("CREATE TABLE t (a INTEGER)").await.is_err());
        db.writer.execute_unprepared("CREATE TABLE t (a INTEGER)").await.expect("the writer can");
        db.close().await.expect("closed");
    }
}
