//! The database's history: every change of the schema, in order.
//!
//! A migration that was released is never edited; the next change is a new
//! file. Statements are written once, for SQLite and for PostgreSQL, with a
//! few words that differ between the two (see [`dialect`]). Imports nothing
//! that changes: no entity, no domain type.

use sea_orm_migration::{MigrationTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait, SchemaManager};

mod dialect;
mod m20261101_000001_foundation;
mod m20261126_000002_predictions_view;
mod m20261126_000003_reviews;
mod m20261126_000004_session_epoch;
mod m20261127_000005_monitoring;
mod m20261127_000006_learning;
mod m20261127_000007_many_boxes;
mod m20261127_000008_blocks;
mod m20261127_000009_retention;
mod m20261127_000010_measures;

/// Runs the migrations; `up` brings a database to the present.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261101_000001_foundation::Migration),
            Box::new(m20261126_000002_predictions_view::Migration),
            Box::new(m20261126_000003_reviews::Migration),
            Box::new(m20261126_000004_session_epoch::Migration),
            Box::new(m20261127_000005_monitoring::Migration),
            Box::new(m20261127_000006_learning::Migration),
            Box::new(m20261127_000007_many_boxes::Migration),
            Box::new(m20261127_000008_blocks::Migration),
            Box::new(m20261127_000009_retention::Migration),
            Box::new(m20261127_000010_measures::Migration),
        ]
    }
}
