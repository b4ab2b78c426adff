//! Files by their name without extension: of one XML file or text file, or of
//! an image that was stored as another type.

use super::Finder;
use crate::{
    folder,
    image_names::{common_parts, common_start, folded, stem_of},
};
use std::{path::Path, sync::Arc};

impl Finder {
    /// Images called so but for their extension: of one XML file or text file.
    /// Those nearest to the file, and among them those whose folders are like
    /// the file's.
    pub(crate) fn of_annotation_file(&self, file: &Path, annotations: &Path) -> Vec<&Arc<Path>> {
        let stem = stem_of(file);
        let mut stems = vec![stem.clone()];
        // `a.jpg.txt` stands for `a.jpg`.
        if folder::is_named_like_an_image(Path::new(&stem)) {
            stems.push(stem_of(Path::new(&stem)));
        }
        let found = stems.iter().map(|stem| self.with_stem(&folded(stem))).find(|found| !found.is_empty());
        let all = self.preferred(found.unwrap_or_default());
        let exact = |index: &usize| self.files.get(*index).is_some_and(|file| stems.contains(&stem_of(file)));
        let same: Vec<usize> = all.iter().copied().filter(exact).collect();
        let candidates = if same.is_empty() { all } else { same };
        let inside = file.strip_prefix(annotations).ok().and_then(Path::parent).unwrap_or(Path::new(""));
        let parts: Vec<String> =
            inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        let beside = file.parent().unwrap_or(file);
        let score = |index: usize| {
            let image: &Path = self.files.get(index).map_or(Path::new(""), |file| file);
            let folder = image.parent().unwrap_or(image);
            (common_start(folder, beside), common_parts(folder, &parts))
        };
        let best = candidates.iter().map(|index| score(*index)).max();
        let nearest = candidates.into_iter().filter(|index| Some(score(*index)) == best);
        let mut images: Vec<&Arc<Path>> = nearest.filter_map(|index| self.files.get(index)).collect();
        // There is one such list for each file of annotations.
        images.shrink_to_fit();
        images
    }

    /// A file of the same name with another extension.
    pub(super) fn of_stem(&self, base: &str) -> Option<String> {
        let index = *self.with_stem(&folded(&stem_of(Path::new(base)))).first()?;
        self.files.get(index).map(|file| self.shown(file))
    }

    /// Files whose folded base name without extension is this one.
    fn with_stem(&self, folded_stem: &str) -> Vec<usize> {
        let is_it =
            |index: &usize| self.files.get(*index).is_some_and(|file| folded(&stem_of(file)) == folded_stem);
        self.by_stem.of(folded_stem).filter(is_it).collect()
    }
}
