//! Datasets and their versions. Knows nothing of files: an image is the hash
//! of its bytes.

mod assets;
mod changes;
mod import_jobs;
mod imports;
mod rows;

pub(crate) use assets::{add_in, page_in, remove_in, these_in};
pub use import_jobs::NewDatasetImport;
pub use imports::{IMPORT_MS, OpenImport};
pub(crate) use rows::empty_version;

use crate::{
    audit::Act,
    blobs::{BlobKind, Blobs},
    cursor,
    database::Database,
    entity::dataset::{dataset_labels, dataset_versions, datasets},
    error::{Result, StoreError, taken},
    files,
    sql::{Fragment, rows as query_rows, run},
};
use domain::{
    dataset::DatasetVersion,
    ids::{DatasetId, DatasetVersionId},
    name::{Label, Name, VersionRef},
    page::{Page, PageRequest},
    time::Timestamp,
};
use rows::load;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::BTreeSet;

/// A version to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDatasetVersion {
    /// Identity of the version.
    pub id: DatasetVersionId,
    /// Identity of the dataset, should this be its first version.
    pub dataset_id: DatasetId,
    /// The dataset, made when it is not there.
    pub dataset: Name,
    /// The version; `None` for the next free of `v1`, `v2` …
    pub name: Option<Name>,
    /// Without repetition, in the order that gives classes their index.
    pub labels: Vec<Label>,
    /// When.
    pub created: Timestamp,
}

/// Datasets, versions and assets.
#[derive(Clone, Copy, Debug)]
pub struct Datasets<'a> {
    pub(crate) db: &'a Database,
    pub(crate) blobs: &'a Blobs,
}

impl Datasets<'_> {
    /// Makes an open, empty version, and its dataset when it is the first.
    ///
    /// # Errors
    /// `Conflict` when the name is taken or a label is repeated.
    pub async fn create_version(&self, new: NewDatasetVersion, act: Act) -> Result<DatasetVersion> {
        let tx = self.db.begin().await?;
        let version = create_in(&tx, new).await?;
        act.record(&tx, &version.full_name()).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// The version of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: DatasetVersionId) -> Result<Option<DatasetVersion>> {
        let row = dataset_versions::Entity::find_by_id(id.0).one(&self.db.reader).await?;
        Ok(load(&self.db.reader, row.into_iter().collect()).await?.pop())
    }

    /// The version of this name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_by_name(&self, name: &VersionRef) -> Result<Option<DatasetVersion>> {
        let dataset = datasets::Entity::find().filter(datasets::Column::Name.eq(name.name.as_str()));
        let Some(dataset) = dataset.one(&self.db.reader).await? else { return Ok(None) };
        let query = dataset_versions::Entity::find()
            .filter(dataset_versions::Column::DatasetId.eq(dataset.id))
            .filter(dataset_versions::Column::Name.eq(name.version.as_str()));
        let row = query.one(&self.db.reader).await?;
        Ok(load(&self.db.reader, row.into_iter().collect()).await?.pop())
    }

    /// The versions of one dataset, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions_of(&self, id: DatasetId) -> Result<Vec<DatasetVersion>> {
        let query = dataset_versions::Entity::find()
            .filter(dataset_versions::Column::DatasetId.eq(id.0))
            .order_by_desc(dataset_versions::Column::Id);
        load(&self.db.reader, query.all(&self.db.reader).await?).await
    }

    /// Versions of all datasets, the latest first.
    ///
    /// # Errors
    /// `InvalidCursor`, or the database's.
    pub async fn page(&self, request: &PageRequest) -> Result<Page<DatasetVersion>> {
        let mut query = dataset_versions::Entity::find()
            .order_by_desc(dataset_versions::Column::Id)
            .limit(cursor::fetch(request));
        if let Some(after) = cursor::parse_id(request)? {
            query = query.filter(dataset_versions::Column::Id.lt(after));
        }
        let versions = load(&self.db.reader, query.all(&self.db.reader).await?).await?;
        Ok(cursor::page(versions, request.limit(), |version| version.id.to_string()))
    }

    /// Closes a version for good; `fingerprint` is stored with it.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when it is closed already.
    pub async fn freeze(&self, id: DatasetVersionId, fingerprint: &str, act: Act) -> Result<DatasetVersion> {
        let tx = self.db.begin().await?;
        let mut row = open_version(&tx, id).await?.into_active_model();
        row.open = Set(false);
        row.fingerprint = Set(fingerprint.to_owned());
        let row = row.update(&tx).await?;
        run(&tx, Fragment::new("DELETE FROM dataset_imports WHERE version_id = ").value(id.0)).await?;
        let version = load(&tx, vec![row]).await?.pop();
        let version = version.ok_or_else(|| StoreError::corrupt(format!("dataset version {id}")))?;
        act.record(&tx, &version.full_name()).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Deletes an open version with its assets, and the dataset if it was the
    /// only one. Images that nothing else has go some time after `now`.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when it is closed or something refers to it.
    pub async fn discard(&self, id: DatasetVersionId, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        discard_in(&tx, id, act.by.at).await?;
        act.record(&tx, &id.to_string()).await?;
        Ok(tx.commit().await?)
    }
}

/// Makes an open, empty version, inside a transaction.
async fn create_in(tx: &impl ConnectionTrait, new: NewDatasetVersion) -> Result<DatasetVersion> {
    if new.labels.iter().collect::<BTreeSet<_>>().len() != new.labels.len() {
        return Err(StoreError::conflict("a label is named twice"));
    }
    let dataset_id = dataset_id(tx, &new).await?;
    let name = match new.name {
        Some(name) => name,
        None => free_name(tx, dataset_id).await?,
    };
    let row = empty_version(new.id, dataset_id, name.as_str(), new.created)?;
    dataset_versions::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await
        .map_err(taken(|| format!("there is already a dataset version {}/{name}", new.dataset)))?;
    put_labels(tx, new.id, &new.labels).await?;
    let version = load(tx, vec![row]).await?.pop();
    version.ok_or_else(|| StoreError::corrupt("a new dataset version"))
}

/// Deletes an open version, inside a transaction, and releases its images.
async fn discard_in(tx: &impl ConnectionTrait, id: DatasetVersionId, now: Timestamp) -> Result<()> {
    let row = open_version(tx, id).await?;
    discard_row(tx, row, now).await
}

/// Deletes a version whose row is locked, and releases its images.
async fn discard_row(tx: &impl ConnectionTrait, row: dataset_versions::Model, now: Timestamp) -> Result<()> {
    let id = row.id;
    let images = Fragment::new("SELECT DISTINCT content_hash FROM assets WHERE version_id = ").value(id);
    let images = query_rows(tx, images).await?;
    let images = images.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect::<Result<Vec<String>>>()?;
    dataset_versions::Entity::delete_by_id(id).exec(tx).await?;
    let others = dataset_versions::Entity::find()
        .filter(dataset_versions::Column::DatasetId.eq(row.dataset_id))
        .count(tx)
        .await?;
    if others == 0 {
        datasets::Entity::delete_by_id(row.dataset_id).exec(tx).await?;
    }
    files::release(tx, BlobKind::Images, images, now).await
}

/// Refuses a version that is not there or frozen.
pub(crate) async fn require_open(db: &impl ConnectionTrait, id: DatasetVersionId) -> Result<()> {
    open_version(db, id).await.map(|_| ())
}

/// The labels of a version, in their order.
pub(crate) async fn labels_of_version(db: &impl ConnectionTrait, id: DatasetVersionId) -> Result<Vec<Label>> {
    Ok(rows::labels_of(db, [id.0]).await?.remove(&id.0).unwrap_or_default())
}

/// Gives a new version its labels, in this order.
pub(crate) async fn put_labels(
    db: &impl ConnectionTrait,
    id: DatasetVersionId,
    labels: &[Label],
) -> Result<()> {
    let rows = labels.iter().zip(0..).map(|(label, position)| {
        dataset_labels::Model { version_id: id.0, position, name: label.to_string() }.into_active_model()
    });
    if !labels.is_empty() {
        dataset_labels::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

/// The row of a version, locked, if it may still change.
async fn open_version(db: &impl ConnectionTrait, id: DatasetVersionId) -> Result<dataset_versions::Model> {
    let row = dataset_versions::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    let row = row.ok_or_else(|| StoreError::not_found(format!("dataset version {id}")))?;
    if row.open { Ok(row) } else { Err(StoreError::conflict("this dataset version is frozen")) }
}

async fn dataset_id(db: &impl ConnectionTrait, new: &NewDatasetVersion) -> Result<DatasetId> {
    let query = datasets::Entity::find().filter(datasets::Column::Name.eq(new.dataset.as_str()));
    if let Some(dataset) = query.lock_exclusive().one(db).await? {
        return Ok(DatasetId(dataset.id));
    }
    let row = datasets::Model { id: new.dataset_id.0, name: new.dataset.to_string(), created: new.created.0 };
    datasets::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await
        .map_err(taken(|| format!("dataset {} is just being made: try again", new.dataset)))?;
    Ok(new.dataset_id)
}

async fn free_name(db: &impl ConnectionTrait, dataset_id: DatasetId) -> Result<Name> {
    let taken: Vec<String> = dataset_versions::Entity::find()
        .filter(dataset_versions::Column::DatasetId.eq(dataset_id.0))
        .select_only()
        .column(dataset_versions::Column::Name)
        .into_tuple()
        .all(db)
        .await?;
    let highest = taken.iter().filter_map(|name| name.strip_prefix('v')?.parse::<u64>().ok()).max();
    let name = format!("v{}", highest.unwrap_or(0).saturating_add(1));
    Name::new(name).map_err(|error| StoreError::corrupt(error.to_string()))
}
