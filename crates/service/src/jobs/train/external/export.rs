//! The folder of a job: images by another name, their boxes as COCO and as
//! YOLO, the base's files and `job.json`. `docs/trainers.md` is its contract.

use super::links::link;
use crate::Result;
use domain::{
    dataset::Split,
    name::Label,
    recipe::Recipe,
    training::{JOB_FILE, OUTPUT_FOLDER, PROTOCOL, ParamValues, RECIPE_FILE, TrainImage},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    io::{BufWriter, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// Bytes by which the type of an image is told.
const HEAD: u64 = 64;

/// Everything that a trainer is given.
pub(super) struct JobContents {
    pub(super) experiment: String,
    /// In the order of the network's outputs.
    pub(super) labels: Vec<Label>,
    /// Of the splits `train` and `val`; whatever else is there is left out.
    pub(super) images: Vec<TrainImage>,
    /// Places of the images that a pass shows `repeats` times.
    pub(super) old: BTreeSet<usize>,
    pub(super) repeats: usize,
    pub(super) base: Option<BaseFiles>,
    pub(super) values: ParamValues,
    pub(super) checkpoints: PathBuf,
}

/// What a training starts from.
pub(super) struct BaseFiles {
    /// `model/number`.
    pub(super) name: String,
    /// Whose; `None` for the built-in trainer.
    pub(super) trainer: Option<String>,
    /// Names and where they lie now.
    pub(super) files: Vec<(String, PathBuf)>,
    /// How the model is asked.
    pub(super) recipe: Option<Recipe>,
}

/// An image in the folder.
struct Placed<'a> {
    image: &'a TrainImage,
    /// Below `images/`: `train/000001.jpg`.
    file: String,
    shown: usize,
}

/// Writes all of it. Blocks.
///
/// # Errors
/// When the disk does not want.
pub(super) fn write(folder: &Path, contents: &JobContents) -> Result<()> {
    fs::create_dir_all(folder.join(OUTPUT_FOLDER))?;
    let mut counts = [0, 0];
    for (count, split) in counts.iter_mut().zip([Split::Train, Split::Val]) {
        let placed = place(folder, contents, split)?;
        *count = placed.len();
        write_coco(folder, contents, split, &placed)?;
        write_yolo(folder, contents, split, &placed)?;
    }
    write_data_yaml(folder, contents, counts[1] > 0)?;
    if let Some(base) = &contents.base {
        write_base(folder, base)?;
    }
    let job = job(folder, contents, counts);
    fs::write(folder.join(JOB_FILE), serde_json::to_vec_pretty(&job).unwrap_or_default())?;
    Ok(())
}

fn place<'a>(folder: &Path, contents: &'a JobContents, split: Split) -> Result<Vec<Placed<'a>>> {
    fs::create_dir_all(folder.join("images").join(split.as_str()))?;
    let mut placed = Vec::new();
    let of_split = contents.images.iter().enumerate().filter(|(_, image)| image.split == split);
    for (place, image) in of_split {
        let mut head = Vec::new();
        fs::File::open(&image.path)?.take(HEAD).read_to_end(&mut head)?;
        let extension = imaging::sniff(&head).map_or("jpg", imaging::MediaType::extension);
        let file = format!("{split}/{:06}.{extension}", placed.len() + 1);
        link(&image.path, &folder.join("images").join(&file))?;
        let shown = if contents.old.contains(&place) { contents.repeats } else { 1 };
        placed.push(Placed { image, file, shown });
    }
    Ok(placed)
}

/// `coco/<split>.json`; classes are numbered from 1, in the order of the
/// labels.
fn write_coco(folder: &Path, contents: &JobContents, split: Split, placed: &[Placed<'_>]) -> Result<()> {
    fs::create_dir_all(folder.join("coco"))?;
    let (mut images, mut boxes) = (Vec::new(), Vec::new());
    for (number, Placed { image, file, shown }) in placed.iter().enumerate() {
        let (width, height, id) = (image.size.width, image.size.height, number + 1);
        images
            .push(json!({ "id": id, "file_name": file, "width": width, "height": height, "repeat": shown }));
        for annotation in &image.annotations {
            let Some(class) = class_of(contents, &annotation.label) else { continue };
            let rect = &annotation.rect;
            boxes.push(json!({
                "id": boxes.len() + 1, "image_id": id, "category_id": class + 1,
                "bbox": [rect.x(), rect.y(), rect.w(), rect.h()], "area": rect.w() * rect.h(),
                "iscrowd": u8::from(annotation.ignore),
            }));
        }
    }
    let category = |(place, label): (usize, &Label)| json!({ "id": place + 1, "name": label });
    let categories: Vec<Value> = contents.labels.iter().enumerate().map(category).collect();
    let all = json!({ "images": images, "annotations": boxes, "categories": categories });
    let mut out = BufWriter::new(fs::File::create(folder.join("coco").join(format!("{split}.json")))?);
    serde_json::to_writer(&mut out, &all).map_err(std::io::Error::from)?;
    Ok(out.flush()?)
}

/// `labels/<split>/…txt` beside `images/<split>/…`, and the list of images
/// `<split>.txt`, in which an image stands as often as a pass shows it. A
/// region to be ignored has no line: YOLO has no word for it.
fn write_yolo(folder: &Path, contents: &JobContents, split: Split, placed: &[Placed<'_>]) -> Result<()> {
    fs::create_dir_all(folder.join("labels").join(split.as_str()))?;
    let mut list = String::new();
    for Placed { image, file, shown } in placed {
        let (width, height) = (f64::from(image.size.width), f64::from(image.size.height));
        let mut lines = String::new();
        for annotation in image.annotations.iter().filter(|annotation| !annotation.ignore) {
            let Some(class) = class_of(contents, &annotation.label) else { continue };
            let rect = &annotation.rect;
            let (x, y) = ((rect.x() + rect.w() / 2.0) / width, (rect.y() + rect.h() / 2.0) / height);
            // Writing into a text does not fail.
            let _ = writeln!(lines, "{class} {x:.7} {y:.7} {:.7} {:.7}", rect.w() / width, rect.h() / height);
        }
        fs::write(folder.join("labels").join(file).with_extension("txt"), lines)?;
        for _ in 0..*shown {
            let _ = writeln!(list, "{}", folder.join("images").join(file).display());
        }
    }
    Ok(fs::write(folder.join(format!("{split}.txt")), list)?)
}

/// What YOLO's programs read first. Without a validation split they are given
/// the training images for it, since they want one.
fn write_data_yaml(folder: &Path, contents: &JobContents, has_val: bool) -> Result<()> {
    // A JSON text is a YAML text, too, whatever is in it.
    let text = |value: &str| Value::from(value).to_string();
    let val = if has_val { "val.txt" } else { "train.txt" };
    let path = text(&folder.display().to_string());
    let mut yaml = format!("path: {path}\ntrain: train.txt\nval: {val}\nnames:\n");
    for (place, label) in contents.labels.iter().enumerate() {
        let _ = writeln!(yaml, "  {place}: {}", text(label.as_str()));
    }
    Ok(fs::write(folder.join("data.yaml"), yaml)?)
}

fn write_base(folder: &Path, base: &BaseFiles) -> Result<()> {
    let target = folder.join("base");
    fs::create_dir_all(&target)?;
    for (name, path) in &base.files {
        link(path, &target.join(name))?;
    }
    if let Some(recipe) = &base.recipe {
        fs::write(target.join(RECIPE_FILE), serde_json::to_vec_pretty(recipe).unwrap_or_default())?;
    }
    Ok(())
}

fn job(folder: &Path, contents: &JobContents, [train, val]: [usize; 2]) -> Value {
    let path = |name: &str| folder.join(name).display().to_string();
    let common = |name: &str| contents.values.get(name).map_or(Value::from(0), |value| json!(value));
    let own = contents.values.iter().filter(|(name, _)| !matches!(name.as_str(), "seed" | "time_limit_s"));
    let base = contents.base.as_ref().map(|base| {
        let files: Vec<&str> = base.files.iter().map(|(name, _)| name.as_str()).collect();
        json!({ "name": base.name, "trainer": base.trainer, "folder": path("base"), "files": files })
    });
    json!({
        "protocol": PROTOCOL,
        "experiment": contents.experiment,
        "seed": common("seed"),
        "time_limit_s": common("time_limit_s"),
        "parameters": own.collect::<std::collections::BTreeMap<_, _>>(),
        "labels": contents.labels,
        "images": { "folder": path("images"), "train": train, "val": val },
        "coco": { "train": path("coco/train.json"), "val": path("coco/val.json") },
        "yolo": path("data.yaml"),
        "base": base,
        "output": path(OUTPUT_FOLDER),
        "checkpoints": contents.checkpoints,
    })
}

fn class_of(contents: &JobContents, label: &Label) -> Option<usize> {
    contents.labels.iter().position(|known| known == label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        dataset::Annotation,
        geometry::{Rect, Size},
        training::ParamValue,
    };

    fn label(text: &str) -> Label {
        Label::new(text).expect("a label")
    }

    fn image(folder: &Path, name: &str, split: Split, ignore: bool) -> TrainImage {
        let path = folder.join(name);
        fs::write(&path, [&b"\x89PNG\r\n\x1a\n"[..], name.as_bytes()].concat()).expect("written");
        let rect = Rect::new(10.0, 20.0, 40.0, 50.0).expect("a box");
        let annotations = vec![Annotation { label: label("b: \"x\""), rect, ignore }];
        TrainImage { path, size: Size::new(100, 200).expect("a size"), split, annotations }
    }

    fn contents(folder: &Path) -> JobContents {
        let images = vec![
            image(folder, "one", Split::Train, false),
            image(folder, "held out", Split::Test, false),
            image(folder, "two", Split::Train, true),
            image(folder, "three", Split::Val, false),
        ];
        JobContents {
            experiment: "cells-1".to_owned(),
            labels: vec![label("a"), label("b: \"x\"")],
            images,
            old: BTreeSet::from([2]),
            repeats: 3,
            base: None,
            values: ParamValues::from([
                ("epochs".to_owned(), ParamValue::Whole(2)),
                ("seed".to_owned(), ParamValue::Whole(7)),
            ]),
            checkpoints: folder.join("kept"),
        }
    }

    #[test]
    fn a_job_has_its_images_and_boxes_in_both_forms_and_nothing_that_is_held_out() {
        let (stored, made) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let job = made.path();
        write(job, &contents(stored.path())).expect("written");
        let read = |name: &str| fs::read_to_string(job.join(name)).expect("there");
        let json = |name: &str| serde_json::from_str::<Value>(&read(name)).expect("JSON");
        assert_eq!(read("labels/train/000001.txt"), "1 0.3000000 0.2250000 0.4000000 0.2500000\n");
        assert_eq!(read("labels/train/000002.txt"), "", "a region to be ignored");
        let train = read("train.txt");
        let shown: Vec<&str> = train.lines().map(|line| line.rsplit_once('/').expect("a path").1).collect();
        assert_eq!(shown, ["000001.png", "000002.png", "000002.png", "000002.png"]);
        let yaml = read("data.yaml");
        assert!(
            yaml.ends_with("train: train.txt\nval: val.txt\nnames:\n  0: \"a\"\n  1: \"b: \\\"x\\\"\"\n"),
            "{yaml}"
        );
        let coco = json("coco/train.json");
        assert_eq!(coco["images"][1]["file_name"], "train/000002.png");
        assert_eq!(coco["images"][1]["repeat"], 3);
        assert_eq!(coco["annotations"][0]["bbox"], json!([10.0, 20.0, 40.0, 50.0]));
        assert_eq!(
            (&coco["annotations"][0]["category_id"], &coco["annotations"][1]["iscrowd"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(json("coco/val.json")["images"].as_array().map(Vec::len), Some(1));
        let told = json(JOB_FILE);
        assert_eq!((&told["seed"], &told["parameters"]), (&json!(7), &json!({ "epochs": 2 })));
        assert_eq!((&told["images"]["train"], &told["images"]["val"]), (&json!(2), &json!(1)));
        let held_out = fs::read(stored.path().join("held out")).expect("there");
        for entry in fs::read_dir(job.join("images/train"))
            .expect("there")
            .chain(fs::read_dir(job.join("images/val")).expect("there"))
        {
            assert_ne!(fs::read(entry.expect("an entry").path()).expect("read"), held_out);
        }
    }
}
