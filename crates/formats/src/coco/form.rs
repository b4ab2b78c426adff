//! The JSON of COCO as it is met: any element may be odd without spoiling
//! the others. Numbers may be texts, ids whatever JSON has, lists `null`. A
//! key that occurs twice is refused: either of its values may be meant.

use super::{outline::Outline, scalar::Scalar};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData};

/// The lists of a file; `None` for a list that is not there.
#[derive(Default)]
pub(super) struct File {
    pub(super) images: Option<Vec<Element<Image>>>,
    pub(super) annotations: Option<Vec<Element<Annotation>>>,
    pub(super) categories: Option<Vec<Element<Category>>>,
    /// Keys at the top, for people.
    pub(super) keys: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Image {
    pub(super) id: Scalar,
    pub(super) file_name: Scalar,
    pub(super) width: Scalar,
    pub(super) height: Scalar,
    pub(super) split: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Annotation {
    pub(super) id: Scalar,
    pub(super) image_id: Scalar,
    pub(super) category_id: Scalar,
    pub(super) bbox: Bbox,
    pub(super) segmentation: Outline,
    pub(super) iscrowd: Scalar,
    pub(super) caption: Option<IgnoredAny>,
    pub(super) segments_info: Option<IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Category {
    pub(super) id: Scalar,
    pub(super) name: Scalar,
    pub(super) supercategory: Scalar,
}

/// An element of a list, or anything else that stands there.
pub(super) enum Element<T> {
    Sound(T),
    Odd,
}

/// `bbox` as it is met.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Bbox {
    /// Missing, `null` or empty.
    #[default]
    Absent,
    Numbers([f64; 4]),
    /// A list of so many numbers.
    Count(usize),
    Odd,
}

impl<T> Element<T> {
    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Sound(element) => Some(element),
            Self::Odd => None,
        }
    }
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
    fn visit_str<E>(self, _: &str) -> Result<Bbox, E> {
        Ok(Bbox::Odd)
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
        let (mut numbers, mut count, mut odd) = ([0.0; 4], 0, false);
        while let Some(scalar) = seq.next_element::<Scalar>()? {
            match (numbers.get_mut(count), scalar.number()) {
                (Some(place), Some(number)) => *place = number,
                (None, Some(_)) => {}
                (_, None) => odd = true,
            }
            count += 1;
        }
        Ok(match count {
            0 => Bbox::Absent,
            _ if odd => Bbox::Odd,
            4 => Bbox::Numbers(numbers),
            count => Bbox::Count(count),
        })
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Bbox, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Bbox::Odd)
    }
}

impl<'de> Deserialize<'de> for Bbox {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BboxVisitor)
    }
}

/// Reads an object as a `T`, and anything else as odd.
struct ElementVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ElementVisitor<T> {
    type Value = Element<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Element<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Element::Sound)
    }
    fn visit_unit<E>(self) -> Result<Element<T>, E> {
        Ok(Element::Odd)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Element<T>, E> {
        Ok(Element::Odd)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Element<T>, E> {
        Ok(Element::Odd)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Element<T>, E> {
        Ok(Element::Odd)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Element<T>, E> {
        Ok(Element::Odd)
    }
    fn visit_str<E>(self, _: &str) -> Result<Element<T>, E> {
        Ok(Element::Odd)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Element<T>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::Odd)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor(PhantomData))
    }
}

struct FileVisitor;

impl<'de> Visitor<'de> for FileVisitor {
    type Value = File;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the lists images, annotations and categories")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<File, A::Error> {
        /// Keys that are kept for people.
        const SHOWN_KEYS: usize = 12;
        let mut file = File::default();
        let mut seen: [bool; 3] = [false; 3];
        while let Some(key) = map.next_key::<String>()? {
            let place = ["images", "annotations", "categories"].iter().position(|name| *name == key);
            if let Some(seen) = place.and_then(|place| seen.get_mut(place))
                && std::mem::replace(seen, true)
            {
                return Err(A::Error::custom(format!("the key {key:?} occurs twice")));
            }
            match place {
                Some(0) => file.images = map.next_value()?,
                Some(1) => file.annotations = map.next_value()?,
                Some(2) => file.categories = map.next_value()?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
            if file.keys.len() < SHOWN_KEYS {
                file.keys.push(key);
            }
        }
        Ok(file)
    }
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FileVisitor)
    }
}

/// Python writes NaN and Infinity, which are no JSON: they become empty texts
/// of the same length, and later a fault.
pub(super) fn blank_out_non_numbers(bytes: &mut [u8]) {
    let (mut in_text, mut escaped) = (false, false);
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'N' | b'I' | b'-' if !in_text => {
                let rest = bytes.get(at..).unwrap_or_default();
                let word =
                    [&b"NaN"[..], b"-Infinity", b"Infinity"].into_iter().find(|word| rest.starts_with(word));
                if let Some(target) = word.and_then(|word| bytes.get_mut(at..at + word.len())) {
                    target.fill(b' ');
                    target.iter_mut().take(2).for_each(|byte| *byte = b'"');
                    at += target.len() - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coco::scalar::Id;

    fn scalar(json: &str) -> Scalar {
        serde_json::from_str(json).expect("JSON")
    }

    #[test]
    fn one_id_may_be_written_in_several_ways() {
        for json in ["1", "1.0", "\"1\"", "\" 1 \"", "\"1.0\"", "1e0"] {
            assert_eq!(scalar(json).id(), Some(Id::Number(1)), "{json}");
        }
        assert_eq!(scalar("18446744073709551610").id(), Some(Id::Number(18_446_744_073_709_551_610)));
        assert_eq!(scalar("9007199254740993").id(), Some(Id::Number(9_007_199_254_740_993)));
        assert_eq!(scalar("\"007\"").id(), Some(Id::Text("007".to_owned())));
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
        for json in ["[[1, 2, 3, 4]]", "{\"x\": 1}", "7", "\"1 2 3 4\"", "[1, 2, 3, \"\"]"] {
            assert_eq!(of(json), Bbox::Odd, "{json}");
        }
    }

    #[test]
    fn a_key_that_occurs_twice_is_refused_by_its_name() {
        let error =
            serde_json::from_str::<File>("{\"images\": [],\n\"annotations\": [{}], \"annotations\": []}");
        let error = error.err().expect("refused").to_string();
        assert!(error.contains("\"annotations\" occurs twice at line 2"), "{error}");
    }

    #[test]
    fn lists_and_elements_may_be_null() {
        let file: File = serde_json::from_str("{\"images\": [null, {\"id\": 1}, 7], \"annotations\": null}")
            .expect("JSON");
        let images = file.images.expect("a list");
        assert_eq!(
            images.iter().map(|image| image.get().is_some()).collect::<Vec<_>>(),
            [false, true, false]
        );
        assert!(file.annotations.is_none() && file.categories.is_none());
    }
}
