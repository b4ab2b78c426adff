//! Whether a prediction matches a query, in memory. This is the meaning; the
//! SQL of the store must agree with it. Knows no text and no clock.

use super::{
    Query,
    ast::{BoxOrigin, BoxTest, Boxes, Compare, Expr, MetadataTest, Op, Scalar, Test, TextTest},
    moment::Moment,
    schema::{BoxField, BoxNumber, DateField, Field, NumberField, TextField},
    value::metadata_number,
};
use crate::{
    dataset::Annotation,
    geometry::{Rect, Score, Size},
    name::Label,
    prediction::{PredictedBox, Prediction, Status},
    time::Timestamp,
};
use std::collections::BTreeMap;

/// All that a query can ask of one prediction. NaN counts as missing.
#[derive(Clone, Copy, Debug)]
pub struct PredictionFacts<'p> {
    /// How far it is on its way.
    pub status: Status,
    /// `name/number` of the champion.
    pub model: &'p str,
    /// Camera, line or client.
    pub source: Option<&'p str>,
    /// As the sender named the file.
    pub filename: Option<&'p str>,
    /// Without duplicates.
    pub tags: &'p [String],
    /// Free keys and values.
    pub metadata: &'p BTreeMap<String, String>,
    /// Of the upright image.
    pub size: Size,
    /// Milliseconds.
    pub latency_ms: f64,
    /// When the image was taken.
    pub created: Timestamp,
    /// When it arrived.
    pub received: Timestamp,
    /// In [0, 1].
    pub outlier_score: Option<f64>,
    /// 1 − F1 of champion and shadow, in [0, 1].
    pub shadow_disagreement: Option<f64>,
    /// Who saved the latest review.
    pub reviewed_by: Option<&'p str>,
    /// Boxes of champion and shadow at or above it are seen and counted.
    pub threshold: Score,
    /// The champion's, all that are stored.
    pub boxes: &'p [PredictedBox],
    /// The shadow's, all that are stored.
    pub shadow: &'p [PredictedBox],
    /// Those of the latest review.
    pub review: &'p [Annotation],
}

impl<'p> PredictionFacts<'p> {
    /// What a prediction says of itself: `shadow_disagreement`, `reviewed_by`
    /// and `review` are left empty for the caller to fill.
    #[must_use]
    pub fn of(prediction: &'p Prediction) -> Self {
        Self {
            status: prediction.status,
            model: &prediction.model,
            source: prediction.source.as_deref(),
            filename: prediction.filename.as_deref(),
            tags: &prediction.tags,
            metadata: &prediction.metadata,
            size: prediction.size,
            latency_ms: prediction.latency_ms,
            created: prediction.created,
            received: prediction.received,
            outlier_score: prediction.outlier_score,
            shadow_disagreement: None,
            reviewed_by: None,
            threshold: prediction.threshold,
            boxes: &prediction.boxes,
            shadow: prediction.shadow.as_ref().map_or(&[], |shadow| &shadow.boxes),
            review: &[],
        }
    }

    /// The number of a field; `None` when it is missing.
    #[must_use]
    pub fn number(&self, field: NumberField) -> Option<f64> {
        let scores = || visible(self.boxes, self.threshold).map(|b| b.score.get());
        let number = match field {
            NumberField::Objects => Some(scores().count() as f64),
            NumberField::OutlierScore => self.outlier_score,
            NumberField::Confidence => mean(scores()),
            NumberField::MinConfidence => scores().min_by(f64::total_cmp),
            NumberField::Latency => Some(self.latency_ms),
            NumberField::Width => Some(f64::from(self.size.width)),
            NumberField::Height => Some(f64::from(self.size.height)),
            NumberField::ShadowDisagreement => self.shadow_disagreement,
        };
        number.filter(|n| !n.is_nan())
    }

    /// The texts of a field: all tags, else one or none.
    pub fn texts(&self, field: TextField) -> impl Iterator<Item = &'p str> {
        let (one, tags): (Option<&str>, &[String]) = match field {
            TextField::Model => (Some(self.model), &[]),
            TextField::Source => (self.source, &[]),
            TextField::Filename => (self.filename, &[]),
            TextField::ReviewedBy => (self.reviewed_by, &[]),
            TextField::Tag => (None, self.tags),
        };
        one.into_iter().chain(tags.iter().map(String::as_str))
    }

    /// The time of a field.
    #[must_use]
    pub fn date(&self, field: DateField) -> Timestamp {
        match field {
            DateField::Created => self.created,
            DateField::Received => self.received,
        }
    }

    /// Whether a person has reviewed it.
    #[must_use]
    pub fn is_reviewed(&self) -> bool {
        matches!(self.status, Status::Reviewed | Status::Submitted)
    }

    fn lacks(&self, field: &Field) -> bool {
        match field {
            Field::Status | Field::Reviewed | Field::Date(_) => false,
            Field::Number(field) => self.number(*field).is_none(),
            Field::Text(field) => self.texts(*field).next().is_none(),
            Field::Metadata(key) => !self.metadata.contains_key(key),
        }
    }

    /// How many boxes are such.
    #[must_use]
    pub fn count(&self, boxes: &Boxes) -> usize {
        let such = |b: &AnyBox<'_>| boxes.filter.holds(&mut |test| b.passes(test));
        match boxes.origin {
            BoxOrigin::Champion => visible(self.boxes, self.threshold).map(AnyBox::from).filter(such).count(),
            BoxOrigin::All => self.boxes.iter().map(AnyBox::from).filter(such).count(),
            BoxOrigin::Shadow => visible(self.shadow, self.threshold).map(AnyBox::from).filter(such).count(),
            BoxOrigin::Review => {
                self.review.iter().filter(|b| !b.ignore).map(AnyBox::from).filter(such).count()
            }
        }
    }
}

impl Query {
    /// Whether a prediction matches, when it is `now`. Takes time in
    /// proportion to conditions times boxes.
    #[must_use]
    pub fn matches(&self, facts: &PredictionFacts<'_>, now: Timestamp) -> bool {
        self.condition().holds(&mut |test| test.passes(facts, now))
    }
}

impl Test {
    /// Whether a prediction passes this one test.
    #[must_use]
    pub fn passes(&self, facts: &PredictionFacts<'_>, now: Timestamp) -> bool {
        match self {
            Self::Status(any) => any.contains(&facts.status),
            Self::Reviewed(value) => facts.is_reviewed() == *value,
            Self::Number(field, compare) => facts.number(*field).is_some_and(|n| compare.passes(&n)),
            Self::Text(field, test) => facts.texts(*field).any(|text| test.passes(text)),
            Self::Date(field, compare) => within(facts.date(*field), compare, now),
            Self::Metadata(key, test) => facts.metadata.get(key).is_some_and(|value| test.passes(value)),
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

fn visible(boxes: &[PredictedBox], threshold: Score) -> impl Iterator<Item = &PredictedBox> {
    boxes.iter().filter(move |b| b.score >= threshold)
}

/// The sum in the order given, divided by the count.
fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), n| (sum + n, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// A box, whoever drew it.
struct AnyBox<'b> {
    label: &'b Label,
    rect: &'b Rect,
    score: Option<f64>,
}

impl<'b> From<&'b PredictedBox> for AnyBox<'b> {
    fn from(b: &'b PredictedBox) -> Self {
        Self { label: &b.label, rect: &b.rect, score: Some(b.score.get()) }
    }
}

impl<'b> From<&'b Annotation> for AnyBox<'b> {
    fn from(b: &'b Annotation) -> Self {
        Self { label: &b.label, rect: &b.rect, score: None }
    }
}

impl AnyBox<'_> {
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
            BoxTest::Label(test) => test.passes(self.label.as_str()),
            BoxTest::Number(field, compare) => self.number(*field).is_some_and(|n| compare.passes(&n)),
            BoxTest::Missing(BoxField::Label) => false,
            BoxTest::Missing(BoxField::Number(field)) => self.number(*field).is_none(),
        }
    }
}

impl Expr<BoxTest> {
    /// Whether a box passes that a model predicted.
    #[must_use]
    pub fn accepts(&self, predicted: &PredictedBox) -> bool {
        self.holds(&mut |test| AnyBox::from(predicted).passes(test))
    }
}
