//! Parameters of a training, whoever trains.

use super::TrainParams;
use crate::name::Name;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt};

/// The name under which the trainer of this program is listed; no other has it.
pub const BUILT_IN: &str = "built-in";

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParamValue {
    /// True or false.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// A word or a text; of any kind when it comes from a form.
    Text(String),
}

impl fmt::Display for ParamValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(value) => value.fmt(f),
            Self::Whole(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
        }
    }
}

/// Values by the names of their parameters.
pub type ParamValues = BTreeMap<String, ParamValue>;

/// Who trains, and with which parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RunParams {
    /// The trainer of this program.
    BuiltIn(TrainParams),
    /// Another one.
    Declared {
        /// Which.
        trainer: Name,
        /// All of its parameters, those that every trainer has included.
        values: ParamValues,
    },
}

impl From<TrainParams> for RunParams {
    fn from(params: TrainParams) -> Self {
        Self::BuiltIn(params)
    }
}

impl RunParams {
    /// The name of the trainer; `None` for that of this program.
    #[must_use]
    pub fn trainer(&self) -> Option<&Name> {
        match self {
            Self::BuiltIn(_) => None,
            Self::Declared { trainer, .. } => Some(trainer),
        }
    }

    /// The name under which the trainer is listed.
    #[must_use]
    pub fn trainer_name(&self) -> &str {
        self.trainer().map_or(BUILT_IN, Name::as_str)
    }

    /// The parameters of the trainer of this program.
    #[must_use]
    pub fn built_in(&self) -> Option<&TrainParams> {
        match self {
            Self::BuiltIn(params) => Some(params),
            Self::Declared { .. } => None,
        }
    }

    /// Whether weights are also fitted to the `val` split.
    #[must_use]
    pub fn fits_val(&self) -> bool {
        self.built_in().is_some_and(|params| params.train_on_val)
    }

    /// Seconds after which it stops with what it has; 0 for no limit.
    #[must_use]
    pub fn time_limit_s(&self) -> u64 {
        match self {
            Self::BuiltIn(params) => params.time_limit_s,
            Self::Declared { values, .. } => match values.get("time_limit_s") {
                Some(ParamValue::Whole(seconds)) => seconds.unsigned_abs(),
                _ => 0,
            },
        }
    }

    /// The value of a parameter as text; `None` for a name that is none.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        match self {
            Self::BuiltIn(params) => params.text(key),
            Self::Declared { values, .. } => values.get(key).map(ToString::to_string),
        }
    }

    /// All parameters as a JSON object.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        let value = match self {
            Self::BuiltIn(params) => serde_json::to_value(params),
            Self::Declared { values, .. } => serde_json::to_value(values),
        };
        match value {
            Ok(Value::Object(map)) => map,
            // A struct and a map of finite values are always an object.
            _ => Map::new(),
        }
    }

    /// The parameters that [`Self::to_map`] gave, of a trainer; `None` for that
    /// of this program.
    ///
    /// # Errors
    /// What does not fit.
    pub fn from_json(trainer: Option<Name>, params: Value) -> Result<Self, serde_json::Error> {
        Ok(match trainer {
            None => Self::BuiltIn(serde_json::from_value(params)?),
            Some(trainer) => Self::Declared { trainer, values: serde_json::from_value(params)? },
        })
    }
}
