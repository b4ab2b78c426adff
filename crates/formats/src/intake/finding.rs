//! What is said about the file that a name means.

use super::Intake;
use crate::{
    FaultKind,
    finder::{FileMatch, Finder},
};
use std::{path::Path, sync::Arc};

impl Intake<'_> {
    /// The file that a name means; a fault where it is called otherwise, and
    /// where none is meant.
    pub(crate) fn found(
        &mut self,
        found: FileMatch,
        name: &str,
        file: &Path,
        place: &str,
        finder: &Finder,
    ) -> Option<Arc<Path>> {
        let root = self.folder.display();
        let (kind, message) = match found {
            FileMatch::File(path) => return Some(path),
            FileMatch::Otherwise(path) => {
                let message = format!("{name:?} is taken to be {}", finder.shown(&path));
                self.log.warning(FaultKind::NameAdapted, file, place, message);
                return Some(path);
            }
            FileMatch::Several(paths) => {
                let shown: Vec<String> = paths.iter().take(3).map(|path| finder.shown(path)).collect();
                let message = format!(
                    "{} images may be meant by {name:?} ({}); left out with its boxes",
                    paths.len(),
                    shown.join(", ")
                );
                (FaultKind::AmbiguousName, message)
            }
            FileMatch::Missing(Some(near)) => {
                let message =
                    format!("the image {name} is not in {root}, but {near} is; left out with its boxes");
                (FaultKind::MissingImage, message)
            }
            FileMatch::Missing(None) => (
                FaultKind::MissingImage,
                format!("the image {name} is not in {root}; left out with its boxes"),
            ),
            FileMatch::Unsafe => {
                let message = format!(
                    "the name {name:?} leads out of the folder, and no image below it is called so; left out with its boxes"
                );
                (FaultKind::UnsafePath, message)
            }
        };
        self.log.error(kind, file, place, message);
        None
    }
}
