//! The JSON of COCO as it is met: any element may be odd without spoiling
//! the others. Numbers may be texts, ids whatever JSON has, lists `null`. A
//! key that occurs twice is refused: either of its values may be meant.

use super::elements::{Annotation, Category, Image};
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

/// An element of a list, or anything else that stands there.
pub(super) enum Element<T> {
    Sound(T),
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
        // They stay for as long as images are read; they grew by doubling.
        file.images.iter_mut().for_each(Vec::shrink_to_fit);
        file.annotations.iter_mut().for_each(Vec::shrink_to_fit);
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
