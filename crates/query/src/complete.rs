//! What could be written at a place of an unfinished query: fields, then the
//! operators of their type, then values that occur. Knows no predictions: the
//! values are the caller's.

use super::{
    MAX_BYTES,
    ast::{BoxOrigin, Op},
    error::{Faults, Span},
    print::quote,
    roles::{Next, Roles, Subject},
    schema::{BoxField, Field, KnownTexts, ValueType},
    token::{Operator, Token, TokenKind, tokenize},
};
use crate::status::Status;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use units::text::lowercase;

/// At most this many candidates are offered.
const MAX_CANDIDATES: usize = 50;

/// Values that occur in a deployment, in the order they should be offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownValues {
    /// Of the models and of reviews.
    pub labels: Vec<String>,
    /// Of predictions.
    pub tags: Vec<String>,
    /// Of predictions.
    pub sources: Vec<String>,
    /// `name/number`.
    pub models: Vec<String>,
    /// Who has reviewed.
    pub reviewers: Vec<String>,
    /// Keys and, for some, their values.
    pub metadata: BTreeMap<String, Vec<String>>,
}

/// What could be written at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// What a candidate replaces: the word at the place, or nothing.
    pub span: Span,
    /// Best first; at most 50.
    pub candidates: Vec<Candidate>,
}

/// Something that could be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// What to write, quoted where it must be.
    pub text: String,
    /// What it is.
    pub kind: CandidateKind,
}

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CandidateKind {
    /// `status`
    Field,
    /// `>=`, `in (`
    Operator,
    /// `"car"`
    Value,
    /// `and`, `not`, `)`
    Keyword,
    /// `has(`
    Function,
    /// `shadow:`
    Origin,
}

/// What could be written at byte `cursor` of `text` (moved down to the border
/// of a character). The word that the cursor touches is matched by its part
/// before the cursor, without regard to case: first what begins with it, then
/// what contains it.
#[must_use]
pub fn complete(text: &str, cursor: usize, known: &KnownValues) -> Completion {
    let cursor = (0..=cursor.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let here = Span::new(cursor, cursor);
    if text.len() > MAX_BYTES {
        return Completion { span: here, candidates: Vec::new() };
    }
    let tokens = tokenize(text, &mut Faults::default());
    let mut roles = Roles::new();
    let mut touched = None;
    for token in tokens.iter().take_while(|token| token.span.start < cursor) {
        if is_touched(token, text, cursor) {
            touched = Some(token.span);
            break;
        }
        roles.take(token);
    }
    let span = touched.unwrap_or(here);
    let typed = text.get(span.start..cursor).unwrap_or_default();
    Completion { span, candidates: matching(offers(&roles, known), typed) }
}

/// Whether the cursor is in the token, or at its end and it can still grow.
fn is_touched(token: &Token, text: &str, cursor: usize) -> bool {
    let inside = token.span.start < cursor && cursor < token.span.end;
    match &token.kind {
        TokenKind::Atom(_) => inside || cursor == token.span.end,
        TokenKind::Text(_) | TokenKind::Key(_) => {
            let written = token.span.of(text);
            let closed = written.len() > 1 && written.ends_with(['"', '\'']) && !written.ends_with("\\\"");
            inside || (cursor == token.span.end && !closed)
        }
        _ => false,
    }
}

fn matching(offers: Vec<Candidate>, typed: &str) -> Vec<Candidate> {
    let bare = |text: &str| lowercase(text.trim_start_matches(['"', '\'']));
    let typed = bare(typed);
    let (first, others): (Vec<_>, Vec<_>) =
        offers.into_iter().partition(|candidate| bare(&candidate.text).starts_with(&typed));
    let others = others.into_iter().filter(|candidate| bare(&candidate.text).contains(&typed));
    first.into_iter().chain(others).take(MAX_CANDIDATES).collect()
}

fn offers(roles: &Roles, known: &KnownValues) -> Vec<Candidate> {
    match roles.next() {
        Next::Condition { origin } => conditions(roles, *origin, known),
        Next::Operator(subject) => operators(subject),
        Next::In(_) => vec![candidate("in (", CandidateKind::Operator)],
        Next::ListOpen(_) => vec![candidate("(", CandidateKind::Keyword)],
        Next::Value(subject, op) => values(subject, *op, known),
        Next::ListEnd(_) => [",", ")"].map(|text| candidate(text, CandidateKind::Keyword)).into(),
        Next::Joint => {
            let close = roles.is_open().then_some(")");
            close
                .into_iter()
                .chain(["and", "or"])
                .map(|text| candidate(text, CandidateKind::Keyword))
                .collect()
        }
    }
}

fn candidate(text: impl Into<String>, kind: CandidateKind) -> Candidate {
    Candidate { text: text.into(), kind }
}

fn conditions(roles: &Roles, origin: bool, known: &KnownValues) -> Vec<Candidate> {
    let field = |text: String| candidate(text, CandidateKind::Field);
    let mut offers: Vec<Candidate> = Vec::new();
    if roles.in_boxes() {
        offers.extend(BoxField::all().map(|f| field(f.word().to_owned())));
    } else {
        offers.extend(Field::all().map(|f| field(f.to_string())));
        offers.push(field(BoxField::Label.word().to_owned()));
        offers.extend(known.metadata.keys().map(|key| field(Field::Metadata(key.clone()).to_string())));
        offers.extend(["has(", "count("].map(|text| candidate(text, CandidateKind::Function)));
    }
    offers.push(candidate("not", CandidateKind::Keyword));
    if origin {
        let word = |origin: BoxOrigin| candidate(format!("{}:", origin.as_str()), CandidateKind::Origin);
        offers.extend(BoxOrigin::ALL.map(word));
    }
    offers
}

fn operators(subject: &Subject) -> Vec<Candidate> {
    let many_valued = match subject {
        Subject::Prediction(field) => field.is_many_valued(),
        Subject::Box(_) | Subject::Count | Subject::Unknown => false,
    };
    let known = match (subject, subject.value_type()) {
        // After `count(…)` there is no list.
        (Subject::Count, _) => &Op::ALL.map(Op::as_str),
        (_, Some(of)) => of.operators(),
        (_, None) => return Vec::new(),
    };
    let allowed = known.iter().filter(|op| !(many_valued && **op == "!="));
    let written = |op: &&str| if op.ends_with("in") { format!("{op} (") } else { (*op).to_owned() };
    allowed.map(|op| candidate(written(op), CandidateKind::Operator)).collect()
}

fn values(subject: &Subject, op: Option<Operator>, known: &KnownValues) -> Vec<Candidate> {
    let texts: &[String] = match subject {
        Subject::Box(BoxField::Label) => &known.labels,
        Subject::Prediction(Field::Text(field)) => match field.row().known {
            KnownTexts::Nothing => &[],
            KnownTexts::Tags => &known.tags,
            KnownTexts::Sources => &known.sources,
            KnownTexts::Models => &known.models,
            KnownTexts::Reviewers => &known.reviewers,
        },
        Subject::Prediction(Field::Metadata(key)) => known.metadata.get(key).map_or(&[], Vec::as_slice),
        Subject::Prediction(Field::Status | Field::Reviewed | Field::Number(_) | Field::Date(_))
        | Subject::Box(BoxField::Number(_))
        | Subject::Count
        | Subject::Unknown => &[],
    };
    let words: Vec<&str> = match subject.value_type() {
        Some(ValueType::Status) => Status::ALL.map(Status::as_str).to_vec(),
        Some(ValueType::Bool) => vec!["true", "false"],
        Some(ValueType::Date) if op.is_some() => vec!["-1h", "-24h", "-7d", "-30d"],
        _ => Vec::new(),
    };
    let testable = matches!(op, Some(Operator::Compare(Op::Eq | Op::Ne)));
    let none = (testable && can_be_missing(subject)).then_some("none");
    let quoted = texts.iter().map(|text| quote(text));
    let bare = words.into_iter().chain(none).map(str::to_owned);
    quoted.chain(bare).map(|text| candidate(text, CandidateKind::Value)).collect()
}

fn can_be_missing(subject: &Subject) -> bool {
    match subject {
        Subject::Prediction(field) => field.row().may_miss,
        Subject::Box(field) => field.row().may_miss,
        Subject::Count | Subject::Unknown => false,
    }
}
