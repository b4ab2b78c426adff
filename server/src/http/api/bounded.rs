//! Lists and objects of JSON that are counted while they are read: what is
//! parsed may take fifteen times the memory of its text, so that counting
//! afterwards is too late.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use std::{cell::Cell, collections::BTreeMap, fmt, marker::PhantomData};

/// A list of at most `N`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct AtMost<T, const N: usize>(pub Vec<T>);

impl<T, const N: usize> Default for AtMost<T, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for AtMost<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Counted(PhantomData))
    }
}

struct Counted<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Counted<T, N> {
    type Value = AtMost<T, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {N}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            if items.len() == N {
                return Err(A::Error::custom(format_args!("there are more than the {N} allowed")));
            }
            items.push(item);
        }
        Ok(AtMost(items))
    }
}

/// The most keys of an object.
const MOST_KEYS: usize = 1_000;

/// An object of texts; numbers and booleans are taken as their text, and
/// `None` stands for what is nested or null.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::http) struct Pairs(pub BTreeMap<String, Option<String>>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = BTreeMap::new();
        while let Some((key, Scalar(value))) = map.next_entry()? {
            if pairs.len() == MOST_KEYS {
                return Err(A::Error::custom(format_args!(
                    "there are more than the {MOST_KEYS} keys allowed"
                )));
            }
            pairs.insert(key, value);
        }
        Ok(Pairs(pairs))
    }
}

/// The text of a value that has one.
struct Scalar(Option<String>);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true or false")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(Some(text.to_owned())))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Scalar, E> {
        Ok(Scalar(Some(flag.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar(Some(number.to_string())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar(Some(number.to_string())))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Scalar, E> {
        // As JSON writes it: 1.0 and not 1.
        Ok(Scalar(serde_json::Number::from_f64(number).map(|number| number.to_string())))
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar(None))
    }
}

/// The most values of JSON that is read without knowing its shape: ten
/// thousand boxes, each with its fields.
const MOST_VALUES: u32 = 150_000;

/// JSON of any shape.
///
/// # Errors
/// When it is none, or has more than 150,000 values.
pub(super) fn any_json(text: &str) -> Result<Value, serde_json::Error> {
    let values = Cell::new(0);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Tally(&values).deserialize(&mut deserializer)?;
    serde_json::from_str(text)
}

/// Counts values, and keeps none.
#[derive(Clone, Copy)]
struct Tally<'a>(&'a Cell<u32>);

impl Tally<'_> {
    fn one<E: Error>(self) -> Result<(), E> {
        self.0.set(self.0.get() + 1);
        if self.0.get() > MOST_VALUES {
            return Err(E::custom(format_args!("there are more than the {MOST_VALUES} values allowed")));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Tally<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tally<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.one()
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.one()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.one()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.one()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.one()
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.one()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.one()?;
        while list.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.one()?;
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value_seed(self)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_too_long_is_refused_as_it_is_read() {
        let read = |text: &str| serde_json::from_str::<AtMost<u32, 3>>(text);
        assert_eq!(read("[1,2,3]").map(|list| list.0).ok(), Some(vec![1, 2, 3]));
        assert!(read("[1,2,3,4]").is_err_and(|error| error.to_string().contains("more than the 3 allowed")));
        // Not a list any more behind the fourth: nobody has read that far.
        assert!(read("[1,2,3,4,").is_err_and(|error| error.to_string().contains("more than the 3 allowed")));
    }

    #[test]
    fn values_are_texts_and_what_is_nested_is_told_apart() {
        let text = r#"{"a":"x","b":2,"c":-1,"d":1.50,"e":true,"f":null,"g":[1,[2]],"h":{"i":{}}}"#;
        let Pairs(pairs) = serde_json::from_str(text).expect("an object");
        let values: Vec<_> = pairs.values().map(Option::as_deref).collect();
        let texts = [Some("x"), Some("2"), Some("-1"), Some("1.5"), Some("true"), None, None, None];
        assert_eq!(values, texts);
        let many: String = (0..2_000).map(|n| format!("\"{n}\":1,")).collect();
        assert!(serde_json::from_str::<Pairs>(&format!("{{{many}\"z\":1}}")).is_err());
    }

    #[test]
    fn json_of_no_known_shape_is_counted_before_it_is_built() {
        assert_eq!(
            any_json(r#"{"a":[1,{"b":null}]}"#).ok(),
            Some(serde_json::json!({"a": [1, {"b": null}]}))
        );
        let many = format!("[{}1]", "1,".repeat(MOST_VALUES as usize));
        assert!(any_json(&many).is_err_and(|error| error.to_string().contains("values allowed")));
        assert!(any_json("{\"a\":").is_err());
    }
}
