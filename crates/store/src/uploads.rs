//! Files that are being sent, or wait to be used: whose they are, how large
//! they will be, and until when they are kept. Does not know where the bytes
//! lie, nor how many of them have come.

use crate::{
    database::Database,
    error::{Result, StoreError},
    sql::{Fragment, rows, run},
};
use domain::{ids::UploadId, time::Timestamp};
use sea_orm::QueryResult;
use uuid::Uuid;

/// A file that is being sent, or waits to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedUpload {
    /// Identity.
    pub id: UploadId,
    /// The account or token that sends it; nil for the command line.
    pub owner: Uuid,
    /// What it is called where it comes from; for people.
    pub filename: String,
    /// How many bytes it will have.
    pub bytes: u64,
    /// When it was begun.
    pub created: Timestamp,
    /// From then on it may be removed.
    pub expires: Timestamp,
}

/// What one owner may have waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StagedLimits {
    /// Files.
    pub files: u64,
    /// Bytes of all of them, those that have not come yet included.
    pub bytes: u64,
}

/// Files that are being sent, or wait to be used.
#[derive(Clone, Copy, Debug)]
pub struct Uploads<'a> {
    pub(crate) db: &'a Database,
}

const COLUMNS: &str = "SELECT id, owner_id, filename, bytes, created, expires FROM staged_uploads";

impl Uploads<'_> {
    /// Notes a file that is going to be sent, unless its owner would have more
    /// waiting than `limits`.
    ///
    /// # Errors
    /// `Conflict` with what waits already.
    pub async fn begin(&self, new: &StagedUpload, limits: StagedLimits) -> Result<()> {
        let tx = self.db.begin().await?;
        let own =
            "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM staged_uploads WHERE owner_id = ";
        let own = Fragment::new(own).value(new.owner).say(" AND expires > ").value(new.created.0);
        let (files, bytes): (i64, i64) = match rows(&tx, own).await?.first() {
            Some(row) => (row.try_get_by_index(0)?, row.try_get_by_index(1)?),
            None => (0, 0),
        };
        let (files, bytes) = (files.unsigned_abs(), bytes.unsigned_abs());
        if files >= limits.files || bytes.saturating_add(new.bytes) > limits.bytes {
            tx.rollback().await?;
            return Err(StoreError::conflict(format!(
                "{files} uploads of yours with {bytes} bytes wait to be used, and {} uploads with {} bytes may: \
                 use or delete one first",
                limits.files, limits.bytes
            )));
        }
        let insert = "INSERT INTO staged_uploads (id, owner_id, filename, bytes, created, expires) VALUES (";
        let insert = Fragment::new(insert)
            .value(new.id.0)
            .say(", ")
            .value(new.owner)
            .say(", ")
            .value(&new.filename)
            .say(", ")
            .value(stored_bytes(new.bytes)?)
            .say(", ")
            .value(new.created.0)
            .say(", ")
            .value(new.expires.0)
            .say(")");
        run(&tx, insert).await?;
        Ok(tx.commit().await?)
    }

    /// The upload of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: UploadId) -> Result<Option<StagedUpload>> {
        let one = Fragment::new(COLUMNS).say(" WHERE id = ").value(id.0);
        rows(&self.db.reader, one).await?.first().map(to_upload).transpose()
    }

    /// Keeps it until `expires`.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn renew(&self, id: UploadId, expires: Timestamp) -> Result<()> {
        let renew = Fragment::new("UPDATE staged_uploads SET expires = ").value(expires.0);
        match run(&self.db.writer, renew.say(" WHERE id = ").value(id.0)).await?.rows_affected() {
            0 => Err(StoreError::not_found(format!("upload {id}"))),
            _ => Ok(()),
        }
    }

    /// Forgets it; its bytes go with the next sweep of where they lie.
    ///
    /// # Errors
    /// When the database fails; nothing happens when it is gone.
    pub async fn delete(&self, id: UploadId) -> Result<()> {
        let delete = Fragment::new("DELETE FROM staged_uploads WHERE id = ").value(id.0);
        run(&self.db.writer, delete).await?;
        Ok(())
    }

    /// Forgets those that nobody used in time, and says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired(&self, now: Timestamp) -> Result<u64> {
        let delete = Fragment::new("DELETE FROM staged_uploads WHERE expires <= ").value(now.0);
        Ok(run(&self.db.writer, delete).await?.rows_affected())
    }
}

fn stored_bytes(bytes: u64) -> Result<i64> {
    i64::try_from(bytes).map_err(|_| StoreError::conflict("no file has so many bytes"))
}

fn to_upload(row: &QueryResult) -> Result<StagedUpload> {
    Ok(StagedUpload {
        id: UploadId(row.try_get_by_index(0)?),
        owner: row.try_get_by_index(1)?,
        filename: row.try_get_by_index(2)?,
        bytes: row.try_get_by_index::<i64>(3)?.unsigned_abs(),
        created: Timestamp(row.try_get_by_index(4)?),
        expires: Timestamp(row.try_get_by_index(5)?),
    })
}
