//! CreateML: a JSON list of images with boxes as centre and extent in pixels.
//! Source: Apple's documentation, "Building an object detector data source".

use crate::{
    FaultKind, FormatError, annotation_files, folder,
    intake::{Intake, Numbers, RawBox},
    json,
    reader::{Confidence, Folder, Reader, Recognition},
    tool_images::{ImageFiles, NoBox, ToolBoxes, ToolImage, shape_label},
};
use serde_json::Value;
use std::path::Path;

/// Reads CreateML's JSON.
pub(crate) struct CreateMl;

impl Reader for CreateMl {
    fn name(&self) -> &'static str {
        "createml"
    }

    fn help(&self) -> &'static str {
        "CreateML: a JSON list of images; boxes as centre and extent"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        folder.with_extension("json").take(50).find_map(|path| {
            let head = folder.head(path);
            let has = |key: &str| head.contains(&format!("\"{key}\""));
            let is_ours = has("coordinates")
                && (has("annotations") || has("annotation"))
                && (has("image") || has("imagefilename"));
            let saw = || format!("CreateML's coordinates in {}", folder.shown(path));
            is_ours.then(|| Recognition::new(Confidence::Certain, saw()))
        })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        let expected = "JSON file of CreateML";
        let files =
            annotation_files::list(annotations, expected, |file| folder::has_extension(file, "json"))?;
        let images = ImageFiles::list(intake, annotations)?;
        for file in &files {
            let result = read_file(file, annotations, &images, intake);
            annotation_files::tolerate(result, file, &files, intake)?;
        }
        Ok(())
    }
}

fn read_file(
    file: &Path,
    root: &Path,
    images: &ImageFiles,
    intake: &mut Intake<'_>,
) -> Result<(), FormatError> {
    let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    let split = folder::split_in_folders(file, root);
    let mut known = 0_usize;
    let mut total = 0_usize;
    let mut take = |place: json::ElementKey<'_>, element: Value| {
        total += 1;
        let list = element.get("annotations").or_else(|| element.get("annotation"));
        let name =
            ["image", "imagefilename", "filename"].into_iter().find_map(|key| json::text(element.get(key)));
        let place = format!("[{}]", place.index);
        let (Some(name), Some(list)) = (name, list) else {
            let message = "an element without image and annotations; left out";
            intake.log.error(FaultKind::Unreadable, file, &place, message);
            return intake.leave_out(0);
        };
        known += 1;
        let boxes = boxes_of(file, &place, list, intake);
        let names = vec![name.to_owned()];
        intake.expect(1);
        images.add(ToolImage { file, place, names, declared: None, split, boxes }, intake);
    };
    let found =
        json::each(source, &[], &mut take).map_err(|error| annotation_files::malformed_json(file, &error))?;
    if !found || known == 0 && total > 0 {
        let why = "no image with annotations in CreateML's form";
        return Err(FormatError::malformed(file, "", why));
    }
    Ok(())
}

fn boxes_of(file: &Path, place: &str, list: &Value, intake: &mut Intake<'_>) -> ToolBoxes {
    let mut boxes = ToolBoxes::default();
    for (index, annotation) in json::list(Some(list)).iter().enumerate() {
        let place = format!("{place}, annotations[{index}]");
        boxes.take(box_of(annotation, &place), file, &place, intake);
    }
    boxes
}

fn box_of(annotation: &Value, place: &str) -> Result<(Vec<RawBox>, bool), NoBox> {
    let label = shape_label(json::text(annotation.get("label")).unwrap_or_default())?;
    let coordinates = annotation.get("coordinates");
    let numbers = coordinates.and_then(|object| json::numbers(object, ["x", "y", "width", "height"]));
    let [cx, cy, w, h] = numbers.ok_or_else(|| {
        (FaultKind::NotABox, "the coordinates are not the numbers x, y, width and height".to_owned())
    })?;
    let numbers = Numbers::Pixels([cx - w / 2.0, cy - h / 2.0, w, h]);
    Ok((vec![RawBox { place: place.into(), label, numbers, ignore: false }], false))
}
