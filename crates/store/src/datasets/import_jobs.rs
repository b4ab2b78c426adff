//! Imports that a worker does: what was asked for, and what came of it. How
//! far one is says its work item, which has the same id, and so has the
//! version that it makes.

use super::Datasets;
use crate::{
    audit::Act,
    cursor,
    error::{Result, StoreError},
    sql::{Fragment, rows, run},
    work::{NewWork, enqueue_in},
};
use domain::{
    dataset_import::{DatasetImport, ImportOrder, ImportReport},
    ids::{DatasetVersionId, WorkItemId},
    page::{Page, PageRequest},
    time::Timestamp,
    work::WorkState,
};
use sea_orm::QueryResult;

/// An import that somebody asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDatasetImport {
    /// Its work, whose id it has.
    pub work: NewWork,
    /// By whom, for people.
    pub requested_by: String,
    /// The name of the file that was sent.
    pub filename: String,
    /// What is asked for.
    pub order: ImportOrder,
}

const COLUMNS: &str = "SELECT j.id, j.requested_by, j.filename, j.import_order, j.report, w.state, w.progress, \
                       w.message, w.created, d.name, v.name FROM dataset_import_jobs j \
                       JOIN work_items w ON w.id = j.id LEFT JOIN dataset_versions v ON v.id = j.id \
                       LEFT JOIN datasets d ON d.id = v.dataset_id";

impl Datasets<'_> {
    /// Queues an import.
    ///
    /// # Errors
    /// `Conflict` while the same file is being imported or checked.
    pub async fn queue_import(&self, new: &NewDatasetImport, act: Act) -> Result<()> {
        let order = serde_json::to_string(&new.order).map_err(|error| unwritable(&error))?;
        let tx = self.db.begin().await?;
        enqueue_in(&tx, &new.work).await.map_err(|error| match error {
            StoreError::Conflict { .. } => StoreError::conflict("this upload is being read already"),
            error => error,
        })?;
        let insert = "INSERT INTO dataset_import_jobs (id, requested_by, filename, import_order) VALUES (";
        let insert = Fragment::new(insert)
            .value(new.work.id.0)
            .say(", ")
            .value(&new.requested_by)
            .say(", ")
            .value(&new.filename)
            .say(", ")
            .value(&order)
            .say(")");
        run(&tx, insert).await?;
        act.record(&tx, &new.work.subject).await?;
        Ok(tx.commit().await?)
    }

    /// The import of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_import(&self, id: WorkItemId) -> Result<Option<DatasetImport>> {
        let one = Fragment::new(COLUMNS).say(" WHERE j.id = ").value(id.0);
        rows(&self.db.reader, one).await?.first().map(to_import).transpose()
    }

    /// The latest first, without their reports, which may be long.
    ///
    /// # Errors
    /// `InvalidCursor`, or the database's.
    pub async fn import_page(&self, request: &PageRequest) -> Result<Page<DatasetImport>> {
        let mut some = Fragment::new(&COLUMNS.replace("j.report", "CAST(NULL AS TEXT)"));
        if let Some(after) = cursor::parse_id(request)? {
            some = some.say(" WHERE j.id < ").value(after);
        }
        let most = i64::try_from(cursor::fetch(request)).unwrap_or(i64::MAX);
        let jobs = rows(&self.db.reader, some.say(" ORDER BY j.id DESC LIMIT ").value(most)).await?;
        let imports = jobs.iter().map(to_import).collect::<Result<Vec<_>>>()?;
        Ok(cursor::page(imports, request.limit(), |import| import.id.to_string()))
    }

    /// Keeps what was found so far.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_import_report(&self, id: WorkItemId, report: &ImportReport) -> Result<()> {
        let report = serde_json::to_string(report).map_err(|error| unwritable(&error))?;
        let update = Fragment::new("UPDATE dataset_import_jobs SET report = ").value(&report);
        run(&self.db.writer, update.say(" WHERE id = ").value(id.0)).await?;
        Ok(())
    }

    /// Deletes the version that an import made, open or frozen, with its
    /// assets, and the dataset if it was the only one. Images that nothing else
    /// has go some time after.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when something refers to it.
    pub async fn undo_import(&self, id: WorkItemId, act: Act) -> Result<()> {
        self.delete_version(DatasetVersionId(id.0), act).await
    }
}

fn unwritable(error: &serde_json::Error) -> StoreError {
    StoreError::corrupt(format!("an import: {error}"))
}

fn to_import(row: &QueryResult) -> Result<DatasetImport> {
    let id = WorkItemId(row.try_get_by_index(0)?);
    let damaged = |error: serde_json::Error| StoreError::corrupt(format!("import {id}: {error}"));
    let (order, report): (String, Option<String>) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
    let state: String = row.try_get_by_index(5)?;
    let names: (Option<String>, Option<String>) = (row.try_get_by_index(9)?, row.try_get_by_index(10)?);
    Ok(DatasetImport {
        id,
        requested_by: row.try_get_by_index(1)?,
        filename: row.try_get_by_index(2)?,
        order: serde_json::from_str(&order).map_err(damaged)?,
        report: report.map(|report| serde_json::from_str(&report)).transpose().map_err(damaged)?,
        state: WorkState::parse(&state)
            .ok_or_else(|| StoreError::corrupt(format!("the state of import {id}")))?,
        progress: row.try_get_by_index(6)?,
        message: row.try_get_by_index(7)?,
        created: Timestamp(row.try_get_by_index(8)?),
        made: names.0.zip(names.1).map(|(dataset, version)| format!("{dataset}/{version}")),
    })
}
