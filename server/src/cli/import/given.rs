//! Where the files of an import are: two places that were named, a folder, or
//! an archive that is unpacked for as long as the command runs.

use crate::cli::output;
use anyhow::Context as _;
use formats::{
    ImportFormat, Options,
    archive::{UnpackLimits, is_archive, unpack},
    settle,
};
use std::path::{Path, PathBuf};

/// The files of an import.
pub(super) struct GivenFiles {
    pub(super) images: PathBuf,
    pub(super) annotations: PathBuf,
    /// Members of the archive that were left out, with the reason.
    pub(super) left_out: Vec<String>,
    /// Removed with this value.
    _unpacked: Option<tempfile::TempDir>,
}

impl GivenFiles {
    /// One folder or archive, or images and annotations apart.
    pub(super) fn open(files: Option<PathBuf>, apart: Option<(PathBuf, PathBuf)>) -> anyhow::Result<Self> {
        if let Some((images, annotations)) = apart {
            return Ok(Self { images, annotations, left_out: Vec::new(), _unpacked: None });
        }
        let files = files.context("name the files: a folder or an archive, or --images and --annotations")?;
        if files.is_dir() {
            return Ok(Self::in_folder(files, Vec::new(), None));
        }
        let shown = files.display();
        anyhow::ensure!(
            is_archive(&files).with_context(|| format!("{shown} cannot be read"))?,
            "{shown} is neither a folder nor an archive: name images and annotations with --images and --annotations"
        );
        // Beside the archive there is room for one, and who may read it may read what is in it.
        let beside = files.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".fovea-unpacked-");
        let folder = builder.tempdir_in(beside).or_else(|_| builder.tempdir())?;
        let unpacked = unpack(&files, folder.path(), &UnpackLimits::default(), &mut |_| true)
            .with_context(|| format!("{shown} was not unpacked"))?;
        let left_out = unpacked
            .left_out
            .iter()
            .map(|member| format!("{shown}, {}: left out: {}", member.name, member.why));
        let left_out: Vec<String> = left_out.collect();
        output::note(&format!("{shown}: {} files unpacked", unpacked.files));
        let root = folder.path().to_owned();
        Ok(Self::in_folder(root, left_out, Some(folder)))
    }

    fn in_folder(folder: PathBuf, left_out: Vec<String>, unpacked: Option<tempfile::TempDir>) -> Self {
        let folder = service::within_wrappings(&folder).unwrap_or(folder);
        Self { images: folder.clone(), annotations: folder, left_out, _unpacked: unpacked }
    }

    /// The format that the annotations are surely of.
    pub(super) fn format(&self, options: &Options) -> anyhow::Result<ImportFormat> {
        let (format, saw) = settle(&self.images, &self.annotations, options)?;
        output::note(&format!("read as {format}: there is {saw}"));
        Ok(format)
    }
}
