//! Reading Pascal VOC. Source: Everingham, Winn, "The PASCAL VOC Challenge
//! 2012 Development Kit", section 4. A box is `x = xmin, w = xmax − xmin`:
//! no pixel is added.

use super::xml::{self, Element};
use crate::{
    FaultKind, FormatError,
    files::TEXT_BYTES,
    folder::{self, Found},
    intake::{Intake, Numbers, RawBox, RawImage},
    labels::label_of,
};
use domain::dataset::Split;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// Where the parts of a data set are.
struct Layout {
    /// Holds `ImageSets` and `labels.txt`, if there are any.
    root: PathBuf,
    /// Holds the XML files, perhaps in folders of its own.
    annotations: PathBuf,
}

/// Which images are in which list.
#[derive(Default)]
struct Lists {
    splits: HashMap<String, Split>,
    /// In the order of the lists: list, line, name.
    entries: Vec<(PathBuf, usize, String)>,
}

/// Reads a folder of XML files.
pub(crate) fn read(annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let layout = Layout::of(annotations);
    intake.files.allow(&layout.root);
    let mut files = if annotations.is_file() {
        vec![annotations.to_owned()]
    } else {
        folder::files_below(&layout.annotations)?
    };
    files.retain(|file| folder::has_extension(file, "xml"));
    if files.is_empty() {
        let why =
            "there is no .xml file; name the folder with `Annotations`, or that folder itself".to_owned();
        return Err(FormatError::NothingFound { folder: annotations.to_owned(), why });
    }
    let listed = read_label_list(&layout.root, intake);
    let lists = read_lists(&layout.root, intake)?;
    intake.expect(files.len());
    let stems: Vec<String> = files.iter().map(|file| stem_of(file)).collect();
    report_unannotated(&lists, &stems, intake);
    for (file, stem) in files.iter().zip(&stems) {
        let split =
            lists.splits.get(stem).copied().or_else(|| folder::split_in_folders(file, &layout.annotations));
        read_file(file, split, intake);
    }
    if !listed {
        intake.labels.sort();
    }
    Ok(())
}

impl Layout {
    fn of(given: &Path) -> Self {
        let folder = if given.is_file() { given.parent().unwrap_or(given) } else { given };
        let inner = folder.join("Annotations");
        if inner.is_dir() {
            return Self { root: folder.to_owned(), annotations: inner };
        }
        let above = folder.parent().filter(|above| above.join("ImageSets").is_dir());
        Self { root: above.unwrap_or(folder).to_owned(), annotations: folder.to_owned() }
    }
}

fn stem_of(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// `labels.txt`, as our own writer leaves it; whether there was one.
fn read_label_list(root: &Path, intake: &mut Intake<'_>) -> bool {
    let path = root.join("labels.txt");
    let text = match intake.files.read_text(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return false,
        Err(error) => {
            intake.log.error(FaultKind::Unreadable, &path, "", format!("{error}; left out"));
            return false;
        }
    };
    for (line, name) in
        text.lines().zip(1..).map(|(name, line)| (line, name)).filter(|(_, name)| !name.trim().is_empty())
    {
        match label_of(name) {
            Ok(label) => _ = intake.labels.add(&label),
            Err(why) => intake.log.error(FaultKind::InvalidLabel, &path, format!("line {line}"), why),
        }
    }
    true
}

fn read_lists(root: &Path, intake: &mut Intake<'_>) -> Result<Lists, FormatError> {
    let mut lists = Lists::default();
    for split in Split::ALL {
        let path = root.join("ImageSets").join("Main").join(format!("{split}.txt"));
        let bytes = match intake.files.read(&path, TEXT_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(FormatError::io(path, error)),
        };
        for (name, line) in String::from_utf8_lossy(&bytes).lines().zip(1..) {
            let name = name.trim();
            if name.is_empty() {
                continue;
            }
            lists.entries.push((path.clone(), line, name.to_owned()));
            let first = *lists.splits.entry(name.to_owned()).or_insert(split);
            if first != split {
                let message = format!("{name} is in the list {first} already, and stays there");
                intake.log.warning(FaultKind::Duplicate, &path, format!("line {line}"), message);
            }
        }
    }
    Ok(lists)
}

/// An image that is listed but has no XML file has no truth: unlike an empty
/// one it cannot be used.
fn report_unannotated(lists: &Lists, stems: &[String], intake: &mut Intake<'_>) {
    let known: std::collections::HashSet<&str> = stems.iter().map(String::as_str).collect();
    for (path, line, name) in &lists.entries {
        if !known.contains(name.as_str()) {
            let message = format!("{name} has no annotation file; left out");
            intake.log.error(FaultKind::UnknownImage, path, format!("line {line}"), message);
            intake.leave_out(0);
        }
    }
}

fn read_file(file: &Path, split: Option<Split>, intake: &mut Intake<'_>) {
    let parsed = (intake.files.read_text(file))
        .map_err(|error| (0, error.to_string()))
        .and_then(|text| xml::parse(text.trim_start_matches('\u{FEFF}')));
    let root = match parsed {
        Ok(root) => root,
        Err((line, why)) => {
            let place = if line > 0 { format!("line {line}") } else { String::new() };
            intake.log.error(FaultKind::Unreadable, file, place, format!("{why}; left out"));
            return intake.leave_out(0);
        }
    };
    let objects: Vec<&Element> = root.children.iter().filter(|child| child.name == "object").collect();
    let name = root.text_of("filename");
    let Some(path) = find_image(file, name, intake) else { return intake.leave_out(objects.len()) };
    let mut boxes = Vec::with_capacity(objects.len());
    for object in objects {
        let place = format!("line {}", object.line);
        match read_object(object, &place) {
            Ok(raw) => {
                intake.labels.add(&raw.label);
                boxes.push(raw);
            }
            Err((kind, message)) => {
                intake.log.error(kind, file, place, message);
                intake.left_out.boxes += 1;
            }
        }
    }
    let declared = root.child("size").and_then(|size| {
        let side = |name| size.text_of(name).and_then(|text| text.parse().ok()).filter(|side| *side > 0);
        side("width").zip(side("height"))
    });
    intake.add(RawImage { file, place: String::new(), path, declared, split, boxes });
}

/// By the name in the file, else by the file's own name.
fn find_image(file: &Path, name: Option<&str>, intake: &mut Intake<'_>) -> Option<PathBuf> {
    let beside = file.parent().unwrap_or(file);
    let root = intake.folder;
    let inner = root.join("JPEGImages");
    let folders = [root, inner.as_path(), beside];
    let named = name.map_or(Found::Missing, |name| folder::find(&folders, name));
    if let Found::File(path) = named {
        return Some(path);
    }
    let stem = stem_of(file);
    let guesses =
        ["jpg", "jpeg", "png", "webp", "JPG", "JPEG", "PNG"].map(|extension| format!("{stem}.{extension}"));
    let by_stem = guesses.iter().find_map(|guess| match folder::find(&folders, guess) {
        Found::File(path) => Some(path),
        Found::Missing | Found::Unsafe => None,
    });
    let shown = name.unwrap_or(&stem);
    match (named, by_stem) {
        (Found::Unsafe, found) => {
            let done = if found.is_some() {
                "the image of the file's own name is taken"
            } else {
                "left out with its boxes"
            };
            let message = format!("the name {shown:?} leads out of the folder; {done}");
            intake.log.error(FaultKind::UnsafePath, file, "", message);
            found
        }
        (_, None) => {
            let message = format!("the image {shown} is not in {}; left out with its boxes", root.display());
            intake.log.error(FaultKind::MissingImage, file, "", message);
            None
        }
        (_, found) => found,
    }
}

fn read_object(object: &Element, place: &str) -> Result<RawBox, (FaultKind, String)> {
    let name = object.text_of("name").unwrap_or_default();
    let label = label_of(name).map_err(|why| (FaultKind::InvalidLabel, format!("{why}; left out")))?;
    let corners = object.child("bndbox");
    let corner = |name: &str| {
        corners.and_then(|corners| corners.text_of(name)).and_then(|text| text.parse::<f64>().ok())
    };
    let (Some(x0), Some(y0), Some(x1), Some(y1)) =
        (corner("xmin"), corner("ymin"), corner("xmax"), corner("ymax"))
    else {
        let message = "the box does not have the numbers xmin, ymin, xmax and ymax; left out";
        return Err((FaultKind::NotABox, message.to_owned()));
    };
    let ignore =
        object.text_of("difficult").is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"));
    let numbers = Numbers::Pixels([x0, y0, x1 - x0, y1 - y0]);
    Ok(RawBox { place: place.to_owned(), label, numbers, ignore })
}
