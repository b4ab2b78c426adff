//! Tables with a row for each box: of TensorFlow's object detection (as
//! Roboflow writes it, too), VoTT, Keras RetinaNet, makesense and Open Images.

mod form;
mod guesses;
mod meaning;

use crate::{
    FaultKind, FormatError, annotation_files,
    csv::{self, Record, Records},
    folder,
    intake::{Intake, Location, Numbers, RawBox},
    json,
    reader::{Folder, Reader, Recognition},
    tool_images::{ImageFiles, NoBox, ToolBoxes, ToolImage, names_of_address, shape_label},
};
use domain::dataset::Split;
use form::{Form, Order};
use std::{
    collections::{BTreeMap, HashMap},
    io::BufRead,
    path::Path,
};

/// Boxes of one table: what is in memory before the first image is taken in.
const MAX_BOXES: usize = 20_000_000;

/// Reads tables of boxes.
pub(crate) struct Tables;

impl Reader for Tables {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn help(&self) -> &'static str {
        "A table with a row for each box: TensorFlow, Roboflow, VoTT, makesense, RetinaNet, Open Images"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        let files = folder.with_extension("csv").take(50);
        let seen = files.filter_map(|path| {
            let form = Form::of(&folder.head(path))?;
            let saw = format!("{} in {}", form.shown, folder.shown(path));
            Some(Recognition::new(form.confidence, saw))
        });
        // The first of the surest.
        seen.reduce(|best, next| if next.confidence > best.confidence { next } else { best })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        let files =
            annotation_files::list(annotations, ".csv file", |file| folder::has_extension(file, "csv"))?;
        let images = ImageFiles::list(intake, annotations)?;
        let mut forms = Vec::new();
        for file in &files {
            let head = csv::head(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
            forms.extend(Form::of(&head).map(|form| (file, form)));
        }
        if forms.is_empty() {
            let why = "there is no table of boxes: expected the columns filename, width, height, class, xmin, \
                       ymin, xmax, ymax, or those of VoTT, makesense, RetinaNet or Open Images";
            return Err(FormatError::NothingFound { folder: annotations.to_owned(), why: why.to_owned() });
        }
        let forms = guesses::pass_over(forms, &images, intake)?;
        for (file, form) in &forms {
            match read_file(file, form, intake) {
                Ok(by_image) => {
                    // Not tolerated: its images would be missing without anybody having chosen so.
                    meaning::check(file, form, &by_image, &images, intake)?;
                    add_images(file, form, split_of(file, annotations), by_image, &images, intake);
                }
                Err(error) => annotation_files::tolerate(Err(error), file, &files, intake)?,
            }
        }
        // A table has no order of labels.
        intake.labels.sort();
        Ok(())
    }
}

/// The rows of one image.
#[derive(Default)]
struct Rows {
    declared: Option<(u32, u32)>,
    boxes: ToolBoxes,
}

/// The rows by the name of their image.
fn read_file(
    file: &Path,
    form: &Form,
    intake: &mut Intake<'_>,
) -> Result<BTreeMap<String, Rows>, FormatError> {
    let failed = |error| FormatError::io(file, error);
    let descriptions = descriptions(file, form, intake);
    let mut records = rows_of(file, form, intake).map_err(failed)?;
    let mut by_image: BTreeMap<String, Rows> = BTreeMap::new();
    let mut count = 0;
    while let Some(record) = next(&mut records).map_err(failed)? {
        count += 1;
        if count > MAX_BOXES {
            let why = format!("more than {MAX_BOXES} boxes: cut the table into several");
            return Err(FormatError::malformed(file, format!("line {}", record.line), why));
        }
        let field = |at: usize| record.fields.get(at).map(String::as_str).unwrap_or_default();
        let rows = by_image.entry(field(form.image).to_owned()).or_default();
        let size = form.size.map(|at| at.map(|at| field(at).parse::<f64>().unwrap_or_default()));
        let whole = size.filter(|size| size.iter().all(|side| *side >= 1.0 && side.fract() == 0.0));
        rows.declared = rows.declared.or(whole.map(|[width, height]| (width as u32, height as u32)));
        let place = format!("line {}", record.line);
        let raw = box_of(&record, form, &descriptions).map(|raw| (Vec::from_iter(raw), false));
        rows.boxes.take(raw, file, &place, intake);
    }
    Ok(by_image)
}

fn add_images(
    file: &Path,
    form: &Form,
    split: Option<Split>,
    by_image: BTreeMap<String, Rows>,
    images: &ImageFiles,
    intake: &mut Intake<'_>,
) {
    intake.expect(by_image.len());
    for (name, Rows { declared, boxes }) in by_image {
        let place = boxes.boxes.first().map_or_else(String::new, |first| first.place.to_string());
        let names = names_of(&name, form);
        images.add(ToolImage { file, place, names, declared, split, boxes }, intake);
    }
}

/// The rows of a table, behind its head.
fn rows_of(file: &Path, form: &Form, intake: &Intake<'_>) -> std::io::Result<Records<impl BufRead + use<>>> {
    let mut records = Records::new(json::open(&intake.files, file)?, form.separator);
    if form.has_head {
        next(&mut records)?;
    }
    Ok(records)
}

/// Comments are passed over.
fn next(records: &mut Records<impl BufRead>) -> std::io::Result<Option<Record>> {
    loop {
        match records.next()? {
            Some(record) if record.fields.first().is_some_and(|first| first.starts_with('#')) => {}
            record => return Ok(record),
        }
    }
}

/// A box; `None` for an image without any, which has a row with empty numbers.
fn box_of(
    record: &Record,
    form: &Form,
    descriptions: &HashMap<String, String>,
) -> Result<Option<RawBox>, NoBox> {
    let field = |at: usize| record.fields.get(at).map(String::as_str).unwrap_or_default();
    let texts = form.numbers.map(field);
    if texts.iter().all(|text| text.is_empty()) {
        return Ok(None);
    }
    let [Some(a), Some(b), Some(c), Some(d)] = texts.map(|text| text.parse::<f64>().ok()) else {
        return Err((FaultKind::NotABox, "the box is not four numbers".to_owned()));
    };
    let name = field(form.label);
    let name = descriptions.get(name).map_or(name, String::as_str);
    let label = shape_label(name)?;
    let numbers = match form.order {
        Order::Corners => Numbers::Pixels([a, b, c - a, d - b]),
        Order::CornersInShares => Numbers::Shares([(a + c) / 2.0, (b + d) / 2.0, c - a, d - b]),
        Order::Extent | Order::ExtentByXAndY => Numbers::Pixels([a, b, c, d]),
        Order::Centre => Numbers::Pixels([a - c / 2.0, b - d / 2.0, c, d]),
    };
    let ignore = form.ignore.is_some_and(|at| matches!(field(at), "1" | "true" | "True"));
    Ok(Some(RawBox { place: Location::line(record.line), label, numbers, ignore }))
}

/// Open Images' codes in words, from a table `class-descriptions…csv` beside.
fn descriptions(file: &Path, form: &Form, intake: &Intake<'_>) -> HashMap<String, String> {
    let mut words = HashMap::new();
    if form.order != Order::CornersInShares {
        return words;
    }
    for name in
        ["class-descriptions-boxable.csv", "class-descriptions.csv", "oidv7-class-descriptions-boxable.csv"]
    {
        let Ok(source) = json::open(&intake.files, &file.with_file_name(name)) else { continue };
        let mut records = Records::new(source, b',');
        while let Ok(Some(Record { fields, .. })) = records.next() {
            if let [code, word, ..] = fields.as_slice() {
                words.insert(code.clone(), word.clone());
            }
        }
    }
    words
}

/// `train/_annotations.csv`, `train_labels.csv`.
fn split_of(file: &Path, root: &Path) -> Option<Split> {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    folder::split_in_folders(file, root).or_else(|| folder::split_in_name(&stem))
}

fn names_of(name: &str, form: &Form) -> Vec<String> {
    let mut names = names_of_address(name);
    if form.order == Order::CornersInShares {
        names.extend(folder::IMAGE_EXTENSIONS.map(|extension| format!("{name}.{extension}")));
    }
    names
}
