//! Which files of a folder hold annotations, and what is done about one that
//! cannot be read.

use crate::{FaultKind, FormatError, folder, intake::Intake};
use std::path::{Path, PathBuf};

/// The files that were meant: the one that was named, or those below the
/// folder that `is_ours` accepts.
///
/// # Errors
/// When there is none; `expected` says what there should be.
pub(crate) fn list(
    annotations: &Path,
    expected: &str,
    is_ours: impl Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, FormatError> {
    if !annotations.is_dir() {
        return Ok(vec![annotations.to_owned()]);
    }
    let mut files = folder::files_below(annotations)?;
    files.retain(|file| is_ours(file));
    if files.is_empty() {
        let why = format!("there is no {expected}");
        return Err(FormatError::NothingFound { folder: annotations.to_owned(), why });
    }
    Ok(files)
}

/// One of several files that cannot be read is a fault; the only one is an
/// error.
///
/// # Errors
/// That of the only file.
pub(crate) fn tolerate(
    result: Result<(), FormatError>,
    file: &Path,
    all: &[PathBuf],
    intake: &mut Intake<'_>,
) -> Result<(), FormatError> {
    match result {
        Err(error) if all.len() > 1 => {
            intake.log.error(FaultKind::Unreadable, file, "", format!("{error}; left out"));
            Ok(())
        }
        result => result,
    }
}

/// What a JSON file is refused with.
pub(crate) fn malformed_json(file: &Path, error: &serde_json::Error) -> FormatError {
    FormatError::malformed(
        file,
        format!("line {}, column {}", error.line(), error.column()),
        error.to_string(),
    )
}
