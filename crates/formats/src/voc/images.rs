//! Which picture an XML file is of: by the file's own name, which tools keep,
//! or by the name inside, which is often that of a file of before.

use super::document::Document;
use crate::{
    FaultKind,
    finder::{FileMatch, Finder, Query},
    folder,
    image_names::base_of,
    intake::Intake,
};
use std::{collections::HashSet, path::Path, sync::Arc};

/// The image of each document: by the file's own name, which tools keep, and
/// by the name inside, which is often that of a file of before.
pub(super) fn resolve(
    documents: &[Document],
    annotations: &Path,
    finder: &Finder,
    intake: &mut Intake<'_>,
) -> Vec<Option<Arc<Path>>> {
    let named = documents.iter().filter_map(|document| {
        let beside = document.file.parent().unwrap_or(&document.file);
        Some(Query { name: document.filename.as_deref()?, beside, hints: &[] })
    });
    let queries: Vec<Query<'_>> = named.collect();
    let mut by_name = finder.find_all(&queries, &intake.files).into_iter();
    let stems: Vec<Vec<&Arc<Path>>> =
        documents.iter().map(|document| finder.of_annotation_file(&document.file, annotations)).collect();
    let own: HashSet<&Arc<Path>> = stems
        .iter()
        .filter_map(|stem| if let [only] = stem.as_slice() { Some(*only) } else { None })
        .collect();
    let mut images = Vec::with_capacity(documents.len());
    for (document, stem) in documents.iter().zip(&stems) {
        let named = if document.filename.is_some() { by_name.next() } else { None };
        images.push(image_of(document, named, stem, &own, finder, intake));
    }
    images
}

fn image_of(
    document: &Document,
    named: Option<FileMatch>,
    stem: &[&Arc<Path>],
    own: &HashSet<&Arc<Path>>,
    finder: &Finder,
    intake: &mut Intake<'_>,
) -> Option<Arc<Path>> {
    let file = &*document.file;
    let name = document.filename.as_deref().map_or_else(|| folder::last_part(file), str::to_owned);
    let path = match &named {
        Some(FileMatch::File(path) | FileMatch::Otherwise(path)) => Some(path),
        _ => None,
    };
    match (stem, path) {
        (_, Some(path)) if stem.contains(&path) => Some(path.clone()),
        ([only], Some(path)) => {
            let message = format!(
                "it says {name:?}, which is another image ({}); the image of the file's own name, {}, is taken",
                finder.shown(path),
                finder.shown(only)
            );
            intake.log.warning(FaultKind::NameAdapted, file, "", message);
            Some(Arc::clone(only))
        }
        ([only], None) => {
            let stem_of = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let says_so = document.filename.is_none()
                || base_of(&name) == folder::last_part(only)
                || Some(&name) == stem_of(file).as_ref();
            if !says_so {
                let message =
                    format!("it says {name:?}, which is not there; {} is taken", finder.shown(only));
                intake.log.warning(FaultKind::NameAdapted, file, "", message);
            }
            Some(Arc::clone(only))
        }
        (_, Some(path)) if own.contains(path) => {
            let message = format!(
                "it says {name:?}, which is the image of another annotation file, and its own is not there; left out \
                 with its boxes"
            );
            intake.log.error(FaultKind::MissingImage, file, "", message);
            None
        }
        (_, Some(_)) => intake.found(named?, &name, file, "", finder),
        (several, None) => {
            let found = match named {
                Some(found) if several.is_empty() => found,
                _ if several.is_empty() => FileMatch::Missing(None),
                _ => FileMatch::Several(several.iter().map(|path| Arc::clone(path)).collect()),
            };
            intake.found(found, &name, file, "", finder)
        }
    }
}
