//! What is wrong with a query, where, and what to write instead. Knows how to
//! point at a place in a text, not how the text is read.

use super::limits::{MAX_BYTES, MAX_CONDITIONS, MAX_DEPTH};
use serde::{Deserialize, Serialize};
use std::fmt;

/// At most this many errors of one query are told.
const MAX_ERRORS: usize = 16;
/// At most this many characters of the query stand above the caret.
const RENDERED_CHARS: usize = 76;

/// A part of a query: bytes from `start` (included) to `end` (excluded), both
/// on the border of a character. Empty where something is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From the start of this to the end of `other`.
    pub(super) fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end.max(self.end) }
    }

    /// The part of `text`, or nothing when it lies outside.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// An edit that repairs a query: replace `span` by `replacement`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What to replace; empty to insert.
    pub span: Span,
    /// By what.
    pub replacement: String,
}

impl Fix {
    /// The repaired text, or `None` when the span is not one of `text`.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let (before, after) = (text.get(..self.span.start)?, text.get(self.span.end..)?);
        Some(format!("{before}{}{after}", self.replacement))
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text is longer than [`MAX_BYTES`].
    #[error("the query is {0} bytes long; at most {MAX_BYTES} are allowed")]
    TooLong(usize),
    /// Parentheses nest deeper than [`MAX_DEPTH`].
    #[error("parentheses nest more than {MAX_DEPTH} deep here")]
    TooDeep,
    /// More than [`MAX_CONDITIONS`] comparisons and list values.
    #[error("the query has more than {MAX_CONDITIONS} conditions; this is one too many")]
    TooManyConditions,
    /// Characters that begin nothing.
    #[error("{0:?} means nothing here")]
    Character(String),
    /// A NUL, written out or as an escape.
    #[error("a NUL character cannot stand in a query")]
    Nul,
    /// A quote without its partner.
    #[error("this text is never closed")]
    UnclosedText,
    /// A backslash followed by something unknown.
    #[error("`{0}` is not an escape")]
    Escape(String),
    /// Another language's way to write an operator.
    #[error("`{found}` is written `{wanted}` here")]
    Spelling {
        /// As given.
        found: String,
        /// As it should be.
        wanted: &'static str,
    },
    /// Something else should stand here.
    #[error("expected {wanted}, found {found}")]
    Expected {
        /// What should stand here.
        wanted: String,
        /// What does.
        found: String,
    },
    /// A parenthesis without its partner.
    #[error("this parenthesis is never closed")]
    Unclosed,
    /// A closing parenthesis too many.
    #[error("this parenthesis closes nothing")]
    Unopened,
    /// Several bare words where one value belongs.
    #[error("a text of several words needs quotes")]
    Unquoted,
    /// Not in the closed list.
    #[error("there is no field `{0}`")]
    UnknownField(String),
    /// A field of a box outside `has`/`count`, or of a prediction inside.
    #[error("`{field}` is a field of a {of}, not of a {here}")]
    WrongScope {
        /// The field.
        field: String,
        /// Whose it is.
        of: &'static str,
        /// What is being asked here.
        here: &'static str,
    },
    /// `has` or `count` inside `has` or `count`.
    #[error("`has` and `count` cannot stand inside one another")]
    Nested,
    /// Not an origin of boxes.
    #[error("there are no boxes of origin `{0}`")]
    UnknownOrigin(String),
    /// The type of the field has no such operator.
    #[error("`{field}` cannot be compared with `{operator}`")]
    Operator {
        /// The field.
        field: String,
        /// The operator.
        operator: String,
    },
    /// `!=` on a field with several values.
    #[error("`{0}` can have several values, so `!=` could mean two things")]
    ManyValued(String),
    /// A value of another type.
    #[error("`{field}` is compared with {wanted}; {found} is not one")]
    Value {
        /// The field.
        field: String,
        /// What it is compared with.
        wanted: &'static str,
        /// As given.
        found: String,
    },
    /// `none` with an operator that is not `=` or `!=`, or for a list.
    #[error("`none` can only be tested with `=` and `!=`")]
    MisplacedNone,
}

/// What is wrong, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// What is wrong.
    pub problem: Problem,
    /// Where.
    pub span: Span,
    /// What to do about it, as a sentence.
    pub advice: Option<String>,
    /// The edit that does it, when there is one.
    pub fix: Option<Fix>,
}

impl QueryError {
    pub(super) fn new(problem: Problem, span: Span) -> Self {
        Self { problem, span, advice: None, fix: None }
    }

    pub(super) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Offers `replacement` for the span itself.
    pub(super) fn replace(self, replacement: impl Into<String>) -> Self {
        let span = self.span;
        self.replace_at(span, replacement)
    }

    pub(super) fn replace_at(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }

    /// The message, the line of `text` it is about, a caret line below it,
    /// and the advice. Control characters are shown as `·`, so the result is
    /// safe to print; long lines are cut around the place.
    #[must_use]
    pub fn render(&self, text: &str) -> String {
        let (line, carets) = excerpt(text, self.span);
        let advice = self.advice.as_ref().map(|a| format!("\n  {a}")).unwrap_or_default();
        format!("{}\n  {line}\n  {carets}{advice}", self.problem)
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.problem)?;
        self.advice.as_ref().map_or(Ok(()), |advice| write!(f, ": {advice}"))
    }
}

impl std::error::Error for QueryError {}

/// The line that `span` starts in and the carets below its part of it.
fn excerpt(text: &str, span: Span) -> (String, String) {
    let start = floor_boundary(text, span.start);
    let line_start = text.get(..start).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1);
    let line_end = text.get(start..).and_then(|t| t.find('\n')).map_or(text.len(), |at| start + at);
    let end = floor_boundary(text, span.end).clamp(start, line_end);
    let count = |from, to| text.get(from..to).map_or(0, |t: &str| t.chars().count());
    let (before, inside) = (count(line_start, start), count(start, end));
    let line = text.get(line_start..line_end).unwrap_or_default();
    let skipped =
        if before + inside > RENDERED_CHARS { before.saturating_sub(RENDERED_CHARS / 2) } else { 0 };
    let printable = |c: char| if c.is_control() { '·' } else { c };
    let mut shown: String = line.chars().skip(skipped).take(RENDERED_CHARS).map(printable).collect();
    let cut_after = line.chars().count() > skipped + RENDERED_CHARS;
    let mut indent = before - skipped;
    if skipped > 0 {
        shown.insert(0, '…');
        indent += 1;
    }
    let carets = inside.clamp(1, RENDERED_CHARS.saturating_sub(before - skipped).max(1));
    if cut_after {
        shown.push('…');
    }
    (shown, format!("{}{}", " ".repeat(indent), "^".repeat(carets)))
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

/// All that is wrong with a query, with its text: at least one error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryErrors {
    /// The query as given.
    pub text: String,
    /// In the order of their places.
    pub errors: Vec<QueryError>,
}

impl fmt::Display for QueryErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            let gap = if i == 0 { "" } else { "\n" };
            write!(f, "{gap}{}", error.render(&self.text))?;
        }
        Ok(())
    }
}

impl std::error::Error for QueryErrors {}

/// Collects errors up to a limit that keeps answers short.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<QueryError>);

impl Faults {
    pub(super) fn push(&mut self, error: QueryError) {
        if self.0.len() < MAX_ERRORS {
            self.0.push(error);
        }
    }

    pub(super) fn into_sorted(mut self) -> Vec<QueryError> {
        self.0.sort_by_key(|e| (e.span.start, e.span.end));
        self.0
    }
}
