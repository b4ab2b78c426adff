//! Label Studio's regions as upright boxes. Coordinates are percent of the
//! image; a rectangle is turned clockwise about its upper left corner.

use crate::{FaultKind, json, outline, tool_images::NoBox};
use serde_json::Value;

/// What a region comes to.
#[derive(Debug, PartialEq)]
pub(super) enum Region {
    /// A box in pixels, its labels, and whether it stands for another shape.
    Box { numbers: [f64; 4], labels: Vec<String>, reduced: bool },
    /// A word about the whole image, or a line between regions.
    NoRegion,
}

/// Keys under which Label Studio keeps the labels of a region, by its control.
const LABEL_KEYS: [&str; 6] =
    ["rectanglelabels", "polygonlabels", "ellipselabels", "brushlabels", "labels", "choices"];

/// The labels of a value: of whichever control it was made with.
pub(super) fn labels_of(value: &Value) -> Vec<String> {
    let lists = LABEL_KEYS.iter().map(|key| json::list(value.get(key)));
    let first = lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default();
    first.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A region out of its `value`, which has percent of an image of `width` by
/// `height` pixels.
///
/// # Errors
/// What is wrong with it.
pub(super) fn region(value: &Value, width: f64, height: f64) -> Result<Region, NoBox> {
    let labels = labels_of(value);
    let no_numbers = || (FaultKind::NotABox, "the region does not have its numbers".to_owned());
    let scaled = |[x, y]: [f64; 2]| [x * width / 100.0, y * height / 100.0];
    let degrees = json::number(value.get("rotation")).unwrap_or_default();
    let (numbers, reduced) = if value.get("points").is_some() {
        let points = json::points(value.get("points")).ok_or_else(no_numbers)?;
        let points: Vec<[f64; 2]> = points.into_iter().map(scaled).collect();
        (outline::around(&points).ok_or_else(no_numbers)?, true)
    } else if value.get("radiusX").is_some() {
        let [x, y, rx, ry] = json::numbers(value, ["x", "y", "radiusX", "radiusY"]).ok_or_else(no_numbers)?;
        (outline::around_ellipse(scaled([x, y]), scaled([rx, ry]), degrees), true)
    } else if value.get("width").is_some() && value.get("height").is_some() {
        let [x, y, w, h] = json::numbers(value, ["x", "y", "width", "height"]).ok_or_else(no_numbers)?;
        let ([x, y], [w, h]) = (scaled([x, y]), scaled([w, h]));
        match degrees % 360.0 == 0.0 {
            true => ([x, y, w, h], false),
            false => (outline::around_turned([x, y, w, h], degrees, [x, y]), true),
        }
    } else if value.get("rle").is_some() || value.get("format").is_some_and(|format| format == "rle") {
        let message = "a brush mask around no box: export the project as COCO with masks instead";
        return Err((FaultKind::NotABox, message.to_owned()));
    } else if value.get("keypointlabels").is_some() || value.get("x").is_some() {
        return Err((FaultKind::OtherShape, "a point around no box".to_owned()));
    } else {
        return Ok(Region::NoRegion);
    };
    Ok(Region::Box { numbers, labels, reduced })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn percent_become_pixels_before_anything_is_turned() {
        let value =
            json!({"x": 50, "y": 10, "width": 10, "height": 20, "rotation": 90, "rectanglelabels": ["a"]});
        let Ok(Region::Box { numbers: [x, y, w, h], reduced, .. }) = region(&value, 200.0, 100.0) else {
            panic!("a box");
        };
        // 100, 10 and 20 by 20 before: a quarter turn puts it to the left.
        assert!((x - 80.0).abs() < 1e-9 && (y - 10.0).abs() < 1e-9, "{x} {y}");
        assert!((w - 20.0).abs() < 1e-9 && (h - 20.0).abs() < 1e-9 && reduced);
    }

    #[test]
    fn points_and_brushes_are_no_boxes() {
        let point = json!({"x": 1, "y": 2, "keypointlabels": ["a"]});
        assert!(matches!(region(&point, 10.0, 10.0), Err((FaultKind::OtherShape, _))));
        let brush = json!({"format": "rle", "rle": null});
        assert!(matches!(region(&brush, 10.0, 10.0), Err((FaultKind::NotABox, _))));
        assert_eq!(region(&json!({"choices": ["good"]}), 10.0, 10.0), Ok(Region::NoRegion));
    }
}
