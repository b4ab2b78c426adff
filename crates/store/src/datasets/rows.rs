//! Rows of datasets as types of `domain`, and back.

use crate::{
    boxes::StoredBox,
    convert::{from_json, side_to_row, to_json, to_label, to_name, to_size},
    entity::dataset::{assets, dataset_labels, dataset_versions, datasets},
    error::{Result, StoreError},
    packed,
};
use domain::{
    dataset::{Annotation, Asset, DatasetCounts, DatasetVersion},
    geometry::Rect,
    ids::{AssetId, DatasetId, DatasetVersionId},
    name::Label,
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// An open version that holds nothing yet.
pub(crate) fn empty_version(
    id: DatasetVersionId,
    dataset: DatasetId,
    name: &str,
    created: Timestamp,
) -> Result<dataset_versions::Model> {
    let empty = DatasetCounts::default();
    Ok(dataset_versions::Model {
        id: id.0,
        dataset_id: dataset.0,
        name: name.to_owned(),
        open: true,
        fingerprint: String::new(),
        images: 0,
        boxes: 0,
        by_split: to_json(&empty.by_split)?,
        by_label: to_json(&empty.by_label)?,
        created: created.0,
    })
}

/// Adds the datasets' names and the labels: two queries for any number of rows.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    rows: Vec<dataset_versions::Model>,
) -> Result<Vec<DatasetVersion>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let dataset_ids: BTreeSet<Uuid> = rows.iter().map(|row| row.dataset_id).collect();
    let parents = datasets::Entity::find().filter(datasets::Column::Id.is_in(dataset_ids)).all(db).await?;
    let names: HashMap<Uuid, String> = parents.into_iter().map(|row| (row.id, row.name)).collect();
    let mut labels = labels_of(db, rows.iter().map(|row| row.id)).await?;
    rows.into_iter()
        .map(|row| {
            let name = names.get(&row.dataset_id).cloned();
            let dataset =
                name.ok_or_else(|| StoreError::corrupt(format!("dataset of version {}", row.id)))?;
            let labels = labels.remove(&row.id).unwrap_or_default();
            to_version(row, dataset, labels)
        })
        .collect()
}

/// The labels of each version, in order.
pub(super) async fn labels_of(
    db: &impl ConnectionTrait,
    versions: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<Label>>> {
    let rows = dataset_labels::Entity::find()
        .filter(dataset_labels::Column::VersionId.is_in(versions))
        .order_by_asc(dataset_labels::Column::VersionId)
        .order_by_asc(dataset_labels::Column::Position)
        .all(db)
        .await?;
    let mut labels: HashMap<Uuid, Vec<Label>> = HashMap::new();
    for row in rows {
        labels.entry(row.version_id).or_default().push(to_label(row.name)?);
    }
    Ok(labels)
}

pub(super) fn counts_of(row: &dataset_versions::Model) -> Result<DatasetCounts> {
    Ok(DatasetCounts {
        images: row.images.unsigned_abs(),
        boxes: row.boxes.unsigned_abs(),
        by_split: from_json(row.by_split.clone(), "counts of a dataset version")?,
        by_label: from_json(row.by_label.clone(), "counts of a dataset version")?,
    })
}

fn to_version(row: dataset_versions::Model, dataset: String, labels: Vec<Label>) -> Result<DatasetVersion> {
    Ok(DatasetVersion {
        id: DatasetVersionId(row.id),
        dataset_id: DatasetId(row.dataset_id),
        dataset: to_name(dataset)?,
        counts: counts_of(&row)?,
        name: to_name(row.name)?,
        labels,
        open: row.open,
        created: Timestamp(row.created),
        fingerprint: row.fingerprint,
    })
}

/// An asset's row; its labels become positions in `labels`.
pub(super) fn to_asset_row(asset: &Asset, labels: &HashMap<&Label, u32>) -> Result<assets::Model> {
    let boxes = asset.annotations.iter().map(|annotation| {
        let class = labels.get(&annotation.label).copied().ok_or_else(|| {
            StoreError::conflict(format!("{:?} is not a label of this version", annotation.label.as_str()))
        })?;
        let rect = &annotation.rect;
        let rect = [rect.x(), rect.y(), rect.w(), rect.h()];
        Ok(StoredBox { class, ignored: annotation.ignore, score: None, rect })
    });
    Ok(assets::Model {
        id: asset.id.0,
        version_id: asset.version_id.0,
        filename: asset.filename.clone(),
        content_hash: asset.content_hash.clone(),
        pixel_hash: asset.pixel_hash.clone(),
        width: side_to_row(asset.size.width)?,
        height: side_to_row(asset.size.height)?,
        split: asset.split.as_str().to_owned(),
        annotations: packed::pack(&boxes.collect::<Result<Vec<_>>>()?),
    })
}

pub(super) fn to_asset(row: assets::Model, labels: &[Label]) -> Result<Asset> {
    let damaged = |what: &str| StoreError::corrupt(format!("{what} of asset {}", row.id));
    let annotations = packed::unpack(&row.annotations)?
        .into_iter()
        .map(|packed| {
            let [x, y, w, h] = packed.rect;
            let label = usize::try_from(packed.class).ok().and_then(|class| labels.get(class));
            Ok(Annotation {
                label: label.cloned().ok_or_else(|| damaged("a label"))?,
                rect: Rect::new(x, y, w, h).map_err(|_| damaged("a box"))?,
                ignore: packed.ignored,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Asset {
        id: AssetId(row.id),
        version_id: DatasetVersionId(row.version_id),
        size: to_size(row.width, row.height).ok_or_else(|| damaged("the size"))?,
        split: row.split.parse().map_err(|_| damaged("the split"))?,
        filename: row.filename,
        content_hash: row.content_hash,
        pixel_hash: row.pixel_hash,
        annotations,
    })
}
