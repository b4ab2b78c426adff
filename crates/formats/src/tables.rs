//! Tables with a row for each box: of TensorFlow's object detection (as
//! Roboflow writes it, too), VoTT, Keras RetinaNet, makesense and Open Images.

use crate::{
    FaultKind, FormatError, annotation_files,
    csv::{self, Record, Records, separator},
    folder,
    intake::{Intake, Numbers, Place, RawBox},
    json,
    reader::{Confidence, Folder, Reader, Recognition},
    tool_images::{ImageFiles, NoBox, ToolBoxes, ToolImage, names_of_address, shape_label},
};
use domain::dataset::Split;
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
        let mut files = folder.with_extension("csv").take(50);
        files.find_map(|path| {
            let form = Form::of(&folder.head(path))?;
            let saw = format!("{} in {}", form.shown, folder.shown(path));
            Some(Recognition::new(Confidence::Certain, saw))
        })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        let files =
            annotation_files::list(annotations, ".csv file", |file| folder::has_extension(file, "csv"))?;
        let images = ImageFiles::list(intake, annotations)?;
        let mut read = 0;
        for file in &files {
            let head = csv::head(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
            let Some(form) = Form::of(&head) else { continue };
            read += 1;
            let result = read_file(file, &form, annotations, &images, intake);
            annotation_files::tolerate(result, file, &files, intake)?;
        }
        if read == 0 {
            let why = "there is no table of boxes: expected the columns filename, width, height, class, xmin, \
                       ymin, xmax, ymax, or those of VoTT, makesense, RetinaNet or Open Images";
            return Err(FormatError::NothingFound { folder: annotations.to_owned(), why: why.to_owned() });
        }
        // A table has no order of labels.
        intake.labels.sort();
        Ok(())
    }
}

/// Which column is what.
struct Form {
    /// For people.
    shown: &'static str,
    separator: u8,
    has_head: bool,
    image: usize,
    label: usize,
    /// Four columns.
    numbers: [usize; 4],
    order: Order,
    /// Width and height of the image.
    size: Option<[usize; 2]>,
    ignore: Option<usize>,
}

/// What the four numbers are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Left, top, right, bottom in pixels.
    Corners,
    /// Left, top, right, bottom in shares.
    CornersInShares,
    /// Left, top, width, height in pixels.
    Extent,
}

impl Form {
    /// By the names of the columns, or by the first row where there are none.
    fn of(head: &str) -> Option<Self> {
        let first = head.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'))?;
        let separator = separator(head);
        let fields = csv::fields(first.trim_end_matches('\r'), separator);
        let names: Vec<String> = fields.iter().map(|field| field.to_lowercase()).collect();
        let at = |words: &[&str]| names.iter().position(|name| words.contains(&name.as_str()));
        let image = at(&["filename", "image", "imageid", "image_id", "image_name", "file", "path"]);
        let label = at(&["class", "label", "labelname", "class_name", "label_name"]);
        let all = |columns: [&[&str]; 4]| {
            let [a, b, c, d] = columns.map(at);
            Some([a?, b?, c?, d?])
        };
        let corners = all([&["xmin", "x1"], &["ymin", "y1"], &["xmax", "x2"], &["ymax", "y2"]]);
        let extent = all([
            &["x", "left", "bbox_x"],
            &["y", "top", "bbox_y"],
            &["w", "bbox_width", "box_width"],
            &["h", "bbox_height", "box_height"],
        ]);
        let extent = extent.or_else(|| all([&["x", "left"], &["y", "top"], &["width"], &["height"]]));
        let ignore = at(&["isgroupof", "ignore", "difficult", "iscrowd"]);
        let Some(((image, label), numbers)) = image.zip(label).zip(corners.or(extent)) else {
            return Self::without_head(&fields, separator);
        };
        if corners.is_none() {
            let size = at(&["image_width"]).zip(at(&["image_height"])).map(|(width, height)| [width, height]);
            let (shown, order) = ("a table of boxes with left, top and extent", Order::Extent);
            return Some(Self {
                shown,
                separator,
                has_head: true,
                image,
                label,
                numbers,
                order,
                size,
                ignore,
            });
        }
        let is_open_images = at(&["labelname"]).is_some() && at(&["imageid"]).is_some();
        let size = at(&["width"]).zip(at(&["height"])).map(|(width, height)| [width, height]);
        let (shown, order) = match (is_open_images, size) {
            (true, _) => ("Open Images' table of boxes", Order::CornersInShares),
            (false, Some(_)) => ("a table of boxes as TensorFlow has it", Order::Corners),
            (false, None) => ("a table of boxes with corners", Order::Corners),
        };
        Some(Self { shown, separator, has_head: true, image, label, numbers, order, size, ignore })
    }

    fn without_head(fields: &[String], separator: u8) -> Option<Self> {
        let is_number = |at: usize| fields.get(at).is_some_and(|field| field.parse::<f64>().is_ok());
        let is_image =
            |at: usize| fields.get(at).is_some_and(|field| folder::is_named_like_an_image(Path::new(field)));
        let (shown, image, label, numbers, order, size) =
            if fields.len() == 8 && is_image(5) && [1, 2, 3, 4, 6, 7].into_iter().all(is_number) {
                ("makesense's table of boxes", 5, 0, [1, 2, 3, 4], Order::Extent, Some([6, 7]))
            } else if fields.len() == 6
                && is_image(0)
                && ((1..5).all(is_number) || (1..6).all(|at| fields.get(at).is_some_and(String::is_empty)))
            {
                ("RetinaNet's table of boxes", 0, 5, [1, 2, 3, 4], Order::Corners, None)
            } else {
                return None;
            };
        Some(Self { shown, separator, has_head: false, image, label, numbers, order, size, ignore: None })
    }
}

/// The rows of one image.
#[derive(Default)]
struct Rows {
    declared: Option<(u32, u32)>,
    boxes: ToolBoxes,
}

fn read_file(
    file: &Path,
    form: &Form,
    root: &Path,
    images: &ImageFiles,
    intake: &mut Intake<'_>,
) -> Result<(), FormatError> {
    let failed = |error| FormatError::io(file, error);
    let split = split_of(file, root);
    let descriptions = descriptions(file, form, intake);
    let mut records = Records::new(json::open(&intake.files, file).map_err(failed)?, form.separator);
    if form.has_head {
        next(&mut records).map_err(failed)?;
    }
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
    intake.expect(by_image.len());
    for (name, Rows { declared, boxes }) in by_image {
        let place = boxes.boxes.first().map_or_else(String::new, |first| first.place.to_string());
        let names = names_of(&name, form);
        images.add(ToolImage { file, place, names, declared, split, boxes }, intake);
    }
    Ok(())
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
        Order::Extent => Numbers::Pixels([a, b, c, d]),
    };
    let ignore = form.ignore.is_some_and(|at| matches!(field(at), "1" | "true" | "True"));
    Ok(Some(RawBox { place: Place::line(record.line), label, numbers, ignore }))
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
