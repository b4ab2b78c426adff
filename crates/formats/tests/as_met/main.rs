//! Data sets as the world writes them: each test is a kind of file that users
//! met somewhere, made on the spot, with its right answer. What has one
//! meaning is read; what has two is refused with the option that decides.

#[path = "../common/mod.rs"]
mod common;

mod coco;
mod names;
mod splits;
mod strangers;
mod tools;
mod voc;
mod yolo;

use common::{png, write};
use formats::{Choices, Format, Import, Options};
use std::path::Path;
use tempfile::TempDir;

/// A folder with these files; names that end as images do are pictures of
/// 64×48, each another one.
fn set(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for ((name, content), seed) in files.iter().zip(1_u8..) {
        let lower = name.to_lowercase();
        if [".jpg", ".png", ".jpeg"].iter().any(|end| lower.ends_with(end)) && content.is_empty() {
            write(folder.path(), name, png(64, 48, seed));
        } else {
            write(folder.path(), name, content);
        }
    }
    folder
}

/// What an import makes of `root/images` and `root/annotations`: a line for
/// each image, with its split and boxes; or why it is refused.
struct Outcome(Result<Import, String>);

fn import(format: Format, root: &Path, images: &str, annotations: &str) -> Outcome {
    import_with(format, root, images, annotations, Choices::default())
}

fn import_with(format: Format, root: &Path, images: &str, annotations: &str, choices: Choices) -> Outcome {
    let options = Options { choices, ..Options::default() };
    let read = formats::read(format, &root.join(images), &root.join(annotations), &options, &mut |_| {});
    let checked = read.and_then(|import| import.check(choices.keep_going).map(|()| import));
    Outcome(checked.map_err(|error| error.to_string()))
}

impl Outcome {
    /// `split name: label x,y,w,h; …`, sorted.
    fn lines(&self) -> Vec<String> {
        let import = self.0.as_ref().unwrap_or_else(|why| panic!("refused: {why}"));
        let mut lines: Vec<String> = import
            .images
            .iter()
            .map(|image| {
                let split = image.split.map_or("none", domain::dataset::Split::as_str);
                let mut boxes: Vec<String> = image
                    .annotations
                    .iter()
                    .map(|a| {
                        let [x, y, w, h] = [a.rect.x(), a.rect.y(), a.rect.w(), a.rect.h()]
                            .map(|value| (value * 100.0).round() / 100.0);
                        format!("{} {x},{y},{w},{h}", a.label)
                    })
                    .collect();
                boxes.sort();
                format!("{split} {}: {}", image.filename(), boxes.join("; "))
            })
            .collect();
        lines.sort();
        lines
    }

    #[track_caller]
    fn is(&self, expected: &[&str]) -> &Self {
        assert_eq!(self.lines(), expected);
        self
    }

    /// Some fault or note has these words.
    #[track_caller]
    fn says(&self, words: &str) -> &Self {
        let import = self.0.as_ref().unwrap_or_else(|why| panic!("refused: {why}"));
        let faults = import.faults.iter().map(ToString::to_string);
        let all: Vec<String> = faults.chain(import.notes.iter().cloned()).collect();
        assert!(all.iter().any(|sentence| sentence.contains(words)), "{words:?} is not in {all:#?}");
        self
    }

    #[track_caller]
    fn has_left_out(&self, images: u64) -> &Self {
        let import = self.0.as_ref().unwrap_or_else(|why| panic!("refused: {why}"));
        assert_eq!(import.left_out.images, images, "{:#?}", import.faults);
        self
    }

    #[track_caller]
    fn is_refused(&self, words: &str) {
        match &self.0 {
            Ok(_) => panic!("not refused, but {:#?}", self.lines()),
            Err(why) => assert!(why.contains(words), "{words:?} is not in {why:?}"),
        }
    }
}

/// The box of all pictures, in pixels, and as YOLO has it.
const BOX: &str = "[8, 6, 24, 18]";
const LINE: &str = "0 0.3125 0.3125 0.375 0.375\n";

/// A COCO file: images as `id name`, each with the one box, of one category.
fn coco(images: &[(&str, &str)]) -> String {
    let listed: Vec<String> = images
        .iter()
        .map(|(id, name)| {
            format!(
                "{{\"id\": {id}, \"file_name\": {}, \"width\": 64, \"height\": 48}}",
                serde_json::json!(name)
            )
        })
        .collect();
    let boxes: Vec<String> = images
        .iter()
        .zip(1..)
        .map(|((id, _), number)| {
            format!("{{\"id\": {number}, \"image_id\": {id}, \"category_id\": 1, \"bbox\": {BOX}}}")
        })
        .collect();
    format!(
        "{{\"images\": [{}], \"annotations\": [{}], \"categories\": [{{\"id\": 1, \"name\": \"cup\"}}]}}",
        listed.join(", "),
        boxes.join(", ")
    )
}

/// An XML file of Pascal VOC with one box, `x0 y0 x1 y1`.
fn voc(filename: &str, [x0, y0, x1, y1]: [&str; 4]) -> String {
    format!(
        "<annotation><filename>{filename}</filename><size><width>64</width><height>48</height></size>\
         <object><name>cup</name><bndbox><xmin>{x0}</xmin><ymin>{y0}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax>\
         </bndbox></object></annotation>"
    )
}

const CORNERS: [&str; 4] = ["8", "6", "32", "24"];
