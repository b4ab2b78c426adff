//! Which images of a YOLO data set are in which split: as `data.yaml` says, as
//! darknet's lists say, as folders are named. What the data set does not list
//! does not come in, and what it lists and is not there is said.

use super::{
    darknet::{darknet_lists, found_below, without_dots},
    data_yaml::DataYaml,
};
use crate::{
    FaultKind, FormatError,
    finder::{FileMatch, Finder, Query},
    folder,
    intake::Intake,
    text,
};
use domain::{dataset::Split, words::counted};
use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// An image and what it is for.
pub(super) struct Placed {
    pub(super) image: Arc<Path>,
    pub(super) split: Option<Split>,
}

/// Images as they are placed.
pub(super) struct Layout<'f> {
    pub(super) places: Vec<Placed>,
    /// Images that nothing lists.
    pub(super) unlisted: Vec<Arc<Path>>,
    finder: &'f Finder,
    seen: HashSet<Arc<Path>>,
}

/// Where the splits of a data set are written.
pub(super) struct Sources<'a> {
    /// What `data.yaml` says, and where it is.
    pub(super) data: &'a DataYaml,
    pub(super) yaml: Option<&'a Path>,
    /// The folder of the annotations.
    pub(super) annotations: &'a Path,
}

impl<'f> Layout<'f> {
    /// Places all images.
    ///
    /// # Errors
    /// When a list cannot be read.
    pub(super) fn of(
        sources: &Sources<'_>,
        finder: &'f Finder,
        intake: &mut Intake<'_>,
    ) -> Result<Self, FormatError> {
        let images = finder.all().len();
        let (places, seen) = (Vec::with_capacity(images), HashSet::with_capacity(images));
        let mut layout = Self { places, unlisted: Vec::new(), finder, seen };
        let mut roots = vec![intake.folder.to_owned(), sources.annotations.to_owned()];
        roots.extend(sources.yaml.and_then(Path::parent).map(Path::to_owned));
        let inner = sources.data.path.as_deref().map(|path| without_dots(&path.replace('\\', "/")));
        let below = inner.as_deref().and_then(folder::below);
        let below: Vec<PathBuf> =
            below.iter().flat_map(|inner| roots.iter().map(move |root| root.join(inner))).collect();
        roots.splice(0..0, below);
        let lists = if sources.data.splits.values().all(Vec::is_empty) {
            darknet_lists(&roots, sources.annotations, intake)?
        } else {
            BTreeMap::new()
        };
        if !lists.is_empty() {
            for (split, list) in &lists {
                layout.add_list(list, *split, intake)?;
            }
            layout.note_unlisted(intake);
        } else if let Some(yaml) = sources.yaml.filter(|_| !sources.data.splits.values().all(Vec::is_empty)) {
            layout.by_yaml(sources.data, yaml, &roots, intake)?;
        } else {
            layout.by_folders(intake);
        }
        Ok(layout)
    }

    fn by_yaml(
        &mut self,
        data: &DataYaml,
        yaml: &Path,
        roots: &[PathBuf],
        intake: &mut Intake<'_>,
    ) -> Result<(), FormatError> {
        let mut missing = Vec::new();
        for (split, folders) in &data.splits {
            for name in folders {
                let before = self.places.len();
                match found_below(name, roots) {
                    Some(path) if path.is_dir() => self.add_folder(&path, *split, intake),
                    Some(path) => self.add_list(&path, *split, intake)?,
                    None => {
                        missing.push((*split, name.clone()));
                        continue;
                    }
                }
                let file = folder::last_part(yaml);
                let none = if self.places.len() == before { ", which has no image of its own" } else { "" };
                intake.note(format!("{split}: {name} in {file}{none}."));
            }
        }
        self.by_name_instead(yaml, intake);
        for (split, name) in missing {
            let has_other = self.places.iter().any(|place| place.split == Some(split));
            let done = if has_other { "; the folder of that name is taken" } else { "" };
            let message = format!("{name:?} is not in {}{done}", intake.folder.display());
            intake.log.warning(FaultKind::MissingFolder, yaml, split.as_str(), message);
            let is_ours = |image: &Arc<Path>| !is_of_another_set(image, intake.folder);
            if !has_other && self.rest(intake).iter().any(is_ours) {
                intake.problem(format!("{split}: {name} is not there, and images are in no split"));
            }
        }
        let (others, unlisted): (Vec<_>, Vec<_>) =
            self.rest(intake).into_iter().partition(|image| is_of_another_set(image, intake.folder));
        if let Some(other) = others.first() {
            let shown = self.finder.shown(other);
            let images = counted(
                others.len(),
                "image is of a data set of its own",
                "images are of data sets of their own",
            );
            intake.note(format!("{images} ({shown}, for one)."));
        }
        self.unlisted = unlisted;
        Ok(())
    }

    /// Folders that are named after a split and that `data.yaml` does not
    /// name: it was written for other names, or before they were there.
    fn by_name_instead(&mut self, yaml: &Path, intake: &mut Intake<'_>) {
        let mut folders: BTreeMap<Split, BTreeMap<PathBuf, usize>> = BTreeMap::new();
        let filled: HashSet<Split> = self.places.iter().filter_map(|place| place.split).collect();
        for image in self.rest(intake) {
            let split =
                folder::split_in_folders(&image, intake.folder).filter(|split| !filled.contains(split));
            let Some(split) = split else { continue };
            *folders
                .entry(split)
                .or_default()
                .entry(image.parent().unwrap_or(&image).to_owned())
                .or_default() += 1;
            self.add(image, Some(split));
        }
        for (split, folders) in folders {
            for (folder, count) in folders {
                let shown = self.finder.shown(&folder);
                let (images, are) =
                    (counted(count, "image", "images"), if count == 1 { "is" } else { "are" });
                let message =
                    format!("{images} of {shown} {are} taken by the folder's name: no split lists that");
                intake.log.warning(FaultKind::MissingFolder, yaml, split.as_str(), message);
            }
        }
    }

    fn by_folders(&mut self, intake: &mut Intake<'_>) {
        let all = self.rest(intake);
        let of =
            |image: &Path| folder::split_in_folders(image, intake.folder).or_else(|| named_by(intake.folder));
        let splits: Vec<Option<Split>> = all.iter().map(|image| of(image)).collect();
        for (image, split) in all.into_iter().zip(splits) {
            if let (Some(split), Some(folder)) = (split, image.parent()) {
                let shown = self.finder.shown(folder);
                let shown = if shown.is_empty() { folder.display().to_string() } else { shown };
                intake.note(format!("{split}: {shown}, by the folder's name."));
            }
            self.add(image, split);
        }
    }

    /// Images below the folder of images that have no place yet.
    fn rest(&self, intake: &Intake<'_>) -> Vec<Arc<Path>> {
        let ours = self.finder.all().iter().filter(|image| image.starts_with(intake.folder));
        ours.filter(|image| !self.seen.contains(*image)).cloned().collect()
    }

    fn add(&mut self, image: Arc<Path>, split: Option<Split>) {
        if self.seen.insert(image.clone()) {
            self.places.push(Placed { image, split });
        }
    }

    fn add_folder(&mut self, folder: &Path, split: Split, intake: &mut Intake<'_>) {
        let mut in_two = 0;
        let images = folder::files_below(folder).unwrap_or_default();
        for image in images.into_iter().filter(|image| folder::is_named_like_an_image(image)) {
            let image = self.finder.listed(image);
            in_two += usize::from(self.seen.contains(&image));
            self.add(image, Some(split));
        }
        if in_two > 0 {
            let message =
                counted(in_two, "image is", "images are") + " in another split already, and left there";
            intake.log.warning(FaultKind::SplitLeak, folder, split.as_str(), message);
        }
    }

    /// A text file with an image's name in each line.
    fn add_list(&mut self, list: &Path, split: Split, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        let content = intake.files.read_text(list).map_err(|error| FormatError::io(list, error))?;
        let names: Vec<(usize, &str)> = text::lines(&content)
            .map(str::trim)
            .zip(1..)
            .filter(|(name, _)| !name.is_empty() && !name.starts_with('#'))
            .map(|(name, line)| (line, name))
            .collect();
        let beside = list.parent().unwrap_or(list);
        let queries: Vec<Query<'_>> =
            names.iter().map(|(_, name)| Query { name, beside, hints: &[] }).collect();
        let (mut in_two, mut missing) = (0, 0);
        for (found, (line, name)) in self.finder.find_all(&queries, &intake.files).into_iter().zip(&names) {
            let found = match found {
                FileMatch::File(path) | FileMatch::Otherwise(path) => Some(path),
                other => intake.found(other, name, list, &format!("line {line}"), self.finder),
            };
            match found {
                Some(image) if self.seen.contains(&image) => {
                    in_two += usize::from(
                        self.places.iter().any(|place| place.image == image && place.split != Some(split)),
                    );
                }
                Some(image) => self.add(image, Some(split)),
                None => {
                    intake.leave_out(0);
                    missing += 1;
                }
            }
        }
        intake.note(format!("{split}: the list {}.", folder::last_part(list)));
        if in_two > 0 {
            let message =
                counted(in_two, "image is", "images are") + " in another list already, and left there";
            intake.log.warning(FaultKind::SplitLeak, list, "", message);
            let images = counted(in_two, "image", "images");
            intake.problem(format!("of {}, {images} in another list, too", folder::last_part(list)));
        }
        if missing > 0 {
            let of = counted(names.len(), "image", "images");
            intake.problem(format!("of {of} in {}, {missing} not there", folder::last_part(list)));
        }
        Ok(())
    }

    fn note_unlisted(&mut self, intake: &mut Intake<'_>) {
        let rest = self.rest(intake);
        let Some(first) = rest.first() else { return };
        let first = self.finder.shown(first);
        let images = counted(rest.len(), "image is", "images are");
        let message = format!("{images} in no list and left out ({first}, for one)");
        intake.log.warning(FaultKind::NoSplit, intake.folder, "", message);
        intake.left_out.images += rest.len() as u64;
    }
}

/// Whether a folder between the image and the root has a `data.yaml` of its own.
fn is_of_another_set(image: &Path, root: &Path) -> bool {
    let between = image.ancestors().skip(1).take_while(|folder| *folder != root);
    between.filter(|folder| folder.starts_with(root)).any(|folder| folder.join("data.yaml").is_file())
}

/// The split that a folder is of by its own name: `train`, `train/images`.
fn named_by(folder: &Path) -> Option<Split> {
    let last_two = folder.components().rev().take(2);
    last_two.filter_map(|part| part.as_os_str().to_str()).find_map(folder::split_of_folder)
}
