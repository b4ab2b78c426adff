//! Reading YOLO: `class cx cy w h` in shares of the upright image, or a class
//! and the corners of an outline, of which the bounding box is kept. An image
//! without labels is an image without objects.

use super::{
    data_yaml::{self, DataYaml},
    layout::{self, Place},
};
use crate::{
    FaultKind, FormatError,
    files::{Files, TEXT_BYTES},
    folder,
    intake::{Intake, Numbers, RawBox, RawImage},
    labels::label_of,
};
use domain::name::Label;
use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

/// Text files that lie beside labels and are none.
const NOT_LABELS: [&str; 8] =
    ["classes.txt", "train.txt", "val.txt", "valid.txt", "test.txt", "labels.txt", "readme.txt", "notes.txt"];

/// What a class index stands for.
enum Classes {
    Named(BTreeMap<usize, Option<Label>>),
    /// No file names them: they are called by their numbers.
    Numbered(BTreeMap<usize, Label>),
}

/// Reads a folder of images and labels.
pub(crate) fn read(annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let labels_folder =
        if annotations.is_dir() { annotations } else { annotations.parent().unwrap_or(annotations) };
    intake.files.allow(labels_folder);
    let (yaml, data) = read_yaml(annotations, intake)?;
    let mut classes = read_classes(&data, yaml.as_deref(), labels_folder, intake);
    let places = layout::images(&data, yaml.as_deref(), intake)?;
    if places.is_empty() {
        let why =
            "there is no image; name the folder with `data.yaml`, or with the folders of images".to_owned();
        return Err(FormatError::NothingFound { folder: intake.folder.to_owned(), why });
    }
    intake.expect(places.len());
    let mut used = HashSet::new();
    for place in &places {
        read_image(place, labels_folder, &mut classes, &mut used, intake);
    }
    report_unused(&places, labels_folder, &used, intake)?;
    if let Classes::Numbered(numbered) = &classes {
        numbered.values().for_each(|label| _ = intake.labels.add(label));
        let message = "no data.yaml or classes.txt names the classes; they are called by their numbers";
        intake.log.warning(FaultKind::InvalidLabel, annotations, "", message);
    }
    Ok(())
}

/// The `data.yaml` that was named or lies in one of the folders. One further
/// up names the classes too, but its splits are not what was asked for.
fn read_yaml(annotations: &Path, intake: &Intake<'_>) -> Result<(Option<PathBuf>, DataYaml), FormatError> {
    let within = if annotations.is_file() {
        let is_yaml = folder::has_extension(annotations, "yaml") || folder::has_extension(annotations, "yml");
        is_yaml.then(|| annotations.to_owned())
    } else {
        yaml_in(annotations).or_else(|| yaml_in(intake.folder))
    };
    let above = annotations.ancestors().skip(1).take(2).find_map(yaml_in);
    let splits_count = within.is_some();
    let Some(path) = within.or(above) else { return Ok((None, DataYaml::default())) };
    // Its folder may be further up than those that were named.
    let mut files = Files::default();
    files.allow(path.parent().unwrap_or(&path));
    let text = files.read_text(&path).map_err(|error| FormatError::io(&path, error))?;
    let mut data = data_yaml::parse(&text)
        .map_err(|(line, why)| FormatError::malformed(&path, format!("line {line}"), why))?;
    if !splits_count {
        data.splits.clear();
    }
    Ok((Some(path), data))
}

fn yaml_in(folder: &Path) -> Option<PathBuf> {
    let usual = ["data.yaml", "dataset.yaml", "data.yml"].map(|name| folder.join(name));
    usual.into_iter().find(|path| path.is_file())
}

fn read_classes(data: &DataYaml, yaml: Option<&Path>, labels: &Path, intake: &mut Intake<'_>) -> Classes {
    let mut names = data.names.clone();
    let mut source = yaml.map(Path::to_owned);
    if names.is_empty() {
        let lists = [labels, intake.folder]
            .into_iter()
            .flat_map(|folder| ["classes.txt", "obj.names"].map(|name| folder.join(name)));
        let Some((path, text)) =
            lists.into_iter().find_map(|path| Some((path.clone(), intake.files.read_text(&path).ok()?)))
        else {
            return Classes::Numbered(BTreeMap::new());
        };
        let lines = text.lines().map(str::trim).map(str::to_owned).collect::<Vec<_>>();
        names = lines.into_iter().enumerate().filter(|(_, name)| !name.is_empty()).collect();
        source = Some(path);
    }
    let file = source.unwrap_or_default();
    let mut classes = BTreeMap::new();
    for (index, name) in names {
        let place = format!("class {index}");
        let label = match label_of(&name) {
            Ok(label) => {
                if !intake.labels.add(&label) {
                    let message = format!("a second class named {label}; the two are one from here on");
                    intake.log.warning(FaultKind::Duplicate, &file, place, message);
                }
                Some(label)
            }
            Err(why) => {
                intake.log.error(
                    FaultKind::InvalidLabel,
                    &file,
                    place,
                    format!("the class's boxes are left out: {why}"),
                );
                None
            }
        };
        classes.insert(index, label);
    }
    Classes::Named(classes)
}

fn read_image(
    place: &Place,
    labels_folder: &Path,
    classes: &mut Classes,
    used: &mut HashSet<PathBuf>,
    intake: &mut Intake<'_>,
) {
    let labels = layout::label_files(&place.image, intake.folder, labels_folder)
        .into_iter()
        .find(|path| path.is_file());
    let ignored = layout::in_sibling(&place.image, "ignored").filter(|path| path.is_file());
    let mut boxes = Vec::new();
    for (path, ignore) in
        labels.iter().map(|path| (path, false)).chain(ignored.iter().map(|path| (path, true)))
    {
        used.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone()));
        read_labels(path, ignore, classes, &mut boxes, intake);
    }
    let file = labels.as_deref().unwrap_or(&place.image);
    let (path, split) = (place.image.clone(), place.split);
    intake.add(RawImage { file, place: String::new(), path, declared: None, split, boxes });
}

fn read_labels(
    path: &Path,
    ignore: bool,
    classes: &mut Classes,
    boxes: &mut Vec<RawBox>,
    intake: &mut Intake<'_>,
) {
    let text = match intake.files.read_text(path) {
        Ok(text) => text,
        Err(why) => {
            let message = format!("{why}; its boxes are left out");
            return intake.log.error(FaultKind::Unreadable, path, "", message);
        }
    };
    for (line, number) in text.trim_start_matches('\u{FEFF}').lines().zip(1..) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if fields.is_empty() {
            continue;
        }
        let place = format!("line {number}");
        match read_line(&fields, classes) {
            Ok((label, numbers)) => {
                if fields.len() > 5 {
                    let message = "an outline; only its bounding box is kept";
                    intake.log.warning(FaultKind::OutlineReduced, path, &place, message);
                }
                boxes.push(RawBox { place, label, numbers: Numbers::Shares(numbers), ignore });
            }
            Err((kind, message)) => {
                intake.log.error(kind, path, place, format!("{message}; left out"));
                intake.left_out.boxes += 1;
            }
        }
    }
}

fn read_line(fields: &[&str], classes: &mut Classes) -> Result<(Label, [f64; 4]), (FaultKind, String)> {
    let (class, rest) = fields.split_first().unwrap_or((&"", &[]));
    let whole = class.parse::<f64>().ok().filter(|class| class.fract() == 0.0 && (0.0..1e9).contains(class));
    let class =
        whole.ok_or_else(|| (FaultKind::Unreadable, format!("{class:?} is not a class index")))? as usize;
    let numbers: Option<Vec<f64>> = rest.iter().map(|text| text.parse().ok()).collect();
    let numbers = numbers.ok_or_else(|| (FaultKind::NotABox, "not all fields are numbers".to_owned()))?;
    let shares = match numbers.as_slice() {
        [cx, cy, w, h] => [*cx, *cy, *w, *h],
        outline if outline.len() >= 6 && outline.len() % 2 == 0 => around(outline),
        other => {
            let message =
                format!("a class and {} numbers; a box has 4, an outline an even number from 6", other.len());
            return Err((FaultKind::Unreadable, message));
        }
    };
    Ok((classes.label(class)?, shares))
}

/// Centre and extent of the box around an outline of `x, y` pairs.
fn around(outline: &[f64]) -> [f64; 4] {
    let (points, _) = outline.as_chunks::<2>();
    let bounds = |axis: usize| {
        let values = points.iter().filter_map(move |point| point.get(axis).copied());
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        (low, high)
    };
    let ((x0, x1), (y0, y1)) = (bounds(0), bounds(1));
    [(x0 + x1) / 2.0, (y0 + y1) / 2.0, x1 - x0, y1 - y0]
}

impl Classes {
    fn label(&mut self, class: usize) -> Result<Label, (FaultKind, String)> {
        match self {
            Self::Named(classes) => match classes.get(&class) {
                Some(Some(label)) => Ok(label.clone()),
                Some(None) => Err((FaultKind::InvalidLabel, format!("class {class} has no usable name"))),
                None => Err((
                    FaultKind::UnknownClass,
                    format!("class {class} is not among the {} names", classes.len()),
                )),
            },
            Self::Numbered(classes) => {
                if let Some(label) = classes.get(&class) {
                    return Ok(label.clone());
                }
                let label = label_of(&class.to_string()).map_err(|why| (FaultKind::InvalidLabel, why))?;
                Ok(classes.entry(class).or_insert(label).clone())
            }
        }
    }
}

/// Label files that no image asked for.
fn report_unused(
    places: &[Place],
    labels_folder: &Path,
    used: &HashSet<PathBuf>,
    intake: &mut Intake<'_>,
) -> Result<(), FormatError> {
    let mut folders: HashSet<PathBuf> = places
        .iter()
        .filter_map(|place| layout::in_sibling(&place.image, "labels")?.parent().map(Path::to_owned))
        .filter(|folder| folder.is_dir())
        .collect();
    if folders.is_empty() && labels_folder.is_dir() {
        folders.insert(labels_folder.to_owned());
    }
    let mut folders: Vec<PathBuf> = folders.into_iter().collect();
    folders.sort();
    for folder in folders {
        for file in folder::files_below(&folder)? {
            let named_otherwise =
                NOT_LABELS.contains(&folder::last_part(&file).to_ascii_lowercase().as_str());
            let known = fs::canonicalize(&file).is_ok_and(|file| used.contains(&file));
            if folder::has_extension(&file, "txt") && !named_otherwise && !known {
                let text = intake.files.read(&file, TEXT_BYTES).unwrap_or_default();
                let lines =
                    String::from_utf8_lossy(&text).lines().filter(|line| !line.trim().is_empty()).count();
                intake.left_out.boxes += lines as u64;
                let message = format!("there is no image for these labels; {lines} left out");
                intake.log.error(FaultKind::LabelsWithoutImage, &file, "", message);
            }
        }
    }
    Ok(())
}
