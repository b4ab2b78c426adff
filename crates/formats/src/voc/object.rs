//! An object of a Pascal VOC file: its label and its box, in the forms that
//! tools write it.

use crate::{
    FaultKind,
    intake::{Location, Numbers, RawBox},
    labels::label_of,
    outline,
    xml::Element,
};

/// An object that was read.
pub(super) struct Object {
    pub(super) raw: RawBox,
    /// What was done to it, for people.
    pub(super) remark: Option<(FaultKind, String)>,
}

/// What is wrong with an object.
type Wrong = (FaultKind, String);

impl Object {
    pub(super) fn read(object: &Element) -> Result<Self, Wrong> {
        let name = object.text_of("name").unwrap_or_default();
        let label = label_of(name).map_err(|why| (FaultKind::InvalidLabel, format!("{why}; left out")))?;
        let (numbers, remark) = box_of(object)?;
        let ignore = object.text_of("difficult").is_some_and(is_set);
        let numbers = Numbers::Pixels(numbers);
        Ok(Self { raw: RawBox { place: Location::line(object.line), label, numbers, ignore }, remark })
    }
}

fn is_set(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || number(text).is_some_and(|number| number == 1.0)
}

/// A finite number.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// `x, y, w, h`, and what had to be done for it.
fn box_of(object: &Element) -> Result<([f64; 4], Option<Wrong>), Wrong> {
    if let Some(corners) = object.child("bndbox") {
        return from_corners(corners);
    }
    let (around, what) = if let Some(turned) = object.child("robndbox") {
        (around_turned(turned), "a turned box")
    } else if let Some(polygon) = object.child("polygon") {
        (around_polygon(polygon), "an outline")
    } else {
        return Err((FaultKind::NotABox, "the object has no bndbox; left out".to_owned()));
    };
    let around =
        around.ok_or_else(|| (FaultKind::NotABox, format!("{what} without all its numbers; left out")))?;
    let message = format!("{what}; only its bounding box is kept");
    Ok((around, Some((FaultKind::OutlineReduced, message))))
}

fn from_corners(corners: &Element) -> Result<([f64; 4], Option<Wrong>), Wrong> {
    let corner = |name: &str| corners.text_of(name).and_then(number);
    let (Some(x0), Some(y0), Some(x1), Some(y1)) =
        (corner("xmin"), corner("ymin"), corner("xmax"), corner("ymax"))
    else {
        let message = "the box does not have the numbers xmin, ymin, xmax and ymax; left out";
        return Err((FaultKind::NotABox, message.to_owned()));
    };
    let numbers = [x0.min(x1), y0.min(y1), (x1 - x0).abs(), (y1 - y0).abs()];
    let reversed = x1 < x0 || y1 < y0;
    let message = format!("the corners {x0}, {y0} and {x1}, {y1} are in reverse order, and were put right");
    Ok((numbers, reversed.then_some((FaultKind::NotABox, message))))
}

/// Around the box of roLabelImg: centre, extent, and an angle in radians.
fn around_turned(turned: &Element) -> Option<[f64; 4]> {
    let value = |name: &str| turned.text_of(name).and_then(number);
    let (cx, cy, w, h) = (value("cx")?, value("cy")?, value("w")?, value("h")?);
    Some(outline::around_turned([cx - w / 2.0, cy - h / 2.0, w, h], value("angle")?.to_degrees(), [cx, cy]))
}

/// Around `x1, y1, x2, y2 …`, or points with `x` and `y` each.
fn around_polygon(polygon: &Element) -> Option<[f64; 4]> {
    let points: Vec<[f64; 2]> = if polygon.child("x1").is_some() {
        let point = |index: usize| {
            let part = |axis: char| polygon.text_of(&format!("{axis}{index}")).and_then(number);
            Some([part('x')?, part('y')?])
        };
        (1..).map_while(point).collect()
    } else {
        let is_point = |child: &&Element| matches!(child.name.as_str(), "pt" | "point");
        let point = |child: &Element| Some([number(child.text_of("x")?)?, number(child.text_of("y")?)?]);
        polygon.children.iter().filter(is_point).map(point).collect::<Option<_>>()?
    };
    if points.len() < 3 { None } else { outline::around(&points) }
}
