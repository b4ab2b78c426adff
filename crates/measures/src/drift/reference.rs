//! What images were like when the model was made: frozen, and kept whole, so
//! that a test years later still compares with the same images.

use super::features::{Feature, ImageFeatures};
use crate::statistics::label_shares::LabelCounts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Images of a reference: more make a test no better and the reference large.
pub const MOST_IMAGES: usize = 2_000;

/// The features of images that the model never trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "F: Serialize + Ord", deserialize = "F: Deserialize<'de> + Ord"))]
pub struct DriftReference<F> {
    /// Number of images.
    images: u32,
    /// Rising values by feature; a feature that no image has is absent.
    numbers: BTreeMap<F, Vec<f32>>,
    /// Of each image.
    labels: Vec<LabelCounts>,
}

impl<F: Feature> DriftReference<F> {
    /// Freezes the features of images. Of more than [`MOST_IMAGES`], as many
    /// are taken at equal steps.
    #[must_use]
    pub fn freeze(images: &[ImageFeatures<F>]) -> Self {
        let step = images.len().div_ceil(MOST_IMAGES).max(1);
        let images: Vec<&ImageFeatures<F>> = images.iter().step_by(step).collect();
        let mut numbers = BTreeMap::new();
        for feature in F::numbers() {
            let mut values: Vec<f32> = images.iter().filter_map(|image| image.number(feature)).collect();
            values.sort_by(f32::total_cmp);
            if !values.is_empty() {
                numbers.insert(feature, values);
            }
        }
        let labels = images.iter().map(|image| image.labels().clone()).collect();
        Self { images: images.len() as u32, numbers, labels }
    }

    /// Number of images.
    #[must_use]
    pub fn images(&self) -> u32 {
        self.images
    }

    /// Rising values of a feature.
    #[must_use]
    pub fn numbers(&self, feature: F) -> &[f32] {
        self.numbers.get(&feature).map_or(&[], Vec::as_slice)
    }

    /// The labels of each image.
    #[must_use]
    pub fn labels(&self) -> &[LabelCounts] {
        &self.labels
    }
}
