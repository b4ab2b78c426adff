//! Values as JSON: read by a table, completed with what holds where nothing
//! is said, and checked.

use super::{InvalidSetting, Kind, Null, Setting, SettingsGroup};
use crate::{name::Name, training::BUILT_IN};
use serde_json::{Map, Value};

/// Largest number of bytes that the database can hold, and then some.
const MOST_BYTES: u64 = (1 << 62) - 1;

/// A group as JSON.
#[must_use]
pub fn to_map<G: SettingsGroup>(group: &G) -> Map<String, Value> {
    match serde_json::to_value(group) {
        Ok(Value::Object(map)) => map,
        // A struct of plain values is always an object.
        _ => Map::new(),
    }
}

/// The group that `given` sets; what it leaves out is as usual.
///
/// # Errors
/// Names the first setting that is unknown, missing or out of its range.
pub fn from_json<G: SettingsGroup>(given: Map<String, Value>) -> Result<G, InvalidSetting> {
    let usual = to_map(&G::default());
    complete(G::TABLE, usual, given).and_then(typed)
}

/// The group as it was stored, by this or another version: what is not known
/// is left out, and what is missing is as usual.
///
/// # Errors
/// A value that is of another type.
pub fn from_stored<G: SettingsGroup>(stored: Value) -> Result<G, InvalidSetting> {
    let mut all = to_map(&G::default());
    if let Value::Object(stored) = stored {
        let known = |key: &String| G::TABLE.iter().any(|row| row.key == key);
        all.extend(stored.into_iter().filter(|(key, _)| known(key)));
    }
    typed(all)
}

/// Whether every value of a group is one that may be set.
///
/// # Errors
/// Names the first setting that is out of its range.
pub fn validate<G: SettingsGroup>(group: &G) -> Result<(), InvalidSetting> {
    let values = to_map(group);
    let check = |row: &Setting| values.get(row.key).map_or(Ok(()), |value| row.check(value));
    G::TABLE.iter().try_for_each(check)
}

fn typed<G: SettingsGroup>(all: Map<String, Value>) -> Result<G, InvalidSetting> {
    serde_json::from_value(Value::Object(all)).map_err(|error| InvalidSetting::new("body", error.to_string()))
}

fn complete(
    table: &[Setting],
    mut all: Map<String, Value>,
    mut given: Map<String, Value>,
) -> Result<Map<String, Value>, InvalidSetting> {
    for row in table {
        let value = match given.remove(row.key) {
            None if row.required => {
                return Err(InvalidSetting::new(row.key, format!("missing field `{}`", row.key)));
            }
            None if row.null == Null::Nothing => Value::Null,
            None => continue,
            Some(Value::Null) if row.null == Null::Usual => continue,
            Some(value) => value,
        };
        row.check(&value)?;
        all.insert(row.key.to_owned(), row.normal(value));
    }
    match given.keys().next() {
        None => Ok(all),
        Some(key) => Err(InvalidSetting::new(key, unknown(table, &[], key))),
    }
}

/// What is said of a key that is none.
pub(super) fn unknown(table: &[Setting], beside: &[&str], key: &str) -> String {
    let keys = table.iter().map(|row| &row.key).chain(beside);
    let keys: Vec<String> = keys.map(|key| format!("`{key}`")).collect();
    format!("unknown field `{key}`, expected one of {}", keys.join(", "))
}

impl Setting {
    /// Whether this may be set.
    fn check(&self, value: &Value) -> Result<(), InvalidSetting> {
        let wrong = |message: String| Err(InvalidSetting::new(self.key, message));
        if value.is_null() {
            return match self.null {
                Null::Nothing => Ok(()),
                Null::Refused | Null::Usual => wrong("It must not be null.".to_owned()),
            };
        }
        match self.kind {
            Kind::Flag if !value.is_boolean() => wrong("It must be true or false.".to_owned()),
            Kind::Whole { least, most } => match value.as_u64() {
                Some(number) if (least..=most).contains(&number) => Ok(()),
                _ => wrong(format!("It must lie between {least} and {most}.")),
            },
            Kind::Number { least, most } => match value.as_f64() {
                Some(number) if (least..=most).contains(&number) => Ok(()),
                _ => wrong(format!("It must lie between {least} and {most}.")),
            },
            Kind::Share => match value.as_f64() {
                Some(number) if (0.0..=1.0).contains(&number) => Ok(()),
                _ => wrong(format!("{value} is not a share: it must lie between 0 and 1")),
            },
            Kind::Bytes { least } => match value.as_u64() {
                Some(bytes) if (least..=MOST_BYTES).contains(&bytes) => Ok(()),
                _ => wrong(format!("It must be at least {least} ({} MB).", least / 1_000_000)),
            },
            Kind::Choice(choices) => match value.as_str() {
                Some(word) if !word.is_empty() && choices.iter().any(|(known, _)| *known == word) => Ok(()),
                _ => wrong(self.unknown_word(value, choices)),
            },
            Kind::Trainer => match value.as_str().map(Name::new) {
                Some(Ok(_)) => Ok(()),
                _ => wrong("It must be the name of a trainer.".to_owned()),
            },
            Kind::Parameters if !value.is_object() => wrong("It must be an object.".to_owned()),
            Kind::Flag | Kind::Parameters => Ok(()),
        }
    }

    fn unknown_word(&self, value: &Value, choices: &[(&str, &str)]) -> String {
        let words: Vec<&str> =
            choices.iter().map(|(word, _)| *word).filter(|word| !word.is_empty()).collect();
        let list = match words.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => words.concat(),
        };
        format!("{value} is no {}: use {list}.", self.key)
    }

    /// The value as it is stored: parameters are texts, however they were sent.
    fn normal(&self, value: Value) -> Value {
        match (self.kind, value) {
            (Kind::Parameters, Value::Object(params)) => {
                let text = |value: Value| match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                params.into_iter().map(|(key, value)| (key, Value::String(text(value)))).collect()
            }
            (Kind::Trainer, Value::String(name)) if name == BUILT_IN => Value::Null,
            (_, value) => value,
        }
    }
}
