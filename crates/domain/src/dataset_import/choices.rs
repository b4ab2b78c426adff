//! What decides where files can be read in two ways. By default nothing is
//! decided: such a thing is left out, named and counted.
//!
//! [`CHOICES`] is the table of which the command line's options, the API's
//! fields and the page's form are made.

use serde::{Deserialize, Serialize};

/// What an image without a file of labels is. An image whose file is empty is
/// always one without objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unlabelled {
    /// Not annotated: it is left out.
    #[default]
    LeaveOut,
    /// An image without objects.
    Background,
}

/// What is done about a size in the annotations that is not the image's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sizes {
    /// Boxes of the same picture at another scale are scaled; an image of
    /// another shape is left out.
    #[default]
    Check,
    /// Boxes are taken as they are.
    Ignore,
}

/// What the numbers after a box are in a line of YOLO's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExtraColumns {
    /// Nothing that is kept: keypoints, a confidence, the id of a track. The
    /// box is the first four.
    Ignore,
    /// All numbers are corners of an outline.
    Outline,
}

/// What a box is of a class that the files have no name for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnlistedClasses {
    /// A fault: the box is left out.
    #[default]
    LeaveOut,
    /// A box of the class that is called by its number or id.
    ByNumber,
}

/// How files are read that can be read in two ways.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportChoices {
    /// Import what is sound although boxes or splits are lost.
    pub keep_going: bool,
    /// What an image without a file of labels is.
    pub missing_labels: Unlabelled,
    /// What is done about sizes that are not the images'.
    pub sizes: Sizes,
    /// What more numbers than a box has are, in YOLO's lines.
    pub extra_columns: Option<ExtraColumns>,
    /// What a box is of a class that the files have no name for.
    pub unlisted_classes: UnlistedClasses,
    /// The name of the encoding of text files that do not say it themselves.
    pub encoding: Option<String>,
}

/// A choice by its name.
#[derive(Clone, Copy)]
pub struct ChoiceRow {
    /// As in the API.
    pub name: &'static str,
    /// The same on the command line, without its dashes in front.
    pub option: &'static str,
    /// As on the page.
    pub label: &'static str,
    /// What it decides, in a sentence.
    pub help: &'static str,
    /// Words to choose from, each with what it means; none for a free text.
    /// Without one of them the first holds, unless `asks` says otherwise.
    pub words: &'static [(&'static str, &'static str)],
    /// Whether nothing is decided without a word: a file that needs one is
    /// left out and named.
    pub asks: bool,
    set: fn(&mut ImportChoices, &str) -> Option<()>,
    get: fn(&ImportChoices) -> Option<String>,
}

/// All choices but `keep_going`, which is a yes or no.
pub const CHOICES: [ChoiceRow; 5] = [
    ChoiceRow {
        name: "missing_labels",
        option: "missing-labels",
        label: "No file of labels",
        help: "Images without a file of labels: left out, or images without objects",
        words: &[("leave-out", "the image is left out"), ("background", "an image without objects")],
        asks: false,
        set: |choices, word| {
            choices.missing_labels = of_word(word)?;
            Some(())
        },
        get: |choices| to_word(choices.missing_labels),
    },
    ChoiceRow {
        name: "sizes",
        option: "sizes",
        label: "Other sizes",
        help: "A size in the annotations that is not the image's: check scales boxes and leaves out images of \
               another shape; ignore takes boxes as they are",
        words: &[
            ("check", "boxes are scaled to the image; one of another shape is left out"),
            ("ignore", "boxes are taken as they are"),
        ],
        asks: false,
        set: |choices, word| {
            choices.sizes = of_word(word)?;
            Some(())
        },
        get: |choices| to_word(choices.sizes),
    },
    ChoiceRow {
        name: "extra_columns",
        option: "extra-columns",
        label: "More numbers",
        help: "What more numbers than a box has are in YOLO's lines: ignore reads the first four, outline takes \
               all for corners",
        words: &[("ignore", "the box is the first four"), ("outline", "all are corners of an outline")],
        asks: true,
        set: |choices, word| {
            choices.extra_columns = Some(of_word(word)?);
            Some(())
        },
        get: |choices| to_word(choices.extra_columns?),
    },
    ChoiceRow {
        name: "unlisted_classes",
        option: "unlisted-classes",
        label: "Classes without a name",
        help: "Boxes of a class that the files have no name for: left out, or of a class called by its number",
        words: &[
            ("leave-out", "the box is left out"),
            ("by-number", "the class is called by its number or id"),
        ],
        asks: false,
        set: |choices, word| {
            choices.unlisted_classes = of_word(word)?;
            Some(())
        },
        get: |choices| to_word(choices.unlisted_classes),
    },
    ChoiceRow {
        name: "encoding",
        option: "encoding",
        label: "Encoding",
        help: "Of text files that are not UTF-8 and do not say what they are: windows-1252, shift_jis, gbk …",
        words: &[],
        asks: true,
        set: |choices, name| {
            choices.encoding = Some(name.to_owned());
            Some(())
        },
        get: |choices| choices.encoding.clone(),
    },
];

/// A word or a name that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not known: use {known}.")]
pub struct UnknownChoice {
    /// The choice that was given it.
    pub name: String,
    given: String,
    known: String,
}

impl ImportChoices {
    /// Decides one thing by its name and a word, as forms and bodies give
    /// them. A text of no letters decides nothing.
    ///
    /// # Errors
    /// A name or a word that is not known. Whether there is an encoding of a
    /// name is known to who reads texts.
    pub fn set(&mut self, name: &str, word: &str) -> Result<(), UnknownChoice> {
        let unknown = |given: &str, known: Vec<&str>| UnknownChoice {
            name: name.to_owned(),
            given: given.to_owned(),
            known: known.join(", "),
        };
        let row = CHOICES.iter().find(|row| row.name == name);
        let row = row.ok_or_else(|| unknown(name, CHOICES.iter().map(|row| row.name).collect()))?;
        let word = word.trim();
        if word.is_empty() {
            return Ok(());
        }
        let words = || row.words.iter().map(|(word, _)| *word).collect();
        (row.set)(self, word).ok_or_else(|| unknown(word, words()))
    }

    /// What is decided, name by name; what is not decided is left out.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, String)> {
        CHOICES.iter().filter_map(|row| Some((row.name, (row.get)(self)?)))
    }
}

fn of_word<T: for<'de> Deserialize<'de>>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(word)).ok()
}

fn to_word(value: impl Serialize) -> Option<String> {
    Some(serde_json::to_value(value).ok()?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_table_is_taken_and_given_back() {
        for row in CHOICES {
            let words: Vec<&str> = row.words.iter().map(|(word, _)| *word).collect();
            for word in if words.is_empty() { vec!["shift_jis"] } else { words } {
                let mut choices = ImportChoices::default();
                assert_eq!(choices.set(row.name, word), Ok(()), "{} {word}", row.name);
                assert!(choices.words().any(|(name, told)| name == row.name && told == word), "{choices:?}");
            }
        }
    }

    #[test]
    fn without_a_word_the_first_holds_or_nothing_does() {
        let decided: Vec<_> = ImportChoices::default().words().collect();
        let usual = CHOICES.iter().filter(|row| !row.asks).map(|row| (row.name, row.words[0].0.to_owned()));
        assert_eq!(decided, usual.collect::<Vec<_>>());
        let mut choices = ImportChoices::default();
        assert_eq!(choices.set("extra_columns", "  "), Ok(()));
        assert_eq!(choices, ImportChoices::default());
    }

    #[test]
    fn an_unknown_word_is_told_with_those_that_are_known() {
        let error = ImportChoices::default().set("sizes", "guess").expect_err("unknown");
        assert_eq!(
            (error.name.as_str(), error.to_string().as_str()),
            ("sizes", "\"guess\" is not known: use check, ignore.")
        );
        let error = ImportChoices::default().set("size", "check").expect_err("unknown");
        assert!(error.to_string().contains("missing_labels, sizes"), "{error}");
    }
}
