//! Datasets from folders in the field's formats, and back into them.

use crate::{Admin, As, AssetUpload, Catalogue, Result, ServiceError, Viewer, base::blocking};
use bytes::Bytes;
use domain::{
    dataset::{Asset, DatasetVersion, Split},
    ids::DatasetVersionId,
    name::{Name, VersionRef},
};
use formats::{
    ExportImage, ExportReport, Exporter, Fault, FaultKind, Format, ImportedImage, LeftOut, Options, Severity,
    SplitChoice,
};
use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use std::path::{Path, PathBuf};
use store::BlobKind;

/// Assets stored in one transaction.
const BATCH: usize = 64;
/// Images read and decoded at the same time.
const IN_FLIGHT: usize = 2;

/// What to import, and as what.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// How the files are laid out.
    pub format: Format,
    /// The folder that image names are relative to.
    pub images: PathBuf,
    /// The annotation file or folder.
    pub annotations: PathBuf,
    /// The dataset, made when it is not there.
    pub dataset: Name,
    /// The version; `None` for the next of `v1`, `v2` …
    pub version: Option<Name>,
    /// Where splits come from; an image without one is for training.
    pub split: SplitChoice,
    /// Refuse a dataset with any fault.
    pub strict: bool,
}

/// What became of an import.
#[derive(Clone, Debug)]
pub struct ImportReport {
    /// What was made, frozen.
    pub version: DatasetVersion,
    /// What was not sound enough to keep.
    pub left_out: LeftOut,
    /// What was wrong, and where.
    pub faults: Vec<Fault>,
}

impl Catalogue {
    /// Imports a folder as a frozen dataset version: all that is sound, or
    /// nothing. `progress` hears how many images are stored, and of how many.
    ///
    /// # Errors
    /// Admins only; files that are no dataset of this format, no sound image
    /// in them, a version that is there already; with `strict`, any fault.
    pub async fn import(
        &self,
        actor: &As<Admin>,
        request: ImportRequest,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<ImportReport> {
        let options =
            Options { strict: request.strict, split: request.split, limits: self.base.limits().image };
        let ImportRequest { format, images, annotations, dataset, version, .. } = request;
        let read = blocking(move || Ok(formats::read(format, &images, &annotations, &options, &mut |_| {})?))
            .await?;
        if read.images.is_empty() {
            let first =
                read.faults.first().map(|fault| format!(" The first fault: {fault}")).unwrap_or_default();
            return Err(ServiceError::invalid_at("annotations", format!("No sound image was found.{first}")));
        }
        let (new, act) = self.new_version(actor, dataset, version, read.labels)?;
        // Known as an import of this process: should it be killed, the version
        // is discarded later.
        let version = self.base.store().datasets().begin_import(new, act).await?;
        let mut report = ImportReport { version, left_out: read.left_out, faults: read.faults };
        let id = report.version.id;
        let stored = self.store_images(read.images, request.strict, &mut report, progress).await;
        match stored {
            Ok(()) => report.version = self.freeze_version(actor, id).await?,
            Err(error) => {
                self.discard_version(actor, id).await?;
                return Err(error);
            }
        }
        Ok(report)
    }

    async fn store_images(
        &self,
        images: Vec<ImportedImage>,
        strict: bool,
        report: &mut ImportReport,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<()> {
        let (version, total) = (report.version.id, images.len() as u64);
        let mut stored = 0;
        let storing = futures::stream::iter(images).map(|image| self.store_imported(version, image));
        let mut batches = std::pin::pin!(storing.buffered(IN_FLIGHT).chunks(BATCH));
        while let Some(batch) = batches.next().await {
            let mut assets = Vec::with_capacity(batch.len());
            for result in batch {
                match result {
                    Ok(asset) => assets.push(asset),
                    Err((image, ServiceError::Image(error))) if !strict => report.leave_out(&image, &error),
                    Err((_, error)) => return Err(error),
                }
            }
            self.base.store().datasets().renew_import(version, self.base.now()).await?;
            self.base.store().datasets().add_assets(version, &assets).await?;
            stored += assets.len() as u64;
            progress(stored, total);
        }
        if stored == 0 {
            return Err(ServiceError::invalid_at("images", "None of the images could be decoded."));
        }
        Ok(())
    }

    async fn store_imported(
        &self,
        version: DatasetVersionId,
        image: ImportedImage,
    ) -> std::result::Result<Asset, (ImportedImage, ServiceError)> {
        let bytes = match tokio::fs::read(&image.path).await {
            Ok(bytes) => Bytes::from(bytes),
            Err(error) => return Err((image, error.into())),
        };
        let upload = AssetUpload {
            filename: image.filename.clone(),
            split: image.split.unwrap_or(Split::Train),
            annotations: image.annotations.clone(),
            bytes,
        };
        self.stored_asset(version, upload).await.map_err(|error| (image, error))
    }

    /// Writes a dataset version into a new folder; images byte for byte.
    ///
    /// # Errors
    /// No such version; a folder that is there and not empty, or cannot be
    /// written.
    pub async fn export(
        &self,
        actor: &As<Viewer>,
        name: &VersionRef,
        format: Format,
        folder: &Path,
    ) -> Result<ExportReport> {
        let dataset = self.base.known_dataset(name).await?;
        // Before the first file is written: who takes a copy is recorded, also
        // when it does not come to its end.
        self.base
            .record(actor, "dataset.export", &dataset.full_name(), json!({ "format": format.as_str() }))
            .await?;
        let (folder, labels) = (folder.to_owned(), dataset.labels.clone());
        let mut exporter = blocking(move || Ok(Exporter::new(format, &folder, &labels)?)).await?;
        let mut assets = std::pin::pin!(self.base.store().datasets().asset_stream(dataset.id, None));
        while let Some(asset) = assets.try_next().await? {
            let bytes = self.base.store().blobs().get(BlobKind::Images, &asset.content_hash).await?;
            let Asset { filename, size, split, annotations, .. } = asset;
            exporter = blocking(move || {
                exporter.add(&ExportImage { filename, size, split, annotations }, &bytes)?;
                Ok(exporter)
            })
            .await?;
        }
        blocking(move || Ok(exporter.finish()?)).await
    }
}

impl ImportReport {
    fn leave_out(&mut self, image: &ImportedImage, error: &imaging::ImageError) {
        self.left_out.images += 1;
        self.left_out.boxes += image.annotations.len() as u64;
        self.faults.push(Fault {
            file: image.path.clone(),
            place: String::new(),
            kind: FaultKind::BrokenImage,
            message: format!("{error}; the image was left out"),
            severity: Severity::Error,
        });
    }
}
