//! Reading on: every event once, whichever process wrote it.
//!
//! Ids are taken before the commit. On SQLite one transaction writes at a
//! time, so that their order is that of the commits. On PostgreSQL a later id
//! may be there before an earlier one: reading what is greater than the last
//! id would miss it for ever. So a follower remembers the ids that it passed
//! over ([`Position::absent`]) and asks for them with every read, until they
//! are there, or so far behind that they are deleted. An id whose transaction
//! was rolled back stays absent; such are few, since rows are written with the
//! last statement before a commit.

use super::{KEPT, journal::Progress, pending::CHANNEL};
use crate::{
    DatabaseKind,
    database::{Database, QueuePool},
    error::{Result, StoreError},
    sql::{Arg, Fragment, row, rows},
};
use domain::event::Event;
use sqlx::{
    PgPool,
    postgres::{PgListener, PgPoolOptions},
};
use std::{collections::BTreeSet, time::Duration};
use tokio::sync::watch;

/// How often SQLite is read for what other processes wrote: it tells nobody.
/// One look at the end of an index, some microseconds.
const SQLITE_LOOKS_EVERY: Duration = Duration::from_millis(100);
/// How often PostgreSQL is read though nothing was heard: a connection pooler
/// may swallow notifications.
const POSTGRES_LOOKS_EVERY: Duration = Duration::from_millis(900);
/// How long the server is left alone after a connection could not be made.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);
/// Rows of one read.
const READ: usize = 1_000;
/// Before the last id at the start: a transaction that commits only now may
/// have taken an earlier one.
const BEFORE_THE_START: i64 = 500;
/// Absent ids that are asked for at most; the oldest go first.
const ABSENT: usize = 500;

/// What was read at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct News {
    /// In the order of their ids.
    pub events: Vec<Event>,
    /// Whether events were deleted before they were read: whoever shows
    /// something must fetch it again.
    pub missed: bool,
}

/// Follows the events of all processes from where it began.
#[derive(Debug)]
pub struct Follower {
    db: Database,
    position: Position,
    own: watch::Receiver<Progress>,
    listener: Option<Listener>,
}

/// Which ids were read.
#[derive(Debug, Default, PartialEq, Eq)]
struct Position {
    /// The greatest.
    last: i64,
    /// Smaller ones that were not there.
    absent: BTreeSet<i64>,
}

impl Position {
    fn read(&mut self, id: i64) {
        if id <= self.last {
            self.absent.remove(&id);
            return;
        }
        let passed_over = self.last.max(id.saturating_sub(KEPT)).saturating_add(1)..id;
        self.absent.extend(passed_over.rev().take(ABSENT));
        self.last = id;
        while self.absent.len() > ABSENT || self.absent.first().is_some_and(|first| first + KEPT < id) {
            self.absent.pop_first();
        }
    }
}

impl Follower {
    pub(super) async fn begin(db: Database) -> Result<Self> {
        // Heard from before the position is read: nothing falls in between.
        let mut listener = Listener::of(&db);
        if let Some(listener) = &mut listener {
            listener.connect().await;
        }
        let own = db.journal.subscribe();
        let text = "SELECT id FROM events WHERE id > (SELECT MAX(id) FROM events) - ? ORDER BY id";
        let latest = rows(&db.reader, Fragment::with(text, [Arg::Int(BEFORE_THE_START)])).await?;
        let mut position = Position::default();
        let ids = latest.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect::<Result<Vec<i64>>>()?;
        // The first that is there may have been passed over by none, or by many.
        position.last = ids.last().map_or(0, |last| (last - BEFORE_THE_START).max(0));
        ids.into_iter().for_each(|id| position.read(id));
        Ok(Self { db, position, own, listener })
    }

    /// Waits until there is something, and gives it.
    ///
    /// May be dropped while it waits: nothing is lost then.
    ///
    /// # Errors
    /// `Closed` once the store is closed; else the database's: the next call
    /// goes on where this one failed.
    pub async fn next(&mut self) -> Result<News> {
        loop {
            // Before the read: what is committed after it is another change.
            if self.own.borrow_and_update().closed {
                return Err(StoreError::Closed);
            }
            let news = self.read().await;
            // A read that the closing broke off is no failure of the database.
            let closed = news.is_err() && self.own.borrow().closed;
            let news = if closed { return Err(StoreError::Closed) } else { news? };
            if news.missed || !news.events.is_empty() {
                self.db.journal.note(&news.events);
                return Ok(news);
            }
            self.wait().await;
        }
    }

    async fn read(&mut self) -> Result<News> {
        let Position { last, absent } = &self.position;
        let query = Fragment::new("SELECT id, body FROM events WHERE id > ").value(*last);
        let query = if absent.is_empty() {
            query
        } else {
            query.say(" OR ").then(Fragment::one_of("id", absent.iter().map(|id| Arg::Int(*id))))
        };
        let query = query.say(" ORDER BY id LIMIT ").value(i64::try_from(READ).unwrap_or(i64::MAX));
        let mut appended: Vec<(i64, String)> = Vec::new();
        for row in rows(&self.db.reader, query).await? {
            appended.push((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
        }
        let first = appended.iter().map(|(id, _)| *id).find(|id| id > last);
        let jumped = *last > 0 && first.is_some_and(|first| first > last + 1);
        let missed = jumped && self.were_deleted_after(*last).await?;
        // From here on nothing fails: what was passed is given.
        let mut news = News { missed, ..News::default() };
        for (id, body) in appended {
            self.position.read(id);
            match serde_json::from_str(&body) {
                Ok(event) => news.events.push(event),
                Err(error) => {
                    tracing::warn!(id, %error, "an event cannot be read, it may be of a newer version: skipped");
                }
            }
        }
        Ok(news)
    }

    async fn were_deleted_after(&self, last: i64) -> Result<bool> {
        let oldest = row(&self.db.reader, Fragment::new("SELECT MIN(id) FROM events")).await?;
        let oldest: Option<i64> = oldest.map_or(Ok(None), |row| row.try_get_by_index(0))?;
        Ok(oldest.is_some_and(|oldest| oldest > last + 1))
    }

    async fn wait(&mut self) {
        let every = match self.db.kind {
            DatabaseKind::Sqlite => SQLITE_LOOKS_EVERY,
            DatabaseKind::Postgres => POSTGRES_LOOKS_EVERY,
        };
        let Self { own, listener, .. } = self;
        let notified = async {
            match listener {
                Some(listener) => listener.notified().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // The sender lives in `db`: it never goes first.
            _ = own.changed() => {}
            () = notified => {}
            () = tokio::time::sleep(every) => {}
        }
    }
}

/// A connection of its own that hears PostgreSQL's notifications.
#[derive(Debug)]
struct Listener {
    /// Of one connection, so that the store's are all for statements.
    pool: PgPool,
    connected: Option<PgListener>,
}

impl Listener {
    fn of(db: &Database) -> Option<Self> {
        let QueuePool::Postgres(pool) = &db.queue else { return None };
        let options = pool.connect_options().as_ref().clone();
        let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        Some(Self { pool: pool.connect_lazy_with(options), connected: None })
    }

    /// Tries to; without a connection the follower still reads now and then.
    async fn connect(&mut self) {
        let connecting = async {
            let mut listener = PgListener::connect_with(&self.pool).await?;
            listener.eager_reconnect(false);
            listener.listen(CHANNEL).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        match connecting.await {
            Ok(listener) => self.connected = Some(listener),
            Err(error) => tracing::debug!(%error, "the database cannot be listened to"),
        }
    }

    /// Returns when there may be something to be read. May be dropped
    /// anywhere: a notification is taken whole or not at all.
    async fn notified(&mut self) {
        let Some(listener) = &mut self.connected else {
            self.connect().await;
            if self.connected.is_none() {
                tokio::time::sleep(RECONNECT_AFTER).await;
            }
            // What was committed while nobody listened was not heard of.
            return;
        };
        match listener.try_recv().await {
            // One read answers them all.
            Ok(Some(_)) => while listener.next_buffered().is_some() {},
            Ok(None) => {}
            Err(error) => {
                tracing::debug!(%error, "the database cannot be listened to any more");
                self.connected = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(ids: impl IntoIterator<Item = i64>) -> Position {
        let mut position = Position { last: 10, ..Position::default() };
        ids.into_iter().for_each(|id| position.read(id));
        position
    }

    #[test]
    fn an_id_that_was_passed_over_is_asked_for_until_it_is_there() {
        let passed = position([11, 14]);
        assert_eq!(passed, Position { last: 14, absent: [12, 13].into() });
        let later = position([11, 14, 13, 12]);
        assert_eq!(later, Position { last: 14, absent: BTreeSet::new() });
    }

    #[test]
    fn absent_ids_are_bounded() {
        assert_eq!(position([1_000_000]).absent.len(), ABSENT);
        assert_eq!(position([1_000_000]).absent.last(), Some(&999_999));
        let old = position([12, 12 + KEPT]);
        assert_eq!(old.absent.first().map(|first| first + KEPT >= 12 + KEPT), Some(true));
    }
}
