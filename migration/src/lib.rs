//! The database's history: every change of the schema, in order.
//!
//! A migration that was released is never edited; the next change is a new
//! file. Statements are written once, for SQLite and for PostgreSQL, with a
//! few words that differ between the two (see [`dialect`]). Imports nothing
//! that changes: no entity, no domain type.

use sea_orm_migration::{MigrationTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait, SchemaManager};

mod dialect;
mod m20261126_000002_predictions_view;
mod script;

use script::script;

/// Runs the migrations; `up` brings a database to the present.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            script!("m20261101_000001_foundation"),
            Box::new(m20261126_000002_predictions_view::Migration),
            script!("m20261126_000003_reviews"),
            script!("m20261126_000004_session_epoch"),
            script!("m20261127_000005_monitoring"),
            script!("m20261127_000006_learning"),
            script!("m20261127_000007_many_boxes"),
            script!("m20261127_000008_blocks"),
            script!("m20261127_000009_retention"),
            script!("m20261127_000010_measures"),
            script!("m20261127_000011_rare"),
            script!("m20261129_000016_ended_work"),
        ]
    }
}
