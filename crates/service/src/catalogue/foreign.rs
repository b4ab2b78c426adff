//! What programs of other tools keep here: names before there is a version,
//! logs and files of trainings that ran elsewhere.

use crate::{Admin, As, Catalogue, Result, ServiceError, Viewer};
use domain::foreign_record::{ForeignRecord, KeptBytes};
use serde_json::{Value, json};
use std::path::Path;
use store::{BlobKind, BlobStream};
use uuid::Uuid;

/// Bytes of what is said of one record.
const BODY_BYTES: usize = 1 << 20;
/// Bytes of a name.
const NAME_BYTES: usize = 255;

/// A record to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRecord {
    /// What it is.
    pub kind: &'static str,
    /// What it belongs to, nil for nothing.
    pub parent: Uuid,
    /// Unique among its kind there.
    pub name: String,
    /// What is said of it.
    pub body: Value,
    /// The file that belongs to it.
    pub file: Option<KeptBytes>,
}

impl Catalogue {
    /// Keeps a record.
    ///
    /// # Errors
    /// Admins only; a name that is taken, empty or longer than 255 bytes; more
    /// than a MiB said of it.
    pub async fn keep_record(&self, actor: &As<Admin>, new: NewRecord) -> Result<ForeignRecord> {
        check(&new.name, &new.body)?;
        let record = ForeignRecord {
            id: self.base.new_id(),
            kind: new.kind.to_owned(),
            parent: new.parent,
            name: new.name,
            body: new.body,
            file: new.file,
            created: self.base.now(),
        };
        let act = self.base.act(actor, "record.keep", json!({ "kind": record.kind, "id": record.id }));
        self.base.store().foreign_records().insert(&record, act).await?;
        Ok(record)
    }

    /// The record of this id, if it is of this kind.
    ///
    /// # Errors
    /// When there is none.
    pub async fn record(&self, _: &As<Viewer>, kind: &str, id: Uuid) -> Result<ForeignRecord> {
        let record = self.base.store().foreign_records().find(id).await?.filter(|record| record.kind == kind);
        record.ok_or_else(|| ServiceError::not_found(format!("There is no {kind} {id}.")))
    }

    /// The record of this name, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_named(
        &self,
        _: &As<Viewer>,
        kind: &str,
        parent: Uuid,
        name: &str,
    ) -> Result<Option<ForeignRecord>> {
        Ok(self.base.store().foreign_records().find_named(kind, parent, name).await?)
    }

    /// All records of a kind that belong to `parent`, the oldest first; ten
    /// thousand at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn records(&self, _: &As<Viewer>, kind: &str, parent: Uuid) -> Result<Vec<ForeignRecord>> {
        Ok(self.base.store().foreign_records().list(kind, parent).await?)
    }

    /// Says something else of a record.
    ///
    /// # Errors
    /// Admins only; no such record; a name that is taken or too long; too much.
    pub async fn change_record(
        &self,
        actor: &As<Admin>,
        record: &ForeignRecord,
        name: &str,
        body: Value,
    ) -> Result<ForeignRecord> {
        check(name, &body)?;
        let act = self.base.act(actor, "record.change", json!({ "kind": record.kind, "id": record.id }));
        self.base.store().foreign_records().change(record.id, name, &body, act).await?;
        Ok(ForeignRecord { name: name.to_owned(), body, ..record.clone() })
    }

    /// Removes a record with what belongs to it.
    ///
    /// # Errors
    /// Admins only; no such record.
    pub async fn forget_record(&self, actor: &As<Admin>, id: Uuid) -> Result<()> {
        let act = self.base.act(actor, "record.forget", json!({ "id": id }));
        Ok(self.base.store().foreign_records().delete(id, act).await?)
    }

    /// Stores a file that a record is about to name: it goes by itself unless
    /// one does.
    ///
    /// # Errors
    /// Admins only; when the storage fails.
    pub async fn keep_bytes(&self, _: &As<Admin>, path: &Path) -> Result<KeptBytes> {
        let now = self.base.now();
        let stored = self.base.store().files().put_unclaimed_file(BlobKind::Weights, path, now).await?;
        Ok(KeptBytes { sha256: stored.0, bytes: stored.1 })
    }

    /// The file of a record.
    ///
    /// # Errors
    /// No such record, or one without a file.
    pub async fn record_file(
        &self,
        actor: &As<Viewer>,
        kind: &str,
        id: Uuid,
    ) -> Result<(ForeignRecord, BlobStream)> {
        let record = self.record(actor, kind, id).await?;
        let file =
            record.file.as_ref().ok_or_else(|| ServiceError::not_found("There is no file with it."))?;
        let stream = self.base.store().blobs().get_checked_stream(BlobKind::Weights, &file.sha256).await?;
        Ok((record, stream))
    }
}

fn check(name: &str, body: &Value) -> Result<()> {
    if !(1..=NAME_BYTES).contains(&name.len()) || name.chars().any(char::is_control) {
        let message = format!("A name has 1 to {NAME_BYTES} bytes, none of them a control character.");
        return Err(ServiceError::invalid_at("name", message));
    }
    if body.to_string().len() > BODY_BYTES {
        return Err(ServiceError::invalid_at("body", format!("It has more than {BODY_BYTES} bytes.")));
    }
    Ok(())
}
