//! Datasets from folders in the field's formats, and back into them.

use crate::{
    Admin, As, Catalogue, Result, ServiceError, Viewer,
    base::{blocking, one_thread::OneThread},
    catalogue::{
        datasets::within,
        split_leaks::{ImportedLook, look_alikes},
    },
    intake::checks::readable_text,
};
use domain::{
    dataset::{Asset, DatasetVersion, Split},
    ids::DatasetVersionId,
    name::{Name, VersionRef},
};
use formats::{
    Choices, ExportImage, ExportReport, Exporter, Fault, FaultKind, Format, Import, ImportFormat,
    ImportedImage, LeftOut, Options, Severity, SplitChoice,
};
use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use std::path::{Path, PathBuf};
use store::BlobKind;

/// Assets stored in one transaction.
const BATCH: usize = 64;
/// Images on their way at the same time: some are written and hashed while one
/// is decoded.
const IN_FLIGHT: usize = 4;

/// What to import, and as what.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// How the files are laid out.
    pub format: ImportFormat,
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
    /// What decides where files can be read in two ways.
    pub choices: Choices,
}

/// The version that an import makes.
#[derive(Clone, Debug)]
pub(crate) struct ImportTarget {
    pub(crate) id: DatasetVersionId,
    pub(crate) dataset: Name,
    pub(crate) version: Option<Name>,
    pub(crate) strict: bool,
    pub(crate) keep_going: bool,
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
    /// What was decided while reading, and why: sentences for people.
    pub notes: Vec<String>,
}

impl Catalogue {
    /// Imports a folder as a frozen dataset version: all that is sound, or
    /// nothing. `progress` hears how many images are stored, and of how many.
    ///
    /// # Errors
    /// Admins only; files that are no dataset of this format, no sound image
    /// in them, boxes or splits that are lost unless `keep_going`, a version
    /// that is there already; with `strict`, any fault.
    pub async fn import(
        &self,
        actor: &As<Admin>,
        request: ImportRequest,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<ImportReport> {
        let read = self.read_files(&request, |_| {}).await?;
        let ImportRequest { dataset, version, strict, choices, .. } = request;
        let keep_going = choices.keep_going;
        let target = ImportTarget { id: self.base.new_id(), dataset, version, strict, keep_going };
        let mut go_on = |done, all| {
            progress(done, all);
            true
        };
        let imported = self.import_read(actor, target, read, &mut go_on).await?;
        imported.ok_or_else(|| ServiceError::Internal("an import that nobody cancelled stopped".to_owned()))
    }

    /// What is in the files; `progress` hears how many images were looked at.
    pub(crate) async fn read_files(
        &self,
        request: &ImportRequest,
        mut progress: impl FnMut(formats::Progress) + Send + 'static,
    ) -> Result<Import> {
        let options = Options {
            strict: request.strict,
            split: request.split,
            limits: self.base.limits().image,
            choices: request.choices,
        };
        let ImportRequest { format, images, annotations, .. } = request.clone();
        blocking(move || Ok(formats::read(format, &images, &annotations, &options, &mut progress)?)).await
    }

    /// Makes a frozen version of what was read: all that is sound, or nothing.
    /// `go_on` hears how many images are stored, and of how many, and says
    /// whether to go on; `None` when it said no.
    ///
    /// An error that may pass leaves the open version, which is discarded by
    /// the next attempt, or once it was silent for too long.
    pub(crate) async fn import_read(
        &self,
        actor: &As<Admin>,
        target: ImportTarget,
        read: Import,
        go_on: &mut (dyn FnMut(u64, u64) -> bool + Send),
    ) -> Result<Option<ImportReport>> {
        let ImportTarget { id, dataset, version, strict, keep_going } = target;
        read.check(keep_going)?;
        let (new, act) = self.new_version(actor, dataset, version, read.labels)?;
        // Known as an import of this process: should it be killed, the version
        // is discarded later.
        let new = store::NewDatasetVersion { id, ..new };
        let version = self.base.store().datasets().begin_import(new, act).await?;
        let mut report =
            ImportReport { version, left_out: read.left_out, faults: read.faults, notes: read.notes };
        let stored = self.store_images(read.images, strict, &mut report, go_on).await;
        match stored {
            Ok(true) => report.version = self.freeze_version(actor, id).await?,
            Ok(false) => {
                self.discard_version(actor, id).await?;
                return Ok(None);
            }
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => {
                self.discard_version(actor, id).await?;
                return Err(error);
            }
        }
        Ok(Some(report))
    }

    /// Whether all were stored; false when `go_on` said no.
    async fn store_images(
        &self,
        images: Vec<ImportedImage>,
        strict: bool,
        report: &mut ImportReport,
        go_on: &mut (dyn FnMut(u64, u64) -> bool + Send),
    ) -> Result<bool> {
        let (version, total) = (report.version.id, images.len() as u64);
        let mut stored = 0;
        let mut looks = Vec::with_capacity(images.len());
        let thread = OneThread::start("fovea-import")?;
        let mut images = images.into_iter();
        loop {
            let batch: Vec<ImportedImage> = images.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            // Brought to its end before rows are written: an image that waits
            // on its way may have the only connection that writes.
            let storing = futures::stream::iter(batch);
            let thread = &thread;
            let storing = storing.map(|image| async move {
                let path = image.path.clone();
                (path, self.store_imported(version, image, thread).await)
            });
            let stored_batch: Vec<_> = storing.buffered(IN_FLIGHT).collect().await;
            let mut assets = Vec::with_capacity(stored_batch.len());
            for (path, result) in stored_batch {
                match result {
                    Ok((asset, perceptual_hash)) => {
                        let split = asset.split;
                        looks.push(ImportedLook { split, perceptual_hash, path });
                        assets.push(asset);
                    }
                    Err((image, ServiceError::Image(error))) if !strict => report.leave_out(&image, &error),
                    Err((_, error)) => return Err(error),
                }
            }
            self.base.store().datasets().renew_import(version, self.base.now()).await?;
            self.base.store().datasets().add_assets(version, &assets).await?;
            stored += assets.len() as u64;
            if !go_on(stored, total) {
                return Ok(false);
            }
        }
        if stored == 0 {
            return Err(ServiceError::invalid_at("images", "None of the images could be decoded."));
        }
        report.notes.extend(blocking(move || Ok(look_alikes(&looks))).await?);
        Ok(true)
    }

    async fn store_imported(
        &self,
        version: DatasetVersionId,
        image: ImportedImage,
        thread: &OneThread,
    ) -> std::result::Result<(Asset, u64), (ImportedImage, ServiceError)> {
        let (stored, look) = match self.images.store_file(image.path.to_path_buf(), thread).await {
            Ok(stored) => stored,
            Err(error) => return Err((image, error)),
        };
        let annotations = match within(image.annotations.clone(), look.size) {
            Ok(annotations) => annotations,
            Err(error) => return Err((image, error)),
        };
        let asset = Asset {
            id: self.base.new_id(),
            version_id: version,
            filename: readable_text(&image.filename()),
            content_hash: stored.content_hash,
            pixel_hash: stored.pixel_hash,
            size: look.size,
            split: image.split.unwrap_or(Split::Train),
            annotations,
        };
        Ok((asset, look.perceptual_hash))
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
            file: image.path.to_path_buf(),
            place: String::new(),
            kind: FaultKind::BrokenImage,
            message: format!("{error}; the image was left out"),
            severity: Severity::Error,
        });
    }
}
