//! CVAT's shapes as upright boxes. A rectangle or an ellipse may be turned
//! about its centre, clockwise, in degrees.

use super::xml::Tag;
use crate::outline;

/// Where a shape is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// `x, y, w, h` before it is turned.
    Rectangle { numbers: [f64; 4], degrees: f64 },
    /// The box around a polygon, an ellipse, a mask or a cuboid.
    Enclosed([f64; 4]),
}

/// Why an element is no box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoShape {
    /// Elements that never are: the word for them.
    Other(&'static str),
    /// One whose numbers are missing or none.
    BadNumbers,
}

/// Elements that are shapes.
pub(super) fn is_shape(name: &str) -> bool {
    matches!(
        name,
        "box" | "polygon" | "polyline" | "points" | "ellipse" | "mask" | "cuboid" | "skeleton" | "tag"
    )
}

impl Shape {
    /// The shape of a tag.
    pub(super) fn of(tag: &Tag) -> Result<Self, NoShape> {
        let numbers = |names: [&str; 4]| {
            let [a, b, c, d] = names.map(|name| tag.number(name));
            Some([a?, b?, c?, d?])
        };
        let degrees = tag.number("rotation").unwrap_or_default();
        let enclosed = match tag.name.as_str() {
            "box" => {
                let [left, top, right, bottom] =
                    numbers(["xtl", "ytl", "xbr", "ybr"]).ok_or(NoShape::BadNumbers)?;
                return Ok(Self::Rectangle { numbers: [left, top, right - left, bottom - top], degrees });
            }
            "polygon" => points_of(tag).as_deref().and_then(outline::around),
            "ellipse" => numbers(["cx", "cy", "rx", "ry"])
                .map(|[cx, cy, rx, ry]| outline::around_ellipse([cx, cy], [rx, ry], degrees)),
            "mask" => numbers(["left", "top", "width", "height"]),
            "cuboid" => cuboid_corners(tag).as_deref().and_then(outline::around),
            "polyline" => return Err(NoShape::Other("a polyline")),
            "points" => return Err(NoShape::Other("points")),
            "skeleton" => return Err(NoShape::Other("a skeleton")),
            _ => return Err(NoShape::Other("a tag")),
        };
        enclosed.map(Self::Enclosed).ok_or(NoShape::BadNumbers)
    }

    /// The upright box, and whether it stands for another shape.
    pub(super) fn upright(self) -> ([f64; 4], bool) {
        match self {
            Self::Rectangle { numbers, degrees } if degrees % 360.0 == 0.0 => (numbers, false),
            Self::Rectangle { numbers, degrees } => {
                let [x, y, w, h] = numbers;
                (outline::around_turned(numbers, degrees, [x + w / 2.0, y + h / 2.0]), true)
            }
            Self::Enclosed(numbers) => (numbers, true),
        }
    }

    /// Between this shape and the next, at a share of the way: positions move
    /// in a straight line, a turn goes the shorter way round.
    pub(super) fn towards(self, next: Self, share: f64) -> Self {
        let between = |a: [f64; 4], b: [f64; 4]| {
            let [[ax, ay, aw, ah], [bx, by, bw, bh]] = [a, b];
            [(ax, bx), (ay, by), (aw, bw), (ah, bh)].map(|(a, b)| a + (b - a) * share)
        };
        match (self, next) {
            (Self::Rectangle { numbers: a, degrees: from }, Self::Rectangle { numbers: b, degrees: to }) => {
                let difference = (to - from + 180.0).rem_euclid(360.0) - 180.0;
                Self::Rectangle {
                    numbers: between(a, b),
                    degrees: (from + difference * share).rem_euclid(360.0),
                }
            }
            (a, b) => Self::Enclosed(between(a.upright().0, b.upright().0)),
        }
    }
}

/// `x,y;x,y;…`
fn points_of(tag: &Tag) -> Option<Vec<[f64; 2]>> {
    let pair = |text: &str| {
        let (x, y) = text.split_once(',')?;
        Some([x.trim().parse().ok()?, y.trim().parse().ok()?])
    };
    tag.get("points")?.split(';').filter(|text| !text.trim().is_empty()).map(pair).collect()
}

/// Eight corners in two faces.
fn cuboid_corners(tag: &Tag) -> Option<Vec<[f64; 2]>> {
    let corner = |corner: &str| {
        let [x, y] = ["x", "y"].map(|axis| tag.number(&format!("{axis}{corner}")));
        Some([x?, y?])
    };
    ["tl1", "bl1", "tr1", "br1", "tl2", "bl2", "tr2", "br2"].into_iter().map(corner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_goes_the_shorter_way_round() {
        let turned = |degrees| Shape::Rectangle { numbers: [0.0, 0.0, 2.0, 2.0], degrees };
        let Shape::Rectangle { degrees, .. } = turned(350.0).towards(turned(10.0), 0.75) else {
            panic!("a rectangle");
        };
        assert!((degrees - 5.0).abs() < 1e-9, "{degrees}");
        let Shape::Rectangle { degrees, .. } = turned(10.0).towards(turned(350.0), 0.75) else {
            panic!("a rectangle");
        };
        assert!((degrees - 355.0).abs() < 1e-9, "{degrees}");
    }
}
