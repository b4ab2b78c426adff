//! The VGG Image Annotator (VIA), versions 2 and 3, as JSON and as CSV.
//! Source: the forms in VIA's own help page.

mod regions;
mod version_2;
mod version_3;

use crate::{
    FormatError, annotation_files, folder,
    intake::{Intake, Numbers, RawBox},
    json,
    reader::{Confidence, Folder, Reader, Recognition},
    tool_images::{ImageFiles, NoBox, ToolBoxes, ToolImage, names_of_address, shape_label},
};
use std::{collections::BTreeMap, path::Path};

/// Reads VIA's JSON and CSV.
pub(crate) struct Via;

impl Reader for Via {
    fn name(&self) -> &'static str {
        "via"
    }

    fn help(&self) -> &'static str {
        "VGG Image Annotator 2 and 3: its JSON project or export, or its CSV"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        let files = folder.with_extension("json").chain(folder.with_extension("csv"));
        files.take(50).find_map(|path| {
            let head = folder.head(path);
            let has = |key: &str| head.contains(&format!("\"{key}\""));
            let version_2 = has("shape_attributes") && has("region_attributes")
                || has("_via_settings")
                || head.contains("region_shape_attributes");
            let version_3 = has("vid_list") && has("attribute") || head.contains("CSV_HEADER = metadata_id");
            let version = if version_2 { "2" } else { "3" };
            let saw = || format!("regions of VIA {version} in {}", folder.shown(path));
            (version_2 || version_3).then(|| Recognition::new(Confidence::Certain, saw()))
        })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        let is_ours = |file: &Path| folder::has_extension(file, "json") || folder::has_extension(file, "csv");
        let files = annotation_files::list(annotations, "JSON or CSV file of VIA", is_ours)?;
        let images = ImageFiles::list(intake, annotations)?;
        for file in &files {
            let result = read_file(file, &images, intake);
            annotation_files::tolerate(result, file, &files, intake)?;
        }
        // An attribute is free text: there is no order of labels.
        intake.labels.sort();
        Ok(())
    }
}

/// A region with its attributes, of either version.
struct Region {
    place: String,
    /// The box and whether it stands for another shape, or what is wrong.
    numbers: Result<([f64; 4], bool), NoBox>,
    /// What it says of itself: name and value.
    attributes: BTreeMap<String, String>,
}

/// The regions of an image.
#[derive(Default)]
struct Picture {
    place: String,
    regions: Vec<Region>,
}

fn read_file(file: &Path, images: &ImageFiles, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let mut pictures: BTreeMap<String, Picture> = BTreeMap::new();
    if folder::has_extension(file, "csv") {
        let is_version_3 = version_3::is_csv(file, intake)?;
        let read = if is_version_3 { version_3::read_csv } else { version_2::read_csv };
        read(file, intake, &mut pictures)?;
    } else if !version_2::read_json(file, intake, &mut pictures)? {
        version_3::read_json(file, intake, &mut pictures)?;
    }
    let label = label_attribute(file, &pictures)?;
    for (name, picture) in pictures {
        add(file, &name, picture, label.as_deref(), images, intake);
    }
    Ok(())
}

/// The attribute that names the object: the only one, or the one that is
/// called so. `None` when no region has any.
fn label_attribute(file: &Path, pictures: &BTreeMap<String, Picture>) -> Result<Option<String>, FormatError> {
    const USUAL: [&str; 9] =
        ["label", "class", "name", "type", "category", "object", "labels", "classes", "class_name"];
    let regions = pictures.values().flat_map(|picture| &picture.regions);
    let names: std::collections::BTreeSet<&String> =
        regions.flat_map(|region| region.attributes.keys()).collect();
    let usual = USUAL.iter().find_map(|usual| names.iter().find(|name| name.eq_ignore_ascii_case(usual)));
    match (usual, names.len()) {
        (Some(name), _) => Ok(Some((**name).clone())),
        (None, 0) => Ok(None),
        (None, 1) => Ok(names.first().map(|name| (**name).clone())),
        (None, _) => {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            let why = format!(
                "which attribute names the object is not said ({}): call it label and export again",
                names.join(", ")
            );
            Err(FormatError::malformed(file, "", why))
        }
    }
}

fn add(
    file: &Path,
    name: &str,
    picture: Picture,
    attribute: Option<&str>,
    images: &ImageFiles,
    intake: &mut Intake<'_>,
) {
    let Picture { place, regions } = picture;
    let mut boxes = ToolBoxes::default();
    for Region { place, numbers, attributes } in regions {
        let name = attribute.and_then(|name| attributes.get(name)).map_or("", String::as_str);
        let shape = numbers.and_then(|(numbers, is_reduced)| {
            let (label, numbers) = (shape_label(name)?, Numbers::Pixels(numbers));
            Ok((vec![RawBox { place: place.as_str().into(), label, numbers, ignore: false }], is_reduced))
        });
        boxes.take(shape, file, &place, intake);
    }
    let names = names_of_address(name);
    intake.expect(1);
    images.add(ToolImage { file, place, names, declared: None, split: None, boxes }, intake);
}

/// The value of an attribute as one text: VIA's checkboxes are objects whose
/// members are true.
fn attribute_text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Object(choices) => {
            let mut chosen = choices.iter().filter(|(_, on)| **on == true).map(|(name, _)| name);
            match (chosen.next(), chosen.next()) {
                (Some(one), None) => Some(one.clone()),
                _ => None,
            }
        }
        value => json::text(Some(value)).map(str::to_owned).or_else(|| Some(value.as_f64()?.to_string())),
    }
}
