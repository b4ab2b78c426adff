//! The images of dataset versions.

use super::{
    Datasets, open_version,
    rows::{counts_of, labels_of, to_asset, to_asset_row},
};
use crate::{
    audit::Act,
    blobs::BlobKind,
    convert::to_json,
    cursor,
    entity::dataset::{assets, dataset_versions},
    error::Result,
    files,
};
use domain::{
    dataset::{Asset, DatasetCounts, Split},
    ids::{AssetId, DatasetVersionId},
    name::Label,
    page::{Page, PageRequest},
};
use futures::{Stream, TryStreamExt, stream};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Rows of a piece of a stream: what is in memory of a version of any size.
const STREAMED: u64 = 500;
/// Rows of one INSERT: 9 columns each, far below SQLite's 32,766 values.
const INSERTED: usize = 500;

impl<'a> Datasets<'a> {
    /// Adds images to an open version, all or none, and counts them.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the version is frozen or a label is not
    /// among its own; `FileRemoved` when one of the files went meanwhile.
    pub async fn add_assets(&self, version_id: DatasetVersionId, new: &[Asset]) -> Result<()> {
        let tx = self.db.begin().await?;
        let images = new.iter().map(|asset| asset.content_hash.as_str());
        files::require(&tx, self.blobs, BlobKind::Images, images).await?;
        add_in(&tx, version_id, new).await?;
        Ok(tx.commit().await?)
    }

    /// The same as a person's act.
    ///
    /// # Errors
    /// As [`Self::add_assets`].
    pub async fn copy_assets(&self, version_id: DatasetVersionId, new: &[Asset], act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let images = new.iter().map(|asset| asset.content_hash.as_str());
        files::require(&tx, self.blobs, BlobKind::Images, images).await?;
        add_in(&tx, version_id, new).await?;
        act.record(&tx, &version_id.to_string()).await?;
        Ok(tx.commit().await?)
    }

    /// Adds one image to an open version and counts it.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the version is frozen or a label is not
    /// among its own.
    pub async fn add_asset(&self, asset: &Asset, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        add_in(&tx, asset.version_id, std::slice::from_ref(asset)).await?;
        act.record(&tx, &asset.id.to_string()).await?;
        Ok(tx.commit().await?)
    }

    /// The asset of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_asset(&self, id: AssetId) -> Result<Option<Asset>> {
        let Some(row) = assets::Entity::find_by_id(id.0).one(&self.db.reader).await? else { return Ok(None) };
        let labels = labels_of(&self.db.reader, [row.version_id]).await?.remove(&row.version_id);
        to_asset(row, &labels.unwrap_or_default()).map(Some)
    }

    /// Images whose ids lie between these two, both among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn assets_between(&self, first: AssetId, last: AssetId) -> Result<Vec<Asset>> {
        let query = assets::Entity::find().filter(assets::Column::Id.between(first.0, last.0));
        let rows = query.all(&self.db.reader).await?;
        let labels = labels_of(&self.db.reader, rows.iter().map(|row| row.version_id)).await?;
        let of = |row: &assets::Model| labels.get(&row.version_id).cloned().unwrap_or_default();
        rows.into_iter()
            .map(|row| {
                let labels = of(&row);
                to_asset(row, &labels)
            })
            .collect()
    }

    /// A page of a version's assets in the order they were added.
    ///
    /// # Errors
    /// `InvalidCursor`, or the database's.
    pub async fn assets(
        &self,
        version_id: DatasetVersionId,
        split: Option<Split>,
        request: &PageRequest,
    ) -> Result<Page<Asset>> {
        let labels = labels_of(&self.db.reader, [version_id.0]).await?.remove(&version_id.0);
        let after = cursor::parse_id(request)?;
        let page = AssetPage { version_id, split, after, limit: cursor::fetch(request) };
        let assets = page.fetch(&self.db.reader, &labels.unwrap_or_default()).await?;
        Ok(cursor::page(assets, request.limit(), |asset| asset.id.to_string()))
    }

    /// Every asset of a version in the order they were added; a few hundred
    /// are in memory at a time.
    pub fn asset_stream(
        &self,
        version_id: DatasetVersionId,
        split: Option<Split>,
    ) -> impl Stream<Item = Result<Asset>> + Send + use<'a> {
        let db = self.db;
        let pages = stream::try_unfold(Some(None::<Uuid>), move |state| async move {
            let Some(after) = state else { return Ok(None) };
            let labels = labels_of(&db.reader, [version_id.0]).await?.remove(&version_id.0);
            let page = AssetPage { version_id, split, after, limit: STREAMED };
            let assets = page.fetch(&db.reader, &labels.unwrap_or_default()).await?;
            let next = (assets.len() as u64 == STREAMED).then(|| assets.last().map(|asset| asset.id.0));
            Ok::<_, crate::StoreError>(Some((stream::iter(assets.into_iter().map(Ok)), next)))
        });
        pages.try_flatten()
    }
}

/// Some assets of a version in the order they were added, inside a transaction.
pub(crate) async fn page_in(
    db: &impl ConnectionTrait,
    version_id: DatasetVersionId,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Asset>> {
    let labels = labels_of(db, [version_id.0]).await?.remove(&version_id.0).unwrap_or_default();
    AssetPage { version_id, split: None, after, limit }.fetch(db, &labels).await
}

/// These assets of a version, in any order.
pub(crate) async fn these_in(
    db: &impl ConnectionTrait,
    version_id: DatasetVersionId,
    ids: &[Uuid],
) -> Result<Vec<Asset>> {
    let labels = labels_of(db, [version_id.0]).await?.remove(&version_id.0).unwrap_or_default();
    let query = assets::Entity::find()
        .filter(assets::Column::VersionId.eq(version_id.0))
        .filter(assets::Column::Id.is_in(ids.iter().copied()));
    query.all(db).await?.into_iter().map(|row| to_asset(row, &labels)).collect()
}

/// Adds images to an open version, inside a transaction. Their files are named
/// by a row that stays until its end, or were required before.
pub(crate) async fn add_in(
    db: &impl ConnectionTrait,
    version_id: DatasetVersionId,
    new: &[Asset],
) -> Result<()> {
    let version = open_version(db, version_id).await?;
    let labels = labels_of(db, [version_id.0]).await?.remove(&version_id.0).unwrap_or_default();
    let positions: HashMap<&Label, u32> = labels.iter().zip(0..).collect();
    for chunk in new.chunks(INSERTED) {
        let rows = chunk.iter().map(|asset| {
            let mut row = to_asset_row(asset, &positions)?;
            row.version_id = version_id.0;
            Ok(row.into_active_model())
        });
        let rows = rows.collect::<Result<Vec<_>>>()?;
        assets::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    let mut counts = counts_of(&version)?;
    for asset in new {
        counts.images += 1;
        counts.boxes += asset.annotations.len() as u64;
        *counts.by_split.entry(asset.split).or_default() += 1;
        for annotation in &asset.annotations {
            *counts.by_label.entry(annotation.label.clone()).or_default() += 1;
        }
    }
    write_counts(db, version, &counts).await
}

/// Takes images out of an open version, inside a transaction. Those that are
/// not in it are left alone.
pub(crate) async fn remove_in(
    db: &impl ConnectionTrait,
    version_id: DatasetVersionId,
    ids: &[Uuid],
) -> Result<()> {
    let version = open_version(db, version_id).await?;
    let labels = labels_of(db, [version_id.0]).await?.remove(&version_id.0).unwrap_or_default();
    let mut counts = counts_of(&version)?;
    for chunk in ids.chunks(INSERTED) {
        let these = Condition::all()
            .add(assets::Column::Id.is_in(chunk.iter().copied()))
            .add(assets::Column::VersionId.eq(version_id.0));
        for row in assets::Entity::find().filter(these.clone()).all(db).await? {
            let asset = to_asset(row, &labels)?;
            counts.images = counts.images.saturating_sub(1);
            counts.boxes = counts.boxes.saturating_sub(asset.annotations.len() as u64);
            take_one(&mut counts.by_split, &asset.split);
            for annotation in &asset.annotations {
                take_one(&mut counts.by_label, &annotation.label);
            }
        }
        assets::Entity::delete_many().filter(these).exec(db).await?;
    }
    write_counts(db, version, &counts).await
}

/// Counts an image of an open version anew whose boxes changed, inside a
/// transaction that holds the version.
pub(super) async fn recount(
    db: &impl ConnectionTrait,
    version: dataset_versions::Model,
    before: &Asset,
    after: &Asset,
) -> Result<()> {
    let mut counts = counts_of(&version)?;
    counts.boxes = counts.boxes.saturating_sub(before.annotations.len() as u64);
    counts.boxes += after.annotations.len() as u64;
    for annotation in &before.annotations {
        take_one(&mut counts.by_label, &annotation.label);
    }
    for annotation in &after.annotations {
        *counts.by_label.entry(annotation.label.clone()).or_default() += 1;
    }
    write_counts(db, version, &counts).await
}

/// One less; what is none any more is not listed.
fn take_one<K: Ord>(counts: &mut BTreeMap<K, u64>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
    }
    counts.retain(|_, count| *count > 0);
}

async fn write_counts(
    db: &impl ConnectionTrait,
    version: dataset_versions::Model,
    counts: &DatasetCounts,
) -> Result<()> {
    let mut row = version.into_active_model();
    row.images = Set(counts.images.cast_signed());
    row.boxes = Set(counts.boxes.cast_signed());
    row.by_split = Set(to_json(&counts.by_split)?);
    row.by_label = Set(to_json(&counts.by_label)?);
    row.update(db).await?;
    Ok(())
}

struct AssetPage {
    version_id: DatasetVersionId,
    split: Option<Split>,
    after: Option<Uuid>,
    limit: u64,
}

impl AssetPage {
    async fn fetch(&self, db: &impl ConnectionTrait, labels: &[Label]) -> Result<Vec<Asset>> {
        let mut query = assets::Entity::find()
            .filter(assets::Column::VersionId.eq(self.version_id.0))
            .order_by_asc(assets::Column::Id)
            .limit(self.limit);
        if let Some(split) = self.split {
            query = query.filter(assets::Column::Split.eq(split.as_str()));
        }
        if let Some(after) = self.after {
            query = query.filter(assets::Column::Id.gt(after));
        }
        query.all(db).await?.into_iter().map(|row| to_asset(row, labels)).collect()
    }
}
