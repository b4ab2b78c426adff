//! What a client may send for a group: a flat object of plain values, read
//! without ever holding more than a table has a place for.

use super::{Kind, Setting, SettingsGroup, value::unknown};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, MapAccess, Visitor},
};
use serde_json::{Map, Value};
use std::{fmt, marker::PhantomData};

/// Parameters of a training that one body may name: more than there are.
const MOST_PARAMETERS: usize = 64;

/// Values by key, each key one of the group's and there once. Their types and
/// ranges are checked by [`super::from_json`].
#[derive(Clone, Debug, PartialEq)]
pub struct SettingsMap<G> {
    values: Map<String, Value>,
    beside: Map<String, Value>,
    group: PhantomData<fn() -> G>,
}

impl<G: SettingsGroup> SettingsMap<G> {
    /// The group that the values set.
    ///
    /// # Errors
    /// Names the first setting that is missing or out of its range.
    pub fn group(self) -> Result<G, super::InvalidSetting> {
        super::from_json(self.values)
    }

    /// What was said beside the settings: see [`SettingsGroup::BESIDE`].
    #[must_use]
    pub fn beside(&self) -> Value {
        Value::Object(self.beside.clone())
    }
}

impl<'de, G: SettingsGroup> Deserialize<'de> for SettingsMap<G> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keys = Keys { table: G::TABLE, beside: G::BESIDE };
        let mut values = Object { keys: Some(keys) }.deserialize(deserializer)?;
        let beside = G::BESIDE.iter().filter_map(|key| values.remove_entry(*key)).collect();
        Ok(Self { values, beside, group: PhantomData })
    }
}

/// What an object may hold.
#[derive(Clone, Copy)]
struct Keys {
    table: &'static [Setting],
    beside: &'static [&'static str],
}

/// Reads an object: with keys the settings of a group, without them the
/// parameters of a training, which are plain values only.
#[derive(Clone, Copy)]
struct Object {
    keys: Option<Keys>,
}

impl<'de> DeserializeSeed<'de> for Object {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if values.len() == MOST_PARAMETERS {
                return Err(de::Error::custom("too many parameters"));
            }
            let row = self.keys.and_then(|keys| keys.table.iter().find(|row| row.key == key));
            let value = match (self.keys, row) {
                (Some(keys), None) if !keys.beside.contains(&key.as_str()) => {
                    return Err(de::Error::custom(unknown(keys.table, keys.beside, &key)));
                }
                (_, Some(row)) if row.kind == Kind::Parameters => {
                    Value::Object(access.next_value_seed(Object { keys: None })?)
                }
                _ => access.next_value_seed(Plain)?,
            };
            if values.insert(key.clone(), value).is_some() {
                return Err(de::Error::custom(format!("duplicate field `{key}`")));
            }
        }
        Ok(values)
    }
}

/// Reads anything but an array or an object.
struct Plain;

impl<'de> DeserializeSeed<'de> for Plain {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Plain {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false or null")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
}
