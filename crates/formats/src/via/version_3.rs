//! VIA 3: a JSON project with files, views of files and metadata of views, or
//! a CSV with a row for each metadata. Of videos and of time nothing is read.

use super::{Picture, Region, attribute_text, regions::of_version_3};
use crate::{
    FaultKind, FormatError, annotation_files,
    csv::{self, Records, fields},
    intake::Intake,
    json,
};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

/// Names and options of attributes, by their ids.
#[derive(Default)]
struct Attributes(BTreeMap<String, (String, BTreeMap<String, String>)>);

impl Attributes {
    fn add(&mut self, id: &str, attribute: &Value) {
        // Version 3.0 has only the name.
        let name = json::text(attribute.get("aname")).or_else(|| attribute.as_str()).unwrap_or(id);
        let options = attribute.get("options").and_then(Value::as_object).into_iter().flatten();
        let options =
            options.filter_map(|(id, text)| Some((id.clone(), text.as_str()?.to_owned()))).collect();
        self.0.insert(id.to_owned(), (name.to_owned(), options));
    }

    /// A value by its attribute's id: the name, and the option's text.
    fn named(&self, id: &str, value: &Value) -> Option<(String, String)> {
        let text = attribute_text(value)?;
        let Some((name, options)) = self.0.get(id) else { return Some((id.to_owned(), text)) };
        let text = options.get(text.trim()).cloned().unwrap_or(text);
        Some((name.clone(), text))
    }
}

pub(super) fn read_json(
    file: &Path,
    intake: &mut Intake<'_>,
    pictures: &mut BTreeMap<String, Picture>,
) -> Result<(), FormatError> {
    let mut attributes = Attributes::default();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut views: BTreeMap<String, String> = BTreeMap::new();
    let pass = |at: &str, intake: &Intake<'_>, take: &mut dyn FnMut(json::ElementKey<'_>, Value)| {
        let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
        json::each(source, &[at], take).map_err(|error| annotation_files::malformed_json(file, &error))
    };
    pass("attribute", intake, &mut |place, attribute| attributes.add(place.key, &attribute))?;
    pass("file", intake, &mut |place, element| {
        let name = json::text(element.get("fname")).or_else(|| json::text(element.get("src")));
        files.insert(place.key.to_owned(), name.unwrap_or_default().to_owned());
    })?;
    let has_views = pass("view", intake, &mut |place, view| {
        let first = json::list(view.get("fid_list")).first().and_then(id_of);
        if let Some(name) = first.and_then(|id| files.get(&id)) {
            views.insert(place.key.to_owned(), name.clone());
            pictures.entry(name.clone()).or_default().place = format!("view {}", place.key);
        }
    })?;
    if !has_views {
        let why = "neither images of VIA 2 nor views of VIA 3";
        return Err(FormatError::malformed(file, "", why));
    }
    let mut unknown = Vec::new();
    pass("metadata", intake, &mut |place, metadata| {
        let place = format!("metadata {}", place.key);
        let shape = json::list(metadata.get("xy"));
        // Without a place it is about the whole image, or about a time.
        if shape.is_empty() {
            return;
        }
        let name = metadata.get("vid").and_then(id_of).and_then(|id| views.get(&id));
        let Some(name) = name else { return unknown.push(place) };
        let values = metadata.get("av").and_then(Value::as_object).into_iter().flatten();
        let attributes = values.filter_map(|(id, value)| attributes.named(id, value)).collect();
        let region = Region { place, numbers: of_version_3(shape), attributes };
        pictures.entry(name.clone()).or_default().regions.push(region);
    })?;
    for place in unknown {
        intake.log.error(FaultKind::UnknownImage, file, place, "its view has no file; left out");
        intake.left_out.boxes += 1;
    }
    Ok(())
}

/// Ids are texts in some versions and numbers in others.
fn id_of(value: &Value) -> Option<String> {
    json::text(Some(value)).map(str::to_owned).or_else(|| value.as_u64().map(|id| id.to_string()))
}

/// Whether a CSV is of version 3, by the comments it begins with.
pub(super) fn is_csv(file: &Path, intake: &Intake<'_>) -> Result<bool, FormatError> {
    let head = csv::head(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    Ok(head.contains("CSV_HEADER = metadata_id"))
}

pub(super) fn read_csv(
    file: &Path,
    intake: &mut Intake<'_>,
    pictures: &mut BTreeMap<String, Picture>,
) -> Result<(), FormatError> {
    let failed = |error| FormatError::io(file, error);
    let source = json::open(&intake.files, file).map_err(failed)?;
    let mut records = Records::new(source, b',');
    let mut attributes = Attributes::default();
    let mut columns: Vec<String> = Vec::new();
    while let Some(record) = records.next().map_err(failed)? {
        let field = |name: &str| {
            let at = columns.iter().position(|column| column == name);
            at.and_then(|at| record.fields.get(at)).map(String::as_str).unwrap_or_default()
        };
        if let Some(comment) = record.fields.first().and_then(|first| first.strip_prefix('#')) {
            match comment.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
                Some(("CSV_HEADER", value)) => columns = fields(value, b','),
                Some(("ATTRIBUTE" | "ATTRIBUTES", value)) => add_attributes(value, &mut attributes),
                _ => {}
            }
            continue;
        }
        let place = format!("line {}", record.line);
        let parsed = |name: &str| json::document(field(name).as_bytes());
        let (Ok(names), Ok(shape)) = (parsed("file_list"), parsed("spatial_coordinates")) else {
            let message = "file_list and spatial_coordinates are no JSON; left out";
            intake.log.error(FaultKind::Unreadable, file, &place, message);
            intake.left_out.boxes += 1;
            continue;
        };
        let Some(name) = json::list(Some(&names)).first().and_then(Value::as_str) else { continue };
        let picture = pictures.entry(name.to_owned()).or_default();
        let shape = json::list(Some(&shape));
        if !shape.is_empty() {
            let values = parsed("metadata").unwrap_or_default();
            let values = values.as_object().into_iter().flatten();
            let attributes = values.filter_map(|(id, value)| attributes.named(id, value)).collect();
            picture.regions.push(Region { place, numbers: of_version_3(shape), attributes });
        }
    }
    Ok(())
}

fn add_attributes(text: &str, attributes: &mut Attributes) {
    // The comment is no field: its quotes are JSON's.
    let Ok(Value::Object(object)) = json::document(text.as_bytes()) else { return };
    for (id, attribute) in &object {
        attributes.add(id, attribute);
    }
}
