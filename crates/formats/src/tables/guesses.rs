//! Tables with scores beside others: what a model saw is no label, and what an
//! annotator is sure of is one.

use super::{MAX_BOXES, form::Form, names_of, next, rows_of};
use crate::{FormatError, folder, intake::Intake, tool_images::ImageFiles};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// Leaves out tables with scores all of whose images are named by tables
/// without: their boxes are a model's. Others are kept, and a note says that
/// their scores are not read.
///
/// # Errors
/// A table with scores that shares some of its images with others, and not
/// all: of an image one table is read, and which is to be is not known.
pub(super) fn pass_over<'f>(
    forms: Vec<(&'f PathBuf, Form)>,
    images: &ImageFiles,
    intake: &mut Intake<'_>,
) -> Result<Vec<(&'f PathBuf, Form)>, FormatError> {
    let mut labelled = HashSet::new();
    // A table is read a second time only where there is something to compare.
    if forms.iter().any(|(_, form)| form.has_scores) {
        for (file, form) in forms.iter().filter(|(_, form)| !form.has_scores) {
            labelled.extend(images_of(file, form, images, intake));
        }
    }
    let mut kept = Vec::with_capacity(forms.len());
    for (file, form) in forms {
        let is_read = !form.has_scores || !is_repeated(file, &form, &labelled, images, intake)?;
        if form.has_scores {
            let name = folder::last_part(file);
            let done =
                if is_read { "has scores, which were not read" } else { "was not read: it has scores" };
            intake.note(format!(
                "{name} {done}. What a model saw is no label: fovea import-predictions --format csv takes it."
            ));
        }
        if is_read {
            kept.push((file, form));
        }
    }
    Ok(kept)
}

/// Whether tables without scores name all images of this one, and not none.
fn is_repeated(
    file: &Path,
    form: &Form,
    labelled: &HashSet<PathBuf>,
    images: &ImageFiles,
    intake: &Intake<'_>,
) -> Result<bool, FormatError> {
    if labelled.is_empty() {
        return Ok(false);
    }
    let own = images_of(file, form, images, intake);
    let shared = own.intersection(labelled).count();
    if shared == 0 || shared == own.len() {
        return Ok(shared > 0);
    }
    let why = format!(
        "it has scores, and {shared} of its {} images are in a table without scores, too. Move it elsewhere if its \
         boxes are a model's; else leave each image in one of the tables",
        own.len()
    );
    Err(FormatError::malformed(file, "the table", why))
}

/// The files that a table names, and the names of those that are not there. At
/// what cannot be read it ends without a word: the table itself is read later.
fn images_of(file: &Path, form: &Form, images: &ImageFiles, intake: &Intake<'_>) -> HashSet<PathBuf> {
    let file_of = |name: String| {
        let found = images.path_of(file, &names_of(&name, form));
        found.map_or_else(|| PathBuf::from(&name), Path::to_path_buf)
    };
    names_in(file, form, intake).into_iter().map(file_of).collect()
}

fn names_in(file: &Path, form: &Form, intake: &Intake<'_>) -> HashSet<String> {
    let mut names = HashSet::new();
    let Ok(mut records) = rows_of(file, form, intake) else { return names };
    for _ in 0..MAX_BOXES {
        let Ok(Some(record)) = next(&mut records) else { break };
        names.extend(record.fields.into_iter().nth(form.image).filter(|name| !name.is_empty()));
    }
    names
}
