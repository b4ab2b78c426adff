//! The JSON of COCO as it is met: any element may be odd without spoiling
//! the others.

use serde::{Deserialize, de::IgnoredAny};
use std::fmt;

#[derive(Deserialize)]
pub(super) struct File {
    pub(super) images: Vec<Image>,
    #[serde(default)]
    pub(super) annotations: Vec<Annotation>,
    #[serde(default)]
    pub(super) categories: Vec<Category>,
}

#[derive(Deserialize)]
pub(super) struct Image {
    #[serde(default)]
    pub(super) id: Lenient<Id>,
    #[serde(default)]
    pub(super) file_name: Lenient<String>,
    #[serde(default)]
    pub(super) width: Lenient<u32>,
    #[serde(default)]
    pub(super) height: Lenient<u32>,
    #[serde(default)]
    pub(super) split: Lenient<String>,
}

#[derive(Deserialize)]
pub(super) struct Annotation {
    #[serde(default)]
    pub(super) id: Lenient<Id>,
    #[serde(default)]
    pub(super) image_id: Lenient<Id>,
    #[serde(default)]
    pub(super) category_id: Lenient<Id>,
    #[serde(default)]
    pub(super) bbox: Lenient<[f64; 4]>,
    #[serde(default)]
    pub(super) iscrowd: Lenient<Flag>,
}

#[derive(Deserialize)]
pub(super) struct Category {
    #[serde(default)]
    pub(super) id: Lenient<Id>,
    #[serde(default)]
    pub(super) name: Lenient<String>,
}

/// A value, or anything else where a value should be.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Lenient<T> {
    Value(T),
    Odd(IgnoredAny),
}

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self::Odd(IgnoredAny)
    }
}

impl<T> Lenient<T> {
    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Odd(_) => None,
        }
    }
}

/// Numbers by the format's word, texts in the wild.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(untagged)]
pub(super) enum Id {
    Number(i64),
    Text(String),
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
pub(super) enum Flag {
    Truth(bool),
    Number(f64),
}

impl Flag {
    pub(super) fn is_set(self) -> bool {
        matches!(self, Self::Truth(true)) || matches!(self, Self::Number(number) if number != 0.0)
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
