//! Annotations that no reader here reads: named, so that the answer can say
//! what to do.

use crate::{Folder, folder};
use std::path::{Path, PathBuf};

/// Tables that only databases of pictures read.
const TABLES: [&str; 4] = ["parquet", "arrow", "tfrecord", "record"];
/// Annotations that a program packed each by itself.
const PACKED: [&str; 5] = [".json.gz", ".json.bz2", ".json.xz", ".json.zst", ".xml.gz"];
/// Files that are looked into.
const LOOKED_INTO: usize = 20;

/// Folders of masks.
const SEGMENTED: [&str; 2] = ["SegmentationClass", "SegmentationObject"];
/// Endings of files that have JSON, whole or a line each.
const JSON_ENDINGS: [&str; 6] = ["json", "ndjson", "jsonl", "odgt", "manifest", "labels"];
/// Keys by which JSON tells whose it is.
const JSON_WORDS: [(&str, &str); 12] = [
    ("\"classTitle\"", "the JSON is Supervisely's: export the project as COCO or Pascal VOC"),
    ("\"box2d\"", "the JSON is BDD100K's: convert it to COCO"),
    ("\"data_row\"", "the JSON is Labelbox's: export it as COCO"),
    (
        "\"dm_format_version\"",
        "the JSON is Datumaro's own: convert it, as datum convert -f coco_instances does",
    ),
    ("\"bbox_mode\"", "the JSON is a list for Detectron2: save it as COCO, as its convert_to_coco_json does"),
    ("\"bboxes\"", "the JSON is a list for MMDetection: convert it to COCO"),
    ("\"gtboxes\"", "the lines are CrowdHuman's: convert them to COCO"),
    ("\"source-ref\"", "the manifest is SageMaker Ground Truth's: convert it to COCO"),
    ("\"bounding_box\"", "the JSON is Darwin's, of V7: export it as COCO"),
    ("\"imgHeight\"", "the JSON is Cityscapes': convert it to COCO"),
    ("\"boundingBoxes\"", "the labels are Edge Impulse's: export them as COCO or Pascal VOC"),
    (
        "\"class_names\"",
        "the lines are NDJSON of Ultralytics' platform: write them out as YOLO, as its convert_ndjson_to_yolo does",
    ),
];
const MOTS: &str = "the masks are those of MOTS: convert them to COCO, as datum convert -if mots_png -f coco_instances \
                    does with the PNG files";
const ICDAR: &str = "the text files are ICDAR's, with the corners of words: convert them to COCO, as datum convert -if \
                     icdar_text_localization -f coco_instances does";

/// What the files are, and what to do, as a sentence; `None` where nobody
/// knows.
pub(crate) fn known(folder: &Folder) -> Option<&'static str> {
    if folder.named("metadata.jsonl").is_some() {
        return Some("metadata.jsonl is an image folder of Hugging Face's datasets: save its boxes as COCO");
    }
    if folder.files().iter().any(|file| {
        TABLES.iter().any(|table| file.extension().is_some_and(|e| e.eq_ignore_ascii_case(table)))
    }) {
        return Some(
            "tables of Parquet, Arrow or TFRecord hold the images themselves: write them out as files with COCO's JSON",
        );
    }
    let is_packed = |file: &Path| {
        let name = file.to_string_lossy().to_lowercase();
        PACKED.iter().any(|ending| name.ends_with(ending))
    };
    if folder.files().iter().any(|file| is_packed(file)) {
        return Some("a file of annotations is compressed: unpack it, as gunzip FILE.json.gz does");
    }
    let of_json =
        |head: &str| JSON_WORDS.into_iter().find(|(key, _)| head.contains(key)).map(|(_, what)| what);
    let jsons = JSON_ENDINGS.into_iter().flat_map(|ending| folder.with_extension(ending));
    if let Some(what) = jsons.take(LOOKED_INTO).find_map(|path| of_json(&folder.head(path))) {
        return Some(what);
    }
    if folder.with_extension("xml").take(LOOKED_INTO).any(|path| folder.head(path).contains("<box top=")) {
        return Some("the XML is dlib's, of imglab: convert it to Pascal VOC or COCO");
    }
    let is_studio = |path: &Path| {
        let head = folder.head(path);
        head.contains("lead_time") && head.contains("labels\"\"")
    };
    if ["csv", "tsv"].into_iter().flat_map(|ending| folder.with_extension(ending)).any(is_studio) {
        return Some("the table is Label Studio's, with JSON in its cells: export the project as JSON");
    }
    if let Some(what) = folder.with_extension("csv").take(LOOKED_INTO).find_map(|path| of_table(folder, path))
    {
        return Some(what);
    }
    if folder.files().iter().any(|file| is_mask(file)) {
        return Some(MOTS);
    }
    let is_segmented = |file: &PathBuf| file.iter().any(|part| SEGMENTED.iter().any(|name| part == *name));
    if folder.files().iter().any(is_segmented) {
        return Some("there are masks and no boxes: convert them to COCO, with an outline for each object");
    }
    let mut texts = folder.named("gt.txt").into_iter().chain(folder.with_extension("txt").take(LOOKED_INTO));
    texts.find_map(|path| of_named_text(&folder.shown(path), &folder.head(path)))
}

/// A table without the boxes of a picture in a row each.
fn of_table(folder: &Folder, path: &Path) -> Option<&'static str> {
    if folder::last_part(path) == "_classes.csv" {
        return Some(
            "_classes.csv has the classes of whole pictures, and no box: export a set for detection",
        );
    }
    let head = folder.head(path);
    let mut cells = head.lines().next().unwrap_or_default().split(',');
    let use_of_row = cells.next().is_some_and(|cell| {
        ["TRAIN", "TRAINING", "VALIDATION", "VALIDATE", "TEST", "UNASSIGNED"].contains(&cell)
    });
    (use_of_row && cells.next().is_some_and(|cell| cell.contains("://")))
        .then_some("the table is Vertex AI's (AutoML's): export it as COCO, or convert it")
}

/// A picture of MOTS, whose values are the objects.
fn is_mask(file: &Path) -> bool {
    let folders = file.parent().into_iter().flat_map(Path::components);
    let in_instances = folders.rev().take(2).any(|part| part.as_os_str().eq_ignore_ascii_case("instances"));
    in_instances && (folder::has_extension(file, "png") || folder::last_part(file) == "labels.txt")
}

/// What a text file is of, by its name and its first line.
fn of_named_text(shown: &str, head: &str) -> Option<&'static str> {
    if shown.contains("wider_face") {
        return Some("the list of faces is WIDER FACE's: convert it to COCO or Pascal VOC");
    }
    let name = folder::last_part(Path::new(shown)).to_lowercase();
    let line = head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let numbers = cells.iter().take_while(|cell| cell.parse::<f64>().is_ok()).count();
    match name.as_str() {
        "gt.txt" if numbers > 0 => return Some("gt.txt has the tracks of MOT: convert it to COCO or YOLO"),
        "gt.txt" => return Some("gt.txt has the words of ICDAR's pictures, and no box"),
        name if name.starts_with("gt_") || name.ends_with("_gt.txt") => return Some(ICDAR),
        _ if matches!(numbers, 4 | 8) && cells.get(numbers).is_some_and(|word| !word.is_empty()) => {
            return Some(ICDAR);
        }
        _ if numbers == 8 => {
            return Some(
                "the text files are VisDrone's (left, top, width, height, score, class …): convert them to COCO",
            );
        }
        _ => {}
    }
    of_text(&line.split_whitespace().collect::<Vec<_>>())
}

/// What a first line of a text file is of.
fn of_text(fields: &[&str]) -> Option<&'static str> {
    let (first, rest) = fields.split_first()?;
    let is_number = |field: &str| field.parse::<f64>().is_ok();
    if !is_number(first) && rest.len() >= 14 && rest.iter().all(|field| is_number(field)) {
        return Some("the text files are KITTI's labels: convert them to COCO or Pascal VOC");
    }
    if !is_number(first) && rest.len() == 4 && rest.iter().all(|field| is_number(field)) {
        return Some(
            "the text files have a class by its name and corners in pixels, as the OIDv4 toolkit writes them: convert \
             them to COCO or Pascal VOC",
        );
    }
    let corners = fields.iter().take_while(|field| is_number(field)).count();
    if corners == 8 && fields.len() == 10 {
        return Some("the text files are DOTA's turned boxes: convert them to COCO, or to YOLO's outlines");
    }
    let is_mots = fields.len() == 6 && fields.iter().take(5).all(|field| field.parse::<u64>().is_ok());
    if is_mots && fields.last().is_some_and(|mask| !is_number(mask)) {
        return Some(MOTS);
    }
    let is_box = |field: &str| field.split(',').count() == 5 && field.split(',').all(is_number);
    if !rest.is_empty() && rest.iter().all(|field| is_box(field)) {
        return Some(
            "the list has a picture and its boxes as x1,y1,x2,y2,class on a line, as keras-yolo3 wants it: write \
             a file of labels for each picture, or COCO",
        );
    }
    None
}
