//! What a class index stands for: `data.yaml`, darknet's list of names, or the
//! lists that annotation tools leave beside the labels.

use super::{
    darknet::{darknet_data, found_below},
    data_yaml::DataYaml,
};
use crate::{
    FaultKind, FormatError, UnlistedClasses, files::Files, folder, intake::Intake, labels::label_of, text,
};
use domain::name::Label;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Lists of names, a line each, as tools call them.
const NAME_LISTS: [&str; 6] =
    ["classes.txt", "obj.names", "_darknet.labels", "labels.txt", "classes.names", "predefined_classes.txt"];

/// What a class index stands for.
pub(super) enum Classes {
    Named {
        names: BTreeMap<usize, Option<Label>>,
        /// Those that no name is for, called by their numbers; `None` where
        /// they are faults.
        unlisted: Option<BTreeMap<usize, Label>>,
    },
    /// No file names them: they are called by their numbers.
    Numbered(BTreeMap<usize, Label>),
}

impl Classes {
    /// Reads the names, and adds them to the labels of the data set.
    ///
    /// # Errors
    /// When a list cannot be read.
    pub(super) fn read(
        data: &DataYaml,
        yaml: Option<&Path>,
        annotations: &Path,
        intake: &mut Intake<'_>,
    ) -> Result<Self, FormatError> {
        if !data.names.is_empty() {
            return Ok(Self::named(&data.names, yaml.unwrap_or(annotations), intake));
        }
        let Some(path) = list_of_names(data, yaml, annotations, intake)? else {
            return Ok(Self::Numbered(BTreeMap::new()));
        };
        // A list of names may lie above the folders that were named.
        let mut files = Files::new(intake.files.encoding);
        files.allow(path.parent().unwrap_or(&path));
        let content = files.read_text(&path).map_err(|error| FormatError::io(&path, error))?;
        let lines = text::lines(&content).map(str::trim).map(str::to_owned).enumerate();
        let names: BTreeMap<usize, String> = lines.filter(|(_, name)| !name.is_empty()).collect();
        Ok(Self::named(&names, &path, intake))
    }

    fn named(names: &BTreeMap<usize, String>, file: &Path, intake: &mut Intake<'_>) -> Self {
        let mut classes = BTreeMap::new();
        for (index, name) in names {
            let place = format!("class {index}");
            let label = match label_of(name) {
                Ok(label) => {
                    if !intake.labels.add(&label) {
                        let message = format!("a second class named {label}; the two are one from here on");
                        intake.log.warning(FaultKind::Duplicate, file, place, message);
                    }
                    Some(label)
                }
                Err(why) => {
                    let message = format!("the class's boxes are left out: {why}");
                    intake.log.error(FaultKind::InvalidLabel, file, place, message);
                    None
                }
            };
            classes.insert(*index, label);
        }
        let by_number = intake.options.choices.unlisted == UnlistedClasses::ByNumber;
        Self::Named { names: classes, unlisted: by_number.then(BTreeMap::new) }
    }

    /// The index of a class that a line calls by its name; `None` for a number,
    /// and for a name that no class or several have.
    pub(super) fn index_named(&self, name: &str) -> Option<usize> {
        let Self::Named { names, .. } = self else { return None };
        if name.parse::<f64>().is_ok() {
            return None;
        }
        let mut indices = names
            .iter()
            .filter(|(_, label)| label.as_ref().is_some_and(|label| label.as_str() == name))
            .map(|(index, _)| index);
        match (indices.next(), indices.next()) {
            (Some(index), None) => Some(*index),
            _ => None,
        }
    }

    /// The label of a class.
    pub(super) fn label(&mut self, class: usize) -> Result<Label, (FaultKind, String)> {
        match self {
            Self::Named { names, unlisted } => match (names.get(&class), unlisted) {
                (Some(Some(label)), _) => Ok(label.clone()),
                (Some(None), _) => {
                    Err((FaultKind::InvalidLabel, format!("class {class} has no usable name")))
                }
                (None, Some(unlisted)) => numbered(unlisted, class),
                (None, None) => {
                    let message = format!(
                        "class {class} is not among the {} names (--unlisted-classes by-number calls it by its number)",
                        names.len()
                    );
                    Err((FaultKind::UnknownClass, message))
                }
            },
            Self::Numbered(classes) => numbered(classes, class),
        }
    }

    /// Adds the classes that are called by their numbers to the labels.
    pub(super) fn add_numbered(&self, annotations: &Path, intake: &mut Intake<'_>) {
        let (classes, message) = match self {
            Self::Named { unlisted: Some(unlisted), .. } if !unlisted.is_empty() => {
                (unlisted, "some classes have no name; they are called by their numbers")
            }
            Self::Named { .. } => return,
            Self::Numbered(classes) => {
                (classes, "no data.yaml or classes.txt names the classes; they are called by their numbers")
            }
        };
        classes.values().for_each(|label| _ = intake.labels.add(label));
        intake.log.warning(FaultKind::InvalidLabel, annotations, "", message);
    }
}

/// The label of a class that is called by its number.
fn numbered(classes: &mut BTreeMap<usize, Label>, class: usize) -> Result<Label, (FaultKind, String)> {
    if let Some(label) = classes.get(&class) {
        return Ok(label.clone());
    }
    let label = label_of(&class.to_string()).map_err(|why| (FaultKind::InvalidLabel, why))?;
    Ok(classes.entry(class).or_insert(label).clone())
}

/// The list that something names, or the first that lies in the folders.
fn list_of_names(
    data: &DataYaml,
    yaml: Option<&Path>,
    annotations: &Path,
    intake: &Intake<'_>,
) -> Result<Option<PathBuf>, FormatError> {
    let mut roots = vec![intake.folder.to_owned(), annotations.to_owned()];
    roots.extend(yaml.and_then(Path::parent).map(Path::to_owned));
    let darknet = darknet_data(&[intake.folder, annotations], intake)?;
    let named = darknet.iter().find(|(key, _)| key == "names").map(|(_, value)| value.as_str());
    let named = named.or(data.names_file.as_deref()).and_then(|name| found_below(name, &roots));
    if let Some(path) = named.filter(|path| path.is_file()) {
        return Ok(Some(path));
    }
    let mut folders = vec![annotations.to_owned(), intake.folder.to_owned()];
    folders.extend([annotations.parent(), intake.folder.parent()].into_iter().flatten().map(Path::to_owned));
    let direct = folders.iter().take(2).flat_map(|folder| NAME_LISTS.map(|name| folder.join(name)));
    if let Some(path) = direct.into_iter().find(|path| path.is_file()) {
        return Ok(Some(path));
    }
    // Beside the labels of each split, as Roboflow and labelImg leave them.
    for folder in folders.iter().take(2).filter(|folder| folder.is_dir()) {
        let is_list =
            |file: &PathBuf| NAME_LISTS.contains(&folder::last_part(file).to_ascii_lowercase().as_str());
        if let Some(path) = folder::files_below(folder)?.into_iter().find(is_list) {
            return Ok(Some(path));
        }
    }
    let above =
        folders.iter().skip(2).flat_map(|folder| ["classes.txt", "obj.names"].map(|name| folder.join(name)));
    Ok(above.into_iter().find(|path| path.is_file()))
}
