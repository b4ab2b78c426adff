//! The shape of a query before anybody knows what its words mean.

use super::{error::Span, token::Operator};

/// A condition, or several joined.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Joined by `or`, at least two.
    Any(Vec<Node>),
    /// Joined by `and`, at least two.
    All(Vec<Node>),
    /// After an odd number of `not`s.
    Not(Box<Node>),
    /// `field op value`
    Compare { field: FieldName, op: (Operator, Span), value: Literal },
    /// `field [not] in (…)`
    OneOf { field: FieldName, negated: bool, values: Vec<Literal> },
    /// `has(…)`, or `count(…) op value`
    Boxes(BoxesNode),
    /// Something that was not understood and has been reported.
    Broken,
}

/// A field as written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FieldName {
    /// The atom; of `metadata."key"` the part before the quote.
    pub(super) name: String,
    /// The quoted key.
    pub(super) key: Option<String>,
    pub(super) span: Span,
}

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Literal {
    /// Unescaped.
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) span: Span,
}

/// `has` or `count` with what stands between its parentheses.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BoxesNode {
    pub(super) origin: Option<(String, Span)>,
    pub(super) filter: Option<Box<Node>>,
    /// Of `count`.
    pub(super) compared: Option<((Operator, Span), Literal)>,
    /// The word `has` or `count`.
    pub(super) span: Span,
}
