//! The Predictions view: indexes for its orders and conditions, metadata by
//! key, deletions that can be undone, kept views. The text is beside it, in
//! `.sql`; metadata that is there already is spread out here, since no
//! database reads numbers exactly as the query language does.

use crate::dialect::statements;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, JsonValue, Statement, Value, prelude::Uuid},
};

const UP: &str = include_str!("m20261126_000002_predictions_view.sql");
const PAGE: usize = 500;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000002_predictions_view"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in statements(UP, manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        spread_metadata(manager.get_connection()).await
    }
}

async fn spread_metadata(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let mut last = Uuid::nil();
    loop {
        let text = numbered(
            backend,
            "SELECT id, deployment_id, metadata FROM predictions WHERE id > ? ORDER BY id LIMIT 500",
        );
        let rows = db.query_all_raw(Statement::from_sql_and_values(backend, text, [last.into()])).await?;
        for row in &rows {
            let (id, deployment): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let metadata: JsonValue = row.try_get_by_index(2)?;
            for (key, value) in metadata.as_object().into_iter().flatten() {
                let Some(value) = value.as_str() else { continue };
                let values: [Value; 5] =
                    [deployment.into(), id.into(), key.as_str().into(), value.into(), number(value).into()];
                let text = numbered(backend, "INSERT INTO prediction_metadata VALUES (?, ?, ?, ?, ?)");
                db.execute_raw(Statement::from_sql_and_values(backend, text, values)).await?;
            }
            last = id;
        }
        if rows.len() < PAGE {
            return Ok(());
        }
    }
}

fn numbered(backend: DbBackend, text: &str) -> String {
    if backend != DbBackend::Postgres {
        return text.to_owned();
    }
    let mut parts = text.split('?');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (index, part) in (1..).zip(parts) {
        out.push_str(&format!("${index}{part}"));
    }
    out
}

/// A finite decimal number, and nothing else.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    let value: f64 = if plain { text.parse().ok()? } else { return None };
    value.is_finite().then_some(value + 0.0)
}
