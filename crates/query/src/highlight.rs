//! What to colour in a search bar. Knows kinds of words, not colours.

use super::{
    MAX_BYTES,
    error::{Faults, Span},
    moment::Moment,
    roles::{Role, Roles, Subject},
    schema::ValueType,
    token::{Token, TokenKind, tokenize},
    value,
};
use serde::{Deserialize, Serialize};

/// A part of a query and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Highlight {
    /// Which part.
    pub span: Span,
    /// What it is.
    pub kind: HighlightKind,
}

/// What a part of a query is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HighlightKind {
    /// `and or not in`
    Keyword,
    /// `has count`
    Function,
    /// `champion shadow review all`
    Origin,
    /// A field there is.
    Field,
    /// A word that stands for a field and is none.
    UnknownField,
    /// `= < ~` …
    Operator,
    /// A value in quotes.
    Text,
    /// A number, with its unit.
    Number,
    /// A date, a time, or a time ago.
    Date,
    /// Any other bare value: `reviewed`, `true`, `none`, `night`.
    Word,
    /// Parentheses, commas and colons.
    Punctuation,
}

/// The parts of `text`, in order, without overlaps; blanks and what means
/// nothing are left out. Nothing for a text longer than
/// [`MAX_BYTES`](super::MAX_BYTES).
#[must_use]
pub fn highlight(text: &str) -> Vec<Highlight> {
    if text.len() > MAX_BYTES {
        return Vec::new();
    }
    let mut roles = Roles::new();
    let tokens = tokenize(text, &mut Faults::default());
    tokens.iter().map(|token| Highlight { span: token.span, kind: kind(token, &roles.take(token)) }).collect()
}

fn kind(token: &Token, role: &Role) -> HighlightKind {
    match role {
        Role::Keyword => HighlightKind::Keyword,
        Role::Function => HighlightKind::Function,
        Role::Origin => HighlightKind::Origin,
        Role::Field(Subject::Unknown) => HighlightKind::UnknownField,
        Role::Field(_) => HighlightKind::Field,
        Role::Operator => HighlightKind::Operator,
        Role::Punctuation => HighlightKind::Punctuation,
        Role::Value(subject) => match &token.kind {
            TokenKind::Atom(atom) => bare(atom, subject),
            _ => HighlightKind::Text,
        },
    }
}

fn bare(atom: &str, subject: &Subject) -> HighlightKind {
    match subject.value_type() {
        Some(ValueType::Text | ValueType::Status | ValueType::Bool) => HighlightKind::Word,
        Some(ValueType::Duration) if value::duration_ms(atom).is_some() => HighlightKind::Number,
        _ if value::number(atom).is_some() => HighlightKind::Number,
        Some(ValueType::Date) | None if Moment::parse(atom).is_some() => HighlightKind::Date,
        _ => HighlightKind::Word,
    }
}
