//! Trainers that the operator of a server named: programs of other people that
//! train a model. What they say of themselves, and what they are asked for.
//! Knows nothing of processes, and of files only where they lie.

use super::{InvalidParam, PARAMS, ParamKind, ParamValue, ParamValues, RunParams, TrainParams};
use crate::name::Name;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use units::text::number;

/// The version of the protocol between this program and a trainer.
pub const PROTOCOL: u32 = 1;
/// In a job's folder: what is asked for.
pub const JOB_FILE: &str = "job.json";
/// In a job's folder: where the trainer leaves its model and what is kept beside it.
pub const OUTPUT_FOLDER: &str = "output";
/// In the output folder: the model.
pub const MODEL_FILE: &str = "model.onnx";
/// In the output folder: how the model is asked, where it does not say so itself.
pub const RECIPE_FILE: &str = "recipe.json";

/// Parameters that every trainer has and none declares.
const COMMON: [&str; 2] = ["seed", "time_limit_s"];
/// A form with more is none that a person fills in.
const MOST_PARAMETERS: usize = 48;
const LONGEST_NAME: usize = 64;
const LONGEST_TEXT: usize = 1_000;

/// A parameter, as a trainer declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamSpec {
    /// Its name: `a-z`, digits and `_`.
    pub name: String,
    /// What its value looks like.
    #[serde(rename = "type")]
    pub kind: ParamKind,
    /// What holds where nothing is said.
    pub default: ParamValue,
    /// The least that is allowed, of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<f64>,
    /// The most that is allowed, of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
    /// What a whole number is a multiple of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple_of: Option<u32>,
    /// What may be chosen from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// What it does, in a few words, with its unit.
    #[serde(default)]
    pub help: String,
}

/// What a trainer says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainerDescription {
    /// The version of the protocol that it speaks.
    pub protocol: u32,
    /// What it trains, in a sentence or two.
    #[serde(default)]
    pub about: String,
    /// Its parameters, in the order in which people see them.
    #[serde(default)]
    pub parameters: Vec<ParamSpec>,
}

impl ParamSpec {
    fn common(name: &str) -> Self {
        let help = match name {
            "seed" => "fixes every random choice",
            _ => "seconds after which it is told to stop with what it has; 0 for no limit",
        };
        let most =
            if name == "seed" { f64::from(u32::MAX) } else { super::params::LONGEST_TIME_LIMIT_S as f64 };
        Self {
            name: name.to_owned(),
            kind: ParamKind::Whole,
            default: ParamValue::Whole(0),
            least: Some(0.0),
            most: Some(most),
            multiple_of: None,
            choices: Vec::new(),
            help: help.to_owned(),
        }
    }

    /// The value as one of this parameter's kind: a text is read, a whole
    /// number stands for a number.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn read(&self, given: &ParamValue) -> Result<ParamValue, String> {
        let value = match (self.kind, given) {
            (ParamKind::Flag, ParamValue::Text(text)) => text.trim().parse().ok().map(ParamValue::Flag),
            (ParamKind::Whole, ParamValue::Text(text)) => text.trim().parse().ok().map(ParamValue::Whole),
            (ParamKind::Number, ParamValue::Text(text)) => number(text.trim()).map(ParamValue::Number),
            (ParamKind::Number, ParamValue::Whole(whole)) => Some(ParamValue::Number(*whole as f64)),
            (ParamKind::Flag, ParamValue::Flag(_))
            | (ParamKind::Whole, ParamValue::Whole(_))
            | (ParamKind::Number, ParamValue::Number(_))
            | (ParamKind::Choice | ParamKind::Text, ParamValue::Text(_)) => Some(given.clone()),
            _ => None,
        };
        let fits = value.filter(|value| self.allows(value));
        fits.ok_or_else(|| format!("{:?} is not {}", given.to_string(), self.wanted()))
    }

    fn allows(&self, value: &ParamValue) -> bool {
        let in_range = |number: f64| {
            number.is_finite()
                && self.least.is_none_or(|least| number >= least)
                && self.most.is_none_or(|most| number <= most)
        };
        match value {
            ParamValue::Flag(_) => true,
            ParamValue::Whole(number) => {
                let step = self.multiple_of.map_or(1, i64::from).max(1);
                number % step == 0 && in_range(*number as f64)
            }
            ParamValue::Number(number) => in_range(*number),
            ParamValue::Text(text) if self.kind == ParamKind::Choice => self.choices.contains(text),
            ParamValue::Text(text) => {
                text.chars().count() <= LONGEST_TEXT && !text.contains(|c: char| c.is_control())
            }
        }
    }

    /// What its value may be, in words.
    #[must_use]
    pub fn wanted(&self) -> String {
        let what = match (self.kind, self.multiple_of) {
            (ParamKind::Flag, _) => return "true or false".to_owned(),
            (ParamKind::Choice, _) => return format!("one of {}", self.choices.join(", ")),
            (ParamKind::Text, _) => return format!("a text of at most {LONGEST_TEXT} characters"),
            (ParamKind::Whole, Some(step)) => format!("a multiple of {step}"),
            (ParamKind::Whole, None) => "a whole number".to_owned(),
            (ParamKind::Number, _) => "a number".to_owned(),
        };
        match (self.least, self.most) {
            (Some(least), Some(most)) => format!("{what} from {least} to {most}"),
            (Some(least), None) => format!("{what}, at least {least}"),
            (None, Some(most)) => format!("{what}, at most {most}"),
            (None, None) => what,
        }
    }

    fn check(&self) -> Result<(), String> {
        let name = &self.name;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
        if !starts_well || name.len() > LONGEST_NAME || !name.chars().all(allowed) {
            return Err(format!("{name:?} is no name of a parameter: use a-z, digits and _"));
        }
        if COMMON.contains(&name.as_str()) {
            return Err(format!("{name} belongs to every trainer: it is in job.json, and not declared"));
        }
        if self.kind == ParamKind::Choice && self.choices.is_empty() {
            return Err(format!("{name} has nothing to choose from"));
        }
        self.read(&self.default).map(drop).map_err(|wrong| format!("the default of {name}: {wrong}"))
    }
}

impl TrainerDescription {
    /// Reads what a trainer prints when it is asked to describe itself, and
    /// adds the parameters that every trainer has.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn read(json: &str) -> Result<Self, String> {
        let mut read: Self = serde_json::from_str(json.trim())
            .map_err(|error| format!("its description is no JSON of the expected form: {error}"))?;
        if read.protocol != PROTOCOL {
            return Err(format!(
                "it speaks protocol {} and this program protocol {PROTOCOL}: take a trainer of this version",
                read.protocol
            ));
        }
        if read.parameters.len() > MOST_PARAMETERS {
            return Err(format!("it declares more than {MOST_PARAMETERS} parameters"));
        }
        let mut names = BTreeSet::new();
        for spec in &mut read.parameters {
            spec.check()?;
            // A default of 1 of a number is 1.0.
            spec.default = spec.read(&spec.default)?;
            if !names.insert(spec.name.clone()) {
                return Err(format!("it declares {} twice", spec.name));
            }
        }
        read.parameters.extend(COMMON.map(ParamSpec::common));
        Ok(read)
    }

    /// The trainer of this program, described as the others describe themselves.
    #[must_use]
    pub fn built_in() -> Self {
        let default = Value::from_iter(RunParams::from(TrainParams::default()).to_map());
        let spec = |info: super::ParamInfo| ParamSpec {
            name: info.key.to_owned(),
            kind: info.kind,
            // Every parameter of ours has a default that JSON can say: a test looks.
            default: default
                .get(info.key)
                .and_then(|value| serde_json::from_value(value.clone()).ok())
                .unwrap_or(ParamValue::Whole(0)),
            least: info.range.map(|(least, _)| least),
            most: info.range.map(|(_, most)| most),
            multiple_of: info.multiple_of,
            choices: Vec::new(),
            help: info.what.to_owned(),
        };
        Self {
            protocol: PROTOCOL,
            about: "Fovea's own detector, trained on the processors of the machine.".to_owned(),
            parameters: PARAMS.into_iter().map(spec).collect(),
        }
    }

    /// All values of a run: those given, and the defaults of the others.
    ///
    /// # Errors
    /// Names the first parameter that is none, or whose value is not allowed.
    pub fn complete(&self, given: &ParamValues) -> Result<ParamValues, InvalidParam> {
        if let Some(key) = given.keys().find(|key| !self.parameters.iter().any(|spec| spec.name == **key)) {
            let known: Vec<&str> = self.parameters.iter().map(|spec| spec.name.as_str()).collect();
            return Err(InvalidParam::Unknown { key: key.clone(), known: known.join(", ") });
        }
        let value = |spec: &ParamSpec| {
            let value = given.get(&spec.name).unwrap_or(&spec.default);
            let value = spec.read(value);
            value.map_err(|reason| InvalidParam::Value { key: spec.name.clone(), reason })
        };
        self.parameters.iter().map(|spec| Ok((spec.name.clone(), value(spec)?))).collect()
    }
}

/// A trainer, and what it said of itself or why it said nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainerInfo {
    /// Its name: [`super::BUILT_IN`], or as the operator calls it.
    pub name: Name,
    /// What it says of itself, or why it cannot be used now.
    pub description: Result<TrainerDescription, String>,
}

impl TrainerInfo {
    /// The description of the trainer of this name.
    ///
    /// # Errors
    /// When there is none, or it cannot be used now.
    pub fn find<'a>(all: &'a [Self], name: &Name) -> Result<&'a TrainerDescription, InvalidParam> {
        let unusable = |reason: String| InvalidParam::Trainer { trainer: name.to_string(), reason };
        let info = all.iter().find(|info| info.name == *name);
        let info =
            info.ok_or_else(|| unusable("the operator of this server named none like that".to_owned()))?;
        info.description.as_ref().map_err(|reason| unusable(reason.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn described(parameters: &Value) -> Result<TrainerDescription, String> {
        TrainerDescription::read(&json!({ "protocol": 1, "parameters": parameters }).to_string())
    }

    fn yolo() -> TrainerDescription {
        described(&json!([
            { "name": "epochs", "type": "whole", "default": 10, "least": 1, "most": 1000, "help": "passes" },
            { "name": "imgsz", "type": "whole", "default": 640, "least": 32, "most": 2048, "multiple_of": 32 },
            { "name": "lr", "type": "number", "default": 1, "least": 0 },
            { "name": "mosaic", "type": "flag", "default": true },
            { "name": "size", "type": "choice", "default": "n", "choices": ["n", "s"] },
            { "name": "extra", "type": "text", "default": "" }
        ]))
        .expect("a description")
    }

    fn values(given: Value) -> ParamValues {
        serde_json::from_value(given).expect("values")
    }

    #[test]
    fn values_are_read_from_texts_and_completed_with_defaults() {
        let all = yolo().complete(&values(json!({ "epochs": " 3 ", "lr": 2, "size": "s", "seed": "7" })));
        let all = all.expect("sound");
        let run = RunParams::Declared { trainer: Name::new("yolo").expect("a name"), values: all };
        assert_eq!(
            Value::Object(run.to_map()),
            json!({ "epochs": 3, "imgsz": 640, "lr": 2.0, "mosaic": true, "size": "s", "extra": "",
                    "seed": 7, "time_limit_s": 0 })
        );
        let again = RunParams::from_json(run.trainer().cloned(), Value::Object(run.to_map()));
        assert_eq!(again.expect("reads"), run);
    }

    #[test]
    fn what_is_not_allowed_is_refused_with_what_would_be() {
        let refused = |given: Value| yolo().complete(&values(given)).expect_err("refused").to_string();
        assert_eq!(refused(json!({ "epochs": 0 })), "epochs: \"0\" is not a whole number from 1 to 1000");
        assert_eq!(refused(json!({ "epochs": 1.5 })), "epochs: \"1.5\" is not a whole number from 1 to 1000");
        assert_eq!(
            refused(json!({ "imgsz": "100" })),
            "imgsz: \"100\" is not a multiple of 32 from 32 to 2048"
        );
        assert_eq!(refused(json!({ "lr": "NaN" })), "lr: \"NaN\" is not a number, at least 0");
        assert_eq!(refused(json!({ "mosaic": "yes" })), "mosaic: \"yes\" is not true or false");
        assert_eq!(refused(json!({ "size": "x" })), "size: \"x\" is not one of n, s");
        assert!(refused(json!({ "extra": "a\nb" })).contains("a text of at most 1000"));
        assert!(refused(json!({ "epoch": 1 })).contains("there are: epochs, imgsz, lr"));
    }

    #[test]
    fn a_description_that_cannot_be_used_says_why() {
        let wrong = |spec: Value| described(&json!([spec])).expect_err("refused");
        let epochs = json!({ "name": "epochs", "type": "whole", "default": 1 });
        assert!(wrong(json!({ "name": "Epochs", "type": "whole", "default": 1 })).contains("no name"));
        assert!(wrong(json!({ "name": "seed", "type": "whole", "default": 1 })).contains("every trainer"));
        assert!(wrong(json!({ "name": "a", "type": "whole", "default": "x" })).contains("the default of a"));
        assert!(
            wrong(json!({ "name": "a", "type": "choice", "default": "x" })).contains("nothing to choose")
        );
        assert!(wrong(json!({ "name": "a", "type": "date", "default": "x" })).contains("no JSON"));
        assert!(described(&json!([epochs, epochs])).expect_err("twice").contains("twice"));
        assert!(TrainerDescription::read("usage: train.py").expect_err("none").contains("no JSON"));
        assert!(TrainerDescription::read("{\"protocol\":2}").expect_err("newer").contains("protocol 2"));
    }

    #[test]
    fn the_built_in_trainer_is_described_as_the_others_are() {
        let described = TrainerDescription::built_in();
        for spec in &described.parameters {
            assert_eq!(spec.read(&spec.default), Ok(spec.default.clone()), "{}", spec.name);
            let text = TrainParams::default().text(&spec.name).expect("a parameter");
            assert_eq!(spec.read(&ParamValue::Text(text)), Ok(spec.default.clone()), "{}", spec.name);
            for bound in [spec.least, spec.most].into_iter().flatten() {
                // A batch of the most images needs a small input, and so on.
                let small =
                    [("input_width", "64"), ("input_height", "64"), ("width", "0.125"), ("batch_size", "1")];
                let mut params = TrainParams::default();
                for (key, value) in small {
                    params.set(key, value).expect("a parameter");
                }
                params.set(&spec.name, &bound.to_string()).expect("a value");
                assert_eq!(params.validate(), Ok(()), "{} {bound}", spec.name);
            }
        }
    }
}
