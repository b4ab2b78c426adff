//! Where the parser is: looking ahead, taking, and skipping after an error.

use super::{
    super::{
        error::{Problem, QueryError, Span},
        token::{Token, TokenKind},
    },
    Parser, is_keyword,
};

impl<'t> Parser<'t> {
    pub(super) fn nth(&self, n: usize) -> Option<&'t Token> {
        self.tokens.get(self.at + n)
    }

    pub(super) fn nth_atom(&self, n: usize) -> Option<&'t str> {
        match self.nth(n).map(|token| &token.kind) {
            Some(TokenKind::Atom(atom)) => Some(atom),
            _ => None,
        }
    }

    pub(super) fn nth_is(&self, n: usize, kind: &TokenKind) -> bool {
        self.nth(n).is_some_and(|token| token.kind == *kind)
    }

    pub(super) fn nth_is_keyword(&self, n: usize, keyword: &str) -> bool {
        self.nth_atom(n).is_some_and(|atom| is_keyword(atom, keyword))
    }

    pub(super) fn bump(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len());
    }

    pub(super) fn take(&mut self, kind: &TokenKind) -> bool {
        let is_there = self.nth_is(0, kind);
        if is_there {
            self.bump();
        }
        is_there
    }

    pub(super) fn take_keyword(&mut self, keyword: &str) -> bool {
        let is_there = self.nth_is_keyword(0, keyword);
        if is_there {
            self.bump();
        }
        is_there
    }

    /// Where the next token is, or the empty end of the text.
    pub(super) fn place(&self) -> Span {
        self.nth(0).map_or(Span::new(self.end, self.end), |token| token.span)
    }

    pub(super) fn expected(&self, wanted: impl Into<String>) -> QueryError {
        let found = match self.nth(0).map(|token| &token.kind) {
            None => "the end".to_owned(),
            Some(TokenKind::Atom(atom)) => format!("`{atom}`"),
            Some(TokenKind::Text(_)) => "a quoted text".to_owned(),
            Some(TokenKind::Key(_)) => "a metadata field".to_owned(),
            Some(TokenKind::Op(op)) => format!("`{}`", op.as_str()),
            Some(TokenKind::Open) => "`(`".to_owned(),
            Some(TokenKind::Close) => "`)`".to_owned(),
            Some(TokenKind::Comma) => "`,`".to_owned(),
            Some(TokenKind::Colon) => "`:`".to_owned(),
        };
        QueryError::new(Problem::Expected { wanted: wanted.into(), found }, self.place())
    }

    /// To the next `and`, `or`, or the parenthesis that closes the one we are
    /// in; parentheses on the way are passed whole.
    pub(super) fn recover(&mut self) {
        let mut open = 0_usize;
        while let Some(token) = self.nth(0) {
            match token.kind {
                TokenKind::Open => open += 1,
                TokenKind::Close if open == 0 => return,
                TokenKind::Close => open -= 1,
                _ if open == 0 && (self.nth_is_keyword(0, "and") || self.nth_is_keyword(0, "or")) => return,
                _ => {}
            }
            self.bump();
        }
    }

    /// Past the parenthesis that closes the one just opened.
    pub(super) fn skip_group(&mut self) {
        let mut open = 1_usize;
        while let Some(token) = self.nth(0) {
            self.bump();
            match token.kind {
                TokenKind::Open => open += 1,
                TokenKind::Close => open -= 1,
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }
}
