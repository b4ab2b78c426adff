//! LabelMe: a JSON file for each image, with its shapes. Source: LabelMe's own
//! `label_file.py` and its documentation.

use crate::{
    FaultKind, FormatError, annotation_files, folder,
    intake::{Intake, Numbers, RawBox},
    json, outline,
    reader::{Confidence, Folder, Reader, Recognition},
    tool_images::{ImageFiles, NoBox, ToolBoxes, ToolImage, shape_label},
};
use serde_json::Value;
use std::path::Path;

/// Reads LabelMe's JSON files.
pub(crate) struct LabelMe;

impl Reader for LabelMe {
    fn name(&self) -> &'static str {
        "labelme"
    }

    fn help(&self) -> &'static str {
        "LabelMe: a JSON file for each image"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        folder.with_extension("json").take(50).find_map(|path| {
            let head = folder.head(path);
            let has = |key: &str| head.contains(&format!("\"{key}\""));
            let is_ours = has("shapes") && (has("imagePath") || has("shape_type"));
            let saw = || format!("LabelMe's shapes in {}", folder.shown(path));
            is_ours.then(|| Recognition::new(Confidence::Certain, saw()))
        })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        let expected = "JSON file of LabelMe";
        let files =
            annotation_files::list(annotations, expected, |file| folder::has_extension(file, "json"))?;
        let images = ImageFiles::list(intake, annotations)?.with_own_files();
        intake.expect(files.len());
        let (mut known, mut enclosed) = (0, 0);
        for file in &files {
            match read_file(file, &images, intake) {
                Ok(Outcome::Read) => known += 1,
                Ok(Outcome::Enclosed) => {
                    known += 1;
                    enclosed += 1;
                }
                Ok(Outcome::NotOurs) => {
                    let message = "no file of LabelMe: it has no shapes; left out";
                    intake.log.error(FaultKind::Unreadable, file, "", message);
                }
                Err(error) => {
                    annotation_files::tolerate(Err(error), file, &files, intake)?;
                    intake.leave_out(0);
                }
            }
        }
        if known == 0 {
            let why = "no JSON file here has LabelMe's shapes".to_owned();
            return Err(FormatError::NothingFound { folder: annotations.to_owned(), why });
        }
        if enclosed > 0 {
            intake.problem(format!(
                "{enclosed} pictures are inside their JSON files (imageData) and not beside them: this writes them out, \
                 then import again\n  {WRITE_OUT} '{}'\n",
                annotations.display()
            ));
        }
        // The files have no order of labels.
        intake.labels.sort();
        Ok(())
    }
}

/// Writes the pictures beside the files that have them inside.
const WRITE_OUT: &str = "python3 -c 'import base64, json, pathlib, sys; \
    [f.with_name(d[\"imagePath\"].replace(chr(92), \"/\").split(\"/\")[-1]).write_bytes(base64.b64decode(d[\"imageData\"])) \
    for f in pathlib.Path(sys.argv[1]).rglob(\"*.json\") for d in [json.load(open(f))] if d.get(\"imageData\")]'";

/// What came of a file.
enum Outcome {
    Read,
    /// Its picture is inside it, and no file.
    Enclosed,
    /// It is no file of LabelMe.
    NotOurs,
}

fn read_file(file: &Path, images: &ImageFiles, intake: &mut Intake<'_>) -> Result<Outcome, FormatError> {
    let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    let document = json::document(source).map_err(|error| annotation_files::malformed_json(file, &error))?;
    let Some(shapes) = document.get("shapes").and_then(Value::as_array) else {
        return Ok(Outcome::NotOurs);
    };
    let mut boxes = ToolBoxes::default();
    for (index, shape) in shapes.iter().enumerate() {
        let place = format!("shapes[{index}]");
        boxes.take(box_of(shape, &place), file, &place, intake);
    }
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let named = json::text(document.get("imagePath")).map(str::to_owned);
    let by_stem = folder::IMAGE_EXTENSIONS.map(|extension| format!("{stem}.{extension}"));
    let names: Vec<String> = named.into_iter().chain(by_stem).collect();
    if document.get("imageData").is_some_and(Value::is_string) && !images.has(file, &names) {
        let shown = names.first().map_or("", String::as_str);
        let message = format!(
            "the image {shown:?} is inside this file (imageData), and no file; left out with its boxes"
        );
        intake.log.error(FaultKind::MissingImage, file, "", message);
        intake.leave_out(boxes.boxes.len());
        return Ok(Outcome::Enclosed);
    }
    let declared = json::sides(document.get("imageWidth"), document.get("imageHeight"));
    let split = folder::split_in_folders(file, intake.folder);
    images.add(ToolImage { file, place: String::new(), names, declared, split, boxes }, intake);
    Ok(Outcome::Read)
}

/// The box of a shape, and whether it stands for another shape.
fn box_of(shape: &Value, place: &str) -> Result<(Vec<RawBox>, bool), NoBox> {
    let label = shape_label(json::text(shape.get("label")).unwrap_or_default())?;
    let no_numbers = || (FaultKind::NotABox, "its points are not pairs of numbers".to_owned());
    let points = json::points(shape.get("points")).ok_or_else(no_numbers)?;
    // Before version 4 every shape was a polygon and had no type.
    let kind = json::text(shape.get("shape_type")).unwrap_or("polygon");
    let (numbers, reduced) = match (kind, points.as_slice()) {
        ("rectangle", [_, _]) => (outline::around(&points), false),
        ("rectangle" | "polygon" | "mask" | "oriented_rectangle", _) => (outline::around(&points), true),
        ("circle", [[x, y], [rim_x, rim_y]]) => {
            (Some(outline::around_circle([*x, *y], (rim_x - x).hypot(rim_y - y))), true)
        }
        ("circle", _) => return Err(no_numbers()),
        (other, _) => {
            return Err((FaultKind::OtherShape, format!("a shape of the type {other:?} around no box")));
        }
    };
    let numbers = Numbers::Pixels(numbers.ok_or_else(no_numbers)?);
    let is_set =
        |flag: &&str| shape.get("flags").and_then(|flags| flags.get(*flag)) == Some(&Value::Bool(true));
    let ignore = ["ignore", "difficult"].iter().any(is_set);
    Ok((vec![RawBox { place: place.into(), label, numbers, ignore }], reduced))
}
