//! Why a data set could not be read or written at all.

use crate::Fault;
use std::path::PathBuf;

/// Why a data set could not be read or written at all. What concerns only
/// some of its images or boxes is a [`Fault`].
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The file system said no.
    #[error("{file}: {source}")]
    Io {
        /// The file or folder.
        file: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// A file is not of its format.
    #[error("{file}, {place}: {why}")]
    Malformed {
        /// The file.
        file: PathBuf,
        /// A line, or an element.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// There is no data set of this format here.
    #[error("{folder}: {why}")]
    NothingFound {
        /// Where it was looked for.
        folder: PathBuf,
        /// What was expected there.
        why: String,
    },
    /// The files look like several formats.
    #[error("{folder}: {why}")]
    SeveralFormats {
        /// Where.
        folder: PathBuf,
        /// What was seen, and what to choose from.
        why: String,
    },
    /// The data set has faults, and none were to be accepted.
    #[error("{total} faults, and strict reading accepts none; the first: {first}")]
    Strict {
        /// How many.
        total: u64,
        /// The first of them.
        first: Box<Fault>,
        /// All that were kept, this one included.
        faults: Vec<Fault>,
    },
    /// Boxes or splits of the data set would be lost.
    #[error("The import would not be what the files say: {problems}.{shown}{way_out}")]
    Incomplete {
        /// What would be lost.
        problems: String,
        /// The first faults, a line each.
        shown: String,
        /// What to do, on a line of its own.
        way_out: &'static str,
        /// All that were kept.
        faults: Vec<Fault>,
    },
    /// The text names no format.
    #[error("{0:?} is not a format: use one of those that --help lists")]
    UnknownFormat(String),
    /// The label cannot be written in this format.
    #[error("an annotation of {image} has the label {label:?}, which is not among the data set's labels")]
    UnknownLabel {
        /// The image's file name.
        image: String,
        /// The label.
        label: String,
    },
}

impl FormatError {
    pub(crate) fn io(file: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { file: file.into(), source }
    }

    pub(crate) fn malformed(
        file: impl Into<PathBuf>,
        place: impl Into<String>,
        why: impl Into<String>,
    ) -> Self {
        Self::Malformed { file: file.into(), place: place.into(), why: why.into() }
    }
}
