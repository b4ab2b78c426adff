//! Cuts a query into tokens. Knows characters, not grammar: whether `7d` is a
//! time, a number or a tag is decided by the field it is compared with.

use super::{
    ast::Op,
    error::{Faults, Problem, QueryError, Span},
};

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// A run of letters, digits and `_ - . / @ +`: keyword, field or value.
    Atom(String),
    /// A quoted text, unescaped.
    Text(String),
    /// `metadata."any key"`.
    Key(String),
    /// A comparison.
    Op(Operator),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `:` after an origin.
    Colon,
}

/// An operator as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// One of the six.
    Compare(Op),
    /// `~`
    Contains,
}

impl Operator {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Compare(op) => op.as_str(),
            Self::Contains => "~",
        }
    }
}

/// A token and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// The prefix of a metadata field.
pub(super) const METADATA: &str = "metadata.";

/// What people of other languages write, longest first, and what it is here.
const SPELLINGS: [(&str, &str); 15] = [
    ("===", "="),
    ("&&", "and"),
    ("||", "or"),
    ("==", "="),
    ("<>", "!="),
    ("=~", "~"),
    ("=<", "<="),
    ("=>", ">="),
    ("&", "and"),
    ("|", "or"),
    ("!", "not"),
    ("≠", "!="),
    ("≤", "<="),
    ("≥", ">="),
    ("≈", "~"),
];

const OPERATORS: [(&str, Operator); 7] = [
    ("!=", Operator::Compare(Op::Ne)),
    ("<=", Operator::Compare(Op::Le)),
    (">=", Operator::Compare(Op::Ge)),
    ("=", Operator::Compare(Op::Eq)),
    ("<", Operator::Compare(Op::Lt)),
    (">", Operator::Compare(Op::Gt)),
    ("~", Operator::Contains),
];

/// Whether `c` can be part of an atom.
pub(super) fn is_atom_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+')
}

/// All tokens of `text`, in order, without overlaps.
pub(super) fn tokenize(text: &str, faults: &mut Faults) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, faults, tokens: Vec::new() };
    while let Some(c) = lexer.peek() {
        lexer.token(c);
    }
    lexer.tokens
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    faults: &'t mut Faults,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn push(&mut self, start: usize, kind: TokenKind) {
        self.tokens.push(Token { kind, span: Span::new(start, self.at) });
    }

    fn fault(&mut self, problem: Problem, start: usize) -> QueryError {
        QueryError::new(problem, Span::new(start, self.at))
    }

    fn token(&mut self, c: char) {
        let start = self.at;
        match c {
            _ if c.is_whitespace() => {
                self.bump();
            }
            '(' => self.single(TokenKind::Open),
            ')' => self.single(TokenKind::Close),
            ',' => self.single(TokenKind::Comma),
            ':' => self.single(TokenKind::Colon),
            '"' | '\'' => {
                let text = self.quoted(c);
                self.push(start, TokenKind::Text(text));
            }
            _ if is_atom_char(c) => self.atom(start),
            _ => self.symbol(start),
        }
    }

    fn single(&mut self, kind: TokenKind) {
        let start = self.at;
        self.bump();
        self.push(start, kind);
    }

    fn atom(&mut self, start: usize) {
        let first_digit = self.rest().trim_start_matches(['-', '+', '.']).chars().next();
        let timelike = first_digit.is_some_and(|c| c.is_ascii_digit());
        while let Some(c) = self.peek() {
            let next = self.rest().chars().nth(1);
            let time_colon = timelike && c == ':' && next.is_some_and(|n| n.is_ascii_digit());
            if !is_atom_char(c) && !time_colon {
                break;
            }
            self.bump();
        }
        let atom = self.text.get(start..self.at).unwrap_or_default().to_owned();
        match self.peek() {
            Some(quote @ ('"' | '\'')) if atom == METADATA => {
                let key = self.quoted(quote);
                self.push(start, TokenKind::Key(key));
            }
            _ => self.push(start, TokenKind::Atom(atom)),
        }
    }

    fn symbol(&mut self, start: usize) {
        let rest = self.rest();
        let spelling = SPELLINGS.into_iter().find(|(found, _)| {
            // `!=` and the plain `=`, `<` are ours, not misspellings.
            rest.starts_with(found) && !(*found == "!" && rest.starts_with("!="))
        });
        if let Some((found, wanted)) = spelling {
            self.misspelt(start, found, wanted);
            return;
        }
        if let Some((symbol, op)) = OPERATORS.into_iter().find(|(symbol, _)| rest.starts_with(symbol)) {
            self.at += symbol.len();
            self.push(start, TokenKind::Op(op));
            return;
        }
        self.unknown(start);
    }

    fn misspelt(&mut self, start: usize, text: &str, wanted: &'static str) {
        self.at += text.len();
        let problem = Problem::Spelling { found: text.to_owned(), wanted };
        let glued = wanted.chars().all(char::is_alphabetic);
        let replacement = if glued { format!(" {wanted} ") } else { wanted.to_owned() };
        let error = self.fault(problem, start).replace(replacement);
        self.faults.push(error);
        let op = OPERATORS.into_iter().find(|(symbol, _)| *symbol == wanted);
        let kind = op.map_or_else(|| TokenKind::Atom(wanted.to_owned()), |(_, op)| TokenKind::Op(op));
        self.push(start, kind);
    }

    /// A run of characters that begin nothing becomes one error, no token.
    fn unknown(&mut self, start: usize) {
        let known = |c: char| {
            c.is_whitespace() || is_atom_char(c) || "()\"',:=<>~!&|".contains(c) || "≠≤≥≈".contains(c)
        };
        self.bump();
        while self.peek().is_some_and(|c| !known(c)) {
            self.bump();
        }
        let run = self.text.get(start..self.at).unwrap_or_default().to_owned();
        let advice = if run.contains(['“', '”', '„', '‘', '’', '«', '»', '`']) {
            "use plain quotes: \"…\""
        } else {
            "put text with special characters in quotes: \"…\""
        };
        let problem = if run.contains('\0') { Problem::Nul } else { Problem::Character(run) };
        let error = self.fault(problem, start).advise(advice);
        self.faults.push(error);
    }

    /// The text between `quote`s, from the opening one; to the end of the
    /// query when the closing one is missing.
    fn quoted(&mut self, quote: char) -> String {
        let start = self.at;
        self.bump();
        let mut text = String::new();
        while let Some(c) = self.bump() {
            match c {
                _ if c == quote => return text,
                '\\' => text.extend(self.escape()),
                '\0' => {
                    let error = self.fault(Problem::Nul, self.at - 1);
                    self.faults.push(error);
                }
                _ => text.push(c),
            }
        }
        let advice = format!("close it with {quote}");
        let end = Span::new(self.at, self.at);
        let error = self.fault(Problem::UnclosedText, start).advise(advice).replace_at(end, quote);
        self.faults.push(error);
        text
    }

    /// The character that an escape means, after its backslash.
    fn escape(&mut self) -> Option<char> {
        let start = self.at - 1;
        let meant = match self.bump() {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some(c @ ('\\' | '"' | '\'')) => Some(c),
            Some('u') => self.braced_code_point(),
            _ => None,
        };
        let written = self.text.get(start..self.at).unwrap_or_default().to_owned();
        let problem = match meant {
            Some('\0') => Problem::Nul,
            Some(c) => return Some(c),
            None => Problem::Escape(written),
        };
        let advice = "the escapes are \\\" \\' \\\\ \\n \\r \\t and \\u{1F600}; a backslash itself is \\\\";
        let error = self.fault(problem, start).advise(advice);
        self.faults.push(error);
        None
    }

    fn braced_code_point(&mut self) -> Option<char> {
        let digits = self.rest().strip_prefix('{')?.split_once('}')?.0;
        let fits = (1..=6).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|_| fits)?;
        self.at += digits.len() + 2;
        char::from_u32(code)
    }
}
