//! VoTT 2: its JSON export, or the `-asset.json` file that it keeps for each
//! image. Its CSV export is one of the tables.

use crate::{
    FaultKind, FormatError, annotation_files, folder,
    intake::{Intake, Numbers, RawBox},
    json,
    labels::label_of,
    reader::{Confidence, Folder, Reader, Recognition},
    tool_images::{ImageFiles, NoBox, ToolBoxes, ToolImage, names_of_address, shape_label},
};
use serde_json::Value;
use std::path::Path;

/// Reads VoTT's JSON.
pub(crate) struct Vott;

impl Reader for Vott {
    fn name(&self) -> &'static str {
        "vott"
    }

    fn help(&self) -> &'static str {
        "VoTT 2: its JSON export, or its asset files"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        folder.with_extension("json").take(50).find_map(|path| {
            let head = folder.head(path);
            let has = |key: &str| head.contains(&format!("\"{key}\""));
            let is_ours =
                has("asset") && has("regions") || has("assets") && has("tags") && has("exportFormat");
            let saw = || format!("VoTT's assets in {}", folder.shown(path));
            is_ours.then(|| Recognition::new(Confidence::Certain, saw()))
        })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        let expected = "JSON export of VoTT (\"VoTT JSON\"), and no -asset.json file";
        let mut files =
            annotation_files::list(annotations, expected, |file| folder::has_extension(file, "json"))?;
        // The export repeats what the asset files say.
        let is_asset = |file: &Path| folder::last_part(file).ends_with("-asset.json");
        if files.iter().any(|file| !is_asset(file)) {
            files.retain(|file| !is_asset(file));
        }
        let images = ImageFiles::list(intake, annotations)?;
        for file in &files {
            let result = read_file(file, &images, intake);
            annotation_files::tolerate(result, file, &files, intake)?;
        }
        Ok(())
    }
}

fn read_file(file: &Path, images: &ImageFiles, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let open =
        |intake: &Intake<'_>| json::open(&intake.files, file).map_err(|error| FormatError::io(file, error));
    let broken = |error| annotation_files::malformed_json(file, &error);
    let tags = open(intake)?;
    let mut add_tag = |_: json::ElementKey<'_>, tag: Value| {
        if let Some(label) = json::text(tag.get("name")).and_then(|name| label_of(name).ok()) {
            intake.labels.add(&label);
        }
    };
    json::each(tags, &["tags"], &mut add_tag).map_err(broken)?;
    let assets = open(intake)?;
    let mut take =
        |place: json::ElementKey<'_>, element: Value| read_asset(file, place.key, &element, images, intake);
    if json::each(assets, &["assets"], &mut take).map_err(broken)? {
        return Ok(());
    }
    let document = json::document(open(intake)?).map_err(broken)?;
    if document.get("asset").is_none() {
        let why = "neither assets nor an asset of VoTT: export the project as \"VoTT JSON\"";
        return Err(FormatError::malformed(file, "", why));
    }
    read_asset(file, "asset", &document, images, intake);
    Ok(())
}

fn read_asset(file: &Path, key: &str, element: &Value, images: &ImageFiles, intake: &mut Intake<'_>) {
    let place = format!("asset {key}");
    let asset = element.get("asset");
    let name =
        asset.and_then(|asset| json::text(asset.get("name")).or_else(|| json::text(asset.get("path"))));
    let Some(name) = name else {
        let message = "an asset without a name; left out";
        intake.log.error(FaultKind::Unreadable, file, &place, message);
        return intake.leave_out(0);
    };
    let size = asset.and_then(|asset| asset.get("size"));
    let declared = size.and_then(|size| json::sides(size.get("width"), size.get("height")));
    let mut boxes = ToolBoxes::default();
    for (index, region) in json::list(element.get("regions")).iter().enumerate() {
        let place = format!("{place}, regions[{index}]");
        boxes.take(boxes_of(region, &place), file, &place, intake);
    }
    let names = names_of_address(name);
    intake.expect(1);
    images.add(ToolImage { file, place, names, declared, split: None, boxes }, intake);
}

/// A box for each of the region's tags, and whether it stands for another
/// shape.
fn boxes_of(region: &Value, place: &str) -> Result<(Vec<RawBox>, bool), NoBox> {
    let numbers =
        region.get("boundingBox").and_then(|one| json::numbers(one, ["left", "top", "width", "height"]));
    let numbers = numbers.ok_or_else(|| {
        (FaultKind::NotABox, "its boundingBox is not left, top, width and height".to_owned())
    })?;
    let tags = json::list(region.get("tags"));
    if tags.is_empty() {
        return Err((FaultKind::InvalidLabel, "the region has no tag".to_owned()));
    }
    let raw = |tag: &Value| {
        let label = shape_label(tag.as_str().unwrap_or_default())?;
        Ok(RawBox { place: place.into(), label, numbers: Numbers::Pixels(numbers), ignore: false })
    };
    let is_reduced = region.get("type").is_some_and(|kind| kind != "RECTANGLE");
    tags.iter().map(raw).collect::<Result<Vec<_>, _>>().map(|boxes| (boxes, is_reduced))
}
