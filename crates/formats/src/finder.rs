//! Which file is meant by an image's name in an annotation file. The rule, as
//! `docs/datasets.md` has it:
//!
//! 1. the name as a path below the folder of images, then below the folder
//!    that the annotations speak of, then beside the annotation file;
//! 2. the file whose path ends in the whole name;
//! 3. the only file of that base name, if no other image of the data set is
//!    called so and nothing contradicts the folders of the name.
//!
//! Among several, the one nearest to the annotation file is meant; when none is
//! nearest, none is. Each step compares names as they are, then composed
//! (NFC), then without regard to case and `%20`s. A file is never taken for
//! another one of the same name.

mod by_stem;

use crate::{
    FormatError,
    files::Files,
    folder::{self, below},
    image_names::{
        base_of, common_start, folded, has_folders, parts_of, spellings, stem_of, without_percent,
    },
    name_index::{NameIndex, hash_of},
};
use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    path::{Path, PathBuf},
    sync::Arc,
};
use unicode_normalization::UnicodeNormalization;

/// An image's name and what it stands beside.
#[derive(Clone, Debug)]
pub(crate) struct Query<'a> {
    /// As the file has it.
    pub(crate) name: &'a str,
    /// The folder of the annotation file.
    pub(crate) beside: &'a Path,
    /// Folders that the annotation file speaks of, by its name or otherwise:
    /// `train2017`.
    pub(crate) hints: &'a [String],
}

/// What looking for a name came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileMatch {
    /// There it is.
    File(Arc<Path>),
    /// There is a file that alone can be meant, but is called otherwise.
    Otherwise(Arc<Path>),
    /// Several files may be meant.
    Several(Vec<Arc<Path>>),
    /// No file is meant; the name of one that is nearly called so.
    Missing(Option<String>),
    /// The name leads out of the folder, and its last part is no image there.
    Unsafe,
}

/// The image files of a data set.
#[derive(Debug)]
pub(crate) struct Finder {
    root: PathBuf,
    files: Vec<Arc<Path>>,
    /// By their folded base name.
    by_name: NameIndex,
    /// By their folded base name without extension.
    by_stem: NameIndex,
}

impl Finder {
    /// Lists the folder of images and, where it is elsewhere, that of the
    /// annotations.
    ///
    /// # Errors
    /// When the folder of images cannot be listed.
    pub(crate) fn new(images: &Path, annotations: &Path) -> Result<Self, FormatError> {
        let mut files = folder::files_below(images)?;
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if annotations.is_dir() && !real(annotations).starts_with(real(images)) {
            let inside = real(images);
            files.extend(
                folder::files_below(annotations)?.into_iter().filter(|file| !real(file).starts_with(&inside)),
            );
        }
        files.retain(|file| folder::is_named_like_an_image(file));
        let files: Vec<Arc<Path>> = files.into_iter().map(Arc::from).collect();
        let by_name = NameIndex::new(files.iter().map(|file| folded(&folder::last_part(file))));
        let by_stem = NameIndex::new(files.iter().map(|file| folded(&stem_of(file))));
        Ok(Self { root: images.to_owned(), files, by_name, by_stem })
    }

    /// All image files, sorted.
    pub(crate) fn all(&self) -> &[Arc<Path>] {
        &self.files
    }

    /// Files whose folded base name is this one, in any folder.
    fn named(&self, folded_name: &str) -> Vec<usize> {
        let is_it = |index: &usize| {
            self.files.get(*index).is_some_and(|file| folded(&folder::last_part(file)) == folded_name)
        };
        self.by_name.of(folded_name).filter(is_it).collect()
    }

    /// The path as it is listed, so that it is in memory once.
    pub(crate) fn listed(&self, path: PathBuf) -> Arc<Path> {
        let same = |index: usize| self.files.get(index).filter(|file| ***file == *path);
        let mut named = self.by_name.of(&folded(&folder::last_part(&path)));
        named.find_map(same).cloned().unwrap_or_else(|| path.into())
    }

    /// What each name means. They are looked for together: a file that one
    /// name means by its path is not what another means by its base name.
    pub(crate) fn find_all(&self, queries: &[Query<'_>], files: &Files) -> Vec<FileMatch> {
        let mut found: Vec<Option<Arc<Path>>> =
            queries.iter().map(|query| self.by_path(query, files).or_else(|| self.by_end(query))).collect();
        let with_folders =
            queries.iter().zip(&found).any(|(query, found)| found.is_some() && has_folders(query.name));
        let claimed: HashSet<Arc<Path>> = found.iter().flatten().cloned().collect();
        // By the hash of a base name that of the only name which has it.
        let mut names: HashMap<u64, Option<u64>> = HashMap::new();
        for query in queries {
            let name = Some(hash_of(query.name));
            match names.entry(hash_of(&folded(&base_of(query.name)))) {
                Entry::Vacant(place) => _ = place.insert(name),
                Entry::Occupied(mut place) if *place.get() != name => _ = place.insert(None),
                Entry::Occupied(_) => {}
            }
        }
        queries
            .iter()
            .zip(&mut found)
            .map(|(query, found)| match found.take() {
                Some(path) => same_or_otherwise(query.name, path),
                None if self.leads_out(query, files) => FileMatch::Unsafe,
                None => {
                    let alone = names.get(&hash_of(&folded(&base_of(query.name)))) != Some(&None);
                    let contradicted = with_folders && has_folders(query.name);
                    self.by_base(query, &claimed, alone && !contradicted)
                }
            })
            .collect()
    }

    /// Step 1.
    fn by_path(&self, query: &Query<'_>, files: &Files) -> Option<Arc<Path>> {
        let path = self.paths_of(query).into_iter().find(|path| path.is_file() && files.is_inside(path))?;
        Some(self.listed(path))
    }

    /// Whether the name's path is there, but by a link that leads out.
    fn leads_out(&self, query: &Query<'_>, files: &Files) -> bool {
        self.paths_of(query).iter().any(|path| path.is_file() && !files.is_inside(path))
    }

    fn paths_of(&self, query: &Query<'_>) -> Vec<PathBuf> {
        let mut folders = vec![self.root.clone()];
        folders.extend(query.hints.iter().map(|hint| self.root.join(hint)));
        folders.extend([self.root.join("images"), self.root.join("JPEGImages")]);
        folders.push(query.beside.to_owned());
        folders.extend(query.hints.iter().map(|hint| query.beside.join(hint)));
        folders.push(query.beside.join("images"));
        let names = spellings(query.name).into_iter().filter_map(|name| below(&name));
        names
            .flat_map(|name| folders.iter().map(move |folder| folder.join(&name)).collect::<Vec<_>>())
            .collect()
    }

    /// Step 2: the file whose path ends in the name.
    fn by_end(&self, query: &Query<'_>) -> Option<Arc<Path>> {
        let candidates = self.called(&base_of(query.name));
        let parts = parts_of(query.name);
        let whole = |index: &usize| self.common_end(*index, &parts) == parts.len();
        let ends: Vec<usize> = candidates.into_iter().filter(whole).collect();
        // A name without folders is what step 3 is for, unless the nearest is meant.
        if parts.len() < 2 && ends.len() < 2 {
            return None;
        }
        self.nearest(&ends, query).and_then(|index| self.files.get(index)).cloned()
    }

    /// Step 3.
    fn by_base(&self, query: &Query<'_>, claimed: &HashSet<Arc<Path>>, may: bool) -> FileMatch {
        let base = base_of(query.name);
        let called = self.called(&base);
        let free = |index: &&usize| self.files.get(**index).is_some_and(|file| !claimed.contains(file));
        let candidates: Vec<usize> = called.iter().filter(free).copied().collect();
        match candidates.as_slice() {
            [only] if may && called.len() == 1 => self
                .files
                .get(*only)
                .map_or(FileMatch::Missing(None), |path| same_or_otherwise(query.name, path.clone())),
            [] | [_] => {
                let leads_out = below(&query.name.replace('\\', "/")).is_none();
                let near =
                    called.first().and_then(|index| self.files.get(*index)).map(|file| self.shown(file));
                match near.or_else(|| self.of_stem(&base)) {
                    None if leads_out => FileMatch::Unsafe,
                    near => FileMatch::Missing(near),
                }
            }
            several => {
                // A path of another machine whose folders agree best with one of them.
                let parts = parts_of(query.name);
                let best =
                    several.iter().map(|index| self.common_end(*index, &parts)).max().unwrap_or_default();
                let ends: Vec<usize> =
                    several.iter().copied().filter(|index| self.common_end(*index, &parts) == best).collect();
                match self.nearest(&ends, query).and_then(|index| self.files.get(index)) {
                    Some(path) if best > 1 || parts.len() == 1 => same_or_otherwise(query.name, path.clone()),
                    _ => FileMatch::Several(
                        several.iter().filter_map(|index| self.files.get(*index)).cloned().collect(),
                    ),
                }
            }
        }
    }

    /// Files of a base name: as it is, else composed, else in another case.
    fn called(&self, base: &str) -> Vec<usize> {
        let mut indices: Vec<usize> = Vec::new();
        for spelling in spellings(base) {
            for index in self.named(&folded(&spelling)) {
                if !indices.contains(&index) {
                    indices.push(index);
                }
            }
        }
        let indices = self.preferred(indices);
        let name_of =
            |index: &usize| self.files.get(*index).map(|file| folder::last_part(file)).unwrap_or_default();
        let same: Vec<usize> = indices.iter().copied().filter(|index| name_of(index) == base).collect();
        if !same.is_empty() {
            return same;
        }
        let composed = |text: &str| text.nfc().collect::<String>();
        let wanted = composed(base);
        let same: Vec<usize> =
            indices.iter().copied().filter(|index| composed(&name_of(index)) == wanted).collect();
        if same.is_empty() { indices } else { same }
    }

    /// Files of the folder of images, if there are any among them; what lies
    /// beside the annotations is looked at only then.
    fn preferred(&self, indices: Vec<usize>) -> Vec<usize> {
        let inside = |index: &usize| self.files.get(*index).is_some_and(|file| file.starts_with(&self.root));
        if indices.iter().any(inside) { indices.into_iter().filter(inside).collect() } else { indices }
    }

    /// The only one of the files that shares most folders with the annotation
    /// file, or lies in a folder that it speaks of.
    fn nearest(&self, candidates: &[usize], query: &Query<'_>) -> Option<usize> {
        let score = |index: &usize| {
            let folder = self.files.get(*index)?.parent()?;
            let inside = folder.strip_prefix(&self.root).unwrap_or(folder);
            let hinted = inside
                .components()
                .any(|part| query.hints.iter().any(|hint| part.as_os_str() == hint.as_str()));
            Some((hinted, common_start(folder, query.beside)))
        };
        let best = candidates.iter().filter_map(score).max()?;
        let mut nearest = candidates.iter().filter(|index| score(index) == Some(best));
        nearest.next().copied().filter(|_| nearest.next().is_none())
    }

    /// How many parts at the end of the file's path are those of the name.
    fn common_end(&self, index: usize, parts: &[String]) -> usize {
        let Some(file) = self.files.get(index) else { return 0 };
        let inside = file.strip_prefix(&self.root).unwrap_or(file);
        let own = inside.components().rev().map(|part| folded(&part.as_os_str().to_string_lossy()));
        let same =
            |(own, part): &(String, &String)| *own == folded(part) || *own == folded(&without_percent(part));
        own.zip(parts.iter().rev()).take_while(same).count()
    }

    /// A file's path below the folder of images, for people.
    pub(crate) fn shown(&self, file: &Path) -> String {
        file.strip_prefix(&self.root).unwrap_or(file).display().to_string()
    }
}

fn same_or_otherwise(name: &str, path: Arc<Path>) -> FileMatch {
    if base_of(name) == folder::last_part(&path) { FileMatch::File(path) } else { FileMatch::Otherwise(path) }
}
