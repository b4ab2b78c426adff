//! Files that somebody is about to import as a model: stored as weights are,
//! named by a row that ends by itself. A process that is killed leaves a row
//! that expires, and no file that stays without one.

use crate::{
    Act, NewModelVersion,
    blobs::{BlobKind, Blobs},
    database::Database,
    error::{Result, StoreError},
    files, models,
    sql::{Arg, Fragment, rows, run},
};
use domain::{ids::StagedModelId, model::ModelVersion, name::Label, time::Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};

/// A file that is about to be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedModel {
    /// Identity.
    pub id: StagedModelId,
    /// Whose it is: a text that names an account or a token.
    pub owner: String,
    /// SHA-256 of the stored file, hex.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// What its owner told of it.
    pub said: Said,
    /// When it is forgotten.
    pub expires: Timestamp,
}

/// What an owner tells of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Its name where it came from.
    pub filename: String,
    /// How it is fed and read, as JSON; empty for what the file itself says.
    pub recipe: String,
    /// Its labels; empty for those that the file itself names.
    pub labels: Vec<Label>,
}

/// How much one owner may have staged at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StagingLimits {
    /// Files.
    pub files: usize,
    /// Bytes of all of them.
    pub bytes: u64,
}

const COLUMNS: &str = "SELECT id, owner, weights_sha256, weights_bytes, said, expires FROM staged_models";

/// Files that are about to be imported.
#[derive(Clone, Copy, Debug)]
pub struct StagedModels<'a> {
    pub(crate) db: &'a Database,
    pub(crate) blobs: &'a Blobs,
}

impl StagedModels<'_> {
    /// Keeps a file that is stored already. What its owner has at the moment
    /// counts, whether it is over or not.
    ///
    /// # Errors
    /// `Conflict` when its owner has too many of them, or too many bytes;
    /// `FileRemoved` when the file went meanwhile.
    pub async fn insert(&self, staged: &StagedModel, limits: StagingLimits) -> Result<()> {
        let tx = self.db.begin().await?;
        files::require(&tx, self.blobs, BlobKind::Weights, [staged.sha256.as_str()]).await?;
        let there = of_owner(&tx, &staged.owner).await?;
        let bytes: u64 = there.iter().chain([staged]).map(|staged| staged.bytes).sum();
        if there.len() >= limits.files || bytes > limits.bytes {
            let message = "too many files wait to be imported: import or discard one of yours first";
            return Err(StoreError::conflict(message));
        }
        let said = serde_json::to_string(&staged.said).map_err(|e| StoreError::corrupt(e.to_string()))?;
        let text = "INSERT INTO staged_models (id, owner, weights_sha256, weights_bytes, said, expires) \
                    VALUES (?, ?, ?, ?, ?, ?)";
        let values = [
            Arg::Id(staged.id.0),
            Arg::from(&staged.owner),
            Arg::from(&staged.sha256),
            Arg::Int(staged.bytes.cast_signed()),
            Arg::Text(said),
            Arg::Int(staged.expires.0),
        ];
        run(&tx, Fragment::with(text, values)).await?;
        Ok(tx.commit().await?)
    }

    /// The file of this id, if it is this owner's and its time is not over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: StagedModelId, owner: &str, now: Timestamp) -> Result<Option<StagedModel>> {
        find(&self.db.reader, id, owner, now).await
    }

    /// All of an owner's files, the latest first, those whose time is over
    /// among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_owner(&self, owner: &str) -> Result<Vec<StagedModel>> {
        of_owner(&self.db.reader, owner).await
    }

    /// Changes what an owner told of a file, and when its time is over.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn update(&self, staged: &StagedModel) -> Result<()> {
        let said = serde_json::to_string(&staged.said).map_err(|e| StoreError::corrupt(e.to_string()))?;
        let update = Fragment::new("UPDATE staged_models SET said = ")
            .value(Arg::Text(said))
            .say(", expires = ")
            .value(staged.expires.0)
            .say(" WHERE id = ")
            .value(staged.id.0)
            .say(" AND owner = ")
            .value(&staged.owner);
        let changed = run(&self.db.writer, update).await?.rows_affected();
        if changed == 0 { Err(missing(staged.id)) } else { Ok(()) }
    }

    /// Makes a model version of a file, which is staged no longer.
    ///
    /// # Errors
    /// `NotFound` when it is not there, is another's, or its time is over;
    /// otherwise as [`Models::create_version`](crate::Models::create_version).
    pub async fn import(
        &self,
        id: StagedModelId,
        owner: &str,
        new: NewModelVersion,
        act: Act,
    ) -> Result<ModelVersion> {
        let tx = self.db.begin().await?;
        let staged = find(&tx, id, owner, act.by.at).await?.ok_or_else(|| missing(id))?;
        files::require(&tx, self.blobs, BlobKind::Weights, [staged.sha256.as_str()]).await?;
        if new.weights.as_ref().is_none_or(|weights| weights.sha256 != staged.sha256) {
            return Err(StoreError::conflict("the version has other weights than the staged file"));
        }
        run(&tx, Fragment::new("DELETE FROM staged_models WHERE id = ").value(id.0)).await?;
        let version = models::create_version(&tx, new).await?;
        act.record(&tx, &version.full_name()).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Forgets a file of an owner.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn discard(&self, id: StagedModelId, owner: &str, now: Timestamp) -> Result<()> {
        let of = Fragment::new(" WHERE id = ").value(id.0).say(" AND owner = ").value(owner);
        if self.remove(of, now).await? == 0 { Err(missing(id)) } else { Ok(()) }
    }

    /// Forgets the files whose time is over; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire(&self, now: Timestamp) -> Result<usize> {
        let over = || Fragment::new(" WHERE expires <= ").value(now.0);
        // Nearly always there is none, and then nobody has to wait for the writer.
        let any = Fragment::new("SELECT 1 FROM staged_models").then(over()).say(" LIMIT 1");
        if rows(&self.db.reader, any).await?.is_empty() {
            return Ok(0);
        }
        self.remove(over(), now).await
    }

    async fn remove(&self, of: Fragment, now: Timestamp) -> Result<usize> {
        let tx = self.db.begin().await?;
        let delete = Fragment::new("DELETE FROM staged_models").then(of).say(" RETURNING weights_sha256");
        let deleted = rows(&tx, delete).await?;
        let hashes = deleted.iter().map(|row| row.try_get_by_index(0));
        let hashes: Vec<String> = hashes.collect::<std::result::Result<_, _>>()?;
        let count = hashes.len();
        files::release(&tx, BlobKind::Weights, hashes, now).await?;
        tx.commit().await?;
        Ok(count)
    }
}

async fn find(
    db: &impl ConnectionTrait,
    id: StagedModelId,
    owner: &str,
    now: Timestamp,
) -> Result<Option<StagedModel>> {
    let statement = Fragment::new(COLUMNS)
        .say(" WHERE id = ")
        .value(id.0)
        .say(" AND owner = ")
        .value(owner)
        .say(" AND expires > ")
        .value(now.0);
    rows(db, statement).await?.first().map(to_staged).transpose()
}

async fn of_owner(db: &impl ConnectionTrait, owner: &str) -> Result<Vec<StagedModel>> {
    let statement = Fragment::new(COLUMNS).say(" WHERE owner = ").value(owner).say(" ORDER BY id DESC");
    rows(db, statement).await?.iter().map(to_staged).collect()
}

fn to_staged(row: &QueryResult) -> Result<StagedModel> {
    let (said, bytes): (String, i64) = (row.try_get_by_index(4)?, row.try_get_by_index(3)?);
    let said = serde_json::from_str(&said);
    Ok(StagedModel {
        id: StagedModelId(row.try_get_by_index(0)?),
        owner: row.try_get_by_index(1)?,
        sha256: row.try_get_by_index(2)?,
        bytes: bytes.unsigned_abs(),
        said: said.map_err(|error| StoreError::corrupt(format!("a staged model: {error}")))?,
        expires: Timestamp(row.try_get_by_index(5)?),
    })
}

fn missing(id: StagedModelId) -> StoreError {
    StoreError::not_found(format!("file {id} that waits to be imported"))
}
