//! A prediction as a query sees it.

use super::{PredictedBox, Prediction, Status};
use crate::dataset::Annotation;
use query::{
    BoxFacts, Facts,
    ast::BoxOrigin,
    schema::{DateField, NumberField, TextField},
};
use std::collections::BTreeMap;
use units::{
    geometry::{Score, Size},
    time::Timestamp,
};

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
}

impl Facts for PredictionFacts<'_> {
    fn status(&self) -> Status {
        self.status
    }

    fn number(&self, field: NumberField) -> Option<f64> {
        let scores = || visible(self.boxes, Some(self.threshold)).map(|b| b.score.get());
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

    fn texts(&self, field: TextField) -> impl Iterator<Item = &str> {
        let (one, tags): (Option<&str>, &[String]) = match field {
            TextField::Model => (Some(self.model), &[]),
            TextField::Source => (self.source, &[]),
            TextField::Filename => (self.filename, &[]),
            TextField::ReviewedBy => (self.reviewed_by, &[]),
            TextField::Tag => (None, self.tags),
        };
        one.into_iter().chain(tags.iter().map(String::as_str))
    }

    fn date(&self, field: DateField) -> Timestamp {
        match field {
            DateField::Created => self.created,
            DateField::Received => self.received,
        }
    }

    fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    fn boxes(&self, origin: BoxOrigin) -> impl Iterator<Item = BoxFacts<'_>> {
        let counted = Some(self.threshold);
        let (predicted, threshold, drawn): (&[PredictedBox], Option<Score>, &[Annotation]) = match origin {
            BoxOrigin::Champion => (self.boxes, counted, &[]),
            BoxOrigin::All => (self.boxes, None, &[]),
            BoxOrigin::Shadow => (self.shadow, counted, &[]),
            BoxOrigin::Review => (&[], None, self.review),
        };
        let predicted = visible(predicted, threshold).map(|b| BoxFacts {
            label: b.label.as_str(),
            rect: &b.rect,
            score: Some(b.score.get()),
        });
        let drawn = drawn.iter().filter(|b| !b.ignore).map(|b| BoxFacts {
            label: b.label.as_str(),
            rect: &b.rect,
            score: None,
        });
        predicted.chain(drawn)
    }
}

fn visible(boxes: &[PredictedBox], threshold: Option<Score>) -> impl Iterator<Item = &PredictedBox> {
    boxes.iter().filter(move |b| threshold.is_none_or(|threshold| b.score >= threshold))
}

/// The sum in the order given, divided by the count.
fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), n| (sum + n, count + 1.0));
    (count > 0.0).then(|| sum / count)
}
