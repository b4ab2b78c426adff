//! Values as the texts of a form: percent for shares, gigabytes for bytes,
//! nothing for none.

use super::{InvalidSetting, Kind, Null, Setting, SettingsGroup, from_json, to_map};
use serde_json::{Map, Number, Value, json};
use std::collections::BTreeMap;

const BYTES_OF_GIGABYTE: f64 = 1e9;
/// What comes before the name of a training parameter among a form's keys.
const PARAMETER: &str = "params.";

/// What the fields of a form show, by key. Parameters of a training have
/// fields of their own.
#[must_use]
pub fn form_texts<G: SettingsGroup>(now: &G) -> BTreeMap<&'static str, String> {
    let values = to_map(now);
    let shown = G::TABLE.iter().filter(|row| row.kind != Kind::Parameters);
    shown.map(|row| (row.key, row.text(values.get(row.key).unwrap_or(&Value::Null)))).collect()
}

/// The group that a form sets; what it has no field for stays as it is `now`.
/// A key `params.NAME` adds the parameter NAME.
///
/// # Errors
/// Names the first setting whose text cannot be read, or is out of its range.
pub fn from_form<G: SettingsGroup>(now: &G, texts: &BTreeMap<String, String>) -> Result<G, InvalidSetting> {
    let mut all = to_map(now);
    for row in G::TABLE {
        if row.kind == Kind::Parameters {
            add_parameters(&mut all, row.key, texts);
        } else if let Some(text) = texts.get(row.key) {
            all.insert(row.key.to_owned(), row.value(text.trim())?);
        }
    }
    from_json(all)
}

fn add_parameters(all: &mut Map<String, Value>, key: &str, texts: &BTreeMap<String, String>) {
    let given = texts.iter().filter_map(|(key, text)| Some((key.strip_prefix(PARAMETER)?, text)));
    let params = all.entry(key).or_insert_with(|| json!({}));
    for (name, text) in given {
        if let Some(params) = params.as_object_mut() {
            params.insert(name.to_owned(), Value::String(text.trim().to_owned()));
        }
    }
}

impl Setting {
    /// The text of a form's field as a sentence has it.
    #[must_use]
    pub fn words(&self, text: &str) -> String {
        let choices: &[(&str, &str)] = match self.kind {
            Kind::Flag => &[("true", "on"), ("false", "off")],
            Kind::Choice(choices) => choices,
            _ => &[],
        };
        match (choices.iter().find(|(word, _)| *word == text), text) {
            (Some((_, words)), _) => (*words).to_owned(),
            (None, "") => self.placeholder.to_owned(),
            (None, text) if self.unit.is_empty() => text.to_owned(),
            (None, text) => format!("{text} {}", self.unit),
        }
    }

    fn text(&self, value: &Value) -> String {
        match (self.kind, value.as_f64()) {
            (Kind::Share, Some(share)) => ((share * 1e4).round() / 100.0).to_string(),
            (Kind::Number { .. }, Some(number)) => number.to_string(),
            (Kind::Bytes { .. }, Some(bytes)) => (bytes / BYTES_OF_GIGABYTE).to_string(),
            _ => match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            },
        }
    }

    fn value(&self, text: &str) -> Result<Value, InvalidSetting> {
        if text.is_empty() && self.null != Null::Refused {
            return Ok(Value::Null);
        }
        let nothing = if self.null == Null::Refused { "" } else { ", or nothing" };
        let wrong =
            |what: &str| InvalidSetting::new(self.key, format!("{}: write {what}{nothing}.", self.label));
        let number = |what| units::text::number(text).ok_or_else(|| wrong(what));
        match self.kind {
            Kind::Flag => text.parse::<bool>().map(Value::from).map_err(|_| wrong("true or false")),
            Kind::Whole { .. } => text.parse::<u64>().map(Value::from).map_err(|_| wrong("a whole number")),
            Kind::Number { .. } => number("a number").map(value_of),
            Kind::Share => number("a percentage from 0 to 100").map(|percent| value_of(percent / 100.0)),
            Kind::Bytes { .. } => {
                let size = number("a number of gigabytes")?;
                let bytes = (0.0..1e9).contains(&size).then_some((size * BYTES_OF_GIGABYTE).round() as u64);
                bytes.map(Value::from).ok_or_else(|| wrong("a number of gigabytes"))
            }
            Kind::Choice(_) | Kind::Trainer | Kind::Parameters => Ok(Value::String(text.to_owned())),
        }
    }
}

/// A finite number is one of JSON's.
fn value_of(number: f64) -> Value {
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}
