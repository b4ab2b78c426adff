//! Annotations that no reader here reads: named, so that the answer can say
//! what to do.

use crate::Folder;

/// Tables that only databases of pictures read.
const TABLES: [&str; 4] = ["parquet", "arrow", "tfrecord", "record"];
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
    let of_json = |head: &str| {
        [
            ("\"classTitle\"", "the JSON is Supervisely's: export the project as COCO or Pascal VOC"),
            ("\"box2d\"", "the JSON is BDD100K's: convert it to COCO"),
            ("\"data_row\"", "the JSON is Labelbox's: export it as COCO"),
        ]
        .into_iter()
        .find(|(key, _)| head.contains(key))
        .map(|(_, what)| what)
    };
    let jsons = ["json", "ndjson", "jsonl"].into_iter().flat_map(|ending| folder.with_extension(ending));
    if let Some(what) = jsons.take(LOOKED_INTO).find_map(|path| of_json(&folder.head(path))) {
        return Some(what);
    }
    folder.with_extension("txt").take(LOOKED_INTO).find_map(|path| {
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
