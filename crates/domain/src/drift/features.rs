//! What drift is looked for in, image by image.

use crate::{
    geometry::Size,
    monitor::image_measures::{Appearance, ImageMeasure},
};
use measures::{
    drift::{compare, declare, features, reference},
    statistics::{label_shares::LabelCounts, quantile_of_sorted},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The features of one image.
pub type ImageFeatures = features::ImageFeatures<Feature>;
/// The features of images that the model never trained on.
pub type DriftReference = reference::DriftReference<Feature>;
/// How one feature of a window compares.
pub type FeatureDrift = compare::FeatureDrift<Feature>;
/// What is known of drift after the windows so far.
pub type DriftState = declare::DriftState<Feature>;

/// A property of an image whose distribution may move. In the order in which
/// they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// What the pixels say.
    Image(ImageMeasure),
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
    const OF_THE_IMAGE: [Self; 2] = [Self::Size, Self::Ratio];
    /// What only a model can say, and is one number an image.
    const OF_THE_MODEL: [Self; 4] = [Self::Objects, Self::Confidence, Self::BoxArea, Self::Embedding];

    /// Features that are one number an image.
    pub fn numbers() -> impl Iterator<Item = Self> + Clone {
        let measures = ImageMeasure::all().filter(|measure| measure.row().drift_stream.is_some());
        measures.map(Self::Image).chain(Self::OF_THE_IMAGE).chain(Self::OF_THE_MODEL)
    }

    /// All.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        Self::numbers().chain([Self::Labels])
    }

    /// The word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image(measure) => measure.name(),
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

impl Serialize for Feature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Feature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let feature = Self::all().find(|feature| feature.as_str() == word);
        feature.ok_or_else(|| serde::de::Error::custom(format!("{word:?} is no feature of drift")))
    }
}

impl features::Feature for Feature {
    const LABELS: Self = Self::Labels;

    fn numbers() -> impl Iterator<Item = Self> {
        Self::numbers()
    }

    fn stream(self) -> u64 {
        match self {
            // One without a stream is not among the numbers, so never asked.
            Self::Image(measure) => measure.row().drift_stream.unwrap_or(u64::MAX),
            Self::Size => 3,
            Self::Ratio => 4,
            Self::Objects => 5,
            Self::Confidence => 6,
            Self::BoxArea => 7,
            Self::Embedding => 8,
            Self::Labels => 9,
        }
    }
}

/// Of an image: what its pixels say (where there is a picture), its size, the boxes at
/// or above the threshold (number of the label, score, square pixels), and the
/// distance of its embedding.
#[must_use]
pub fn image_features(
    appearance: Option<Appearance>,
    size: Size,
    boxes: &[(u32, f64, f64)],
    outlier_distance: Option<f64>,
) -> ImageFeatures {
    let mut areas: Vec<f64> = boxes.iter().map(|(_, _, area)| *area).collect();
    areas.sort_by(f64::total_cmp);
    let mean = boxes.iter().map(|(_, score, _)| score).sum::<f64>() / boxes.len() as f64;
    let labels = ImageFeatures::new(LabelCounts::of(boxes.iter().map(|(label, ..)| *label)));
    appearance
        .unwrap_or_default()
        .values()
        .fold(labels, |features, (measure, value)| features.with(Feature::Image(measure), value))
        .with(Feature::Size, size.pixels() as f64)
        .with(Feature::Ratio, f64::from(size.width) / f64::from(size.height))
        .with(Feature::Objects, boxes.len() as f64)
        .with(Feature::Confidence, mean)
        .with(Feature::BoxArea, quantile_of_sorted(&areas, 0.5))
        .with(Feature::Embedding, outlier_distance)
}

/// Without what boxes say: a reference whose model was not asked compares
/// none.
#[must_use]
pub fn without_boxes(image: ImageFeatures) -> ImageFeatures {
    image.without(&[Feature::Objects, Feature::Confidence, Feature::BoxArea])
}

#[cfg(test)]
mod tests {
    use super::*;
    use measures::drift::features::Feature as _;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_features_share_a_word_or_a_random_stream() {
        let words: BTreeSet<&str> = Feature::all().map(Feature::as_str).collect();
        let streams: BTreeSet<u64> = Feature::all().map(Feature::stream).collect();
        assert_eq!((words.len(), streams.len()), (Feature::all().count(), Feature::all().count()));
    }

    #[test]
    fn a_feature_survives_being_stored_as_a_key() {
        let state: std::collections::BTreeMap<Feature, u8> = Feature::all().zip(0..).collect();
        let text = serde_json::to_string(&state).expect("writes");
        assert_eq!(
            serde_json::from_str::<std::collections::BTreeMap<Feature, u8>>(&text).expect("reads"),
            state
        );
    }
}
