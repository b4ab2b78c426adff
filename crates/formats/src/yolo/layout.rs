//! Which folders of a YOLO data set hold images of which split, and where an
//! image's labels are.

use super::data_yaml::DataYaml;
use crate::{FaultKind, FormatError, files::TEXT_BYTES, folder, intake::Intake};
use domain::dataset::Split;
use std::{
    collections::HashSet,
    fs,
    path::{Component, Path, PathBuf},
};

/// An image and what it is for.
pub(super) struct Place {
    pub(super) image: PathBuf,
    pub(super) split: Option<Split>,
}

/// Names of folders that hold a split, as exporters write them.
const SPLIT_FOLDERS: [&str; 6] = ["train", "val", "valid", "validation", "test", "testing"];

/// All images, by `data.yaml`, then by folders named after splits, then all
/// there are.
pub(super) fn images(
    data: &DataYaml,
    yaml: Option<&Path>,
    intake: &mut Intake<'_>,
) -> Result<Vec<Place>, FormatError> {
    let mut places = Places::default();
    let root = intake.folder.to_owned();
    let mut roots = vec![root.clone()];
    roots.extend(yaml.and_then(Path::parent).map(Path::to_owned));
    let inner = data.path.as_deref().and_then(|path| folder::below(&without_dots(path)));
    let below: Vec<PathBuf> =
        inner.iter().flat_map(|inner| roots.iter().map(move |root| root.join(inner))).collect();
    roots.splice(0..0, below);
    for (split, folders) in &data.splits {
        for name in folders {
            places.add_named(name, *split, &roots, yaml, intake)?;
        }
    }
    for name in SPLIT_FOLDERS {
        let Ok(split) = name.parse::<Split>() else { continue };
        let candidates = [root.join(name).join("images"), root.join("images").join(name), root.join(name)];
        if let Some(folder) = candidates.into_iter().find(|folder| folder.is_dir()) {
            places.add_folder(&folder, Some(split))?;
        }
    }
    if places.list.is_empty() {
        places.add_folder(&root, named_by(&root))?;
    }
    Ok(places.list)
}

/// The split that a folder is of by its own name: `train`, `train/images`.
fn named_by(folder: &Path) -> Option<Split> {
    let last_two = folder.components().rev().take(2);
    last_two.filter_map(|part| part.as_os_str().to_str()).find_map(|name| name.parse().ok())
}

/// Exporters write `../train/images` for a folder beside the file.
fn without_dots(name: &str) -> String {
    let mut rest = name.trim();
    while let Some(shorter) = rest.strip_prefix("../").or_else(|| rest.strip_prefix("./")) {
        rest = shorter;
    }
    rest.to_owned()
}

#[derive(Default)]
struct Places {
    list: Vec<Place>,
    seen: HashSet<PathBuf>,
}

impl Places {
    fn add_named(
        &mut self,
        name: &str,
        split: Split,
        roots: &[PathBuf],
        yaml: Option<&Path>,
        intake: &mut Intake<'_>,
    ) -> Result<(), FormatError> {
        let file = yaml.unwrap_or(intake.folder);
        let Some(inner) = folder::below(&without_dots(name)) else {
            let message = format!("{name:?} leads out of the folder and is not followed");
            intake.log.warning(FaultKind::UnsafePath, file, split.as_str(), message);
            return Ok(());
        };
        let Some(found) = roots.iter().map(|root| root.join(&inner)).find(|path| path.exists()) else {
            let message = format!("{name:?} is not in {}", intake.folder.display());
            intake.log.warning(FaultKind::MissingImage, file, split.as_str(), message);
            return Ok(());
        };
        if found.is_dir() {
            self.add_folder(&found, Some(split))
        } else {
            self.add_list(&found, split, roots, intake)
        }
    }

    fn add_folder(&mut self, folder: &Path, split: Option<Split>) -> Result<(), FormatError> {
        for image in folder::files_below(folder)? {
            if folder::is_named_like_an_image(&image) && self.is_new(&image) {
                self.list.push(Place { image, split });
            }
        }
        Ok(())
    }

    /// A text file with an image's name in each line.
    fn add_list(
        &mut self,
        list: &Path,
        split: Split,
        roots: &[PathBuf],
        intake: &mut Intake<'_>,
    ) -> Result<(), FormatError> {
        let text = intake.files.read(list, TEXT_BYTES).map_err(|error| FormatError::io(list, error))?;
        let beside = list.parent().unwrap_or(list).to_owned();
        for (name, line) in String::from_utf8_lossy(&text).lines().zip(1..) {
            let name = name.trim();
            if name.is_empty() {
                continue;
            }
            let place = format!("line {line}");
            let Some(inner) = folder::below(name) else {
                let message = format!("the name {name:?} leads out of the folder; left out");
                intake.log.error(FaultKind::UnsafePath, list, place, message);
                intake.leave_out(0);
                continue;
            };
            let mut candidates = roots.iter().chain([&beside]).map(|root| root.join(&inner));
            match candidates.find(|path| path.is_file()) {
                Some(image) if self.is_new(&image) => self.list.push(Place { image, split: Some(split) }),
                Some(_) => {}
                None => {
                    let message = format!("the image {name} is not there; left out");
                    intake.log.error(FaultKind::MissingImage, list, place, message);
                    intake.leave_out(0);
                }
            }
        }
        Ok(())
    }

    fn is_new(&mut self, image: &Path) -> bool {
        self.seen.insert(fs::canonicalize(image).unwrap_or_else(|_| image.to_owned()))
    }
}

/// Where the labels of an image may be, the likeliest first: the last folder
/// named `images` becomes `labels`; the same place below a folder of labels;
/// beside the image.
pub(super) fn label_files(image: &Path, folder: &Path, labels: &Path) -> Vec<PathBuf> {
    let mut candidates = Vec::new();
    candidates.extend(in_sibling(image, "labels"));
    if let Ok(inside) = image.strip_prefix(folder) {
        candidates.push(labels.join(inside).with_extension("txt"));
    }
    if let Some(name) = image.file_name() {
        candidates.push(labels.join(name).with_extension("txt"));
    }
    candidates.push(image.with_extension("txt"));
    candidates
}

/// The text file of an image in the folder `sibling` beside its `images`.
pub(super) fn in_sibling(image: &Path, sibling: &str) -> Option<PathBuf> {
    let components: Vec<Component<'_>> = image.components().collect();
    let at = components.iter().rposition(|component| component.as_os_str() == "images")?;
    let replaced = components
        .iter()
        .enumerate()
        .map(|(i, part)| if i == at { sibling.as_ref() } else { part.as_os_str() });
    Some(replaced.collect::<PathBuf>().with_extension("txt"))
}
