//! Predictions made by hand.

use domain::{
    dataset::Annotation,
    geometry::{Rect, Score, Size},
    name::Label,
    prediction::{PredictedBox, PredictionFacts, Status},
    time::Timestamp,
};
use query::parse;
use std::collections::BTreeMap;

/// 2026-11-23T12:00:00Z
pub(crate) const NOW: Timestamp = Timestamp(1_795_435_200_000);
pub(crate) const DAY_MS: i64 = 86_400_000;

/// A prediction with everything a query can ask, owned.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) status: Status,
    pub(crate) model: String,
    pub(crate) source: Option<String>,
    pub(crate) filename: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) size: Size,
    pub(crate) latency_ms: f64,
    pub(crate) created: Timestamp,
    pub(crate) received: Timestamp,
    pub(crate) outlier_score: Option<f64>,
    pub(crate) shadow_disagreement: Option<f64>,
    pub(crate) reviewed_by: Option<String>,
    pub(crate) threshold: Score,
    pub(crate) boxes: Vec<PredictedBox>,
    pub(crate) shadow: Vec<PredictedBox>,
    pub(crate) review: Vec<Annotation>,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            status: Status::ToReview,
            model: "blood/3".to_owned(),
            source: None,
            filename: None,
            tags: Vec::new(),
            metadata: BTreeMap::new(),
            size: Size { width: 640, height: 480 },
            latency_ms: 20.0,
            created: NOW,
            received: NOW,
            outlier_score: None,
            shadow_disagreement: None,
            reviewed_by: None,
            threshold: score(0.25),
            boxes: Vec::new(),
            shadow: Vec::new(),
            review: Vec::new(),
        }
    }
}

impl Sample {
    pub(crate) fn facts(&self) -> PredictionFacts<'_> {
        PredictionFacts {
            status: self.status,
            model: &self.model,
            source: self.source.as_deref(),
            filename: self.filename.as_deref(),
            tags: &self.tags,
            metadata: &self.metadata,
            size: self.size,
            latency_ms: self.latency_ms,
            created: self.created,
            received: self.received,
            outlier_score: self.outlier_score,
            shadow_disagreement: self.shadow_disagreement,
            reviewed_by: self.reviewed_by.as_deref(),
            threshold: self.threshold,
            boxes: &self.boxes,
            shadow: &self.shadow,
            review: &self.review,
        }
    }

    pub(crate) fn matches(&self, query: &str) -> bool {
        parse(query).unwrap_or_else(|errors| panic!("{errors}")).matches(&self.facts(), NOW)
    }

    pub(crate) fn boxes(boxes: &[(&str, f64)]) -> Self {
        Self {
            boxes: boxes.iter().map(|(label, score)| predicted(label, *score)).collect(),
            ..Self::default()
        }
    }
}

pub(crate) fn score(value: f64) -> Score {
    Score::new(value).expect("a score")
}

/// 10 × 20 pixels.
pub(crate) fn predicted(label: &str, value: f64) -> PredictedBox {
    PredictedBox { label: Label::new(label).expect("a label"), score: score(value), rect: rect(10.0, 20.0) }
}

pub(crate) fn drawn(label: &str) -> Annotation {
    Annotation { label: Label::new(label).expect("a label"), rect: rect(10.0, 20.0), ignore: false }
}

pub(crate) fn rect(w: f64, h: f64) -> Rect {
    Rect::new(1.0, 2.0, w, h).expect("a rectangle")
}

pub(crate) fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
