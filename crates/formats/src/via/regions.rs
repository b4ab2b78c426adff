//! VIA's shapes as upright boxes.

use crate::{FaultKind, json, outline, tool_images::NoBox};
use serde_json::Value;

/// A shape of version 2: an object with the name of its kind. The box, and
/// whether it stands for another shape.
///
/// # Errors
/// What is wrong with it.
pub(super) fn of_version_2(shape: &Value) -> Result<([f64; 4], bool), NoBox> {
    let numbers = |names| json::numbers(shape, names).ok_or_else(no_numbers);
    let number = |name| json::number(shape.get(name)).ok_or_else(no_numbers);
    match json::text(shape.get("name")).unwrap_or_default() {
        "rect" | "rectangle" => Ok((numbers(["x", "y", "width", "height"])?, false)),
        "circle" => Ok((outline::around_circle([number("cx")?, number("cy")?], number("r")?), true)),
        "ellipse" => {
            let [cx, cy, rx, ry] = numbers(["cx", "cy", "rx", "ry"])?;
            // Version 2 has the turn in radians.
            let degrees = json::number(shape.get("theta")).unwrap_or_default().to_degrees();
            Ok((outline::around_ellipse([cx, cy], [rx, ry], degrees), true))
        }
        "polygon" => {
            let axis = |name| json::list(shape.get(name)).iter().map(|n| json::number(Some(n)));
            let points: Option<Vec<[f64; 2]>> =
                axis("all_points_x").zip(axis("all_points_y")).map(|(x, y)| Some([x?, y?])).collect();
            let around = points.as_deref().and_then(outline::around);
            around.map(|numbers| (numbers, true)).ok_or_else(no_numbers)
        }
        other => Err((FaultKind::OtherShape, format!("a shape of the kind {other:?} around no box"))),
    }
}

/// A shape of version 3: a list of the number of its kind and its numbers.
///
/// # Errors
/// What is wrong with it.
pub(super) fn of_version_3(shape: &[Value]) -> Result<([f64; 4], bool), NoBox> {
    let all: Option<Vec<f64>> = shape.iter().map(|number| json::number(Some(number))).collect();
    let all = all.ok_or_else(no_numbers)?;
    match all.as_slice() {
        // A rectangle, drawn by its corners or by its extreme points.
        [kind, x, y, w, h] if *kind == 2.0 => Ok(([*x, *y, *w, *h], false)),
        [kind, x, y, w, h] if *kind == 8.0 => Ok(([*x, *y, *w, *h], true)),
        [kind, cx, cy, r] if *kind == 3.0 || *kind == 9.0 => {
            Ok((outline::around_circle([*cx, *cy], *r), true))
        }
        [kind, cx, cy, rx, ry] if *kind == 4.0 => {
            Ok((outline::around_ellipse([*cx, *cy], [*rx, *ry], 0.0), true))
        }
        [kind, rest @ ..] if *kind == 7.0 && rest.len() % 2 == 0 => {
            let points: Vec<[f64; 2]> =
                rest.chunks_exact(2).filter_map(|pair| <[f64; 2]>::try_from(pair).ok()).collect();
            outline::around(&points).map(|numbers| (numbers, true)).ok_or_else(no_numbers)
        }
        [kind, ..] if [1.0, 5.0, 6.0].contains(kind) => {
            Err((FaultKind::OtherShape, "a point or a line around no box".to_owned()))
        }
        _ => Err(no_numbers()),
    }
}

fn no_numbers() -> NoBox {
    (FaultKind::NotABox, "the shape does not have its numbers".to_owned())
}
