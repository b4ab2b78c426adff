//! Datasets, their versions, and the images in them.

use crate::{
    ImageFile, ImageSize, Result, Service, ServiceError,
    intake_checks::{check_filename, readable_text},
    models::check_labels,
    require,
};
use bytes::Bytes;
use domain::{
    access::{Actor, Role},
    dataset::{Annotation, Asset, DatasetVersion, Split},
    ids::{AssetId, DatasetVersionId},
    name::{Label, Name, VersionRef},
    page::{Page, PageRequest},
};
use futures::TryStreamExt;
use serde_json::json;
use store::{ContentFingerprint, NewDatasetVersion};

/// One image to be added to an open version.
#[derive(Clone, Debug)]
pub struct AssetUpload {
    /// For people.
    pub filename: String,
    /// What it is for.
    pub split: Split,
    /// Its true boxes, in pixels of the upright image.
    pub annotations: Vec<Annotation>,
    /// The file, kept byte for byte.
    pub bytes: Bytes,
}

impl Service {
    /// Versions of all datasets, the newest first.
    ///
    /// # Errors
    /// A cursor that no page gave out.
    pub async fn datasets(&self, actor: &Actor, page: PageRequest) -> Result<Page<DatasetVersion>> {
        require(actor, Role::Viewer)?;
        Ok(self.store().datasets().page(&page).await?)
    }

    /// One version.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn dataset(&self, actor: &Actor, name: &VersionRef) -> Result<DatasetVersion> {
        require(actor, Role::Viewer)?;
        self.known_dataset(name).await
    }

    /// Makes an open, empty version; without a name it is the next of `v1`,
    /// `v2` …
    ///
    /// # Errors
    /// Admins only; a name that is taken, no label, or one label twice.
    pub async fn create_version(
        &self,
        actor: &Actor,
        dataset: Name,
        name: Option<Name>,
        labels: Vec<Label>,
    ) -> Result<DatasetVersion> {
        require(actor, Role::Admin)?;
        let new = self.new_version(dataset, name, labels)?;
        let act = self.act(actor, "dataset.create", json!({}));
        Ok(self.store().datasets().create_version(new, act).await?)
    }

    /// As [`create_version`](Self::create_version), for an import of this
    /// process: should it be killed, the version is discarded later.
    pub(crate) async fn begin_import(
        &self,
        actor: &Actor,
        dataset: Name,
        name: Option<Name>,
        labels: Vec<Label>,
    ) -> Result<DatasetVersion> {
        let new = self.new_version(dataset, name, labels)?;
        let act = self.act(actor, "dataset.create", json!({}));
        Ok(self.store().datasets().begin_import(new, act).await?)
    }

    fn new_version(
        &self,
        dataset: Name,
        name: Option<Name>,
        labels: Vec<Label>,
    ) -> Result<NewDatasetVersion> {
        check_labels(&labels)?;
        let (id, dataset_id, created) = (self.new_id(), self.new_id(), self.now());
        Ok(NewDatasetVersion { id, dataset_id, dataset, name, labels, created })
    }

    /// Adds one image to an open version.
    ///
    /// # Errors
    /// Admins only; bytes that are no image, a box outside it, a label the
    /// version does not have, a version that is frozen, a file name of more
    /// than 255 bytes or with characters that hide what it is.
    pub async fn add_asset(
        &self,
        actor: &Actor,
        version: DatasetVersionId,
        upload: AssetUpload,
    ) -> Result<Asset> {
        require(actor, Role::Admin)?;
        check_filename(&upload.filename)?;
        let asset = self.stored_asset(version, upload).await?;
        let detail = json!({ "dataset_version": version, "filename": asset.filename });
        let act = self.act(actor, "dataset.add_asset", detail);
        self.store().datasets().add_asset(&asset, act).await?;
        Ok(asset)
    }

    /// Closes a version for good and gives it its fingerprint.
    ///
    /// # Errors
    /// Admins only; no such version, or one that is frozen already.
    pub async fn freeze_version(&self, actor: &Actor, id: DatasetVersionId) -> Result<DatasetVersion> {
        require(actor, Role::Admin)?;
        let mut fingerprint = ContentFingerprint::default();
        let mut images = 0u64;
        let mut assets = std::pin::pin!(self.store().datasets().asset_stream(id, None));
        while let Some(asset) = assets.try_next().await? {
            fingerprint.add(&asset);
            images += 1;
        }
        let fingerprint = fingerprint.finish();
        let act = self.act(actor, "dataset.freeze", json!({ "images": images, "fingerprint": fingerprint }));
        Ok(self.store().datasets().freeze(id, &fingerprint, act).await?)
    }

    /// Deletes an open version with what is in it.
    ///
    /// # Errors
    /// Admins only; no such version, or one that is frozen or in use.
    pub async fn discard_version(&self, actor: &Actor, id: DatasetVersionId) -> Result<()> {
        require(actor, Role::Admin)?;
        let act = self.act(actor, "dataset.discard", json!({}));
        Ok(self.store().datasets().discard(id, act).await?)
    }

    /// A page of a version's images, in the order they were added.
    ///
    /// # Errors
    /// No such version; a cursor that no page gave out.
    pub async fn assets(
        &self,
        actor: &Actor,
        version: DatasetVersionId,
        split: Option<Split>,
        page: PageRequest,
    ) -> Result<Page<Asset>> {
        require(actor, Role::Viewer)?;
        self.check_version(actor, version).await?;
        Ok(self.store().datasets().assets(version, split, &page).await?)
    }

    /// The file of an image, or its thumbnail.
    ///
    /// # Errors
    /// When there is no such image.
    pub async fn asset_image(&self, actor: &Actor, id: AssetId, size: ImageSize) -> Result<ImageFile> {
        require(actor, Role::Viewer)?;
        let found = self.store().datasets().find_asset(id).await?;
        let asset = found.ok_or_else(|| ServiceError::not_found(format!("There is no asset {id}.")))?;
        self.image_file(&asset.content_hash, size).await
    }

    /// Whether there is such a version: asked before a body is read that only
    /// makes sense if there is.
    ///
    /// # Errors
    /// Viewers and above; when there is none.
    pub async fn check_version(&self, actor: &Actor, id: DatasetVersionId) -> Result<()> {
        require(actor, Role::Viewer)?;
        match self.store().datasets().find(id).await? {
            Some(_) => Ok(()),
            None => Err(ServiceError::not_found(format!("There is no dataset version {id}."))),
        }
    }

    pub(crate) async fn known_dataset(&self, name: &VersionRef) -> Result<DatasetVersion> {
        let found = self.store().datasets().find_by_name(name).await?;
        found.ok_or_else(|| ServiceError::not_found(format!("There is no dataset version {name}.")))
    }

    /// Checks an upload and stores its image and thumbnail.
    pub(crate) async fn stored_asset(&self, version: DatasetVersionId, upload: AssetUpload) -> Result<Asset> {
        let image = self.decode_image(upload.bytes).await?;
        let size = image.pixels.size();
        let mut annotations = upload.annotations;
        for (index, annotation) in annotations.iter_mut().enumerate() {
            annotation.rect = annotation.rect.clamp_to(size).ok_or_else(|| {
                let place = format!("annotations[{index}]");
                let message = format!("The box lies outside the image of {}×{} px.", size.width, size.height);
                ServiceError::invalid_at(&place, message)
            })?;
        }
        let stored = self.store_image(image).await?;
        Ok(Asset {
            id: self.new_id(),
            version_id: version,
            filename: readable_text(&upload.filename),
            content_hash: stored.content_hash,
            pixel_hash: stored.pixel_hash,
            size,
            split: upload.split,
            annotations,
        })
    }
}
