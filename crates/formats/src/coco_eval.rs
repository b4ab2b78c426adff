//! COCO's two files, truth and detections, to COCOeval's figures.
//!
//! Reads what pycocotools reads, in its order, quirks included: an annotation
//! id that occurs twice stands for its last annotation, and one whose id is 0
//! is never found. [`measures::metrics::coco`] does the counting.

use crate::{FormatError, text};
use measures::metrics::coco::{self, CategoryAp, DetectedBox, ImageBoxes, Summary, TruthBox};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    io::Read,
};

/// What `fovea coco-eval` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CocoEvaluation {
    /// The twelve figures; −1 where undefined.
    pub summary: Summary,
    /// By the id of the category.
    pub per_category: BTreeMap<i64, CategoryAp>,
}

/// The two files, read: what [`coco::evaluate`] takes.
#[derive(Clone, Debug, PartialEq)]
pub struct CocoPair {
    /// By rising id.
    pub images: Vec<ImageBoxes>,
    /// Ids of the categories, rising: their places are the boxes' indices.
    pub category_ids: Vec<i64>,
}

#[derive(Deserialize)]
struct TruthFile {
    images: Vec<Image>,
    #[serde(default)]
    annotations: Vec<Truth>,
    #[serde(default)]
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    #[serde(deserialize_with = "whole")]
    id: i64,
}

#[derive(Deserialize)]
struct Category {
    #[serde(deserialize_with = "whole")]
    id: i64,
}

#[derive(Deserialize)]
struct Truth {
    #[serde(default, deserialize_with = "maybe_whole")]
    id: Option<i64>,
    #[serde(deserialize_with = "whole")]
    image_id: i64,
    #[serde(deserialize_with = "whole")]
    category_id: i64,
    #[serde(deserialize_with = "numbers")]
    bbox: [f64; 4],
    area: Option<f64>,
    #[serde(default)]
    iscrowd: Flag,
}

#[derive(Deserialize)]
struct Detection {
    #[serde(deserialize_with = "whole")]
    image_id: i64,
    #[serde(deserialize_with = "whole")]
    category_id: i64,
    #[serde(deserialize_with = "numbers")]
    bbox: [f64; 4],
    score: f64,
}

/// An id: `1`, and `1.0` and `"1"`, which programs make of it.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    maybe_whole(deserializer)?.ok_or_else(|| D::Error::custom("an id is null; it must be a whole number"))
}

fn maybe_whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    /// Up to here a floating point number tells whole numbers apart.
    const MOST: f64 = 9_007_199_254_740_992.0;
    let value = Value::deserialize(deserializer)?;
    let float = || value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= MOST);
    let number = match &value {
        Value::Null => return Ok(None),
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64().or_else(|| float().map(|number| number as i64)),
    };
    number.map(Some).ok_or_else(|| D::Error::custom(format!("the id {value} is not a whole number")))
}

/// A box of four numbers, or texts of numbers.
fn numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[f64; 4], D::Error> {
    let value = Value::deserialize(deserializer)?;
    let number = |place: usize| match value.get(place)? {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    match ([0, 1, 2, 3].map(number), value.as_array().map(Vec::len)) {
        ([Some(x), Some(y), Some(w), Some(h)], Some(4)) => Ok([x, y, w, h]),
        _ => Err(D::Error::custom(format!("the bbox {value} is not four numbers"))),
    }
}

/// 0 and 1 or false and true: both are written.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(from = "Value")]
struct Flag(bool);

impl From<Value> for Flag {
    fn from(value: Value) -> Self {
        Self(value.as_bool().unwrap_or_else(|| value.as_f64().is_some_and(|number| number != 0.0)))
    }
}

/// Evaluates a file of detections against a file of truth, both JSON in
/// COCO's form (bounding boxes).
///
/// # Errors
/// When a file cannot be read or is not of this form, and when a detection is
/// of an image that the truth does not list.
pub fn coco_eval(truth: impl Read, detections: impl Read) -> Result<CocoEvaluation, FormatError> {
    let pair = read_pair(truth, detections)?;
    let evaluation = coco::evaluate(pair.category_ids.len(), &pair.images);
    let per_category = pair.category_ids.into_iter().zip(evaluation.per_category).collect();
    Ok(CocoEvaluation { summary: evaluation.summary, per_category })
}

/// Reads both files without evaluating them.
///
/// # Errors
/// As [`coco_eval`].
pub fn read_pair(truth: impl Read, detections: impl Read) -> Result<CocoPair, FormatError> {
    let truth: TruthFile = parse(truth, "the ground truth")?;
    let detections: Vec<Detection> = parse(detections, "the detections")?;
    let mut image_ids: Vec<i64> = truth.images.iter().map(|image| image.id).collect();
    image_ids.sort_unstable();
    image_ids.dedup();
    let mut category_ids: Vec<i64> = truth.categories.iter().map(|category| category.id).collect();
    category_ids.sort_unstable();
    category_ids.dedup();
    let images_by_id: HashMap<i64, usize> = image_ids.iter().copied().zip(0..).collect();
    let categories_by_id: HashMap<i64, usize> = category_ids.iter().copied().zip(0..).collect();
    let mut images = vec![ImageBoxes::default(); image_ids.len()];
    for (image, truth) in ordered(&truth.annotations, &images_by_id, &categories_by_id) {
        if let Some(image) = images.get_mut(image) {
            image.truths.push(truth);
        }
    }
    for (place, detection) in detections.iter().enumerate() {
        let Some(image) = images_by_id.get(&detection.image_id).and_then(|image| images.get_mut(*image))
        else {
            return Err(FormatError::Malformed {
                file: "the detections".into(),
                place: format!("[{place}]"),
                why: format!("image_id {} is not among the images of the ground truth", detection.image_id),
            });
        };
        if let Some(category) = categories_by_id.get(&detection.category_id) {
            let Detection { bbox, score, .. } = *detection;
            image.detections.push(DetectedBox { category: *category, bbox, score });
        }
    }
    Ok(CocoPair { images, category_ids })
}

/// True boxes with the index of their image, in the order in which
/// pycocotools' `getAnnIds` and `loadAnns` give them.
fn ordered(
    annotations: &[Truth],
    images: &HashMap<i64, usize>,
    categories: &HashMap<i64, usize>,
) -> Vec<(usize, TruthBox)> {
    let last_of_id: HashMap<i64, usize> =
        annotations.iter().enumerate().filter_map(|(place, truth)| Some((truth.id?, place))).collect();
    let mut listed: Vec<(usize, &Truth)> = annotations
        .iter()
        .filter(|truth| categories.contains_key(&truth.category_id))
        .filter_map(|truth| Some((*images.get(&truth.image_id)?, truth)))
        .collect();
    listed.sort_by_key(|(image, _)| *image);
    let meant = |truth: &'_ Truth| truth.id.and_then(|id| annotations.get(*last_of_id.get(&id)?));
    listed
        .into_iter()
        .filter_map(|(_, truth)| {
            let truth = meant(truth).unwrap_or(truth);
            let [_, _, w, h] = truth.bbox;
            let found = TruthBox {
                category: *categories.get(&truth.category_id)?,
                bbox: truth.bbox,
                area: truth.area.unwrap_or(w * h),
                crowd: truth.iscrowd.0,
                hollow: truth.id == Some(0),
            };
            Some((*images.get(&truth.image_id)?, found))
        })
        .collect()
}

fn parse<T: serde::de::DeserializeOwned>(mut source: impl Read, what: &str) -> Result<T, FormatError> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(|error| FormatError::io(what, error))?;
    let text = text::decode(bytes, None, None).map_err(|why| FormatError::malformed(what, "text", why))?;
    serde_json::from_str(&text).map_err(|error| FormatError::Malformed {
        file: what.into(),
        place: format!("line {}, column {}", error.line(), error.column()),
        why: error.to_string(),
    })
}
