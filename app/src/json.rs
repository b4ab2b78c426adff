//! Reading JSON with little code.
//!
//! `serde_json` compiles its parser into every type that is read, and each
//! type's way of being read from a list of values beside the one from names.
//! Here text becomes a [`Value`], once for all types; what a type asks of it is
//! a few instructions. What cannot be read is told in few words: pages say the
//! same of all of it.

/// Methods of a [`Deserializer`] that all do the same.
macro_rules! by {
    ($act:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.$act(visitor)
        })*
    };
}

mod key;

use key::Key;
use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess,
        Visitor, value::Error,
    },
};
use serde_json::{Map, Number, Value};

/// A `T` of its JSON. Members that it does not know are passed over, unless it
/// forbids them; of two with one name the latter counts.
///
/// # Errors
/// When the text is no JSON, or none of a `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(Reader(value(text)?))
}

fn value(text: &str) -> Result<Value, Error> {
    serde_json::from_str(text).map_err(|_| Error::custom("no JSON"))
}

#[cold]
fn wrong() -> Error {
    Error::custom("a value of another type")
}

/// A value that is to become a type.
struct Reader(Value);

impl Reader {
    fn whole<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Number(number) => whole(&number, visitor),
            _ => Err(wrong()),
        }
    }

    fn real<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.0.as_f64().ok_or_else(wrong)?)
    }

    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            _ => Err(wrong()),
        }
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            _ => Err(wrong()),
        }
    }

    fn members<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(members) => visitor.visit_map(Members::of(members)),
            _ => Err(wrong()),
        }
    }
}

fn whole<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Error> {
    match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => visitor.visit_u64(number),
        (None, Some(number)) => visitor.visit_i64(number),
        (None, None) => Err(wrong()),
    }
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Error;

    by!(whole: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    by!(whole: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);
    by!(real: deserialize_f32 deserialize_f64);
    by!(text: deserialize_char deserialize_str deserialize_string deserialize_identifier);
    by!(list: deserialize_seq deserialize_bytes deserialize_byte_buf);
    by!(members: deserialize_map);

    /// For types that look what is there.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(flag),
            Value::Number(number) if number.is_f64() => visitor.visit_f64(number.as_f64().ok_or_else(wrong)?),
            Value::Number(number) => whole(&number, visitor),
            Value::String(_) => self.text(visitor),
            Value::Array(_) => self.list(visitor),
            Value::Object(_) => self.members(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.0.as_bool().ok_or_else(wrong)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_unit() } else { Err(wrong()) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.members(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let variant = match self.0 {
            Value::String(name) => Some(Variant { name, value: Value::Null }),
            Value::Object(members) if members.len() == 1 => {
                members.into_iter().next().map(|(name, value)| Variant { name, value })
            }
            _ => None,
        };
        visitor.visit_enum(variant.ok_or_else(wrong)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

struct Items(std::vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        match self.0.next() {
            Some(item) => seed.deserialize(Reader(item)).map(Some),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Members {
    rest: serde_json::map::IntoIter,
    value: Value,
}

impl Members {
    fn of(members: Map<String, Value>) -> Self {
        Self { rest: members.into_iter(), value: Value::Null }
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(Key(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(Reader(self.value.take()))
    }
}

struct Variant {
    name: String,
    value: Value,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Error;
    type Variant = Reader;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Reader), Error> {
        Ok((seed.deserialize(Key(self.name))?, Reader(self.value)))
    }
}

impl<'de> VariantAccess<'de> for Reader {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if self.0.is_null() { Ok(()) } else { Err(wrong()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.members(visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Point,
        Circle(f64),
        Line(i32, i32),
        Box { x: i64, y: u8 },
    }

    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Side {
        Left,
        RightHand,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Empty,
        Full { share: f32, words: Vec<String> },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(f64),
        Text(String),
        Many(Vec<Either>),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Id(u64);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Inner {
        flag: bool,
        letter: char,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Whole {
        id: Id,
        shapes: Vec<Shape>,
        pair: (u32, Option<String>),
        by_number: BTreeMap<i16, f64>,
        by_side: BTreeMap<Side, u8>,
        tagged: Vec<Tagged>,
        any: Either,
        json: serde_json::Value,
        nothing: (),
        fixed: [i8; 3],
        #[serde(flatten)]
        inner: Inner,
        #[serde(default)]
        missing: Option<u8>,
    }

    fn whole() -> Whole {
        Whole {
            id: Id(u64::MAX),
            shapes: vec![
                Shape::Point,
                Shape::Circle(2.0),
                Shape::Line(-1, 2),
                Shape::Box { x: i64::MIN, y: 255 },
            ],
            pair: (7, Some("\u{e9}\"\n".to_owned())),
            by_number: BTreeMap::from([(-3, 0.1), (4, 1e300)]),
            by_side: BTreeMap::from([(Side::Left, 1), (Side::RightHand, 2)]),
            tagged: vec![Tagged::Empty, Tagged::Full { share: 0.25, words: vec!["a".to_owned()] }],
            any: Either::Many(vec![Either::Number(3.0), Either::Text("x".to_owned())]),
            json: serde_json::json!({"a": [1, -2, 3.5, null, true]}),
            nothing: (),
            fixed: [-1, 0, 1],
            inner: Inner { flag: true, letter: '\u{df}' },
            missing: None,
        }
    }

    #[test]
    fn what_was_written_is_read_as_it_was() {
        let text = serde_json::to_string(&whole()).expect("JSON");
        assert_eq!(read::<Whole>(&text).expect("the same"), whole());
    }

    #[test]
    fn what_serde_json_refuses_is_refused() {
        let wrong: [(&str, bool); 8] = [
            (r#"{"flag": true}"#, read::<Inner>(r#"{"flag": true}"#).is_err()),
            ("300 as u8", read::<u8>("300").is_err()),
            ("-1 as u64", read::<u64>("-1").is_err()),
            ("1.5 as i32", read::<i32>("1.5").is_err()),
            ("an unknown variant", read::<Shape>(r#""Square""#).is_err()),
            ("a variant without its value", read::<Shape>(r#""Circle""#).is_err()),
            ("text as a list", read::<Vec<u8>>(r#""abc""#).is_err()),
            ("no JSON", read::<Shape>("Point").is_err()),
        ];
        for (what, is_refused) in wrong {
            assert!(is_refused, "{what}");
        }
    }
}
