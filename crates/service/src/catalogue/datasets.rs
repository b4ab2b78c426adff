//! Datasets, their versions, and the images in them.

use crate::{
    Admin, As, Catalogue, ImageFile, ImageSize, Result, ServiceError, Viewer,
    catalogue::models::check_labels,
    intake::checks::{check_filename, readable_text},
};
use bytes::Bytes;
use domain::{
    dataset::{Annotation, Asset, DatasetVersion, Split},
    geometry::Size,
    ids::{AssetId, DatasetId, DatasetVersionId},
    name::{Label, Name, VersionRef},
    page::{Page, PageRequest},
};
use futures::TryStreamExt;
use serde_json::json;
use store::{Act, ContentFingerprint, Line, NewDatasetVersion};

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

impl Catalogue {
    /// Versions of all datasets, the newest first.
    ///
    /// # Errors
    /// A cursor that no page gave out.
    pub async fn datasets(&self, _: &As<Viewer>, page: PageRequest) -> Result<Page<DatasetVersion>> {
        Ok(self.base.store().datasets().page(&page).await?)
    }

    /// All datasets that have a version, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dataset_lines(&self, _: &As<Viewer>) -> Result<Vec<Line>> {
        Ok(self.base.store().datasets().lines().await?)
    }

    /// The versions of one dataset, the latest first; none of one that is not
    /// there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions_of_dataset(&self, _: &As<Viewer>, id: DatasetId) -> Result<Vec<DatasetVersion>> {
        Ok(self.base.store().datasets().versions_of(id).await?)
    }

    /// One version.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn dataset(&self, _: &As<Viewer>, name: &VersionRef) -> Result<DatasetVersion> {
        self.base.known_dataset(name).await
    }

    /// Makes an open, empty version; without a name it is the next of `v1`,
    /// `v2` …
    ///
    /// # Errors
    /// Admins only; a name that is taken, no label, or one label twice.
    pub async fn create_version(
        &self,
        actor: &As<Admin>,
        dataset: Name,
        name: Option<Name>,
        labels: Vec<Label>,
    ) -> Result<DatasetVersion> {
        let (new, act) = self.new_version(actor, dataset, name, labels)?;
        Ok(self.base.store().datasets().create_version(new, act).await?)
    }

    /// An empty version, and the act of making it.
    pub(super) fn new_version(
        &self,
        actor: &As<Admin>,
        dataset: Name,
        name: Option<Name>,
        labels: Vec<Label>,
    ) -> Result<(NewDatasetVersion, Act)> {
        check_labels(&labels)?;
        let (id, dataset_id, created) = (self.base.new_id(), self.base.new_id(), self.base.now());
        let act = self.base.act(actor, "dataset.create", json!({}));
        Ok((NewDatasetVersion { id, dataset_id, dataset, name, labels, created }, act))
    }

    /// Adds one image to an open version.
    ///
    /// # Errors
    /// Admins only; bytes that are no image, a box outside it, a label the
    /// version does not have, a version that is frozen, a file name of more
    /// than 255 bytes or with characters that hide what it is.
    pub async fn add_asset(
        &self,
        actor: &As<Admin>,
        version: DatasetVersionId,
        upload: AssetUpload,
    ) -> Result<Asset> {
        check_filename(&upload.filename)?;
        let asset = self.stored_asset(version, upload).await?;
        let detail = json!({ "dataset_version": version, "filename": asset.filename });
        let act = self.base.act(actor, "dataset.add_asset", detail);
        self.base.store().datasets().add_asset(&asset, act).await?;
        Ok(asset)
    }

    /// Closes a version for good and gives it its fingerprint.
    ///
    /// # Errors
    /// Admins only; no such version, or one that is frozen already.
    pub async fn freeze_version(&self, actor: &As<Admin>, id: DatasetVersionId) -> Result<DatasetVersion> {
        let mut fingerprint = ContentFingerprint::default();
        let mut images = 0u64;
        let mut assets = std::pin::pin!(self.base.store().datasets().asset_stream(id, None));
        while let Some(asset) = assets.try_next().await? {
            fingerprint.add(&asset);
            images += 1;
        }
        let fingerprint = fingerprint.finish();
        let act =
            self.base.act(actor, "dataset.freeze", json!({ "images": images, "fingerprint": fingerprint }));
        Ok(self.base.store().datasets().freeze(id, &fingerprint, act).await?)
    }

    /// Deletes an open version with what is in it.
    ///
    /// # Errors
    /// Admins only; no such version, or one that is frozen or in use.
    pub async fn discard_version(&self, actor: &As<Admin>, id: DatasetVersionId) -> Result<()> {
        let act = self.base.act(actor, "dataset.discard", json!({}));
        Ok(self.base.store().datasets().discard(id, act).await?)
    }

    /// A page of a version's images, in the order they were added.
    ///
    /// # Errors
    /// No such version; a cursor that no page gave out.
    pub async fn assets(
        &self,
        actor: &As<Viewer>,
        version: DatasetVersionId,
        split: Option<Split>,
        page: PageRequest,
    ) -> Result<Page<Asset>> {
        self.check_version(actor, version).await?;
        Ok(self.base.store().datasets().assets(version, split, &page).await?)
    }

    /// One image of a dataset, with its boxes.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn asset(&self, _: &As<Viewer>, id: AssetId) -> Result<Asset> {
        let asset = self.base.store().datasets().find_asset(id).await?;
        asset.ok_or_else(|| ServiceError::not_found(format!("There is no asset {id}.")))
    }

    /// Images of datasets whose ids lie between these two, both among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn assets_between(&self, _: &As<Viewer>, first: AssetId, last: AssetId) -> Result<Vec<Asset>> {
        Ok(self.base.store().datasets().assets_between(first, last).await?)
    }

    /// One version, by its id.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn dataset_version(&self, _: &As<Viewer>, id: DatasetVersionId) -> Result<DatasetVersion> {
        let version = self.base.store().datasets().find(id).await?;
        version.ok_or_else(|| ServiceError::not_found(format!("There is no dataset version {id}.")))
    }

    /// The file of an image, or its thumbnail.
    ///
    /// # Errors
    /// When there is no such image.
    pub async fn asset_image(&self, _: &As<Viewer>, id: AssetId, size: ImageSize) -> Result<ImageFile> {
        let there = self.base.store().datasets().find_asset(id).await?;
        let asset = there.ok_or_else(|| ServiceError::not_found(format!("There is no asset {id}.")))?;
        self.images.image_file(&asset.content_hash, size).await
    }

    /// Whether there is such a version: asked before a body is read that only
    /// makes sense if there is.
    ///
    /// # Errors
    /// Viewers and above; when there is none.
    pub async fn check_version(&self, _: &As<Viewer>, id: DatasetVersionId) -> Result<()> {
        match self.base.store().datasets().find(id).await? {
            Some(_) => Ok(()),
            None => Err(ServiceError::not_found(format!("There is no dataset version {id}."))),
        }
    }

    /// Checks an upload and stores its image and thumbnail.
    pub(crate) async fn stored_asset(&self, version: DatasetVersionId, upload: AssetUpload) -> Result<Asset> {
        let image = self.images.decode_image(upload.bytes).await?;
        let size = image.pixels.size();
        let annotations = within(upload.annotations, size)?;
        let stored = self.images.store_image(image).await?;
        Ok(Asset {
            id: self.base.new_id(),
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

/// The boxes as far as they lie in an image of `size`.
pub(super) fn within(mut annotations: Vec<Annotation>, size: Size) -> Result<Vec<Annotation>> {
    for (index, annotation) in annotations.iter_mut().enumerate() {
        annotation.rect = annotation.rect.clamp_to(size).ok_or_else(|| {
            let place = format!("annotations[{index}]");
            let message = format!("The box lies outside the image of {}×{} px.", size.width, size.height);
            ServiceError::invalid_at(&place, message)
        })?;
    }
    Ok(annotations)
}
