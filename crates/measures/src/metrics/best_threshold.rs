//! The threshold of the score at which F1 is highest, and how sure that is.

use super::{
    bootstrap::Bootstrap,
    coco::ImageMatches,
    operating_point::{Counts, OperatingCurves},
};
use crate::statistics::Estimate;
use serde::{Deserialize, Serialize};

/// A threshold, and the figures that a model has at it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BestThreshold {
    /// The score in [0, 1] from which on boxes count, in steps of 0.01; its
    /// interval holds the best thresholds of resampled images.
    pub threshold: Estimate,
    /// F1 at this threshold, of all categories together; its interval is for
    /// the threshold as it is.
    pub f1: Estimate,
    /// Share of the detections that are right there.
    pub precision: f64,
    /// Share of the truth that was found there.
    pub recall: f64,
}

/// Images times resamples: an interval of a hundred thousand images costs what
/// one of four thousand does.
const MOST_WORK: usize = 4_000_000;
/// Resamples that an interval takes at least.
const LEAST_RESAMPLES: u32 = 100;

/// The best of the thresholds 0.01, 0.02 … 0.99. Where several in a row are
/// equally good it is the middle one. `None` without truth, or when no box of
/// any image is right.
#[must_use]
pub fn best_threshold(
    categories: usize,
    images: &[ImageMatches],
    bootstrap: &Bootstrap,
) -> Option<BestThreshold> {
    let per_image: Vec<Vec<Counts>> = images
        .iter()
        .map(|image| {
            let mut curves = OperatingCurves::percents(categories);
            curves.add(image);
            curves.overall
        })
        .collect();
    let thresholds = OperatingCurves::percents(0).thresholds;
    let sum = |weights: &[u32]| {
        let mut sums = vec![Counts::default(); thresholds.len()];
        for (counts, weight) in per_image.iter().zip(weights).filter(|(_, weight)| **weight > 0) {
            sums.iter_mut().zip(counts).for_each(|(sum, counts)| *sum += counts.times(*weight));
        }
        sums
    };
    let measured = sum(&vec![1; images.len()]);
    let place = best_place(&measured)?;
    let (mut best, mut f1) = (Vec::new(), Vec::new());
    let affordable = u32::try_from(MOST_WORK / images.len().max(1)).unwrap_or(u32::MAX);
    let resamples = bootstrap.resamples.min(affordable.max(LEAST_RESAMPLES));
    Bootstrap { resamples, ..*bootstrap }.for_each_resample(images.len(), |weights| {
        let sums = sum(weights);
        best.extend(best_place(&sums).and_then(|place| thresholds.get(place)));
        f1.extend(sums.get(place).and_then(Counts::f1));
    });
    let counts = measured.get(place)?;
    Some(BestThreshold {
        threshold: Estimate::percentile(*thresholds.get(place)?, best, bootstrap.confidence)?,
        f1: Estimate::percentile(counts.f1()?, f1, bootstrap.confidence)?,
        precision: counts.precision()?,
        recall: counts.recall()?,
    })
}

/// Where F1 is highest; the middle of the first stretch of equals.
fn best_place(counts: &[Counts]) -> Option<usize> {
    let f1: Vec<f64> = counts.iter().map(|counts| counts.f1().unwrap_or_default()).collect();
    let highest = f1.iter().copied().fold(0.0, f64::max);
    let first = f1.iter().position(|value| *value == highest && highest > 0.0)?;
    let equals = f1.iter().skip(first).take_while(|value| **value == highest).count();
    Some(first + (equals - 1) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::coco::{DetectedBox, TruthBox, match_image};

    fn truth() -> TruthBox {
        TruthBox { category: 0, bbox: [0.0, 0.0, 10.0, 10.0], area: 100.0, crowd: false, hollow: false }
    }

    /// An image with one true box, seen at `right`, and a false one at `wrong`.
    fn image(right: f64, wrong: f64) -> ImageMatches {
        let detection = |x: f64, score| DetectedBox { category: 0, bbox: [x, 0.0, 10.0, 10.0], score };
        match_image(&[truth()], &[detection(0.0, right), detection(500.0, wrong)])
    }

    #[test]
    fn it_lies_between_what_is_right_and_what_is_wrong() {
        let images: Vec<_> = (0..40).map(|_| image(0.8, 0.4)).collect();
        let best = best_threshold(1, &images, &Bootstrap::default()).expect("a threshold");
        assert_eq!((best.precision, best.recall, best.f1.value), (1.0, 1.0, 1.0));
        assert!((best.threshold.value - 0.6).abs() < 0.011, "the middle of 0.41 to 0.8: {best:?}");
    }

    #[test]
    fn its_interval_says_how_sure_it_is() {
        let images: Vec<_> =
            (0..30).map(|at| image(0.5 + f64::from(at) / 100.0, 0.7 - f64::from(at) / 100.0)).collect();
        let wide = best_threshold(1, &images, &Bootstrap::default()).expect("a threshold");
        assert!(wide.threshold.low <= wide.threshold.value && wide.threshold.value <= wide.threshold.high);
        assert!(wide.threshold.high - wide.threshold.low > 0.01, "{wide:?}");
        assert_eq!(
            best_threshold(1, &images, &Bootstrap::default()),
            Some(wide),
            "the same for the same seed"
        );
    }

    #[test]
    fn nothing_right_and_no_truth_have_none() {
        assert_eq!(best_threshold(1, &[], &Bootstrap::default()), None);
        let unseen = match_image(&[truth()], &[]);
        assert_eq!(best_threshold(1, &[unseen], &Bootstrap::default()), None);
    }
}
