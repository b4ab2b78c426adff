//! The query language of the search bar, the API, the command line and alerts.
//! Pure: text in, a typed query out; the time of day is an argument, and what
//! a query is asked of is any type with [`Facts`].
//!
//! ```text
//! query   = or
//! or      = and { "or" and }
//! and     = not { "and" not }
//! not     = { "not" } primary
//! primary = "(" or ")"
//!         | field op value
//!         | field ["not"] "in" "(" value { "," value } ")"
//!         | "has" "(" [origin ":"] [or] ")"
//!         | "count" "(" [origin ":"] [or] ")" op number
//! op      = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~"
//! ```
//!
//! The same path for everyone: characters to tokens, tokens to a syntax tree
//! that knows no fields, and the tree, checked against the closed list
//! of fields in [`schema`], to a typed [`Query`]. Every step reports and goes
//! on, so one reading finds all errors; [`parse`] is [`parse_lenient`] without
//! any.
//!
//! # What a query means
//!
//! - A test is true or false, never unknown. Comparing a missing value is
//!   false, with `!=` too, and `not` is the exact complement: for a prediction
//!   without a source both `source = "a"` and `source != "a"` are false, and
//!   `not source = "a"` is true. `field = none` tests that a value is missing,
//!   `field != none` that it is there.
//! - `field not in (…)` is `not field in (…)`: true when the value is missing.
//! - `tag` has several values: a test is true when it is true of any tag. `!=`
//!   is refused, for nobody can say which of two things it means.
//! - `label …` outside `has` is `has(label …)`; `label != …` is refused.
//!   `label = none` is `not has()`.
//! - `objects`, `confidence`, `min_confidence`, `has` and `count` see the boxes
//!   at or above the threshold that is frozen into the prediction; so do the
//!   `shadow:` boxes. `all:` sees the champion's below it too. `review:` sees
//!   the latest review's boxes but for those marked `ignore`; they have no
//!   score. Where there is no shadow or no review there are no such boxes, and
//!   their count is 0. `confidence` is the mean score and missing without boxes.
//! - Texts are compared bytewise, `<` included; `~` takes upper and lower
//!   ASCII letters for the same. Any bare word is a text where a text belongs:
//!   `tag = 2026` is `tag = "2026"`. Texts of several words or with other
//!   characters than letters, digits and `_ - . / @ +` need quotes, single or
//!   double.
//! - `metadata.KEY` (or `metadata."any key"`) is a text. Compared with a bare
//!   number it is read as a number, and is missing when it is none
//!   ([`metadata_number`]); compared with a quoted one, as a text.
//! - A bare latency is in milliseconds; `ms` and `s` say it. Areas are square
//!   pixels.
//! - A date is as long as it is written: `2026-11-01` the whole day,
//!   `2026-11-01T10:00` the minute, with seconds the second, UTC unless it ends
//!   in an offset. `=` is within it, `<` before it begins, `>` after it has
//!   ended, `<=` and `>=` include it: `created > 2026-11-01` begins with
//!   November 2. `-7d` (`s m h d w`) is the moment so long ago, and cannot be
//!   tested with `=`.
//! - Keywords may be written in capitals; fields and values not.
//!
//! An empty query matches everything. Limits: [`MAX_BYTES`], [`MAX_DEPTH`],
//! [`MAX_CONDITIONS`]. Beyond them a query is refused, with a place.

pub mod ast;
mod check;
mod complete;
mod error;
mod facts;
mod field_rows;
mod fields;
mod highlight;
mod imply;
mod limits;
mod moment;
mod parser;
mod print;
mod roles;
pub mod schema;
pub mod status;
mod suggest;
mod syntax;
mod token;
mod value;
mod value_type;

pub use complete::{Candidate, CandidateKind, Completion, KnownValues, complete};
pub use error::{Fix, Problem, QueryError, QueryErrors, Span};
pub use facts::{BoxFacts, Facts};
pub use highlight::{Highlight, HighlightKind, highlight};
pub use imply::{Bounds, Implied, LabelCount, TextCondition};
pub use limits::{MAX_BYTES, MAX_CONDITIONS, MAX_DEPTH};
pub use moment::{Interval, Moment, Precision, TimeUnit};
pub use print::quote;
pub use value::metadata_number;

use ast::{Expr, Test};
use error::Faults;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::str::FromStr;

/// A query, checked. Prints (and serialises) as text that is read as the same
/// query, as long as that text keeps within [`MAX_BYTES`].
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    condition: Expr<Test>,
}

impl Query {
    /// A query for what fulfils `condition`.
    #[must_use]
    pub fn new(condition: Expr<Test>) -> Self {
        Self { condition }
    }

    /// The empty query, which everything matches.
    #[must_use]
    pub fn everything() -> Self {
        Self::new(Expr::everything())
    }

    /// What it asks.
    #[must_use]
    pub fn condition(&self) -> &Expr<Test> {
        &self.condition
    }

    /// Whether it is the empty query.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.condition.is_everything()
    }

    /// This query, narrowed to what also passes `test`: what a click on a
    /// facet does.
    #[must_use]
    pub fn and(self, test: Expr<Test>) -> Self {
        Self::new(Expr::all([self.condition, test]))
    }
}

impl Default for Query {
    fn default() -> Self {
        Self::everything()
    }
}

/// Reads a query.
///
/// # Errors
/// All that is wrong with it, with places.
pub fn parse(text: &str) -> Result<Query, QueryErrors> {
    match parse_lenient(text) {
        (query, errors) if errors.is_empty() => Ok(query),
        (_, errors) => Err(QueryErrors { text: text.to_owned(), errors }),
    }
}

/// Reads as much of a query as can be understood: the conditions that are
/// right, and all that is wrong with the others, in the order of their places.
/// Without errors it is what [`parse`] gives. With errors the query is a guess,
/// good for showing and never for acting on.
#[must_use]
pub fn parse_lenient(text: &str) -> (Query, Vec<QueryError>) {
    let mut faults = Faults::default();
    if text.len() > MAX_BYTES {
        let limit = (0..=MAX_BYTES).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        let rest = Span::new(limit, text.len());
        faults.push(QueryError::new(Problem::TooLong(text.len()), rest).advise("ask for less at once"));
        return (Query::everything(), faults.into_sorted());
    }
    let tokens = token::tokenize(text, &mut faults);
    let tree = parser::parse(&tokens, text.len(), &mut faults);
    let condition = tree.and_then(|tree| check::check(&tree, &mut faults));
    (condition.map_or_else(Query::everything, Query::new), faults.into_sorted())
}

impl FromStr for Query {
    type Err = QueryErrors;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        parse(s)
    }
}

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).map_err(serde::de::Error::custom)
    }
}
