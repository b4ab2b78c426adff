//! Whether something matches a query, in memory. This is the meaning; an SQL
//! of it must agree. Knows no text and no clock, and of what it is asked about
//! no more than [`Facts`].

use crate::{
    Query,
    ast::{BoxOrigin, BoxTest, Boxes, Compare, MetadataTest, Op, Scalar, Test, TextTest},
    moment::Moment,
    schema::{BoxField, BoxNumber, DateField, Field, NumberField, TextField},
    status::Status,
    value::metadata_number,
};
use units::{geometry::Rect, time::Timestamp};

/// All that a query can ask of one prediction.
pub trait Facts {
    /// How far it is on its way.
    fn status(&self) -> Status;

    /// The number of a field; `None` when it is missing, and never NaN.
    fn number(&self, field: NumberField) -> Option<f64>;

    /// The texts of a field: all tags, else one or none.
    fn texts(&self, field: TextField) -> impl Iterator<Item = &str>;

    /// The time of a field.
    fn date(&self, field: DateField) -> Timestamp;

    /// What stands under a key of the metadata.
    fn metadata(&self, key: &str) -> Option<&str>;

    /// The boxes that a query sees: of champion and shadow those at or above
    /// the threshold, of a review those that are not to be ignored.
    fn boxes(&self, origin: BoxOrigin) -> impl Iterator<Item = BoxFacts<'_>>;

    /// Whether a person has reviewed it.
    fn is_reviewed(&self) -> bool {
        matches!(self.status(), Status::Reviewed | Status::Submitted)
    }

    /// How many boxes are as `boxes` says.
    fn count(&self, boxes: &Boxes) -> usize {
        self.boxes(boxes.origin).filter(|b| boxes.filter.holds(&mut |test| b.passes(test))).count()
    }

    /// Whether it has no value of a field.
    fn lacks(&self, field: &Field) -> bool {
        match field {
            Field::Status | Field::Reviewed | Field::Date(_) => false,
            Field::Number(field) => self.number(*field).is_none(),
            Field::Text(field) => self.texts(*field).next().is_none(),
            Field::Metadata(key) => self.metadata(key).is_none(),
        }
    }
}

/// All that a query can ask of a box, whoever drew it.
#[derive(Clone, Copy, Debug)]
pub struct BoxFacts<'b> {
    /// The class.
    pub label: &'b str,
    /// Pixels of the upright image.
    pub rect: &'b Rect,
    /// In [0, 1]; boxes that a person drew have none.
    pub score: Option<f64>,
}

impl BoxFacts<'_> {
    fn number(&self, field: BoxNumber) -> Option<f64> {
        match field {
            BoxNumber::Score => self.score,
            BoxNumber::Area => Some(self.rect.area()),
            BoxNumber::Width => Some(self.rect.w()),
            BoxNumber::Height => Some(self.rect.h()),
        }
    }

    fn passes(&self, test: &BoxTest) -> bool {
        match test {
            BoxTest::Label(test) => test.passes(self.label),
            BoxTest::Number(field, compare) => self.number(*field).is_some_and(|n| compare.passes(&n)),
            BoxTest::Missing(BoxField::Label) => false,
            BoxTest::Missing(BoxField::Number(field)) => self.number(*field).is_none(),
        }
    }
}

impl Query {
    /// Whether a prediction matches, when it is `now`. Takes time in
    /// proportion to conditions times boxes.
    #[must_use]
    pub fn matches(&self, facts: &impl Facts, now: Timestamp) -> bool {
        self.condition().holds(&mut |test| test.passes(facts, now))
    }
}

impl Test {
    /// Whether a prediction passes this one test.
    #[must_use]
    pub fn passes(&self, facts: &impl Facts, now: Timestamp) -> bool {
        match self {
            Self::Status(any) => any.contains(&facts.status()),
            Self::Reviewed(value) => facts.is_reviewed() == *value,
            Self::Number(field, compare) => facts.number(*field).is_some_and(|n| compare.passes(&n)),
            Self::Text(field, test) => facts.texts(*field).any(|text| test.passes(text)),
            Self::Date(field, compare) => within(facts.date(*field), compare, now),
            Self::Metadata(key, test) => facts.metadata(key).is_some_and(|value| test.passes(value)),
            Self::Missing(field) => facts.lacks(field),
            Self::Has(boxes) => facts.count(boxes) > 0,
            Self::Count(boxes, op, value) => op.holds(&(facts.count(boxes) as f64), value),
        }
    }
}

impl Compare<f64> {
    fn passes(&self, number: &f64) -> bool {
        match self {
            Self::Is(op, value) => op.holds(number, value),
            Self::OneOf(values) => values.contains(number),
        }
    }
}

impl TextTest {
    /// Whether a text that is there passes.
    #[must_use]
    pub fn passes(&self, text: &str) -> bool {
        match self {
            Self::Compare(Compare::Is(op, value)) => op.holds(text, value.as_str()),
            Self::Compare(Compare::OneOf(values)) => values.iter().any(|value| value == text),
            Self::Contains(part) => contains_ascii_folded(text, part),
        }
    }
}

impl MetadataTest {
    fn passes(&self, text: &str) -> bool {
        let is = |op: Op, value: &Scalar| match value {
            Scalar::Number(value) => metadata_number(text).is_some_and(|number| op.holds(&number, value)),
            Scalar::Text(value) => op.holds(text, value.as_str()),
        };
        match self {
            Self::Compare(Compare::Is(op, value)) => is(*op, value),
            Self::Compare(Compare::OneOf(values)) => values.iter().any(|value| is(Op::Eq, value)),
            Self::Contains(part) => contains_ascii_folded(text, part),
        }
    }
}

/// A time against others: before an interval, in it, or after it.
fn within(moment: Timestamp, compare: &Compare<Moment>, now: Timestamp) -> bool {
    match compare {
        Compare::OneOf(several) => several.iter().any(|one| one.interval(now).contains(moment)),
        Compare::Is(op, one) => {
            let interval = one.interval(now);
            match op {
                Op::Eq => interval.contains(moment),
                Op::Ne => !interval.contains(moment),
                Op::Lt => moment < interval.start,
                Op::Le => moment < interval.end,
                Op::Gt => moment >= interval.end,
                Op::Ge => moment >= interval.start,
            }
        }
    }
}

/// Whether `text` contains `part`, upper and lower ASCII letters being the
/// same. Both are UTF-8, so equal bytes are equal characters.
fn contains_ascii_folded(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    part.is_empty() || text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}
