//! What is looked at in an image: one number for each feature, so that an
//! image counts once whatever is in it. Labels alone are counts. Which features
//! there are, the caller says.

use crate::statistics::label_shares::LabelCounts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A property of an image whose distribution may move, of a closed list.
pub trait Feature: Copy + Ord + 'static {
    /// The one that is the shares of labels.
    const LABELS: Self;

    /// Those that are one number an image, in the order in which they are
    /// compared.
    fn numbers() -> impl Iterator<Item = Self>;

    /// The number of the random stream that its test draws from. No two share
    /// one, and none ever changes: a window that is compared again gives the
    /// same.
    fn stream(self) -> u64;
}

/// The features of one image; what is missing is not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "F: Serialize + Ord", deserialize = "F: Deserialize<'de> + Ord"))]
pub struct ImageFeatures<F> {
    /// Finite numbers by feature. Kept as `f32`, which survives any way of
    /// storing: a number that came back with another last bit would no longer
    /// be equal to its equals.
    numbers: BTreeMap<F, f32>,
    /// Boxes at or above the threshold, by the number of their label.
    labels: LabelCounts,
    /// Which camera, line or client it came from.
    #[serde(default)]
    source: String,
}

impl<F> Default for ImageFeatures<F> {
    fn default() -> Self {
        Self { numbers: BTreeMap::new(), labels: LabelCounts::default(), source: String::new() }
    }
}

impl<F: Feature> ImageFeatures<F> {
    /// With these labels and no numbers yet.
    #[must_use]
    pub fn new(labels: LabelCounts) -> Self {
        Self { labels, ..Self::default() }
    }

    /// Sets a number; one that is not finite is missing.
    #[must_use]
    pub fn with(mut self, feature: F, value: impl Into<Option<f64>>) -> Self {
        match value.into().map(|value| value as f32).filter(|value| value.is_finite()) {
            Some(value) => self.numbers.insert(feature, value),
            None => self.numbers.remove(&feature),
        };
        self
    }

    /// Without some numbers and without labels.
    #[must_use]
    pub fn without(mut self, features: &[F]) -> Self {
        for feature in features {
            self.numbers.remove(feature);
        }
        self.labels = LabelCounts::default();
        self
    }

    /// Says which source it came from: images of one source that follow each
    /// other may be alike.
    #[must_use]
    pub fn from_source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// Where it came from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// A number of the image.
    #[must_use]
    pub fn number(&self, feature: F) -> Option<f32> {
        self.numbers.get(&feature).copied()
    }

    /// Its labels.
    #[must_use]
    pub fn labels(&self) -> &LabelCounts {
        &self.labels
    }
}
