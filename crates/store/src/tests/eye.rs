//! What is committed, as a connection of its own sees it.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    time::Duration,
};

/// Labels are stored ahead of what names them, and settings are what the tests
/// themselves write.
const IGNORED: [&str; 2] = ["labels", "settings"];

/// A connection beside the store's.
pub(crate) enum Eye {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A hash of each table's rows.
pub(crate) type Sight = BTreeMap<String, u64>;

impl Eye {
    pub(crate) async fn sqlite(path: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        Self::Sqlite(SqliteConnection::connect_with(&options).await.unwrap())
    }

    pub(crate) async fn postgres(url: &str) -> Self {
        Self::Postgres(PgConnection::connect(url).await.unwrap())
    }

    /// All that is committed.
    pub(crate) async fn sight(&mut self) -> Sight {
        let tables = match self {
            Self::Sqlite(_) => {
                "SELECT name, (SELECT group_concat('quote(\"' || c.name || '\")', '||''|''||') \
                 FROM pragma_table_info(m.name) c) FROM sqlite_master m \
                 WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            }
            Self::Postgres(_) => {
                "SELECT table_name::text, 't::text' FROM information_schema.tables \
                 WHERE table_schema = 'public' ORDER BY table_name"
            }
        };
        let tables: Vec<(String, String)> = self.rows(tables).await;
        let parts: Vec<String> = tables
            .into_iter()
            .filter(|(table, _)| !IGNORED.contains(&table.as_str()))
            .map(|(table, row)| format!("SELECT '{table}', {row} FROM \"{table}\" t"))
            .collect();
        let mut rows: Vec<(String, String)> = self.rows(&parts.join(" UNION ALL ")).await;
        rows.sort_unstable();
        let mut hashers: BTreeMap<String, DefaultHasher> = BTreeMap::new();
        for (table, row) in rows {
            row.hash(hashers.entry(table).or_default());
        }
        hashers.into_iter().map(|(table, hasher)| (table, hasher.finish())).collect()
    }

    /// Waits until no other connection has a transaction open: one that was
    /// given up or cut off keeps its locks until the server hears of it, and
    /// what it locked may be passed over meanwhile.
    ///
    /// On SQLite there is nothing to wait for: the one connection that writes
    /// is the one that the next write takes.
    pub(crate) async fn settle(&mut self) {
        let Self::Postgres(connection) = self else { return };
        let text = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                    AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL";
        for _ in 0..2_000 {
            let open: i64 = sqlx::query_scalar(text).fetch_one(&mut *connection).await.unwrap();
            if open == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("a transaction stays open");
    }

    /// What a key of the settings has.
    pub(crate) async fn setting(&mut self, key: &str) -> Option<String> {
        let text = format!("SELECT key, CAST(value AS TEXT) FROM settings WHERE key = '{key}'");
        self.rows(&text).await.pop().map(|(_, value)| value)
    }

    async fn rows(&mut self, text: &str) -> Vec<(String, String)> {
        match self {
            Self::Sqlite(connection) => {
                sqlx::query_as(AssertSqlSafe(text.to_owned())).fetch_all(connection).await.unwrap()
            }
            Self::Postgres(connection) => {
                sqlx::query_as(AssertSqlSafe(text.to_owned())).fetch_all(connection).await.unwrap()
            }
        }
    }
}

/// The tables that differ.
pub(crate) fn changed(before: &Sight, after: &Sight) -> Vec<String> {
    let differs = |table: &&String| before.get(*table) != after.get(*table);
    let mut tables: Vec<String> = before.keys().chain(after.keys()).filter(differs).cloned().collect();
    tables.sort_unstable();
    tables.dedup();
    tables
}
