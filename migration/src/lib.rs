//! The database's history: every change of the schema, in order.
//!
//! A migration that was released is never edited; the next change is a new
//! file. Statements are written once, for SQLite and for PostgreSQL, with a
//! few words that differ between the two (see [`dialect`]). Imports nothing
//! that changes: no entity, no domain type.
//!
//! All that is pending runs in one transaction with its records, on both
//! databases, so that a killed process leaves the version before. On SQLite
//! foreign keys are off meanwhile, since a pragma has no effect inside a
//! transaction and a table that is rebuilt would take its children with it;
//! they are checked before the commit. So a migration that deletes rows
//! deletes those that refer to them first, and none has `BEGIN` or a pragma.

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
            script!("m20261129_000013_files"),
            script!("m20261129_000014_accountability"),
            script!("m20261129_000015_lineage"),
            script!("m20261129_000016_ended_work"),
            script!("m20261129_000017_events"),
            script!("m20261129_000018_embeddings"),
            script!("m20261129_000019_settings"),
            script!("m20261129_000020_models"),
            script!("m20261129_000021_trainers"),
            script!("m20261129_000022_imports"),
            script!("m20261129_000023_best_threshold"),
            script!("m20261130_000024_signed_urls"),
            script!("m20261130_000027_detector"),
            script!("m20261130_000028_quarter_hours"),
            script!("m20261130_000029_training_plans"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm_migration::sea_orm::DbBackend;

    macro_rules! released {
        ($name:literal, $checksum:literal) => {
            ($name, include_bytes!($name).as_slice(), $checksum)
        };
    }

    /// Files of migrations that data out there has run. A file is added with
    /// its release, and no line is changed after that: the next change of the
    /// schema is a new migration.
    const RELEASED: &[(&str, &[u8], u64)] = &[
        released!("m20261101_000001_foundation.sql", 0xfbec_dcfe_7d35_5bbd),
        released!("m20261126_000002_predictions_view.rs", 0x9dff_aff0_65fc_4ee8),
        released!("m20261126_000002_predictions_view.sql", 0x0169_96ad_fe4c_a665),
        released!("m20261126_000003_reviews.sql", 0x0cf5_6bab_77f8_dc43),
        released!("m20261126_000004_session_epoch.sql", 0x9854_0e45_7fe0_fbe4),
        released!("m20261127_000005_monitoring.sql", 0x39b8_7c80_bbde_7a08),
        released!("m20261127_000006_learning.sql", 0xd4e9_b709_b854_2445),
        released!("m20261127_000007_many_boxes.sql", 0xc9d2_0276_8b32_c907),
        released!("m20261127_000008_blocks.sql", 0x7e85_21a9_9c63_360a),
        released!("m20261127_000009_retention.sql", 0xf3fc_8f64_708c_7e69),
        released!("m20261127_000010_measures.sql", 0xfad9_3daa_5d4a_0b09),
        released!("m20261127_000011_rare.sql", 0x2f25_ac71_4ead_276a),
    ];

    /// FNV-1a of 64 bits: it is against mistakes, not against malice.
    fn checksum(bytes: &[u8]) -> u64 {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
    }

    #[test]
    fn a_released_migration_is_never_edited() {
        for (name, bytes, released) in RELEASED {
            assert_eq!(checksum(bytes), *released, "{name} was released: make a new migration instead");
        }
    }

    /// All run in one transaction, in which these do nothing or fail.
    #[test]
    fn no_migration_has_a_pragma_or_a_transaction_of_its_own() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let entries =
            std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
        let scripts: Vec<_> =
            entries.filter(|path| path.extension().is_some_and(|end| end == "sql")).collect();
        assert_eq!(scripts.len(), Migrator::migrations().len(), "a script for each migration");
        for path in scripts {
            let script = std::fs::read_to_string(path).expect("UTF-8");
            for statement in dialect::statements(&script, DbBackend::Sqlite) {
                let word = statement.split_whitespace().next().unwrap_or_default().to_uppercase();
                assert!(
                    !["PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "VACUUM"].contains(&word.as_str()),
                    "{statement}"
                );
            }
        }
    }
}
