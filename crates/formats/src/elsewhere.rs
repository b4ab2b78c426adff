//! Annotations that no reader here reads: named, so that the answer can say
//! what to do.

use crate::Folder;
use std::path::Path;

/// Tables that only databases of pictures read.
const TABLES: [&str; 4] = ["parquet", "arrow", "tfrecord", "record"];
/// Annotations that a program packed each by itself.
const PACKED: [&str; 5] = [".json.gz", ".json.bz2", ".json.xz", ".json.zst", ".xml.gz"];
/// Files that are looked into.
const LOOKED_INTO: usize = 20;

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
    let of_json = |head: &str| {
        [
            ("\"classTitle\"", "the JSON is Supervisely's: export the project as COCO or Pascal VOC"),
            ("\"box2d\"", "the JSON is BDD100K's: convert it to COCO"),
            ("\"data_row\"", "the JSON is Labelbox's: export it as COCO"),
            (
                "\"dm_format_version\"",
                "the JSON is Datumaro's own: convert it, as datum convert -f coco_instances does",
            ),
        ]
        .into_iter()
        .find(|(key, _)| head.contains(key))
        .map(|(_, what)| what)
    };
    let jsons = ["json", "ndjson", "jsonl"].into_iter().flat_map(|ending| folder.with_extension(ending));
    if let Some(what) = jsons.take(LOOKED_INTO).find_map(|path| of_json(&folder.head(path))) {
        return Some(what);
    }
    let is_studio = |path: &Path| {
        let head = folder.head(path);
        head.contains("lead_time") && head.contains("labels\"\"")
    };
    if ["csv", "tsv"].into_iter().flat_map(|ending| folder.with_extension(ending)).any(is_studio) {
        return Some("the table is Label Studio's, with JSON in its cells: export the project as JSON");
    }
    if folder.named("gt.txt").is_some() {
        return Some("gt.txt has the tracks of MOT: convert it to COCO or YOLO");
    }
    folder.with_extension("txt").take(LOOKED_INTO).find_map(|path| {
        let name = folder.shown(path);
        if name.contains("wider_face") {
            return Some("the list of faces is WIDER FACE's: convert it to COCO or Pascal VOC");
        }
        let head = folder.head(path);
        let fields: Vec<&str> = head.lines().next().unwrap_or_default().split_whitespace().collect();
        of_text(&fields)
    })
}

/// What a first line of a text file is of.
fn of_text(fields: &[&str]) -> Option<&'static str> {
    let (first, rest) = fields.split_first()?;
    let is_number = |field: &str| field.parse::<f64>().is_ok();
    if !is_number(first) && rest.len() >= 14 && rest.iter().all(|field| is_number(field)) {
        return Some("the text files are KITTI's labels: convert them to COCO or Pascal VOC");
    }
    let corners = fields.iter().take_while(|field| is_number(field)).count();
    if corners == 8 && fields.len() == 10 {
        return Some("the text files are DOTA's turned boxes: convert them to COCO, or to YOLO's outlines");
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
