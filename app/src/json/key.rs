//! Names of members and variants, read as what stands for a key.

use super::{Error, Value, Variant, value, whole, wrong};
use serde::{Deserializer, de::Visitor, forward_to_deserialize_any};

/// The name of a member or of a variant.
pub(super) struct Key(pub(super) String);

impl Key {
    fn whole<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match value(&self.0)? {
            Value::Number(number) => whole(&number, visitor),
            _ => Err(wrong()),
        }
    }
}

impl<'de> Deserializer<'de> for Key {
    type Error = Error;

    by!(whole: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    by!(whole: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(Variant { name: self.0, value: Value::Null })
    }
}
