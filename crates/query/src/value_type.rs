//! What a value is, and so what it can be compared with.

/// What a value is, and so what it can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// One of the statuses.
    Status,
    /// `true` or `false`.
    Bool,
    /// A plain number.
    Number,
    /// A number of `ms` (when bare) or `s`.
    Duration,
    /// A text, bytewise.
    Text,
    /// A date, a time, or a time ago.
    Date,
    /// A text, or a number where it is compared with one.
    Metadata,
}

impl ValueType {
    /// The operators it has, in the order they are offered.
    #[must_use]
    pub fn operators(self) -> &'static [&'static str] {
        match self {
            Self::Status => &["=", "!=", "in", "not in"],
            Self::Bool => &["=", "!="],
            Self::Number | Self::Duration => &[">", ">=", "<", "<=", "=", "!=", "in", "not in"],
            Self::Text | Self::Metadata => &["=", "!=", "~", "in", "not in", "<", "<=", ">", ">="],
            Self::Date => &[">", ">=", "<", "<=", "=", "!=", "in", "not in"],
        }
    }

    /// Whether it has this operator.
    pub(super) fn allows(self, operator: &str) -> bool {
        self.operators().contains(&operator)
    }

    /// Whether `~` has a meaning.
    pub(super) fn has_contains(self) -> bool {
        matches!(self, Self::Text | Self::Metadata)
    }

    /// What it is compared with, in a sentence.
    pub(super) fn wanted(self) -> &'static str {
        match self {
            Self::Status => "a status",
            Self::Bool => "`true` or `false`",
            Self::Number => "a number",
            Self::Duration => "a number of `ms` or `s`",
            Self::Text | Self::Metadata => "a text",
            Self::Date => "a date",
        }
    }
}
