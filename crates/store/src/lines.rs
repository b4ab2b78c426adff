//! Models and datasets as lines of versions: names with the ids of what they
//! have, in one query whatever they hold.

use crate::{
    database::Database,
    datasets::Datasets,
    error::Result,
    models::Models,
    sql::{Fragment, rows},
};
use uuid::Uuid;

/// A model or a dataset and its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Identity.
    pub id: Uuid,
    /// Unique among its kind.
    pub name: String,
    /// The ids of its versions, the latest first; never empty.
    pub versions: Vec<Uuid>,
}

impl Models<'_> {
    /// All models that have a version, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lines(&self) -> Result<Vec<Line>> {
        let text = "SELECT l.id, l.name, v.id FROM models l JOIN model_versions v ON v.model_id = l.id \
                    ORDER BY l.name, v.id DESC";
        read(self.db, text).await
    }
}

impl Datasets<'_> {
    /// All datasets that have a version, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lines(&self) -> Result<Vec<Line>> {
        let text = "SELECT l.id, l.name, v.id FROM datasets l JOIN dataset_versions v ON v.dataset_id = l.id \
                    ORDER BY l.name, v.id DESC";
        read(self.db, text).await
    }
}

/// Lines whose rows come one after the other.
async fn read(db: &Database, text: &str) -> Result<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    for row in rows(&db.reader, Fragment::new(text)).await? {
        let (id, version): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
        match lines.last_mut().filter(|line| line.id == id) {
            Some(line) => line.versions.push(version),
            None => lines.push(Line { id, name: row.try_get_by_index(1)?, versions: vec![version] }),
        }
    }
    Ok(lines)
}
