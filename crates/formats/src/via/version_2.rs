//! VIA 2: a JSON object with an element for each image (a project has it as
//! `_via_img_metadata`), or a CSV with a row for each region, whose shape and
//! attributes are JSON.

use super::{Picture, Region, attribute_text, regions::of_version_2};
use crate::{
    FaultKind, FormatError, annotation_files,
    csv::{self, Records, fields, separator},
    intake::Intake,
    json,
};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

/// Columns of the CSV that are needed.
const COLUMNS: [&str; 3] = ["filename", "region_shape_attributes", "region_attributes"];

/// Whether the file has images of version 2.
pub(super) fn read_json(
    file: &Path,
    intake: &mut Intake<'_>,
    pictures: &mut BTreeMap<String, Picture>,
) -> Result<bool, FormatError> {
    let mut is_ours = false;
    for at in [&["_via_img_metadata"][..], &[]] {
        let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
        let mut take = |place: json::ElementKey<'_>, element: Value| {
            let (Some(name), Some(regions)) = (json::text(element.get("filename")), element.get("regions"))
            else {
                return;
            };
            is_ours = true;
            let picture = pictures.entry(name.to_owned()).or_default();
            picture.place = place.key.to_owned();
            // Version 1 has an object with numbers for names.
            let list: Vec<&Value> = match regions {
                Value::Object(regions) => regions.values().collect(),
                regions => json::list(Some(regions)).iter().collect(),
            };
            for (index, region) in list.into_iter().enumerate() {
                let place = format!("{name}, regions[{index}]");
                let (shape, attributes) = (region.get("shape_attributes"), region.get("region_attributes"));
                picture.regions.push(region_of(place, shape, attributes));
            }
        };
        json::each(source, at, &mut take).map_err(|error| annotation_files::malformed_json(file, &error))?;
        if is_ours {
            break;
        }
    }
    Ok(is_ours)
}

fn region_of(place: String, shape: Option<&Value>, attributes: Option<&Value>) -> Region {
    let numbers =
        shape.map_or_else(|| Err((FaultKind::NotABox, "the region has no shape".to_owned())), of_version_2);
    let attributes = attributes.and_then(Value::as_object).into_iter().flatten();
    let attributes =
        attributes.filter_map(|(name, value)| Some((name.clone(), attribute_text(value)?))).collect();
    Region { place, numbers, attributes }
}

pub(super) fn read_csv(
    file: &Path,
    intake: &mut Intake<'_>,
    pictures: &mut BTreeMap<String, Picture>,
) -> Result<(), FormatError> {
    let failed = |error| FormatError::io(file, error);
    let head = csv::head(&intake.files, file).map_err(failed)?;
    let source = json::open(&intake.files, file).map_err(failed)?;
    let mut records = Records::new(source, separator(&head));
    let Some(first) = records.next().map_err(failed)? else {
        return Err(FormatError::malformed(file, "line 1", "the table is empty"));
    };
    // Version 1 has the names of the columns in a comment.
    let names = match first.fields.as_slice() {
        [comment] => fields(comment.trim_start_matches(['#', ' ']), separator(&head)),
        _ => first.fields,
    };
    let column = |name: &str| names.iter().position(|field| field == name);
    let [Some(name_at), Some(shape_at), Some(attributes_at)] = COLUMNS.map(column) else {
        let why = format!("a CSV of VIA 2 has the columns {}", COLUMNS.join(", "));
        return Err(FormatError::malformed(file, "line 1", why));
    };
    while let Some(record) = records.next().map_err(failed)? {
        let field = |at: usize| record.fields.get(at).map(String::as_str).unwrap_or_default();
        let place = format!("line {}", record.line);
        let parsed = |at: usize| json::document(field(at).as_bytes());
        let picture = pictures.entry(field(name_at).to_owned()).or_default();
        match (parsed(shape_at), parsed(attributes_at)) {
            // An image without regions has a row with an empty shape.
            (Ok(shape), _) if shape.as_object().is_some_and(serde_json::Map::is_empty) => {}
            (Ok(shape), Ok(attributes)) => {
                picture.regions.push(region_of(place, Some(&shape), Some(&attributes)));
            }
            _ => {
                let message = "shape and attributes are no JSON; left out";
                intake.log.error(FaultKind::Unreadable, file, &place, message);
                intake.left_out.boxes += 1;
            }
        }
    }
    Ok(())
}
