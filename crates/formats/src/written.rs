//! What the writers of all formats are given, and how they make files: never
//! over one that is there.

use crate::FormatError;
use domain::{
    dataset::{Annotation, Split},
    geometry::{Rect, Size},
    name::Label,
};
use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// One image to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportImage {
    /// What it is called; made harmless and unique where it must be.
    pub filename: String,
    /// Of the upright image.
    pub size: Size,
    /// What it is for.
    pub split: Split,
    /// Its true boxes.
    pub annotations: Vec<Annotation>,
}

/// A box as it is written: of a person or of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WrittenBox<'a> {
    /// The class.
    pub label: &'a Label,
    /// Pixels of the upright image.
    pub rect: &'a Rect,
    /// A region that metrics leave alone.
    pub ignore: bool,
    /// A model's; a person's box has none.
    pub score: Option<f64>,
}

impl<'a> From<&'a Annotation> for WrittenBox<'a> {
    fn from(annotation: &'a Annotation) -> Self {
        let Annotation { label, rect, ignore } = annotation;
        Self { label, rect, ignore: *ignore, score: None }
    }
}

pub(crate) fn make_folder(folder: &Path) -> Result<(), FormatError> {
    fs::create_dir_all(folder).map_err(|error| FormatError::io(folder, error))
}

/// Writes a file that must not be there yet.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FormatError> {
    let write = || fs::File::create_new(path)?.write_all(bytes);
    write().map_err(|error| FormatError::io(path, error))
}

/// A text file that is written as images come, and must not be there yet.
pub(crate) struct ListFile {
    path: PathBuf,
    target: BufWriter<fs::File>,
}

impl ListFile {
    pub(crate) fn create(path: PathBuf) -> Result<Self, FormatError> {
        let file = fs::File::create_new(&path).map_err(|error| FormatError::io(&path, error))?;
        Ok(Self { path, target: BufWriter::new(file) })
    }

    pub(crate) fn write(&mut self, text: &str) -> Result<(), FormatError> {
        self.target.write_all(text.as_bytes()).map_err(|error| FormatError::io(&self.path, error))
    }

    /// Writes what is in another such file, and takes that away.
    pub(crate) fn append(&mut self, other: Self) -> Result<(), FormatError> {
        let path = other.path.clone();
        other.finish("")?;
        let mut source = fs::File::open(&path).map_err(|error| FormatError::io(&path, error))?;
        io::copy(&mut source, &mut self.target).map_err(|error| FormatError::io(&self.path, error))?;
        fs::remove_file(&path).map_err(|error| FormatError::io(&path, error))
    }

    /// Writes the last of it. Without this some may be missing.
    pub(crate) fn finish(mut self, text: &str) -> Result<(), FormatError> {
        self.write(text)?;
        self.target.flush().map_err(|error| FormatError::io(&self.path, error))
    }
}
