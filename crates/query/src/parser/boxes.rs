//! `has(…)` and `count(…) op value`.

use super::{
    super::{
        error::{Problem, QueryError, Span},
        syntax::{BoxesNode, Literal, Node},
        token::{Operator, TokenKind},
    },
    Parser,
};

impl Parser<'_> {
    pub(super) fn boxes(&mut self, counts: bool, span: Span) -> Node {
        self.bump();
        let open = self.place();
        self.bump();
        if self.in_boxes {
            self.faults.push(QueryError::new(Problem::Nested, span));
            self.skip_group();
            self.recover();
            return Node::Broken;
        }
        let origin = self.origin();
        let filter = if self.take(&TokenKind::Close) {
            // Conditions inside are counted for themselves.
            if !self.admit(span) {
                self.recover();
                return Node::Broken;
            }
            None
        } else {
            self.in_boxes = true;
            let filter = self.any();
            self.in_boxes = false;
            self.close(open);
            Some(Box::new(filter))
        };
        let compared = self.compared(counts, span);
        if counts && compared.is_none() {
            return Node::Broken;
        }
        Node::Boxes(BoxesNode { origin, filter, compared, span })
    }

    pub(super) fn origin(&mut self) -> Option<(String, Span)> {
        let word = self.nth_atom(0).filter(|_| self.nth_is(1, &TokenKind::Colon))?;
        let span = self.place();
        self.bump();
        self.bump();
        Some((word.to_owned(), span))
    }

    /// The comparison after `count(…)`; after `has(…)` there is none.
    pub(super) fn compared(&mut self, counts: bool, span: Span) -> Option<((Operator, Span), Literal)> {
        let op = match self.nth(0).map(|token| &token.kind) {
            Some(TokenKind::Op(op)) => Some((*op, self.place())),
            _ => None,
        };
        match (counts, op) {
            (true, Some(op)) => {
                self.bump();
                self.literal().map(|value| (op, value))
            }
            (true, None) => {
                let error = self.expected("an operator after `count(…)`");
                self.faults.push(error.advise("write `count(…) >= 1`, or `has(…)`"));
                None
            }
            (false, Some(_)) => {
                let error = self.expected("no operator after `has(…)`");
                self.faults
                    .push(error.advise("`has` is true or false; `count` counts").replace_at(span, "count"));
                self.recover();
                None
            }
            (false, None) => None,
        }
    }
}
