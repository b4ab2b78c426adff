//! One window of images against the reference, feature by feature.

use super::{
    DriftSettings,
    dependence::{of_counts, of_numbers},
    features::{Feature, ImageFeatures},
    reference::DriftReference,
};
use crate::{
    randomness::Dice,
    statistics::{
        discovery::benjamini_hochberg,
        label_shares::{LabelCounts, jensen_shannon_test},
        permutation::Tested,
        two_samples::kolmogorov_smirnov_test,
    },
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How one feature of a window compares.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureDrift<F> {
    /// Which.
    pub feature: F,
    /// Kolmogorov–Smirnov statistic, or Jensen–Shannon distance (base 2) of
    /// labels; in [0, 1].
    pub effect: f64,
    /// From which effect on it matters.
    pub matters_from: f64,
    /// Permutation p-value, in (0, 1].
    pub p: f64,
    /// The same, adjusted for the number of features (Benjamini–Hochberg).
    pub adjusted_p: f64,
    /// Images of the reference that have the feature.
    pub reference_images: u32,
    /// Images of the window that have it.
    pub window_images: u32,
    /// To how many independent images these amount: fewer when images of one
    /// source that follow each other are alike.
    pub independent_images: f64,
    /// Whether effect and p agree that it differs.
    pub differs: bool,
}

/// Compares a window with the reference. Features that fewer than 30 images
/// of either have are left out: nothing can be said of them. `seed` should
/// follow from the window, so that comparing it again gives the same.
#[must_use]
pub fn compare<F: Feature>(
    reference: &DriftReference<F>,
    window: &[ImageFeatures<F>],
    settings: &DriftSettings,
    seed: u64,
) -> Vec<FeatureDrift<F>> {
    let mut compared = Vec::new();
    for feature in F::numbers().chain([F::LABELS]) {
        let mut dice = Dice::stream(seed, feature.stream());
        compared.extend(compare_feature(feature, reference, window, settings, &mut dice));
    }
    let adjusted = benjamini_hochberg(&compared.iter().map(|drift| drift.p).collect::<Vec<_>>());
    for (drift, adjusted) in compared.iter_mut().zip(adjusted) {
        drift.adjusted_p = adjusted;
        drift.differs = drift.effect >= drift.matters_from && adjusted <= settings.false_discoveries;
    }
    compared
}

/// The same as far as [`FeatureDrift::differs`] goes, and sooner: where no
/// effect matters nothing can differ, and no p-value is computed.
#[must_use]
pub fn compare_effects_first<F: Feature>(
    reference: &DriftReference<F>,
    window: &[ImageFeatures<F>],
    settings: &DriftSettings,
    seed: u64,
) -> Vec<FeatureDrift<F>> {
    let cheap = DriftSettings { permutations: 1, ..*settings };
    let mut compared = compare(reference, window, &cheap, seed);
    if compared.iter().any(|drift| drift.effect >= drift.matters_from) {
        return compare(reference, window, settings, seed);
    }
    compared.iter_mut().for_each(|drift| drift.differs = false);
    compared
}

fn compare_feature<F: Feature>(
    feature: F,
    reference: &DriftReference<F>,
    window: &[ImageFeatures<F>],
    settings: &DriftSettings,
    dice: &mut Dice,
) -> Option<FeatureDrift<F>> {
    let enough = |images: usize| images >= DriftSettings::LEAST_IMAGES as usize;
    let (tested, independent, matters_from, sizes): (Tested, f64, f64, [usize; 2]) = if feature == F::LABELS {
        let labels: Vec<_> = window.iter().map(|image| image.labels().clone()).collect();
        let sizes = [reference.labels(), labels.as_slice()]
            .map(|side| side.iter().filter(|counts| counts.iter().next().is_some()).count());
        if !sizes.into_iter().all(enough) {
            return None;
        }
        let independent = of_counts(window, &counts_by_label(&labels));
        let tested =
            jensen_shannon_test(reference.labels(), &labels, independent, settings.permutations, dice)?;
        (tested, independent, settings.js_effect, sizes)
    } else {
        let series: Vec<Option<f64>> =
            window.iter().map(|image| image.number(feature).map(f64::from)).collect();
        let values: Vec<f64> = series.iter().flatten().copied().collect();
        let known: Vec<f64> = reference.numbers(feature).iter().copied().map(f64::from).collect();
        let sizes = [known.len(), values.len()];
        if !sizes.into_iter().all(enough) {
            return None;
        }
        let independent = of_numbers(window, &series);
        let tested = kolmogorov_smirnov_test(&known, &values, independent, settings.permutations, dice)?;
        (tested, independent, settings.ks_effect, sizes)
    };
    let [reference_images, window_images] = sizes.map(|images| images as u32);
    Some(FeatureDrift {
        feature,
        effect: tested.statistic,
        matters_from,
        p: tested.p,
        adjusted_p: tested.p,
        reference_images,
        window_images,
        independent_images: independent,
        differs: false,
    })
}

/// By label, the boxes of each image.
fn counts_by_label(images: &[LabelCounts]) -> Vec<Vec<f64>> {
    let labels: BTreeSet<u32> =
        images.iter().flat_map(|image| image.iter()).map(|(label, _)| label).collect();
    let of = |label: u32| images.iter().map(|image| f64::from(image.count(label))).collect();
    labels.into_iter().map(of).collect()
}
