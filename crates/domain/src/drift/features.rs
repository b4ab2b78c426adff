//! What is looked at in an image: one number each, so that an image counts
//! once whatever is in it. Labels alone are counts.

use crate::{
    geometry::Size,
    statistics::{label_shares::LabelCounts, quantile_of_sorted},
    training_data::Appearance,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// A property of an image whose distribution may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Mean luma, 0 to 1.
    Brightness,
    /// Standard deviation of luma, 0 to 0.5.
    Contrast,
    /// Variance of luma's Laplacian.
    Sharpness,
    /// Pixels of the image.
    Size,
    /// Width over height.
    Ratio,
    /// Boxes at or above the threshold.
    Objects,
    /// Mean score of these boxes; images without boxes have none.
    Confidence,
    /// Median area of these boxes in square pixels; images without boxes have none.
    BoxArea,
    /// Distance of the embedding to its nearest training images.
    Embedding,
    /// Shares of the labels of these boxes.
    Labels,
}

impl Feature {
    /// Features that are one number an image.
    pub const NUMBERS: [Self; 9] = [
        Self::Brightness,
        Self::Contrast,
        Self::Sharpness,
        Self::Size,
        Self::Ratio,
        Self::Objects,
        Self::Confidence,
        Self::BoxArea,
        Self::Embedding,
    ];

    /// All ten.
    pub const ALL: [Self; 10] = [
        Self::Brightness,
        Self::Contrast,
        Self::Sharpness,
        Self::Size,
        Self::Ratio,
        Self::Objects,
        Self::Confidence,
        Self::BoxArea,
        Self::Embedding,
        Self::Labels,
    ];

    /// The word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Brightness => "brightness",
            Self::Contrast => "contrast",
            Self::Sharpness => "sharpness",
            Self::Size => "size",
            Self::Ratio => "ratio",
            Self::Objects => "objects",
            Self::Confidence => "confidence",
            Self::BoxArea => "box_area",
            Self::Embedding => "embedding",
            Self::Labels => "labels",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The features of one image; what is missing is not there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageFeatures {
    /// Finite numbers by feature. Kept as `f32`, which survives any way of
    /// storing: a number that came back with another last bit would no longer
    /// be equal to its equals.
    numbers: BTreeMap<Feature, f32>,
    /// Boxes at or above the threshold, by the number of their label.
    labels: LabelCounts,
    /// Which camera, line or client it came from.
    #[serde(default)]
    source: String,
}

impl ImageFeatures {
    /// With these labels and no numbers yet.
    #[must_use]
    pub fn new(labels: LabelCounts) -> Self {
        Self { labels, ..Self::default() }
    }

    /// Sets a number; one that is not finite is missing.
    #[must_use]
    pub fn with(mut self, feature: Feature, value: impl Into<Option<f64>>) -> Self {
        match value.into().map(|value| value as f32).filter(|value| value.is_finite()) {
            Some(value) => self.numbers.insert(feature, value),
            None => self.numbers.remove(&feature),
        };
        self
    }

    /// Of an image: how it looks (where there is a picture), its size, the
    /// boxes at or above the threshold (number of the label, score, square
    /// pixels), and the distance of its embedding.
    #[must_use]
    pub fn of_image(
        appearance: Option<Appearance>,
        size: Size,
        boxes: &[(u32, f64, f64)],
        outlier_distance: Option<f64>,
    ) -> Self {
        let mut areas: Vec<f64> = boxes.iter().map(|(_, _, area)| *area).collect();
        areas.sort_by(f64::total_cmp);
        let mean = boxes.iter().map(|(_, score, _)| score).sum::<f64>() / boxes.len() as f64;
        Self::new(LabelCounts::of(boxes.iter().map(|(label, ..)| *label)))
            .with(Feature::Brightness, appearance.map(|a| a.brightness))
            .with(Feature::Contrast, appearance.map(|a| a.contrast))
            .with(Feature::Sharpness, appearance.map(|a| a.sharpness))
            .with(Feature::Size, size.pixels() as f64)
            .with(Feature::Ratio, f64::from(size.width) / f64::from(size.height))
            .with(Feature::Objects, boxes.len() as f64)
            .with(Feature::Confidence, mean)
            .with(Feature::BoxArea, quantile_of_sorted(&areas, 0.5))
            .with(Feature::Embedding, outlier_distance)
    }

    /// Without what only a model can say: a reference whose model was not
    /// asked compares no boxes.
    #[must_use]
    pub fn without_boxes(mut self) -> Self {
        for feature in [Feature::Objects, Feature::Confidence, Feature::BoxArea, Feature::Embedding] {
            self.numbers.remove(&feature);
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
    pub fn number(&self, feature: Feature) -> Option<f32> {
        self.numbers.get(&feature).copied()
    }

    /// Its labels.
    #[must_use]
    pub fn labels(&self) -> &LabelCounts {
        &self.labels
    }
}
