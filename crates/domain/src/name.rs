//! Names that people give: of datasets, models, deployments and labels.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// What every text does that was checked when it was made.
macro_rules! checked_text {
    ($name:ident, $error:ident) => {
        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = $error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Self::new(s)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(checked: $name) -> Self {
                checked.as_str().to_owned()
            }
        }
    };
}

/// 1 to 64 characters of `a-z A-Z 0-9 . _ -`, starting with a letter or a
/// digit: safe in a URL, on a command line and as part of `name/version`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a text is not a [`Name`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a name: use 1 to 64 letters, digits, '.', '_' or '-', starting with a letter or a digit"
)]
pub struct InvalidName(pub String);

impl Name {
    /// Checks `text`.
    ///
    /// # Errors
    /// When a character, the first character or the length is not allowed.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts_well && text.len() <= 64 && text.chars().all(allowed) {
            Ok(Self(text))
        } else {
            Err(InvalidName(text))
        }
    }
}

checked_text!(Name, InvalidName);

/// `NAME/N`: a model's or a dataset's version as people write it. `N` is a
/// number for models; for datasets it is the version's own name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VersionRef {
    /// The model or dataset.
    pub name: Name,
    /// The version's number or name.
    pub version: Name,
}

impl fmt::Display for VersionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.version)
    }
}

impl FromStr for VersionRef {
    type Err = InvalidName;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let (name, version) = s.split_once('/').ok_or_else(|| InvalidName(s.to_owned()))?;
        Ok(Self { name: Name::new(name)?, version: Name::new(version)? })
    }
}

/// Whether a character hides what a text is: a control character, or one that
/// turns the direction of what follows (Unicode, UAX #9, 2.1 to 2.5), so that
/// `gpj.exe` reads as `exe.jpg`.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A class of object. 1 to 128 characters, any script, no control characters
/// and no blanks at either end: dataset authors name classes freely. Its text
/// is shared by its clones: a dataset has few labels, and millions of boxes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(Arc<str>);

/// Why a text is not a [`Label`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a label: use 1 to 128 characters, without control characters or blanks at the ends")]
pub struct InvalidLabel(pub String);

impl Label {
    /// Checks `text`.
    ///
    /// # Errors
    /// When it is empty, too long, has control characters or blanks at an end.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidLabel> {
        let text = text.into();
        let length = text.chars().count();
        if (1..=128).contains(&length) && text.trim() == text && !text.chars().any(char::is_control) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidLabel(text))
        }
    }
}

checked_text!(Label, InvalidLabel);

/// Labels as people list them: a JSON array, one a line, or on one line with
/// commas between them. Blanks around them and empty lines do not count.
///
/// # Errors
/// The first text that is no label.
pub fn label_list(text: &str) -> Result<Vec<Label>, InvalidLabel> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('[') {
        let texts: Vec<String> =
            serde_json::from_str(text).map_err(|_| InvalidLabel(text.chars().take(128).collect()))?;
        return texts.into_iter().map(Label::new).collect();
    }
    let separator = if text.contains('\n') { '\n' } else { ',' };
    text.split(separator).map(str::trim).filter(|label| !label.is_empty()).map(Label::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_listed_by_line_by_comma_or_as_json() {
        let listed = |text: &str| {
            label_list(text).map(|labels| labels.into_iter().map(String::from).collect::<Vec<_>>().join("|"))
        };
        for (text, labels) in [
            ("car, truck,bicycle", "car|truck|bicycle"),
            ("car\r\ntraffic light, red\n\n", "car|traffic light, red"),
            (r#"["a,b", "c"]"#, "a,b|c"),
            ("\u{feff}car", "car"),
            (" ", ""),
        ] {
            assert_eq!(listed(text).as_deref(), Ok(labels), "{text:?}");
        }
        assert!(listed("[1]").is_err());
        assert!(listed(&"x".repeat(129)).is_err());
    }
}
