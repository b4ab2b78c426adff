//! Settings of a deployment as tables: a setting is one row, and its field,
//! check, default, help, schema of the API and control of a form come from
//! it. Does not know where values are kept, or what they bring about.
//!
//! The rows are in [`table`]; a group is what one `PUT` sets and one form
//! shows.

mod form;
mod table;
mod value;
mod wire;

pub use form::{form_texts, from_form};
pub use table::{ContinuousDeployment, ContinuousTraining, Retention, ReviewSettings, SubmissionSettings};
pub use value::{from_json, from_stored, to_map, validate};
pub use wire::SettingsMap;

use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Write;

/// Settings that are set together.
pub trait SettingsGroup: Serialize + DeserializeOwned + Default + Clone + Send + Sync + 'static {
    /// The word of the database and of forms.
    const NAME: &'static str;
    /// What the group is about, as Markdown with a line break at each line.
    const ABOUT: &'static str;
    /// Its settings, in the order in which people see them.
    const TABLE: &'static [Setting];
    /// What a `PUT` says beside the settings: no settings themselves.
    const BESIDE: &'static [&'static str] = &[];
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// True or false.
    Flag,
    /// A whole number of 32 bits.
    Whole {
        /// The least that is allowed.
        least: u64,
        /// The most that is allowed.
        most: u64,
    },
    /// A number.
    Number {
        /// The least that is allowed.
        least: f64,
        /// The most that is allowed.
        most: f64,
    },
    /// A part of a whole, in [0, 1]; people write percent.
    Share,
    /// A number of bytes; people write gigabytes.
    Bytes {
        /// The least that is allowed.
        least: u64,
    },
    /// One of some words, each with what people read for it. The empty word
    /// stands for `null`.
    Choice(&'static [(&'static str, &'static str)]),
    /// The name of a trainer; the built-in one is `null`.
    Trainer,
    /// Parameters of a training by name.
    Parameters,
}

/// What `null` means as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    /// It is refused.
    Refused,
    /// What holds where nothing is said.
    Usual,
    /// There is none; also when the setting is left out.
    Nothing,
}

/// One row: all that is known of a setting but its type and its default,
/// which the group's struct has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The word of the API and the database.
    pub key: &'static str,
    /// What it is, does and means, as Markdown with a line break at each line.
    pub help: &'static str,
    /// What stands before its field.
    pub label: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// What stands behind its field; empty for nothing.
    pub unit: &'static str,
    /// What an empty field means, in its place.
    pub placeholder: &'static str,
    /// An example for the description of the API; empty for none.
    pub example: &'static str,
    /// What `null` means.
    pub null: Null,
    /// Whether a `PUT` must say it.
    pub required: bool,
}

/// Why a value cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidSetting {
    /// The setting's key.
    pub key: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl InvalidSetting {
    fn new(key: &str, message: impl Into<String>) -> Self {
        Self { key: key.to_owned(), message: message.into() }
    }
}

impl Setting {
    /// A row with this label; the table gives it its key and help.
    const fn new(label: &'static str, kind: Kind) -> Self {
        Self {
            key: "",
            help: "",
            label,
            kind,
            unit: "",
            placeholder: "",
            example: "",
            null: Null::Refused,
            required: false,
        }
    }

    const fn named(self, key: &'static str, help: &'static str) -> Self {
        Self { key, help, ..self }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    /// `null` stands for what holds where nothing is said.
    const fn or_usual(self) -> Self {
        Self { null: Null::Usual, ..self }
    }

    /// `null` and an empty field stand for none, which `placeholder` names.
    const fn or_nothing(self, placeholder: &'static str) -> Self {
        Self { null: Null::Nothing, placeholder, ..self }
    }
}

/// The lines of a doc comment as one text.
#[must_use]
pub fn lines(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// All settings as a page of the documentation, in Markdown.
#[must_use]
pub fn handbook() -> String {
    let mut page = String::from(
        "# Settings of a deployment\n\n\
         Made from the tables in `crates/domain/src/settings/table.rs`; a test says how to make it anew.\n\
         An administrator sets them on the pages *Settings*, *Learning* and *Feedback*, or with `PUT` \
         under `/api/v1/deployments/{deployment}/`.\n",
    );
    section::<ReviewSettings>(&mut page, "Reviews", "review-settings");
    section::<SubmissionSettings>(&mut page, "Feedback loop", "feedback-loop");
    section::<ContinuousTraining>(&mut page, "Continuous training", "continuous-training");
    section::<ContinuousDeployment>(&mut page, "Continuous deployment", "continuous-deployment");
    section::<Retention>(&mut page, "Retention", "retention");
    page
}

fn section<G: SettingsGroup>(page: &mut String, title: &str, route: &str) {
    let usual = to_map(&G::default());
    // Writing into a text does not fail.
    let _ = write!(page, "\n## {title}\n\n`…/{route}`: {}\n\n", lines(G::ABOUT).replace('\n', " "));
    page.push_str("| setting | values | usual | meaning |\n|---|---|---|---|\n");
    for row in G::TABLE {
        let usual = usual.get(row.key).map_or_else(|| "null".to_owned(), ToString::to_string);
        let (key, values, help) = (row.key, row.kind.words(), lines(row.help).replace('\n', " "));
        let _ = writeln!(page, "| `{key}` | {values} | `{usual}` | {help} |");
    }
}

impl Kind {
    /// The values that there are, in words.
    fn words(self) -> String {
        match self {
            Self::Flag => "`true`, `false`".to_owned(),
            Self::Whole { least, most } => format!("{least} to {most}"),
            Self::Number { least, most } => format!("{least} to {most}"),
            Self::Share => "0 to 1".to_owned(),
            Self::Bytes { least } => format!("at least {least}"),
            Self::Choice(choices) => {
                let word = |(word, _): &(&str, _)| {
                    if word.is_empty() { "`null`".to_owned() } else { format!("`{word}`") }
                };
                choices.iter().map(word).collect::<Vec<_>>().join(", ")
            }
            Self::Trainer => "the name of a trainer, `null`".to_owned(),
            Self::Parameters => "an object of training parameters".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
