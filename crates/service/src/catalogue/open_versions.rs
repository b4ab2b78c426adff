//! Dataset versions that still grow: labels, boxes of images, copies. And the
//! end of versions that nothing refers to.

use super::datasets::within;
use crate::{Admin, As, Catalogue, Result, ServiceError, Viewer};
use domain::{
    dataset::{Annotation, Asset, DatasetVersion},
    fault::ErrorKind,
    ids::{AssetId, DatasetId, DatasetVersionId},
    name::{Label, Name},
};
use futures::TryStreamExt;
use serde_json::json;
use store::NewDatasetVersion;

/// Images of a version that are copied or listed at once.
const MOST_ASSETS: u64 = 200_000;
/// Images of one transaction.
const COPIED: usize = 500;

impl Catalogue {
    /// Makes an open version without labels, which come later; `dataset_id` is
    /// the dataset's, should this be its first version.
    ///
    /// # Errors
    /// Admins only; a name that is taken.
    pub async fn open_version(
        &self,
        actor: &As<Admin>,
        (dataset_id, dataset): (Option<DatasetId>, Name),
        name: Name,
        labels: Vec<Label>,
    ) -> Result<DatasetVersion> {
        let new = NewDatasetVersion {
            id: self.base.new_id(),
            dataset_id: dataset_id.unwrap_or_else(|| self.base.new_id()),
            dataset,
            name: Some(name),
            labels,
            created: self.base.now(),
        };
        let act = self.base.act(actor, "dataset.create", json!({}));
        Ok(self.base.store().datasets().create_version(new, act).await?)
    }

    /// Adds labels to an open version; gives all that it has then.
    ///
    /// # Errors
    /// Admins only; no such version, or one that is frozen.
    pub async fn add_labels(
        &self,
        actor: &As<Admin>,
        id: DatasetVersionId,
        labels: &[Label],
    ) -> Result<Vec<Label>> {
        let act = self.base.act(actor, "dataset.add_labels", json!({ "labels": labels }));
        Ok(self.base.store().datasets().add_labels(id, labels, act).await?)
    }

    /// Gives an image of an open version other boxes.
    ///
    /// # Errors
    /// Admins only; no such image; a version that is frozen; a box outside the
    /// image; a label that the version does not have.
    pub async fn set_annotations(
        &self,
        actor: &As<Admin>,
        id: AssetId,
        annotations: Vec<Annotation>,
    ) -> Result<Asset> {
        let asset = self.asset(actor, id).await?;
        let annotations = within(annotations, asset.size)?;
        let detail = json!({ "dataset_version": asset.version_id, "boxes": annotations.len() });
        let act = self.base.act(actor, "dataset.annotate", detail);
        Ok(self.base.store().datasets().set_annotations(id, annotations, act).await?)
    }

    /// Copies a version into a new open one of the same dataset: its images,
    /// and its labels and boxes where they are wanted.
    ///
    /// # Errors
    /// Admins only; no such version; a name that is taken.
    pub async fn fork_version(
        &self,
        actor: &As<Admin>,
        id: DatasetVersionId,
        name: Name,
        with_boxes: bool,
        with_labels: bool,
    ) -> Result<DatasetVersion> {
        let source = self.dataset_version(actor, id).await?;
        let labels = if with_labels || with_boxes { source.labels.clone() } else { Vec::new() };
        let fork = self.open_version(actor, (None, source.dataset), name, labels).await?;
        let mut copies = Vec::new();
        let mut assets = std::pin::pin!(self.base.store().datasets().asset_stream(id, None));
        while let Some(asset) = assets.try_next().await? {
            let annotations = if with_boxes { asset.annotations } else { Vec::new() };
            copies.push(Asset { id: self.base.new_id(), version_id: fork.id, annotations, ..asset });
            if copies.len() >= COPIED {
                self.base.store().datasets().add_assets(fork.id, &std::mem::take(&mut copies)).await?;
            }
        }
        self.base.store().datasets().add_assets(fork.id, &copies).await?;
        self.dataset_version(actor, fork.id).await
    }

    /// Copies images of one version into another that is open, in the order of
    /// `ids`: with their boxes, and the labels that the other lacks, where these
    /// are wanted. They are copied some hundreds at a time: what was copied
    /// before a failure stays, and the audit says how many.
    ///
    /// # Errors
    /// Admins only; no such version, one that is frozen, an image that is not in
    /// the first.
    pub async fn copy_assets(
        &self,
        actor: &As<Admin>,
        (from, to): (DatasetVersionId, DatasetVersionId),
        ids: &[AssetId],
        with_boxes: bool,
    ) -> Result<()> {
        let source = self.dataset_version(actor, from).await?;
        let mut copies = Vec::with_capacity(ids.len());
        for id in ids {
            let asset = self.asset(actor, *id).await?;
            if asset.version_id != from {
                let message = format!("There is no asset {id} in {}.", source.full_name());
                return Err(ServiceError::not_found(message));
            }
            let annotations = if with_boxes { asset.annotations } else { Vec::new() };
            copies.push(Asset { id: self.base.new_id(), version_id: to, annotations, ..asset });
        }
        if with_boxes {
            self.add_labels(actor, to, &source.labels).await?;
        }
        // A transaction holds a lock for each picture, and PostgreSQL has room
        // for some thousands.
        for part in copies.chunks(COPIED) {
            let detail = json!({ "from": source.full_name(), "images": part.len() });
            let act = self.base.act(actor, "dataset.copy_assets", detail);
            self.base.store().datasets().copy_assets(to, part, act).await?;
        }
        Ok(())
    }

    /// Takes images out of an open version.
    ///
    /// # Errors
    /// Admins only; an image that is not in it; a version that is frozen; an
    /// image that the feedback loop put there.
    pub async fn remove_assets(
        &self,
        actor: &As<Admin>,
        id: DatasetVersionId,
        assets: &[AssetId],
    ) -> Result<()> {
        let act = self.base.act(actor, "dataset.remove_assets", json!({ "assets": assets }));
        Ok(self.base.store().datasets().remove_assets(id, assets, act).await?)
    }

    /// All images of a version in the order in which they were added, for those
    /// who look for some of them.
    ///
    /// # Errors
    /// No such version; more than 200,000 images.
    pub async fn all_assets(&self, actor: &As<Viewer>, id: DatasetVersionId) -> Result<Vec<Asset>> {
        let version = self.dataset_version(actor, id).await?;
        if version.counts.images > MOST_ASSETS {
            let message = format!(
                "{} has more than {MOST_ASSETS} images: go through them by the cursor.",
                version.full_name()
            );
            return Err(ServiceError::Caller(domain::fault::ApiError::new(ErrorKind::Invalid, message)));
        }
        let assets = self.base.store().datasets().asset_stream(id, None);
        Ok(assets.try_collect().await?)
    }

    /// Deletes a version, open or frozen, that nothing refers to.
    ///
    /// # Errors
    /// Admins only; no such version, or one that is in use.
    pub async fn delete_version(&self, actor: &As<Admin>, id: DatasetVersionId) -> Result<()> {
        let act = self.base.act(actor, "dataset.delete", json!({}));
        Ok(self.base.store().datasets().delete_version(id, act).await?)
    }
}
