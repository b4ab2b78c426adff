//! What changes in a version that is still open: its labels, the boxes of its
//! images. And versions on their way out, open or frozen.

use super::{
    Datasets, assets, discard_row, labels_of_version, open_version,
    rows::{to_asset, to_asset_row},
};
use crate::{
    audit::Act,
    blobs::BlobKind,
    entity::dataset::{assets as asset_rows, dataset_labels, dataset_versions},
    error::{Result, StoreError},
    files,
};
use domain::{
    dataset::{Annotation, Asset},
    ids::{AssetId, DatasetVersionId},
    name::Label,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

impl Datasets<'_> {
    /// Adds labels to an open version, behind those that it has; such as it has
    /// already stay where they are.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the version is frozen.
    pub async fn add_labels(&self, id: DatasetVersionId, new: &[Label], act: Act) -> Result<Vec<Label>> {
        let tx = self.db.begin().await?;
        open_version(&tx, id).await?;
        let mut labels = labels_of_version(&tx, id).await?;
        let before = labels.len();
        for label in new {
            if !labels.contains(label) {
                labels.push(label.clone());
            }
        }
        let added = labels.iter().zip(0..).skip(before).map(|(label, position)| {
            dataset_labels::Model { version_id: id.0, position, name: label.to_string() }.into_active_model()
        });
        if labels.len() > before {
            dataset_labels::Entity::insert_many(added).exec_without_returning(&tx).await?;
            act.record(&tx, &id.to_string()).await?;
        }
        tx.commit().await?;
        Ok(labels)
    }

    /// Gives an image of an open version other boxes, and counts them anew.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the version is frozen or a label is not
    /// among its own.
    pub async fn set_annotations(
        &self,
        id: AssetId,
        annotations: Vec<Annotation>,
        act: Act,
    ) -> Result<Asset> {
        let tx = self.db.begin().await?;
        let missing = || StoreError::not_found(format!("asset {id}"));
        let asset = asset_rows::Entity::find_by_id(id.0).one(&tx).await?.ok_or_else(missing)?;
        let version_id = DatasetVersionId(asset.version_id);
        let version = open_version(&tx, version_id).await?;
        // Behind the lock of its version nobody else changes it.
        let row = asset_rows::Entity::find_by_id(id.0).one(&tx).await?.ok_or_else(missing)?;
        let labels = labels_of_version(&tx, version_id).await?;
        let before = to_asset(row, &labels)?;
        let after = Asset { annotations, ..before.clone() };
        let positions: HashMap<&Label, u32> = labels.iter().zip(0..).collect();
        let packed = to_asset_row(&after, &positions)?.annotations;
        let change =
            asset_rows::ActiveModel { id: Set(id.0), annotations: Set(packed), ..Default::default() };
        change.update(&tx).await?;
        assets::recount(&tx, version, &before, &after).await?;
        act.record(&tx, &id.to_string()).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Takes images out of an open version. Files that nothing else has go some
    /// time after.
    ///
    /// # Errors
    /// `NotFound` when one is not in it; `Conflict` when it is frozen, or when
    /// a submission put one there.
    pub async fn remove_assets(&self, id: DatasetVersionId, ids: &[AssetId], act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        open_version(&tx, id).await?;
        let ids: BTreeSet<Uuid> = ids.iter().map(|id| id.0).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let present = assets::these_in(&tx, id, &ids).await?;
        if present.len() < ids.len() {
            return Err(StoreError::not_found(format!("such image in dataset version {id}")));
        }
        assets::remove_in(&tx, id, &ids).await.map_err(|error| match error {
            StoreError::Conflict { .. } => {
                StoreError::conflict("the feedback loop put this image there: take its submission back")
            }
            error => error,
        })?;
        let images = present.into_iter().map(|asset| asset.content_hash);
        files::release(&tx, BlobKind::Images, images, act.by.at).await?;
        act.record(&tx, &id.to_string()).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a version, open or frozen, that nothing refers to, and the
    /// dataset if it was the only one. Images that nothing else has go some
    /// time after.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when something refers to it.
    pub async fn delete_version(&self, id: DatasetVersionId, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let row = dataset_versions::Entity::find_by_id(id.0).lock_exclusive().one(&tx).await?;
        let row = row.ok_or_else(|| StoreError::not_found(format!("dataset version {id}")))?;
        discard_row(&tx, row, act.by.at).await.map_err(|error| match error {
            StoreError::Conflict { .. } => StoreError::conflict(
                "the version is in use: a training, a model, a deployment or a comparison refers to it",
            ),
            error => error,
        })?;
        act.record(&tx, &id.to_string()).await?;
        Ok(tx.commit().await?)
    }
}
