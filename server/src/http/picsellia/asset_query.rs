//! What images of datasets are asked for: conditions joined by `and`, of which
//! the SDK makes those about tags itself. The tag of an image is its split.

use super::answers::wrong;
use crate::http::problem::Problem;
use domain::dataset::Asset;

/// What a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Tag,
    Label,
    Filename,
}

/// Names of fields.
const FIELDS: [(&str, Field); 6] = [
    ("tags.name", Field::Tag),
    ("data.tags.name", Field::Tag),
    ("annotations.rectangles.label.name", Field::Label),
    ("rectangles.label.name", Field::Label),
    ("filename", Field::Filename),
    ("data.filename", Field::Filename),
];

/// One of these values, or none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    field: Field,
    values: Vec<String>,
    is_negated: bool,
}

impl Condition {
    fn fits(&self, asset: &Asset) -> bool {
        let one_of = |text: &str| self.values.iter().any(|value| value == text);
        let holds = match self.field {
            Field::Tag => one_of(asset.split.as_str()),
            Field::Label => asset.annotations.iter().any(|one| one_of(one.label.as_str())),
            Field::Filename => one_of(&asset.filename),
        };
        holds != self.is_negated
    }
}

/// A query that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AssetQuery(Vec<Condition>);

impl AssetQuery {
    /// Reads a query; one without a word asks for everything.
    ///
    /// # Errors
    /// 400 for what cannot be asked of images of datasets.
    pub(super) fn parse(q: &str) -> Result<Self, Problem> {
        tokens(q).and_then(|tokens| conditions(&tokens)).map(Self).ok_or_else(|| {
            let names = FIELDS.map(|(name, _)| name).join(", ");
            let message = format!(
                "Images of datasets can be asked for {names}, with = \"…\", != \"…\" or in (\"…\", \"…\"), joined by \
                 and."
            );
            wrong("q", message)
        })
    }

    pub(super) fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn fits(&self, asset: &Asset) -> bool {
        self.0.iter().all(|condition| condition.fits(asset))
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
    NotEqual,
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-')
}

/// `None` for a quote that does not end and for letters of no meaning.
fn tokens(q: &str) -> Option<Vec<Token>> {
    let (mut letters, mut tokens) = (q.chars().peekable(), Vec::new());
    while let Some(letter) = letters.next() {
        tokens.push(match letter {
            '"' | '\'' => {
                let mut text = String::new();
                loop {
                    match letters.next()? {
                        end if end == letter => break,
                        '\\' => text.push(letters.next()?),
                        other => text.push(other),
                    }
                }
                Token::Text(text)
            }
            '=' | '(' | ')' | ',' => Token::Sign(letter),
            '!' => {
                letters.next_if_eq(&'=')?;
                Token::NotEqual
            }
            _ if letter.is_whitespace() => continue,
            _ if is_of_word(letter) => {
                let mut word = String::from(letter);
                while let Some(letter) = letters.next_if(|letter| is_of_word(*letter)) {
                    word.push(letter);
                }
                Token::Word(word)
            }
            _ => return None,
        });
    }
    Some(tokens)
}

fn is_word(token: &Token, wanted: &str) -> bool {
    matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(wanted))
}

fn value(token: &Token) -> Option<String> {
    match token {
        Token::Text(text) | Token::Word(text) => Some(text.clone()),
        _ => None,
    }
}

fn conditions(mut rest: &[Token]) -> Option<Vec<Condition>> {
    let mut list = Vec::new();
    while let [Token::Word(name), behind @ ..] = rest {
        let (_, field) = *FIELDS.iter().find(|(known, _)| known == name)?;
        let (values, is_negated, behind) = compared(behind)?;
        list.push(Condition { field, values, is_negated });
        rest = match behind {
            [] => return Some(list),
            [and, more @ ..] if is_word(and, "and") && !more.is_empty() => more,
            _ => return None,
        };
    }
    rest.is_empty().then_some(list)
}

/// The values behind a field, whether these are excluded, and what follows.
fn compared(rest: &[Token]) -> Option<(Vec<String>, bool, &[Token])> {
    match rest {
        [Token::Sign('='), one, behind @ ..] => Some((vec![value(one)?], false, behind)),
        [Token::NotEqual, one, behind @ ..] => Some((vec![value(one)?], true, behind)),
        [not, within, Token::Sign('('), behind @ ..] if is_word(not, "not") && is_word(within, "in") => {
            listed(behind).map(|(values, behind)| (values, true, behind))
        }
        [within, Token::Sign('('), behind @ ..] if is_word(within, "in") => {
            listed(behind).map(|(values, behind)| (values, false, behind))
        }
        _ => None,
    }
}

fn listed(mut rest: &[Token]) -> Option<(Vec<String>, &[Token])> {
    let mut values = Vec::new();
    loop {
        let [one, sign, behind @ ..] = rest else { return None };
        values.push(value(one)?);
        rest = behind;
        match sign {
            Token::Sign(')') => return Some((values, rest)),
            Token::Sign(',') => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        dataset::{Annotation, Split},
        geometry::{Rect, Size},
        ids::{AssetId, DatasetVersionId},
        name::Label,
    };
    use uuid::Uuid;

    fn asset(split: Split, label: &str) -> Asset {
        let rect = Rect::new(1.0, 2.0, 3.0, 4.0).expect("a rectangle");
        Asset {
            id: AssetId(Uuid::nil()),
            version_id: DatasetVersionId(Uuid::nil()),
            filename: "a b.jpg".to_owned(),
            content_hash: String::new(),
            pixel_hash: String::new(),
            size: Size::new(9, 9).expect("a size"),
            split,
            annotations: vec![Annotation { label: Label::new(label).expect("a label"), rect, ignore: false }],
        }
    }

    #[test]
    fn conditions_about_tags_labels_and_names_are_joined_by_and() {
        let one = asset(Split::Train, "red cell");
        for (q, fits) in [
            ("", true),
            ("tags.name = \"train\"", true),
            ("tags.name in (\"val\", \"test\")", false),
            ("data.tags.name in ('train') and annotations.rectangles.label.name = 'red cell'", true),
            ("tags.name = \"train\" AND tags.name = \"val\"", false),
            ("filename = \"a b.jpg\" and rectangles.label.name != \"red cell\"", false),
            ("tags.name not in (val)", true),
        ] {
            let query = AssetQuery::parse(q).unwrap_or_else(|problem| panic!("{q}: {:?}", problem.0));
            assert_eq!((query.fits(&one), query.is_everything()), (fits, q.is_empty()), "{q}");
        }
        for q in ["width > 3", "tags.name", "tags.name = \"a", "tags.name in (", "and", "tags.name = a and"] {
            assert!(AssetQuery::parse(q).is_err(), "{q}");
        }
    }
}
