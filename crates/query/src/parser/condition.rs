//! One condition: a field, an operator, a value or a list of values.

use super::{
    super::{
        MAX_CONDITIONS,
        error::{Problem, QueryError, Span},
        print::quote,
        syntax::{FieldName, Literal, Node},
        token::TokenKind,
        value,
    },
    Parser, is_keyword, is_reserved,
};

impl Parser<'_> {
    /// Counts one more condition at `span`; says no when there are too many,
    /// and then nothing more is read.
    pub(super) fn admit(&mut self, span: Span) -> bool {
        self.conditions += 1;
        let admitted = self.conditions <= MAX_CONDITIONS;
        if self.conditions == MAX_CONDITIONS + 1 {
            self.faults.push(QueryError::new(Problem::TooManyConditions, span));
        }
        admitted
    }

    pub(super) fn condition(&mut self, field: FieldName) -> Node {
        if !self.admit(field.span) {
            self.recover();
            return Node::Broken;
        }
        if self.nth_is_keyword(0, "in") {
            return self.list(field, false);
        }
        if self.nth_is_keyword(0, "not") && self.nth_is_keyword(1, "in") {
            self.bump();
            return self.list(field, true);
        }
        if let Some(TokenKind::Op(op)) = self.nth(0).map(|token| &token.kind) {
            let op = (*op, self.place());
            self.bump();
            return match self.literal() {
                Some(value) => Node::Compare { field, op, value },
                None => Node::Broken,
            };
        }
        self.no_operator(&field);
        Node::Broken
    }

    pub(super) fn no_operator(&mut self, field: &FieldName) {
        let name = &field.name;
        let error = self.expected(format!("an operator after `{name}`"));
        let foreign = self.nth_atom(0).map(str::to_ascii_lowercase);
        let error = match foreign.as_deref() {
            Some("contains" | "like" | "ilike") => error.advise("containing is written `~`").replace("~"),
            Some("is" | "equals" | "eq") => error.advise("equality is written `=`").replace("="),
            _ if is_keyword(name, "has") || is_keyword(name, "count") => {
                error.advise(format!("write `{name}(…)`: its conditions stand in parentheses"))
            }
            _ if name == "reviewed" => error.advise("write `reviewed = true`"),
            _ if value::number(name).is_some() => error.advise("a condition begins with a field"),
            _ => error,
        };
        self.faults.push(error);
        self.recover();
    }

    pub(super) fn list(&mut self, field: FieldName, negated: bool) -> Node {
        self.bump();
        let open = self.place();
        if !self.take(&TokenKind::Open) {
            let error = self.expected("`(` after `in`").advise("write `in (\"a\", \"b\")`");
            self.faults.push(error);
            self.recover();
            return Node::Broken;
        }
        let mut values = Vec::new();
        loop {
            let Some(value) = self.literal() else {
                self.skip_group();
                return Node::Broken;
            };
            if !values.is_empty() && !self.admit(value.span) {
                self.skip_group();
                return Node::Broken;
            }
            values.push(value);
            if !self.take(&TokenKind::Comma) {
                break;
            }
        }
        self.close(open);
        Node::OneOf { field, negated, values }
    }

    /// One value. On an error it has been reported and nothing was skipped,
    /// except what cannot begin a condition.
    pub(super) fn literal(&mut self) -> Option<Literal> {
        let token = self.nth(0);
        let (text, quoted) = match token.map(|token| &token.kind) {
            Some(TokenKind::Text(text)) => (text.clone(), true),
            Some(TokenKind::Atom(atom)) if !is_reserved(atom) => (atom.clone(), false),
            _ => {
                let mut error = self.expected("a value");
                if let Some(word) = self.nth_atom(0) {
                    error = error.advise(format!("to mean the word, quote it: \"{word}\""));
                }
                self.faults.push(error);
                self.recover();
                return None;
            }
        };
        let span = self.place();
        self.bump();
        let literal = Literal { text, quoted, span };
        Some(if quoted { literal } else { self.rest_of_bare(literal) })
    }

    /// Takes a unit after a number; reports further bare words that cannot
    /// begin a condition, as a text that needs quotes.
    pub(super) fn rest_of_bare(&mut self, first: Literal) -> Literal {
        if value::number(&first.text).is_some() && matches!(self.nth_atom(0), Some("ms" | "s")) {
            let (unit, span) = (self.nth_atom(0).unwrap_or_default(), first.span.to(self.place()));
            self.bump();
            return Literal { text: format!("{}{unit}", first.text), quoted: false, span };
        }
        if value::number(&first.text).is_some() {
            return first;
        }
        let mut whole = first.clone();
        while let Some(atom) = self.nth_atom(0).filter(|atom| !is_reserved(atom)) {
            let begins_condition = match self.nth(1).map(|token| &token.kind) {
                Some(TokenKind::Op(_) | TokenKind::Open) => true,
                Some(TokenKind::Atom(next)) => is_keyword(next, "in") || is_keyword(next, "not"),
                _ => false,
            };
            if begins_condition {
                break;
            }
            whole.text = format!("{} {atom}", whole.text);
            whole.span = whole.span.to(self.place());
            self.bump();
        }
        if whole.text != first.text {
            let quoted = quote(&whole.text);
            let error = QueryError::new(Problem::Unquoted, whole.span);
            self.faults.push(error.advise(format!("write {quoted}")).replace(quoted));
            whole.quoted = true;
        }
        whole
    }
}
