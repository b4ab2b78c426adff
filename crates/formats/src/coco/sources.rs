//! Which JSON files of a folder are read, and which split each is.

use super::{
    elements::{Annotation, Image},
    form::{Element, File, blank_out_non_numbers},
    scalar::Id,
};
use crate::{FaultKind, FormatError, folder, intake::Intake, text};
use domain::{dataset::Split, name::Label};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
};

/// Bytes of a JSON file. COCO's own have 450 MB; while one is read it lies in
/// memory, with what is read of it.
const JSON_BYTES: u64 = 4 << 30;

/// A JSON file that was read.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// Labels by id; of none where the category has no usable name. Empty until
    /// boxes are read.
    pub(super) categories: BTreeMap<Id, Option<Label>>,
    /// The split that its name or folder names.
    pub(super) split: Option<Split>,
}

pub(super) fn parent_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn read_file(path: &Path, intake: &Intake<'_>) -> Result<File, FormatError> {
    let bytes = intake.files.read(path, JSON_BYTES).map_err(|error| FormatError::io(path, error))?;
    let text = text::decode(bytes, None, intake.files.encoding);
    let mut bytes = text.map_err(|why| FormatError::malformed(path, "text", why))?.into_bytes();
    blank_out_non_numbers(&mut bytes);
    serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let why = if error.is_data() {
            format!("not a COCO file: {}", in_our_words(&error.to_string()))
        } else {
            format!("not sound JSON: {error}")
        };
        FormatError::malformed(path, place, why)
    })
}

/// What the parser says of a value in the place of another.
fn in_our_words(error: &str) -> String {
    let said = error.split(" at line ").next().unwrap_or(error);
    let Some((found, wanted)) =
        said.strip_prefix("invalid type: ").and_then(|said| said.split_once(", expected "))
    else {
        return said.to_owned();
    };
    let found = match found {
        "map" => "an object",
        "sequence" => "a list",
        "null" => "null",
        text if text.starts_with("string") => "a text",
        _ => "a number or a word",
    };
    if wanted == "a sequence" {
        format!("{found} stands where COCO has a list of images, annotations or categories")
    } else {
        format!("{found} stands where COCO has an object with images, annotations and categories")
    }
}

pub(super) fn no_coco(path: &Path, file: &File) -> FormatError {
    let keys = if file.keys.is_empty() { "nothing".to_owned() } else { file.keys.join(", ") };
    let why = format!(
        "this is no COCO file: it has no list of images, but {keys}. Name the file with images, annotations and \
         categories, or let --format auto say what this is"
    );
    FormatError::malformed(path, "the whole file", why)
}

/// All JSON files with boxes; one without is passed over, and said.
pub(super) fn read_folder(folder: &Path, intake: &mut Intake<'_>) -> Result<Vec<Source>, FormatError> {
    let files = json_files(folder)?;
    let (mut sources, mut refused) = (Vec::new(), None);
    for path in files {
        match read_file(&path, intake) {
            Ok(file) if file.images.is_none() => {
                let why = no_coco(&path, &file).to_string();
                refused.get_or_insert(no_coco(&path, &file));
                intake.log.warning(FaultKind::Unreadable, &path, "", format!("{why}; passed over"));
            }
            Ok(file) if is_without_boxes(&file) => {
                let message = "its annotations have no boxes (captions?); passed over";
                intake.log.warning(FaultKind::Unreadable, &path, "", message);
            }
            Ok(file) => sources.push(source_of(path, file, intake)),
            Err(error) => {
                let message = format!("{error}; passed over");
                if looks_like_coco(&path, intake) {
                    return Err(error);
                }
                intake.log.warning(FaultKind::Unreadable, &path, "", message);
                refused.get_or_insert(error);
            }
        }
    }
    pass_over_twins(&mut sources, intake);
    pass_over_parts(&mut sources, intake);
    check_overlap(&sources)?;
    match (sources.is_empty(), refused) {
        (true, Some(error)) => Err(error),
        (true, None) => {
            let why = "there is no .json file with boxes; name the file with the annotations".to_owned();
            Err(FormatError::NothingFound { folder: folder.to_owned(), why })
        }
        _ => Ok(sources),
    }
}

/// JSON files below the folder, those of images and of programs aside.
fn json_files(folder: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let mut files = folder::files_below(folder)?;
    files.retain(|path| folder::has_extension(path, "json"));
    Ok(files)
}

/// Whether a damaged file was meant to be read: it may not be passed over.
fn looks_like_coco(path: &Path, intake: &Intake<'_>) -> bool {
    let head = intake.files.read(path, JSON_BYTES).unwrap_or_default();
    let head = String::from_utf8_lossy(head.get(..head.len().min(1 << 16)).unwrap_or_default()).into_owned();
    ["\"images\"", "\"annotations\"", "\"file_name\"", "\"bbox\""]
        .iter()
        .filter(|key| head.contains(**key))
        .count()
        > 1
}

/// Captions and segments of whole scenes: annotations without any box.
fn is_without_boxes(file: &File) -> bool {
    let annotations = file.annotations.as_deref().unwrap_or_default();
    let boxless = |annotation: &Annotation| annotation.is_boxless;
    !annotations.is_empty() && annotations.iter().filter_map(Element::get).all(boxless)
}

fn images(source: &Source) -> impl Iterator<Item = &Image> {
    source.file.images.iter().flatten().filter_map(Element::get)
}

/// COCO's other files of the images that the `instances_*` beside it has:
/// keypoints of the persons in it, surfaces, and lists without annotations.
fn pass_over_twins(sources: &mut Vec<Source>, intake: &mut Intake<'_>) {
    let rest_of = |source: &Source, before: &str| {
        folder::last_part(&source.path).strip_prefix(before).map(str::to_owned)
    };
    let mut twins = HashSet::new();
    for instances in &*sources {
        let Some(rest) = rest_of(instances, "instances_") else { continue };
        let is_called_so = |source: &&Source| {
            let is_of = |before: &&str| rest_of(source, before).is_some_and(|own| own == rest);
            source.path.parent() == instances.path.parent()
                && ["person_keypoints_", "stuff_", "image_info_"].iter().any(is_of)
        };
        let mut candidates = sources.iter().filter(is_called_so).peekable();
        if candidates.peek().is_none() {
            continue;
        }
        let names: HashSet<&str> = images(instances).filter_map(|image| image.file_name.as_deref()).collect();
        let is_known = |image: &Image| image.file_name.as_deref().is_some_and(|name| names.contains(name));
        for twin in candidates.filter(|source| images(source).all(is_known)) {
            let [name, beside] = [&twin.path, &instances.path].map(|path| folder::last_part(path));
            intake.note(format!(
                "{name} was passed over: {beside} has all of its images. It is read when --annotations names it."
            ));
            twins.insert(twin.path.clone());
        }
    }
    sources.retain(|source| !twins.contains(&source.path));
}

/// A file that gives each of its images a split is the whole of those that
/// have the images of one: as our own writer leaves them.
fn pass_over_parts(sources: &mut Vec<Source>, intake: &mut Intake<'_>) {
    // Of a file alone nothing can be a part.
    if sources.len() < 2 {
        return;
    }
    let key = |image: &Image| (image.file_name.clone(), image.split.is_some());
    let is_whole = |source: &&Source| {
        source.split.is_none()
            && images(source).next().is_some()
            && images(source).all(|image| image.split.is_some())
    };
    let mut wholes = sources.iter().filter(is_whole);
    let (Some(whole), None) = (wholes.next(), wholes.next()) else { return };
    let (path, names) = (whole.path.clone(), images(whole).map(key).collect::<HashSet<_>>());
    sources.retain(|source| {
        let is_part = source.path != path && images(source).all(|image| names.contains(&key(image)));
        if is_part {
            let [part, whole] = [&source.path, &path].map(|path| folder::last_part(path));
            intake.note(format!("{part} was passed over: {whole} has the same images."));
        }
        !is_part
    });
}

/// Two files with boxes for the same images have two meanings: newer and
/// older ones, or both.
fn check_overlap(sources: &[Source]) -> Result<(), FormatError> {
    let mut owner: HashMap<(&Path, &str), &Path> = HashMap::new();
    for source in sources.iter().filter(|_| sources.len() > 1) {
        for image in source.file.images.iter().flatten().filter_map(Element::get) {
            let Some(name) = image.file_name.as_deref() else { continue };
            let beside = parent_of(&source.path);
            let shared = owner.entry((beside, name)).or_insert(&source.path);
            if *shared != source.path && source_split(shared) == source.split {
                let why = format!(
                    "{} lists the image {name}, too; name the one file whose boxes count with --annotations",
                    folder::last_part(shared)
                );
                return Err(FormatError::malformed(&source.path, "images", why));
            }
        }
    }
    Ok(())
}

fn source_split(path: &Path) -> Option<Split> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let of_folder = || folder::split_of_folder(&folder::last_part(path.parent()?));
    folder::split_in_name(&stem).or_else(of_folder)
}

pub(super) fn source_of(path: PathBuf, file: File, intake: &mut Intake<'_>) -> Source {
    let split = source_split(&path);
    if let Some(split) = split {
        let name = folder::last_part(&path);
        let folder = path.parent().map(folder::last_part).unwrap_or_default();
        intake.note(format!(
            "The images of {folder}/{name} are in the split {split}, by the file's name or folder."
        ));
    }
    Source { path, file, categories: BTreeMap::new(), split }
}
