//! What programs of other tools keep here. Does not know what it means.

use crate::{
    audit::Act,
    blobs::{BlobKind, Blobs},
    database::Database,
    error::{Result, StoreError, taken},
    files,
    sql::{Arg, Fragment, rows, run},
};
use domain::{
    foreign_record::{ForeignRecord, KeptBytes},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

const COLUMNS: &str = "SELECT id, kind, parent, name, body, sha256, bytes, created FROM foreign_records";
/// Records of one parent and kind that are read.
const MOST: i64 = 10_000;

/// What is kept for programs of other tools.
#[derive(Clone, Copy, Debug)]
pub struct ForeignRecords<'a> {
    pub(crate) db: &'a Database,
    pub(crate) blobs: &'a Blobs,
}

impl ForeignRecords<'_> {
    /// Keeps one more.
    ///
    /// # Errors
    /// `Conflict` when its name is taken; `FileRemoved` when its file went
    /// meanwhile.
    pub async fn insert(&self, new: &ForeignRecord, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let file = new.file.as_ref();
        files::require(&tx, self.blobs, BlobKind::Weights, file.map(|file| file.sha256.as_str())).await?;
        let text = "INSERT INTO foreign_records (id, kind, parent, name, body, created, bytes, sha256) \
                    VALUES (?, ?, ?, ?, ?, ?, ?, ";
        let values = [
            Arg::Id(new.id),
            Arg::from(new.kind.as_str()),
            Arg::Id(new.parent),
            Arg::from(new.name.as_str()),
            Arg::Text(new.body.to_string()),
            Arg::Int(new.created.0),
            Arg::Int(file.map_or(0, |file| file.bytes.cast_signed())),
        ];
        let insert = Fragment::with(text, values);
        let insert = match file {
            Some(file) => insert.value(file.sha256.as_str()).say(")"),
            None => insert.say("NULL)"),
        };
        tx.execute_raw(insert.into_statement(tx.get_database_backend()))
            .await
            .map_err(taken(|| format!("there is already a {} called {:?}", new.kind, new.name)))?;
        act.record(&tx, &new.name).await?;
        Ok(tx.commit().await?)
    }

    /// The record of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: Uuid) -> Result<Option<ForeignRecord>> {
        let records = rows(&self.db.reader, Fragment::new(COLUMNS).say(" WHERE id = ").value(id)).await?;
        records.first().map(to_record).transpose()
    }

    /// The record of this name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_named(&self, kind: &str, parent: Uuid, name: &str) -> Result<Option<ForeignRecord>> {
        let statement = of(kind, parent).say(" AND name = ").value(name);
        rows(&self.db.reader, statement).await?.first().map(to_record).transpose()
    }

    /// All of a kind that belong to `parent`, the oldest first; ten thousand at
    /// most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, kind: &str, parent: Uuid) -> Result<Vec<ForeignRecord>> {
        let statement = of(kind, parent).say(" ORDER BY created, id LIMIT ").value(MOST);
        rows(&self.db.reader, statement).await?.iter().map(to_record).collect()
    }

    /// Says something else of a record, under another name if need be.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the name is taken.
    pub async fn change(&self, id: Uuid, name: &str, body: &serde_json::Value, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let change = Fragment::with(
            "UPDATE foreign_records SET name = ?, body = ? WHERE id = ?",
            [Arg::from(name), Arg::Text(body.to_string()), Arg::Id(id)],
        );
        let changed = tx.execute_raw(change.into_statement(tx.get_database_backend())).await;
        let changed = changed.map_err(taken(|| format!("there is already one called {name:?}")))?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::not_found(format!("record {id}")));
        }
        act.record(&tx, name).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a record with what belongs to it. Files go some time later,
    /// unless something else has them.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(&self, id: Uuid, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let these =
            |text: &str| Fragment::new(text).say(" WHERE id = ").value(id).say(" OR parent = ").value(id);
        let records = rows(&tx, these("SELECT id, name, sha256 FROM foreign_records")).await?;
        let (mut name, mut released) = (None, Vec::new());
        for row in &records {
            let (this, called): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            if this == id {
                name = Some(called);
            }
            released.extend(row.try_get_by_index::<Option<String>>(2)?);
        }
        let name = name.ok_or_else(|| StoreError::not_found(format!("record {id}")))?;
        run(&tx, these("DELETE FROM foreign_records")).await?;
        files::release(&tx, BlobKind::Weights, released, act.by.at).await?;
        act.record(&tx, &name).await?;
        Ok(tx.commit().await?)
    }
}

fn of(kind: &str, parent: Uuid) -> Fragment {
    Fragment::new(COLUMNS).say(" WHERE kind = ").value(kind).say(" AND parent = ").value(parent)
}

fn to_record(row: &QueryResult) -> Result<ForeignRecord> {
    let id: Uuid = row.try_get_by_index(0)?;
    let body: String = row.try_get_by_index(4)?;
    let sha256: Option<String> = row.try_get_by_index(5)?;
    let bytes: i64 = row.try_get_by_index(6)?;
    Ok(ForeignRecord {
        id,
        kind: row.try_get_by_index(1)?,
        parent: row.try_get_by_index(2)?,
        name: row.try_get_by_index(3)?,
        body: serde_json::from_str(&body)
            .map_err(|error| StoreError::corrupt(format!("record {id}: {error}")))?,
        file: sha256.map(|sha256| KeptBytes { sha256, bytes: bytes.unsigned_abs() }),
        created: Timestamp(row.try_get_by_index(7)?),
    })
}
