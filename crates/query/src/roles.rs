//! What each token of a possibly unfinished query is there for. Follows the
//! grammar loosely, never reports, and says what could come next.

use super::{
    ast::BoxOrigin,
    parser::{is_keyword, is_reserved},
    schema::{BoxField, Field, ValueType},
    token::{METADATA, Operator, Token, TokenKind},
};

/// What a token is there for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Role {
    Keyword,
    /// `has` or `count`
    Function,
    Origin,
    Field(Subject),
    Operator,
    Value(Subject),
    Punctuation,
}

/// What is being compared.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Subject {
    Prediction(Field),
    Box(BoxField),
    /// `count(…)`
    Count,
    Unknown,
}

impl Subject {
    pub(super) fn value_type(&self) -> Option<ValueType> {
        match self {
            Self::Prediction(field) => Some(field.value_type()),
            Self::Box(field) => Some(field.value_type()),
            Self::Count => Some(ValueType::Number),
            Self::Unknown => None,
        }
    }

    /// `label` asks for a box wherever it stands.
    fn named(name: &str, key: Option<&str>, in_boxes: bool) -> Self {
        let metadata = key.or_else(|| name.strip_prefix(METADATA)).map(|key| Field::Metadata(key.to_owned()));
        if let Some(field) = BoxField::named(name).filter(|f| in_boxes || *f == BoxField::Label) {
            return Self::Box(field);
        }
        let field = metadata.or_else(|| Field::named(name)).filter(|_| !in_boxes);
        field.map_or(Self::Unknown, Self::Prediction)
    }
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Next {
    /// A condition, `not` or a parenthesis; an origin too when `true`.
    Condition { origin: bool },
    /// An operator.
    Operator(Subject),
    /// `in`, after `not`.
    In(Subject),
    /// `(`, after `in`.
    ListOpen(Subject),
    /// A value; of a list when there is no operator.
    Value(Subject, Option<Operator>),
    /// `,` or `)`.
    ListEnd(Subject),
    /// `and`, `or` or a closing parenthesis.
    Joint,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Group {
    Plain,
    Has,
    Count,
}

/// Reads tokens one by one.
#[derive(Debug)]
pub(super) struct Roles {
    next: Next,
    open: Vec<Group>,
    /// `has` or `count` came, its parenthesis not yet.
    function: Option<Group>,
}

impl Roles {
    pub(super) fn new() -> Self {
        Self { next: Next::Condition { origin: false }, open: Vec::new(), function: None }
    }

    pub(super) fn next(&self) -> &Next {
        &self.next
    }

    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn in_boxes(&self) -> bool {
        self.open.iter().any(|group| *group != Group::Plain)
    }

    /// The role of the next token.
    pub(super) fn take(&mut self, token: &Token) -> Role {
        match &token.kind {
            TokenKind::Atom(atom) => self.atom(atom),
            TokenKind::Key(key) => self.field(Subject::named(METADATA, Some(key), self.in_boxes())),
            TokenKind::Text(_) => self.value(),
            TokenKind::Op(op) => {
                let subject = match &self.next {
                    Next::Operator(subject) | Next::In(subject) => subject.clone(),
                    _ => Subject::Unknown,
                };
                self.next = Next::Value(subject, Some(*op));
                Role::Operator
            }
            TokenKind::Open => self.open(),
            TokenKind::Close => self.close(),
            TokenKind::Comma => {
                if let Next::ListEnd(subject) = &self.next {
                    self.next = Next::Value(subject.clone(), None);
                }
                Role::Punctuation
            }
            TokenKind::Colon => {
                self.next = Next::Condition { origin: false };
                Role::Punctuation
            }
        }
    }

    fn atom(&mut self, atom: &str) -> Role {
        let is = |word| is_keyword(atom, word);
        match &self.next {
            Next::Value(..) if !is_reserved(atom) => self.value(),
            Next::Operator(subject) if is("not") => {
                self.next = Next::In(subject.clone());
                Role::Keyword
            }
            Next::Operator(subject) | Next::In(subject) if is("in") => {
                self.next = Next::ListOpen(subject.clone());
                Role::Keyword
            }
            _ if is("and") || is("or") || is("not") || is("in") => {
                self.next = Next::Condition { origin: false };
                Role::Keyword
            }
            _ if is("has") || is("count") => {
                self.function = Some(if is("has") { Group::Has } else { Group::Count });
                self.next = Next::Condition { origin: false };
                Role::Function
            }
            Next::Condition { origin: true } if BoxOrigin::parse(atom).is_some() => {
                self.next = Next::Condition { origin: false };
                Role::Origin
            }
            _ => self.field(Subject::named(atom, None, self.in_boxes())),
        }
    }

    fn field(&mut self, subject: Subject) -> Role {
        self.next = Next::Operator(subject.clone());
        Role::Field(subject)
    }

    fn value(&mut self) -> Role {
        let (subject, listed) = match &self.next {
            Next::Value(subject, op) => (subject.clone(), op.is_none()),
            _ => (Subject::Unknown, false),
        };
        self.next = if listed { Next::ListEnd(subject.clone()) } else { Next::Joint };
        Role::Value(subject)
    }

    fn open(&mut self) -> Role {
        if let Next::ListOpen(subject) = &self.next {
            self.next = Next::Value(subject.clone(), None);
            return Role::Punctuation;
        }
        let group = self.function.take().unwrap_or(Group::Plain);
        self.open.push(group);
        self.next = Next::Condition { origin: group != Group::Plain };
        Role::Punctuation
    }

    fn close(&mut self) -> Role {
        let in_list = matches!(&self.next, Next::ListEnd(_) | Next::Value(_, None));
        let counted = !in_list && self.open.pop() == Some(Group::Count);
        self.next = if counted { Next::Operator(Subject::Count) } else { Next::Joint };
        Role::Punctuation
    }
}
