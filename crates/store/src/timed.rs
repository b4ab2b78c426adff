//! Reading against the clock: a statement that is not done in time is stopped
//! and says so, instead of keeping a connection and its caller. SQLite asks a
//! handler every few thousand steps; PostgreSQL has `statement_timeout`.
//!
//! Knows no table.

use crate::{
    database::{Database, TimedPool, unreachable_database},
    error::{Result, StoreError},
    sql::{Arg, Fragment, numbered},
};
use sea_orm::{DbErr, RuntimeErr};
use sqlx::{
    AssertSqlSafe, Postgres, Row, Sqlite, Transaction, pool::PoolConnection, postgres::PgRow, query::Query,
    sqlite::SqliteRow,
};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Steps of SQLite's virtual machine between two looks at the clock: well
/// under a millisecond.
const STEPS: i32 = 4_000;
/// A statement gets at least this long, so that a late one ends with an answer.
const LEAST: Duration = Duration::from_millis(5);

/// What came of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Timely<T> {
    /// It was done.
    Done(T),
    /// It was stopped.
    Late,
}

/// A connection for statements that must end before `deadline`.
pub(crate) struct Timed<'d> {
    pool: &'d TimedPool,
    connection: Option<Connection>,
    deadline: Instant,
}

enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl<'d> Timed<'d> {
    pub(crate) fn within(db: &'d Database, time: Duration) -> Self {
        Self { pool: &db.timed, connection: None, deadline: Instant::now() + time }
    }

    /// From now on there is so much time.
    pub(crate) fn extend(&mut self, time: Duration) {
        self.deadline = Instant::now() + time;
    }

    /// Whether all the time has passed.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// All rows of a statement, if they come within `most` and the deadline.
    pub(crate) async fn rows(
        &mut self,
        statement: &Fragment,
        most: Duration,
    ) -> Result<Timely<Vec<TimedRow>>> {
        let until = self.deadline.min(Instant::now() + most);
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => match tokio::time::timeout_at(self.deadline.into(), connect(self.pool)).await {
                Ok(connected) => connected?,
                Err(_) => return Ok(Timely::Late),
            },
        };
        match connection {
            Connection::Sqlite(connection) => self.sqlite(connection, statement, until).await,
            Connection::Postgres(tx) => self.postgres(tx, statement, until).await,
        }
    }

    async fn sqlite(
        &mut self,
        mut connection: PoolConnection<Sqlite>,
        statement: &Fragment,
        until: Instant,
    ) -> Result<Timely<Vec<TimedRow>>> {
        let until = until.max(Instant::now() + LEAST);
        let mut handle = connection.lock_handle().await.map_err(failed)?;
        handle.set_progress_handler(STEPS, move || Instant::now() < until);
        drop(handle);
        let mut query = sqlx::query(AssertSqlSafe(statement.text().to_owned()));
        for value in statement.values() {
            query = bind_sqlite(query, value);
        }
        let rows = query.fetch_all(&mut *connection).await;
        self.connection = Some(Connection::Sqlite(connection));
        match rows {
            Ok(rows) => Ok(Timely::Done(rows.into_iter().map(TimedRow::Sqlite).collect())),
            Err(error) if has_code(&error, "9") => Ok(Timely::Late),
            Err(error) => Err(failed(error)),
        }
    }

    async fn postgres(
        &mut self,
        mut tx: Transaction<'static, Postgres>,
        statement: &Fragment,
        until: Instant,
    ) -> Result<Timely<Vec<TimedRow>>> {
        let left = until.saturating_duration_since(Instant::now()).max(LEAST);
        let limit = format!("SET LOCAL statement_timeout = {}", left.as_millis());
        sqlx::raw_sql(AssertSqlSafe(limit)).execute(&mut *tx).await.map_err(failed)?;
        let mut query = sqlx::query(AssertSqlSafe(numbered(statement.text())));
        for value in statement.values() {
            query = bind_postgres(query, value);
        }
        match query.fetch_all(&mut *tx).await {
            Ok(rows) => {
                self.connection = Some(Connection::Postgres(tx));
                Ok(Timely::Done(rows.into_iter().map(TimedRow::Postgres).collect()))
            }
            Err(error) if has_code(&error, "57014") => {
                tx.rollback().await.map_err(failed)?;
                Ok(Timely::Late)
            }
            Err(error) => Err(failed(error)),
        }
    }
}

async fn connect(pool: &TimedPool) -> Result<Connection> {
    Ok(match pool {
        TimedPool::Sqlite(pool) => Connection::Sqlite(pool.acquire().await.map_err(unreachable_database)?),
        TimedPool::Postgres(pool) => Connection::Postgres(pool.begin().await.map_err(unreachable_database)?),
    })
}

type SqliteQuery<'q> = Query<'q, Sqlite, <Sqlite as sqlx::Database>::Arguments>;
type PostgresQuery<'q> = Query<'q, Postgres, <Postgres as sqlx::Database>::Arguments>;

fn bind_sqlite<'q>(query: SqliteQuery<'q>, value: &Arg) -> SqliteQuery<'q> {
    match value {
        Arg::Int(number) => query.bind(*number),
        Arg::Real(number) => query.bind(*number),
        Arg::Text(text) => query.bind(text.clone()),
        Arg::Id(id) => query.bind(*id),
    }
}

fn bind_postgres<'q>(query: PostgresQuery<'q>, value: &Arg) -> PostgresQuery<'q> {
    match value {
        Arg::Int(number) => query.bind(*number),
        Arg::Real(number) => query.bind(*number),
        Arg::Text(text) => query.bind(text.clone()),
        Arg::Id(id) => query.bind(*id),
    }
}

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|actual| actual == code)
}

fn failed(error: sqlx::Error) -> StoreError {
    DbErr::Query(RuntimeErr::SqlxError(error.into())).into()
}

/// A row of either database.
#[derive(Debug)]
pub(crate) enum TimedRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident -> $of:ty),* $(,)?) => {$(
        $(#[$doc])*
        pub(crate) fn $name(&self, column: usize) -> Result<$of> {
            match self {
                Self::Sqlite(row) => row.try_get(column).map_err(failed),
                Self::Postgres(row) => row.try_get(column).map_err(failed),
            }
        }
    )*};
}

impl TimedRow {
    columns! {
        int -> i64,
        id -> Uuid,
        text -> String,
        some_int -> Option<i64>,
        some_real -> Option<f64>,
        some_text -> Option<String>,
    }
}
