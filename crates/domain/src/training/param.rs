//! The parameters of a training one by one: what each is, and how it is read
//! from the words of a form or a command line.

use super::params::{InvalidParam, LONGEST_TIME_LIMIT_S, TrainParams};
use serde::{Deserialize, Serialize};
use units::text::number;

/// What a parameter's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParamKind {
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// One of some words.
    Choice,
    /// Any text.
    Text,
}

/// A parameter, as people are told about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamInfo {
    /// Its name.
    pub key: &'static str,
    /// What its value looks like.
    pub kind: ParamKind,
    /// What it does, in a few words, with its unit.
    pub what: &'static str,
    /// The least and the most that a form offers; [`TrainParams::validate`]
    /// has the rule.
    pub range: Option<(f64, f64)>,
    /// What it is a multiple of.
    pub multiple_of: Option<u32>,
}

const fn info(key: &'static str, kind: ParamKind, what: &'static str) -> ParamInfo {
    ParamInfo { key, kind, what, range: None, multiple_of: None }
}

impl ParamInfo {
    const fn range(self, least: f64, most: f64) -> Self {
        Self { range: Some((least, most)), ..self }
    }

    const fn multiple_of(self, step: u32) -> Self {
        Self { multiple_of: Some(step), ..self }
    }
}

/// Seeds that every form and every program can say exactly.
const LARGEST_SEED: f64 = 9_007_199_254_740_991.0;

/// All of them; those that people change most come first.
pub const PARAMS: [ParamInfo; 20] = {
    use ParamKind::{Flag, Number, Text, Whole};
    [
        info("time_limit_s", Whole, "seconds after which it stops with what it has; 0 for no limit")
            .range(0.0, LONGEST_TIME_LIMIT_S as f64),
        info("epochs", Whole, "passes over the training images; 0: from the data").range(0.0, 1e4),
        info("seed", Whole, "fixes every random choice").range(0.0, LARGEST_SEED),
        info("input_width", Whole, "width of the network's input in px, a multiple of 32; 0: from the data")
            .range(0.0, 1280.0)
            .multiple_of(32),
        info(
            "input_height",
            Whole,
            "height of the network's input in px, a multiple of 32; 0: from the data",
        )
        .range(0.0, 1280.0)
        .multiple_of(32),
        info("width", Number, "multiplies the channels of every layer").range(0.125, 4.0),
        info("batch_size", Whole, "images in a step; 0: from the data").range(0.0, 256.0),
        info("learning_rate", Number, "at its peak").range(1e-9, 1.0),
        info("weight_decay", Number, "decoupled weight decay").range(0.0, 1.0),
        info("warmup", Number, "share of the steps in which the rate climbs").range(0.0, 0.5),
        info("ema_decay", Number, "decay of the averaged weights, per step").range(0.0, 0.999_999),
        info("mosaic", Number, "share of images made of four; -1: from the data").range(-1.0, 1.0),
        info("zoom", Number, "images are zoomed by up to 1 + this; -1: from the data").range(-1.0, 1.0),
        info(
            "balance",
            Number,
            "images of labels in fewer than this share come more often; -1: from the data",
        )
        .range(-1.0, 1.0),
        info(
            "flip_vertical",
            Number,
            "chance of mirroring top to bottom; 0.5 where up and down mean nothing",
        )
        .range(0.0, 1.0),
        info("train_on_val", Flag, "also train on the val split, which then selects nothing"),
        info("evaluations", Whole, "measurements on the val split during the run").range(0.0, 1000.0),
        info(
            "patience",
            Whole,
            "measurements no better beyond their interval, from AP 0.05 on, that end it; 0: never, -1: from the data",
        )
        .range(-1.0, 1000.0),
        info(
            "backbone",
            Text,
            "file of backbones/ in the data folder to start from; docs/detector.md says which",
        ),
        info("max_steps", Whole, "steps at most; 0 for as many as epochs needs").range(0.0, 1e7),
    ]
};

/// Where the value of a parameter stands.
enum ParamSlot<'a> {
    Narrow(&'a mut u32),
    Signed(&'a mut i32),
    Wide(&'a mut u64),
    Number(&'a mut f64),
    Flag(&'a mut bool),
    Text(&'a mut String),
}

impl TrainParams {
    fn slot(&mut self, key: &str) -> Option<ParamSlot<'_>> {
        use ParamSlot::{Flag, Narrow, Number, Signed, Text, Wide};
        Some(match key {
            "input_width" => Narrow(&mut self.input_width),
            "input_height" => Narrow(&mut self.input_height),
            "width" => Number(&mut self.width),
            "epochs" => Narrow(&mut self.epochs),
            "max_steps" => Narrow(&mut self.max_steps),
            "batch_size" => Narrow(&mut self.batch_size),
            "learning_rate" => Number(&mut self.learning_rate),
            "weight_decay" => Number(&mut self.weight_decay),
            "warmup" => Number(&mut self.warmup),
            "ema_decay" => Number(&mut self.ema_decay),
            "mosaic" => Number(&mut self.mosaic),
            "zoom" => Number(&mut self.zoom),
            "balance" => Number(&mut self.balance),
            "flip_vertical" => Number(&mut self.flip_vertical),
            "train_on_val" => Flag(&mut self.train_on_val),
            "evaluations" => Narrow(&mut self.evaluations),
            "patience" => Signed(&mut self.patience),
            "time_limit_s" => Wide(&mut self.time_limit_s),
            "seed" => Wide(&mut self.seed),
            "backbone" => Text(&mut self.backbone),
            _ => return None,
        })
    }

    /// The value of a parameter as [`Self::set`] reads it; `None` for a name
    /// that is none.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        Some(match self.clone().slot(key)? {
            ParamSlot::Narrow(value) => value.to_string(),
            ParamSlot::Signed(value) => value.to_string(),
            ParamSlot::Wide(value) => value.to_string(),
            ParamSlot::Number(value) => value.to_string(),
            ParamSlot::Flag(value) => value.to_string(),
            ParamSlot::Text(value) => value.clone(),
        })
    }

    /// Sets a parameter from text. Ranges are checked by [`Self::validate`].
    ///
    /// # Errors
    /// A name that is none, or a text that is no value of its kind.
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), InvalidParam> {
        let Some(slot) = self.slot(key) else {
            let known = PARAMS.map(|info| info.key).join(", ");
            return Err(InvalidParam::Unknown { key: key.to_owned(), known });
        };
        let text = text.trim();
        let (read, wanted) = match slot {
            ParamSlot::Narrow(value) => {
                (text.parse().map(|new| *value = new).is_ok(), "a whole number from 0 to 4294967295")
            }
            ParamSlot::Signed(value) => (text.parse().map(|new| *value = new).is_ok(), "a whole number"),
            ParamSlot::Wide(value) => {
                (text.parse().map(|new| *value = new).is_ok(), "a whole number, 0 or more")
            }
            ParamSlot::Number(value) => (number(text).map(|new| *value = new).is_some(), "a number"),
            ParamSlot::Flag(value) => (text.parse().map(|new| *value = new).is_ok(), "true or false"),
            ParamSlot::Text(value) => {
                text.clone_into(value);
                (true, "a text")
            }
        };
        if read {
            return Ok(());
        }
        Err(InvalidParam::Value { key: key.to_owned(), reason: format!("{text:?} is not {wanted}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_told_of_and_reads_back_its_default() {
        let default = TrainParams::default();
        let mut told: Vec<&str> = PARAMS.map(|info| info.key).to_vec();
        told.sort_unstable();
        let values = serde_json::to_value(&default).unwrap();
        let mut fields: Vec<&str> = values.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(told, fields);
        for info in PARAMS {
            let mut params = default.clone();
            params.set(info.key, &default.text(info.key).unwrap()).unwrap();
            assert_eq!(params, default, "{}", info.key);
            let text = info.kind == ParamKind::Text;
            let number = params.set(info.key, "0.5").is_ok();
            assert_eq!(number, info.kind == ParamKind::Number || text, "{}", info.key);
            let flag = params.set(info.key, "true").is_ok();
            assert_eq!(flag, info.kind == ParamKind::Flag || text, "{}", info.key);
        }
    }

    fn refused(key: &str, text: &str) -> String {
        TrainParams::default().set(key, text).unwrap_err().to_string()
    }

    #[test]
    fn a_value_of_another_kind_and_an_unknown_name_are_refused() {
        assert_eq!(refused("epochs", "1.5"), "epochs: \"1.5\" is not a whole number from 0 to 4294967295");
        assert_eq!(refused("learning_rate", "fast"), "learning_rate: \"fast\" is not a number");
        assert_eq!(refused("train_on_val", "yes"), "train_on_val: \"yes\" is not true or false");
        assert!(
            refused("epoch", "3")
                .starts_with("there is no training parameter \"epoch\"; there are: time_limit_s, epochs")
        );
        assert!(refused("epochs", "99999999999").starts_with("epochs: "));
        assert_eq!(refused("width", "NaN"), "width: \"NaN\" is not a number");
        let mut params = TrainParams::default();
        let Some(ParamSlot::Number(width)) = params.slot("width") else { panic!("no number") };
        *width = f64::NAN;
        assert!(params.validate().is_err(), "a range refuses what is no number");
    }
}
