//! The elements of COCO's lists as far as they are read, in few bytes each:
//! a file may have a million. Numbers may be texts, ids whatever JSON has.

use super::{
    outline::Outline,
    scalar::{Id, Scalar},
};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// An image.
#[derive(Deserialize)]
#[serde(from = "RawImage")]
pub(super) struct Image {
    pub(super) id: Option<Id>,
    pub(super) file_name: Option<Box<str>>,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    pub(super) split: Option<Box<str>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawImage {
    id: Scalar,
    file_name: Scalar,
    /// LVIS has no other name.
    coco_url: Scalar,
    width: Scalar,
    height: Scalar,
    split: Scalar,
}

impl From<RawImage> for Image {
    fn from(raw: RawImage) -> Self {
        Self {
            id: raw.id.id(),
            file_name: raw.file_name.text().or_else(|| raw.coco_url.text()),
            width: raw.width.side(),
            height: raw.height.side(),
            split: raw.split.text(),
        }
    }
}

/// An annotation.
#[derive(Deserialize)]
#[serde(from = "RawAnnotation")]
pub(super) struct Annotation {
    pub(super) id: Option<Id>,
    pub(super) image_id: Option<Id>,
    pub(super) category_id: Option<Id>,
    pub(super) shape: Shape,
    pub(super) is_crowd: bool,
    /// A caption, or segments of a whole scene: nothing with a box.
    pub(super) is_boxless: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawAnnotation {
    id: Scalar,
    image_id: Scalar,
    category_id: Scalar,
    bbox: Bbox,
    segmentation: Outline,
    iscrowd: Scalar,
    caption: Option<IgnoredAny>,
    segments_info: Option<IgnoredAny>,
}

impl From<RawAnnotation> for Annotation {
    fn from(raw: RawAnnotation) -> Self {
        let category_id = raw.category_id.id();
        let is_boxless = raw.caption.is_some() || raw.segments_info.is_some() && category_id.is_none();
        Self {
            id: raw.id.id(),
            image_id: raw.image_id.id(),
            category_id,
            shape: Shape::of(raw.bbox, raw.segmentation),
            is_crowd: raw.iscrowd.is_set(),
            is_boxless,
        }
    }
}

/// Where an annotation is: by its `bbox`, else by its `segmentation`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// `x, y, w, h`.
    Box([f64; 4]),
    /// The box around the outline of an annotation without one.
    Around([f64; 4]),
    /// Neither a box nor an outline.
    Absent,
    /// No box, and an outline that is none.
    OddOutline,
    /// A list of so many numbers for a box.
    Count(u32),
    /// A list with one list in it for a box.
    Nested,
    /// Anything else for a box.
    Odd,
}

impl Shape {
    fn of(bbox: Bbox, outline: Outline) -> Self {
        match (bbox, outline) {
            (Bbox::Absent | Bbox::Numbers([0.0, 0.0, 0.0, 0.0]), Outline::Around(numbers)) => {
                Self::Around(numbers)
            }
            (Bbox::Numbers(numbers), _) => Self::Box(numbers),
            (Bbox::Absent, Outline::Odd) => Self::OddOutline,
            (Bbox::Absent, _) => Self::Absent,
            (Bbox::Count(count), _) => Self::Count(count),
            (Bbox::Nested, _) => Self::Nested,
            (Bbox::Odd, _) => Self::Odd,
        }
    }
}

#[derive(Deserialize)]
#[serde(from = "RawCategory")]
pub(super) struct Category {
    pub(super) id: Option<Id>,
    pub(super) name: Option<Box<str>>,
    pub(super) supercategory: Option<Box<str>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawCategory {
    id: Scalar,
    name: Scalar,
    supercategory: Scalar,
}

impl From<RawCategory> for Category {
    fn from(raw: RawCategory) -> Self {
        Self { id: raw.id.id(), name: raw.name.text(), supercategory: raw.supercategory.text() }
    }
}

/// `bbox` as it is met.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Bbox {
    /// Missing, `null` or empty.
    #[default]
    Absent,
    Numbers([f64; 4]),
    /// A list of so many numbers.
    Count(u32),
    /// A list with one list in it.
    Nested,
    Odd,
}

/// Members of an object that is a box.
const MOST_MEMBERS: usize = 8;

/// `x, y, w, h` of numbers that have names: extents or corners.
fn of_members(members: &[(String, f64)]) -> Option<[f64; 4]> {
    let of = |name: &str| members.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
    let all = |[a, b, c, d]: [&str; 4]| Some([of(a)?, of(b)?, of(c)?, of(d)?]);
    let extents = [["x", "y", "width", "height"], ["x", "y", "w", "h"], ["left", "top", "width", "height"]];
    let corners =
        [["xmin", "ymin", "xmax", "ymax"], ["x1", "y1", "x2", "y2"], ["left", "top", "right", "bottom"]];
    let of_corners = || corners.into_iter().find_map(all).map(|[x0, y0, x1, y1]| [x0, y0, x1 - x0, y1 - y0]);
    extents.into_iter().find_map(all).or_else(of_corners)
}

struct BboxVisitor;

impl<'de> Visitor<'de> for BboxVisitor {
    type Value = Bbox;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a box")
    }

    fn visit_unit<E>(self) -> Result<Bbox, E> {
        Ok(Bbox::Absent)
    }
    /// A list as a text, as tables keep it.
    fn visit_str<E>(self, text: &str) -> Result<Bbox, E> {
        let list = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        let numbers: Option<Vec<f64>> =
            list.and_then(|list| list.split(',').map(|number| number.trim().parse().ok()).collect());
        Ok(match numbers.as_deref() {
            Some(&[x, y, w, h]) => Bbox::Numbers([x, y, w, h]),
            _ => Bbox::Odd,
        })
    }
    fn visit_bool<E>(self, _: bool) -> Result<Bbox, E> {
        Ok(Bbox::Odd)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Bbox, E> {
        Ok(Bbox::Odd)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Bbox, E> {
        Ok(Bbox::Odd)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Bbox, E> {
        Ok(Bbox::Odd)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Bbox, A::Error> {
        let (mut numbers, mut count, mut odd, mut nested) = ([0.0; 4], 0_u32, false, false);
        while let Some(scalar) = seq.next_element::<Scalar>()? {
            match (numbers.get_mut(count as usize), scalar.number()) {
                (Some(place), Some(number)) => *place = number,
                (None, Some(_)) => {}
                (_, None) => odd = true,
            }
            nested = count == 0 && scalar == Scalar::List;
            count = count.saturating_add(1);
        }
        Ok(match count {
            0 => Bbox::Absent,
            1 if nested => Bbox::Nested,
            _ if odd => Bbox::Odd,
            4 => Bbox::Numbers(numbers),
            count => Bbox::Count(count),
        })
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Bbox, A::Error> {
        let mut members: Vec<(String, f64)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Scalar>()? {
            members.extend(value.number().filter(|_| members.len() < MOST_MEMBERS).map(|value| (key, value)));
        }
        Ok(of_members(&members).map_or(Bbox::Odd, Bbox::Numbers))
    }
}

impl<'de> Deserialize<'de> for Bbox {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BboxVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(json: &str) -> Scalar {
        serde_json::from_str(json).expect("JSON")
    }

    #[test]
    fn one_id_may_be_written_in_several_ways() {
        for json in ["1", "1.0", "\"1\"", "\" 1 \"", "\"1.0\"", "1e0"] {
            assert_eq!(scalar(json).id(), Some(Id::Number(1)), "{json}");
        }
        assert_eq!(scalar("18446744073709551610").id(), Some(Id::Large(18_446_744_073_709_551_610)));
        assert_eq!(scalar("9007199254740993").id(), Some(Id::Number(9_007_199_254_740_993)));
        assert_eq!(scalar("\"007\"").id(), Some(Id::Text("007".into())));
        assert_eq!(scalar("\"0\"").id(), Some(Id::Number(0)));
        for json in ["null", "true", "[1]", "{}", "1.5", "\"\""] {
            assert_eq!(scalar(json).id(), None, "{json}");
        }
    }

    #[test]
    fn boxes_are_numbers_or_texts_of_numbers() {
        let of = |json: &str| serde_json::from_str::<Bbox>(json).expect("JSON");
        assert_eq!(of("[1, \"2\", 3.5, \" 4e0 \"]"), Bbox::Numbers([1.0, 2.0, 3.5, 4.0]));
        assert_eq!((of("null"), of("[]")), (Bbox::Absent, Bbox::Absent));
        assert_eq!((of("[1, 2, 3]"), of("[1, 2, 3, 4, 5]")), (Bbox::Count(3), Bbox::Count(5)));
        assert_eq!(of("[[1, 2, 3, 4]]"), Bbox::Nested);
        for json in [
            "\"[1, 2, 3.5, 4]\"",
            "{\"x\": 1, \"y\": \"2\", \"width\": 3.5, \"height\": 4, \"angle\": 0}",
            "{\"xmin\": 1, \"ymin\": 2, \"xmax\": 4.5, \"ymax\": 6}",
        ] {
            assert_eq!(of(json), Bbox::Numbers([1.0, 2.0, 3.5, 4.0]), "{json}");
        }
        for json in ["[[1, 2], [3, 4]]", "{\"x\": 1}", "7", "\"1 2 3 4\"", "[1, 2, 3, \"\"]"] {
            assert_eq!(of(json), Bbox::Odd, "{json}");
        }
    }
}
