//! Reading YOLO: `class cx cy w h` in shares of the upright image, and what
//! tools write behind it. An image whose file of labels is empty is an image
//! without objects; one without a file was not annotated.

use super::{
    classes::Classes,
    find_yaml::{read_yaml, refuse_inner_sets},
    label_files::{self, LabelFiles},
    layout::{Layout, Placed, Sources},
    lines::{self, Columns, Form},
};
use crate::{
    FaultKind, FormatError, Unlabelled,
    files::TEXT_BYTES,
    finder::Finder,
    folder,
    intake::{Intake, Location, Numbers, RawBox, RawImage},
    name_index::hash_of,
    text,
};
use domain::{dataset::Split, words::counted};
use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    sync::Arc,
};

/// Text files that lie beside labels and are none.
const NOT_LABELS: [&str; 9] = [
    "classes.txt",
    "train.txt",
    "val.txt",
    "valid.txt",
    "test.txt",
    "labels.txt",
    "readme.txt",
    "notes.txt",
    "predefined_classes.txt",
];

/// Reads one data set.
struct Reading<'a> {
    labels: LabelFiles,
    classes: Classes,
    columns: Columns,
    /// Text files that images asked for.
    used: HashSet<Arc<Path>>,
    annotations: &'a Path,
}

/// Reads a folder of images and labels.
pub(super) fn read(annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let folder = if annotations.is_dir() { annotations } else { annotations.parent().unwrap_or(annotations) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    intake.files.allow(folder);
    let (yaml, data) = read_yaml(annotations, intake)?;
    let classes = Classes::read(&data, yaml.as_deref(), folder, intake)?;
    if matches!(classes, Classes::Numbered(_)) {
        refuse_inner_sets(folder, intake)?;
    }
    let finder = Finder::new(intake.folder, folder)?;
    let sources = Sources { data: &data, yaml: yaml.as_deref(), annotations: folder };
    let layout = Layout::of(&sources, &finder, intake)?;
    if layout.places.is_empty() {
        let why =
            "there is no image; name the folder with `data.yaml`, or with the folders of images".to_owned();
        return Err(FormatError::NothingFound { folder: intake.folder.to_owned(), why });
    }
    let only_named = names_labels(folder, intake.folder);
    let labels = LabelFiles::list(intake.folder, folder, only_named, finder.all())?;
    let columns = Columns { keypoints: data.keypoints, extra: intake.options.choices.extra_columns };
    let mut reading = Reading { labels, classes, columns, used: HashSet::new(), annotations };
    intake.expect(layout.places.len());
    let unlabelled = reading.add_images(&layout.places, intake);
    reading.report_unlabelled(&layout.places, &unlabelled, intake);
    reading.report_unlisted(&layout.unlisted, intake);
    reading.report_unused(&finder, intake);
    reading.classes.add_numbered(annotations, intake);
    Ok(())
}

/// Whether the folder that was named for the annotations holds labels and no
/// images: then it is meant, whatever else lies beside the images.
fn names_labels(annotations: &Path, images: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if real(images).starts_with(real(annotations)) {
        return false;
    }
    let files = folder::files_below(annotations).unwrap_or_default();
    let holds = |extension| files.iter().any(|file| folder::has_extension(file, extension));
    !files.iter().any(|file| folder::is_named_like_an_image(file))
        && !holds("yaml")
        && !holds("yml")
        && !holds("data")
}

impl Reading<'_> {
    /// Gives all images with labels to the intake; those without come back.
    fn add_images<'p>(&mut self, places: &'p [Placed], intake: &mut Intake<'_>) -> Vec<&'p Placed> {
        let mut unlabelled = Vec::new();
        for place in places {
            let labels = self.labels.of(&place.image).cloned();
            let ignored = self.labels.ignored(&place.image).cloned();
            if labels.is_none() && ignored.is_none() {
                unlabelled.push(place);
                if intake.options.choices.unlabelled == Unlabelled::LeaveOut {
                    intake.leave_out(0);
                    continue;
                }
            }
            let (mut boxes, mut lost) = (Vec::new(), 0);
            let files =
                labels.iter().map(|path| (path, false)).chain(ignored.iter().map(|path| (path, true)));
            for (path, ignore) in files {
                self.used.insert(path.clone());
                lost += self.read_labels(path, ignore, &mut boxes, intake);
            }
            let file = labels.as_deref().unwrap_or(&place.image);
            let (path, split) = (place.image.clone(), place.split);
            intake.add(RawImage { file, place: String::new(), path, declared: None, split, boxes, lost });
        }
        unlabelled
    }

    /// Reads a file of labels; how many lines were no box.
    fn read_labels(
        &mut self,
        path: &Path,
        ignore: bool,
        boxes: &mut Vec<RawBox>,
        intake: &mut Intake<'_>,
    ) -> usize {
        let content = match intake.files.read_text(path) {
            Ok(content) => content,
            Err(why) => {
                intake.log.error(FaultKind::Unreadable, path, "", format!("{why}; its boxes are left out"));
                intake.problem(format!("{} cannot be read", folder::last_part(path)));
                return 1;
            }
        };
        let mut lost = 0;
        for (line, number) in text::lines(&content).zip(1..) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // A line that begins so is a comment to whoever writes one.
            if fields.first().is_none_or(|first| first.starts_with('#') || first.starts_with("//")) {
                continue;
            }
            let place = format!("line {number}");
            let read = lines::read(&fields, self.columns);
            match read.and_then(|(class, shares, form)| Ok((self.classes.label(class)?, shares, form))) {
                Ok((label, shares, form)) => {
                    remark(form, path, &place, intake);
                    let numbers = Numbers::Shares(shares);
                    let raw = RawBox { place: Location::line(number), label, numbers, ignore };
                    boxes.push(raw);
                }
                Err((kind, message)) => {
                    let named = fields.first().and_then(|class| self.classes.index_named(class));
                    let advice = named.map(|index| format!(": it is the name of class {index}, write that"));
                    let message = format!("{message}{}; left out", advice.unwrap_or_default());
                    intake.log.error(kind, path, place, message);
                    intake.left_out.boxes += 1;
                    lost += 1;
                }
            }
        }
        lost
    }

    /// A missing file is not an empty one.
    fn report_unlabelled(&self, places: &[Placed], unlabelled: &[&Placed], intake: &mut Intake<'_>) {
        let background = intake.options.choices.unlabelled == Unlabelled::Background;
        let mut counts: BTreeMap<Option<Split>, (usize, usize, Option<&Path>)> = BTreeMap::new();
        for place in places {
            counts.entry(place.split).or_default().0 += 1;
        }
        for place in unlabelled {
            let (_, without, first) = counts.entry(place.split).or_default();
            *without += 1;
            first.get_or_insert(&place.image);
        }
        for (split, (all, without, first)) in counts {
            let Some(first) = first else { continue };
            let split = split.map_or_else(|| "the data set".to_owned(), |split| split.to_string());
            if without == all && !background {
                let why = format!(
                    "{split}: none of {} a file of labels (--missing-labels background takes them for images without \
                     objects)",
                    counted(all, "image has", "images has")
                );
                intake.problem(why);
            }
            let done = if background {
                "they are taken for images without objects"
            } else {
                "they are left out; --missing-labels background takes them for images without objects"
            };
            let have = if without == 1 { "has" } else { "have" };
            let of = counted(all, "image", "images");
            let message = format!("{split}: {without} of {of} {have} no file of labels; {done}");
            intake.log.warning(FaultKind::NotAnnotated, first, "", message);
        }
    }

    /// Images that no split has although the data set has splits.
    fn report_unlisted(&self, unlisted: &[Arc<Path>], intake: &mut Intake<'_>) {
        let Some(first) = unlisted.first() else { return };
        let labelled = unlisted.iter().filter(|image| self.labels.of(image).is_some()).count();
        let message = format!(
            "{} in no split and left out, {labelled} with labels",
            counted(unlisted.len(), "image is", "images are")
        );
        intake.log.warning(FaultKind::NoSplit, first, "", message);
        intake.left_out.images += unlisted.len() as u64;
        if labelled > 0 {
            let images = counted(labelled, "image with labels is", "images with labels are");
            intake.problem(format!("{images} in no split of data.yaml"));
        }
    }

    /// Label files that no image asked for.
    fn report_unused(&self, finder: &Finder, intake: &mut Intake<'_>) {
        let key = |stem: &str| hash_of(&stem.to_lowercase());
        let stems: HashSet<u64> =
            finder.all().iter().map(|image| key(&label_files::stem_of(image))).collect();
        let mut others = 0;
        for file in self.labels.all() {
            let name = folder::last_part(file).to_ascii_lowercase();
            if self.used.contains(file) || NOT_LABELS.contains(&name.as_str()) || **file == *self.annotations
            {
                continue;
            }
            let bytes = intake.files.read(file, TEXT_BYTES).unwrap_or_default();
            let content = String::from_utf8_lossy(&bytes);
            let lines = text::lines(&content).filter(|line| !line.trim().is_empty()).count();
            if !text::lines(&content).find(|line| !line.trim().is_empty()).is_none_or(looks_like_a_label) {
                continue;
            }
            let stem = label_files::stem_of(file);
            if stems.contains(&key(&stem)) || stems.contains(&key(&label_files::stem_of(Path::new(&stem)))) {
                others += 1;
                continue;
            }
            if lines > 0 {
                intake.left_out.boxes += lines as u64;
                let message = format!("there is no image for these labels; {lines} left out");
                intake.log.error(FaultKind::LabelsWithoutImage, file, "", message);
            }
        }
        if others > 0 {
            let files = counted(
                others,
                "text file like labels was not read: its image has",
                "text files like labels were not read: their images have",
            );
            intake.note(format!("{files} other labels, or no split."));
        }
    }
}

/// A class and four numbers, at least.
fn looks_like_a_label(line: &str) -> bool {
    let fields: Vec<&str> = line.trim_start_matches('\u{FEFF}').split_whitespace().collect();
    fields.len() > 4 && fields.iter().all(|field| field.parse::<f64>().is_ok())
}

fn remark(form: Form, path: &Path, place: &str, intake: &mut Intake<'_>) {
    match form {
        Form::Box => {}
        Form::Outline => {
            let message = "an outline; only its bounding box is kept";
            intake.log.warning(FaultKind::OutlineReduced, path, place, message);
        }
        Form::Pose => {
            intake.note("Lines have more numbers than a box: only the first four of each are read.");
        }
        Form::Confidence => {
            let message = "a sixth number is read over: a confidence? Predictions are no labels";
            intake.log.warning(FaultKind::Unreadable, path, place, message);
        }
    }
}
