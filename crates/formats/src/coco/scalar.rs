//! Values of COCO's JSON without parts: numbers that are texts, ids of every
//! kind.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// A value without parts; `List` and `Odd` for one with parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Scalar {
    #[default]
    Absent,
    Truth(bool),
    Whole(i64),
    /// Above the greatest `Whole`.
    Large(u64),
    Real(f64),
    Text(Box<str>),
    List,
    Odd,
}

/// Numbers by the format's word, texts in the wild. `1`, `1.0` and `"1"` are
/// one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Id {
    Number(i64),
    /// Above the greatest `Number`.
    Large(u64),
    Text(Box<str>),
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Large(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl Scalar {
    pub(super) fn id(&self) -> Option<Id> {
        match self {
            Self::Whole(number) => Some(Id::Number(*number)),
            Self::Large(number) => Some(Id::Large(*number)),
            Self::Real(number) => whole(*number).map(Id::Number),
            Self::Text(text) => {
                let text = text.trim();
                let number = text.parse().ok().or_else(|| text.parse().ok().and_then(whole)).map(Id::Number);
                match number.or_else(|| text.parse().ok().map(Id::Large)) {
                    // `007` is not 7: texts that are numbers are written one way.
                    Some(id) if !text.starts_with('0') || id == Id::Number(0) => Some(id),
                    _ if text.is_empty() => None,
                    _ => Some(Id::Text(text.into())),
                }
            }
            Self::Absent | Self::Truth(_) | Self::List | Self::Odd => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Large(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            Self::Absent | Self::Truth(_) | Self::List | Self::Odd => None,
        }
    }

    /// A side of an image in pixels.
    pub(super) fn side(&self) -> Option<u32> {
        let number = self.number()?;
        (number.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&number)).then_some(number as u32)
    }

    pub(super) fn text(self) -> Option<Box<str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Whole(number) => Some(number.to_string().into()),
            Self::Large(number) => Some(number.to_string().into()),
            _ => None,
        }
    }

    pub(super) fn is_set(&self) -> bool {
        match self {
            Self::Truth(truth) => *truth,
            Self::Text(text) if text.trim().eq_ignore_ascii_case("true") => true,
            other => other.number().is_some_and(|number| number != 0.0),
        }
    }
}

/// A number as whole one, where a floating point number tells it exactly.
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// Reads any value as a scalar.
struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Truth(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(i64::try_from(value).map_or(Scalar::Large(value), Scalar::Whole))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Real(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.into()))
    }
    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Absent)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::List)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Odd)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}
