//! From tokens to a syntax tree. Never stops at an error: it reports, skips to
//! the next place where a condition can begin, and goes on. Knows the grammar
//! and its keywords, not the fields.

mod boxes;
mod condition;
mod cursor;

use super::{
    MAX_DEPTH,
    error::{Faults, Problem, QueryError, Span},
    syntax::{FieldName, Node},
    token::{METADATA, Token, TokenKind},
};

/// Words that cannot be values or fields unless quoted.
const RESERVED: [&str; 4] = ["and", "or", "not", "in"];

/// The tree of a whole query; `None` when it is empty.
pub(super) fn parse(tokens: &[Token], end: usize, faults: &mut Faults) -> Option<Node> {
    let mut parser = Parser { tokens, at: 0, end, depth: 0, conditions: 0, in_boxes: false, faults };
    (!tokens.is_empty()).then(|| parser.query())
}

/// Whether an atom is this keyword; its case does not matter.
pub(super) fn is_keyword(atom: &str, keyword: &str) -> bool {
    atom.eq_ignore_ascii_case(keyword)
}

pub(super) fn is_reserved(atom: &str) -> bool {
    RESERVED.iter().any(|keyword| is_keyword(atom, keyword))
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    /// Length of the text.
    end: usize,
    depth: usize,
    conditions: usize,
    in_boxes: bool,
    faults: &'t mut Faults,
}

impl Parser<'_> {
    fn query(&mut self) -> Node {
        let mut parts = vec![self.any()];
        while self.nth(0).is_some() {
            let error = if self.nth_is(0, &TokenKind::Close) {
                QueryError::new(Problem::Unopened, self.place()).replace("")
            } else {
                self.expected("`and`, `or` or the end")
            };
            self.faults.push(error);
            self.bump();
            if !self.take_keyword("and") {
                self.take_keyword("or");
            }
            if self.nth(0).is_some() {
                parts.push(self.any());
            }
        }
        joined(parts, Node::All)
    }

    fn any(&mut self) -> Node {
        let mut parts = vec![self.all()];
        while self.take_keyword("or") {
            parts.push(self.all());
        }
        joined(parts, Node::Any)
    }

    fn all(&mut self) -> Node {
        let mut parts = vec![self.not()];
        loop {
            if self.take_keyword("and") {
                parts.push(self.not());
            } else if self.starts_condition() {
                let place = self.place();
                let error = self.expected("`and` or `or` between two conditions");
                let before = Span::new(place.start, place.start);
                self.faults.push(error.replace_at(before, "and "));
                parts.push(self.not());
            } else {
                return joined(parts, Node::All);
            }
        }
    }

    fn starts_condition(&self) -> bool {
        match self.nth(0).map(|token| &token.kind) {
            Some(TokenKind::Atom(atom)) => !is_reserved(atom) || is_keyword(atom, "not"),
            Some(TokenKind::Key(_) | TokenKind::Open) => true,
            _ => false,
        }
    }

    fn not(&mut self) -> Node {
        let mut negated = false;
        while self.take_keyword("not") {
            negated = !negated;
        }
        let node = self.primary();
        if negated { Node::Not(Box::new(node)) } else { node }
    }

    fn primary(&mut self) -> Node {
        let Some(token) = self.nth(0) else { return self.no_condition() };
        match &token.kind {
            TokenKind::Open => self.group(),
            TokenKind::Atom(word)
                if (is_keyword(word, "has") || is_keyword(word, "count"))
                    && self.nth_is(1, &TokenKind::Open) =>
            {
                self.boxes(is_keyword(word, "count"), token.span)
            }
            TokenKind::Atom(word) if !is_reserved(word) => {
                self.bump();
                self.condition(FieldName { name: word.clone(), key: None, span: token.span })
            }
            TokenKind::Key(key) => {
                self.bump();
                let name = METADATA.to_owned();
                self.condition(FieldName { name, key: Some(key.clone()), span: token.span })
            }
            _ => self.no_condition(),
        }
    }

    fn no_condition(&mut self) -> Node {
        let advice = match self.nth(0).map(|token| &token.kind) {
            Some(TokenKind::Text(_)) => Some("a condition begins with a field: label = \"…\""),
            _ => None,
        };
        let mut error = self.expected("a condition");
        error.advice = advice.map(str::to_owned);
        self.faults.push(error);
        self.recover();
        Node::Broken
    }

    fn group(&mut self) -> Node {
        let open = self.place();
        self.bump();
        if self.depth >= MAX_DEPTH {
            self.faults.push(QueryError::new(Problem::TooDeep, open));
            self.skip_group();
            return Node::Broken;
        }
        self.depth += 1;
        let inner = self.any();
        self.close(open);
        self.depth -= 1;
        inner
    }

    /// The closing parenthesis; what stands before it instead is skipped.
    fn close(&mut self, open: Span) {
        if self.take(&TokenKind::Close) {
            return;
        }
        if self.nth(0).is_none() {
            let end = Span::new(self.end, self.end);
            self.faults.push(QueryError::new(Problem::Unclosed, open).replace_at(end, ")"));
            return;
        }
        let error = self.expected("`)`");
        self.faults.push(error);
        self.skip_group();
    }
}

/// One part is itself; more are joined.
fn joined(mut parts: Vec<Node>, join: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => join(parts),
    }
}
