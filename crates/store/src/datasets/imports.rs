//! Versions that an import is filling. An import that was killed leaves its
//! version open; whoever sweeps next discards it when its time is over.

use super::{Datasets, NewDatasetVersion, create_in, discard_in};
use crate::{
    audit::Act,
    error::{Result, StoreError},
    sql::{Fragment, rows},
};
use domain::{dataset::DatasetVersion, ids::DatasetVersionId, time::Timestamp};
use sea_orm::ConnectionTrait;

/// Milliseconds that an import may be silent. It renews them with every few
/// dozen images; a machine that slept for longer has its import end with an
/// error, and nothing is lost but the time.
pub const IMPORT_MS: i64 = 30 * 60_000;

/// A version that is being filled, or was when its import was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenImport {
    /// Which.
    pub version: DatasetVersionId,
    /// As `dataset/version`.
    pub name: String,
    /// From then on it counts as cut off.
    pub until: Timestamp,
}

impl Datasets<'_> {
    /// Makes an open, empty version that an import fills; without
    /// [`renew_import`](Self::renew_import) it is discarded [`IMPORT_MS`]
    /// after the act.
    ///
    /// # Errors
    /// `Conflict` when the name is taken or a label is repeated.
    pub async fn begin_import(&self, new: NewDatasetVersion, act: Act) -> Result<DatasetVersion> {
        let now = act.by.at;
        let tx = self.db.begin().await?;
        let version = create_in(&tx, new).await?;
        let lease = Fragment::new("INSERT INTO dataset_imports (version_id, until) VALUES (")
            .value(version.id.0)
            .say(", ")
            .value(now.plus_ms(IMPORT_MS).0)
            .say(")");
        tx.execute_raw(lease.into_statement(tx.get_database_backend())).await?;
        act.record(&tx, &version.full_name()).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Says that the import goes on.
    ///
    /// # Errors
    /// `NotFound` when the version was discarded because it had been silent.
    pub async fn renew_import(&self, version: DatasetVersionId, now: Timestamp) -> Result<()> {
        let renew = Fragment::new("UPDATE dataset_imports SET until = ")
            .value(now.plus_ms(IMPORT_MS).0)
            .say(" WHERE version_id = ")
            .value(version.0);
        let renewed = self.db.writer.execute_raw(renew.into_statement(self.db.backend())).await?;
        match renewed.rows_affected() {
            0 => Err(StoreError::not_found(format!("import into dataset version {version}"))),
            _ => Ok(()),
        }
    }

    /// The versions that imports are filling, or were when they were cut off.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn imports(&self) -> Result<Vec<OpenImport>> {
        let text = "SELECT i.version_id, d.name, v.name, i.until FROM dataset_imports i \
                    JOIN dataset_versions v ON v.id = i.version_id JOIN datasets d ON d.id = v.dataset_id \
                    ORDER BY i.until";
        let imports = rows(&self.db.reader, Fragment::new(text)).await?;
        let import = |row: &sea_orm::QueryResult| {
            let (dataset, name): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            Ok(OpenImport {
                version: DatasetVersionId(row.try_get_by_index(0)?),
                name: format!("{dataset}/{name}"),
                until: Timestamp(row.try_get_by_index(3)?),
            })
        };
        imports.iter().map(import).collect()
    }

    /// Open versions that neither an import of this machine nor a feedback loop
    /// fills, as `dataset/version`, with the moment they were made: programs
    /// fill them by the API, or left them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_versions(&self) -> Result<Vec<(String, Timestamp)>> {
        let text = "SELECT d.name, v.name, v.created FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id \
                    WHERE v.open AND NOT EXISTS (SELECT 1 FROM dataset_imports i WHERE i.version_id = v.id) \
                    AND NOT EXISTS (SELECT 1 FROM feedback_loops f WHERE f.version_id = v.id) \
                    AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.version_id = v.id) ORDER BY v.created";
        let versions = rows(&self.db.reader, Fragment::new(text)).await?;
        let version = |row: &sea_orm::QueryResult| {
            let (dataset, name): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok((format!("{dataset}/{name}"), Timestamp(row.try_get_by_index(2)?)))
        };
        versions.iter().map(version).collect()
    }

    /// Discards the versions whose imports were cut off, each with `act`, and
    /// gives their names.
    ///
    /// # Errors
    /// When the database fails; what is left goes the next time.
    pub async fn discard_cut_off(&self, act: &Act) -> Result<Vec<String>> {
        let now = act.by.at;
        let mut discarded = Vec::new();
        for import in self.imports().await?.into_iter().filter(|import| import.until <= now) {
            if self.discard_one(&import, act.clone()).await? {
                discarded.push(import.name);
            }
        }
        Ok(discarded)
    }

    /// Whether it was still cut off, and nothing else had taken the version up.
    async fn discard_one(&self, import: &OpenImport, act: Act) -> Result<bool> {
        let (version, now) = (import.version.0, act.by.at);
        let lapsed = Fragment::new("DELETE FROM dataset_imports WHERE version_id = ")
            .value(version)
            .say(" AND until <= ")
            .value(now.0);
        let tx = self.db.begin().await?;
        let ended = tx.execute_raw(lapsed.clone().into_statement(tx.get_database_backend())).await?;
        if ended.rows_affected() == 0 {
            return Ok(false);
        }
        match discard_in(&tx, import.version, now).await {
            Ok(()) => {
                act.record(&tx, &import.name).await?;
                tx.commit().await?;
                Ok(true)
            }
            // A feedback loop fills it now: it stays, and is no import any more.
            Err(StoreError::Conflict { .. } | StoreError::NotFound { .. }) => {
                tx.rollback().await?;
                self.db.writer.execute_raw(lapsed.into_statement(self.db.backend())).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
