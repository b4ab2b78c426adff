//! Reading Pascal VOC. Source: Everingham, Winn, "The PASCAL VOC Challenge
//! 2012 Development Kit", section 4. A box is `x = xmin, w = xmax − xmin`:
//! no pixel is added.

use super::{
    document::Document,
    images::resolve,
    lists::{self, Lists},
    object::{self, Object},
};
use crate::{
    FaultKind, FormatError, Unlabelled,
    files::TEXT_BYTES,
    finder::Finder,
    folder,
    intake::{Intake, RawImage},
    labels::Labels,
    text,
    xml::{self, Element},
};
use domain::{dataset::Split, words::counted};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where the parts of a data set are.
struct Layout {
    /// Holds `ImageSets` and `labels.txt`, if there are any.
    root: PathBuf,
    /// Holds the XML files, perhaps in folders of its own.
    annotations: PathBuf,
}

/// Reads a folder of XML files.
pub(super) fn read(annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
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
    let listed = lists::read_labels(&layout.root, intake);
    let lists = Lists::read(&layout.root, intake)?;
    let finder = Finder::new(intake.folder, &layout.annotations)?;
    lists.report_unknown(&files, finder.all(), intake);
    let mut labels = Labels::default();
    let mut documents: Vec<Document> = Vec::with_capacity(files.len());
    documents.extend(files.iter().filter_map(|file| read_file(file, &mut labels, intake)));
    drop(files);
    check_is_voc(&documents, annotations, intake)?;
    let images = resolve(&documents, &layout.annotations, &finder, intake);
    intake.expect(documents.len());
    let mut used: HashSet<Arc<Path>> = HashSet::new();
    let mut unlisted = 0;
    for (document, image) in documents.into_iter().zip(images) {
        let Some(path) = image else {
            intake.leave_out(document.boxes.len());
            continue;
        };
        used.insert(path.clone());
        let split = split_of(&document.file, &path, &lists, &layout, intake);
        unlisted += usize::from(split.is_none() && lists.is_there());
        let Document { file, declared, boxes, lost, .. } = document;
        let boxes = boxes.into_vec();
        boxes.iter().for_each(|raw| _ = intake.labels.add(&raw.label));
        intake.add(RawImage { file: &file, place: String::new(), path, declared, split, boxes, lost });
    }
    if unlisted > 0 {
        let images = counted(unlisted, "image is", "images are");
        intake.problem(format!("{images} in none of the lists of splits (taken for training)"));
    }
    if !listed {
        intake.labels.sort();
    }
    report_unlabelled(&finder, &used, &lists, intake);
    Ok(())
}

impl Layout {
    fn of(given: &Path) -> Self {
        let folder = if given.is_file() { given.parent().unwrap_or(given) } else { given };
        let inner = folder.join("Annotations");
        if inner.is_dir() {
            return Self { root: folder.to_owned(), annotations: inner };
        }
        let has_lists =
            |above: &&Path| above.join("ImageSets").is_dir() || above.join("labels.txt").is_file();
        let above = folder.parent().filter(has_lists);
        Self { root: above.unwrap_or(folder).to_owned(), annotations: folder.to_owned() }
    }
}

/// Reads a document; what cannot be read is a fault.
fn read_file(file: &Path, labels: &mut Labels, intake: &mut Intake<'_>) -> Option<Document> {
    let parsed = (intake.files.read(file, TEXT_BYTES))
        .map_err(|error| error.to_string())
        .and_then(|bytes| {
            let declared = declared_encoding(&bytes);
            text::decode(bytes, declared.as_deref(), intake.files.encoding)
        })
        .map_err(|why| (0, why))
        .and_then(|text| xml::parse(&text));
    let root = match parsed {
        Ok(root) => root,
        Err((line, why)) => {
            let place = if line > 0 { format!("line {line}") } else { String::new() };
            intake.log.error(FaultKind::Unreadable, file, place, format!("{why}; left out"));
            intake.problem(format!("{} cannot be read", folder::last_part(file)));
            intake.leave_out(0);
            return None;
        }
    };
    if root.name != "annotation" {
        let message = format!("the file is no Pascal VOC: it begins with <{}>; passed over", root.name);
        intake.log.warning(FaultKind::Unreadable, file, "line 1", message);
        return None;
    }
    let (mut boxes, mut lost) = (Vec::new(), 0);
    for element in root.children.iter().filter(|child| child.name == "object") {
        let place = format!("line {}", element.line);
        match Object::read(element) {
            Ok(Object { mut raw, remark }) => {
                raw.label = labels.shared(raw.label);
                if let Some((kind, message)) = remark {
                    intake.log.warning(kind, file, place, message);
                }
                boxes.push(raw);
            }
            Err((kind, message)) => {
                intake.log.error(kind, file, place, message);
                intake.left_out.boxes += 1;
                lost += 1;
            }
        }
    }
    let (filename, declared) = (root.text_of("filename").map(Box::from), declared_size(&root));
    Some(Document { file: file.into(), filename, declared, boxes: boxes.into(), lost })
}

fn declared_size(root: &Element) -> Option<(u32, u32)> {
    let size = root.child("size")?;
    let side = |name| {
        let side = object::number(size.text_of(name)?)?;
        (side.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&side)).then_some(side as u32)
    };
    side("width").zip(side("height"))
}

/// The encoding that the first line of an XML file names.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    /// Bytes that a declaration is looked for in.
    const DECLARATION_BYTES: usize = 200;
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(DECLARATION_BYTES))?).into_owned();
    let declaration = head.trim_start().strip_prefix("<?xml")?.split_once("?>")?.0.to_owned();
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start().to_owned();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split(quote).next().map(str::to_owned)
}

fn check_is_voc(documents: &[Document], annotations: &Path, intake: &Intake<'_>) -> Result<(), FormatError> {
    if !documents.is_empty() {
        return Ok(());
    }
    let first = intake.log.kept.iter().find(|fault| fault.kind == FaultKind::Unreadable);
    let first = first.map(|fault| format!(" ({fault})")).unwrap_or_default();
    let why = format!(
        "none of its .xml files can be read as Pascal VOC; let --format auto say what they are{first}"
    );
    Err(FormatError::NothingFound { folder: annotations.to_owned(), why })
}

fn split_of(
    file: &Path,
    image: &Path,
    lists: &Lists,
    layout: &Layout,
    intake: &mut Intake<'_>,
) -> Option<Split> {
    if let Some(split) = lists.split_of(file).or_else(|| lists.split_of(image)) {
        return Some(split);
    }
    if lists.is_there() {
        return None;
    }
    let of_file = folder::split_in_folders(file, &layout.annotations).map(|split| (split, file));
    let found =
        of_file.or_else(|| folder::split_in_folders(image, intake.folder).map(|split| (split, image)));
    let (split, path) = found?;
    let folder = path.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    intake.note(format!("The images of {folder} are in the split {split}, by the folder's name."));
    Some(split)
}

/// Images that no XML file is of: nobody has said what is on them.
fn report_unlabelled(finder: &Finder, used: &HashSet<Arc<Path>>, lists: &Lists, intake: &mut Intake<'_>) {
    let mut images: Vec<&Arc<Path>> = finder.all().iter().filter(|path| !used.contains(*path)).collect();
    images.retain(|path| path.starts_with(intake.folder));
    let Some(first) = images.first().map(|path| finder.shown(path)) else { return };
    if intake.options.choices.unlabelled == Unlabelled::Background {
        let without = counted(
            images.len(),
            "image without an XML file is an image",
            "images without an XML file are images",
        );
        intake.note(format!("{without} without objects."));
        for path in images {
            let split = lists.split_of(path).or_else(|| folder::split_in_folders(path, intake.folder));
            let (file, path) = (&**path, path.clone());
            intake.add(RawImage {
                file,
                place: String::new(),
                path,
                declared: None,
                split,
                boxes: Vec::new(),
                lost: 0,
            });
        }
        return;
    }
    let left_out = counted(
        images.len(),
        "image has no XML file and is left out",
        "images have no XML file and are left out",
    );
    let them = if images.len() == 1 { "it for an image" } else { "them for images" };
    let message =
        format!("{left_out} ({first}, for one); --missing-labels background takes {them} without objects");
    intake.log.warning(FaultKind::NotAnnotated, intake.folder, "", message);
    intake.left_out.images += images.len() as u64;
}
