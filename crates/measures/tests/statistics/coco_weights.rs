//! COCO figures under multiplicities, from kept matches.

use crate::sample::{CATEGORIES, Image, images};
use measures::metrics::{
    bootstrap::{Bootstrap, difference, intervals},
    coco::{Accumulator, Figure, ImageBoxes, ImageMatches, Scratch, evaluate, match_image, mean_of_defined},
    match_cache::MatchCache,
    operating_point::{Counts, OperatingCurves, at_threshold},
};
use proptest::prelude::*;

fn matches(images: &[Image]) -> Vec<ImageMatches> {
    images.iter().map(|(truths, detections)| match_image(truths, detections)).collect()
}

fn check(weights: [u32; 12], expected: [f64; 12]) {
    let resampler = Accumulator::new(CATEGORIES, &matches(&images(1, 12, true))).resampler();
    let summary = resampler.evaluate(&weights, &mut Scratch::default()).summary;
    for (figure, expected) in Figure::ALL.into_iter().zip(expected) {
        let found = summary.get(figure);
        assert!((found - expected).abs() < 1e-9, "{figure:?}: {found}, {expected} expected");
    }
}

/// pycocotools 2.0.11: COCOeval's `stats`, see `reference.py`.
#[test]
#[rustfmt::skip]
fn figures_of_weighted_images_are_those_of_pycocotools_on_copies() {
    check([1; 12], [
        0.24502622660456094, 0.4184566444260525, 0.2800315932998396, 0.025247524752475246,
        0.20466479678236787, 0.651001100110011, 0.17330314009661837, 0.3828562801932367,
        0.3828562801932367, 0.025, 0.3405050505050505, 0.7333333333333332,
    ]);
    check([0, 2, 1, 1, 3, 0, 0, 1, 1, 2, 1, 0], [
        0.2437280526780266, 0.41299800020487876, 0.26163275668226166, 0.049999999999999996,
        0.20816943873874563, 0.7412541254125412, 0.21452991452991452, 0.356002331002331,
        0.356002331002331, 0.05, 0.306547619047619, 0.74,
    ]);
}

/// pycocotools 2.0.11: `eval["precision"]` of category 1 at IoU 0.50.
#[test]
fn the_precision_recall_curve_is_that_of_pycocotools() {
    let resampler = Accumulator::new(CATEGORIES, &matches(&images(2, 12, false))).resampler();
    let curve = resampler.precision_curve(1, 0).expect("there is truth");
    let expected = [0.6666666666666666, 0.6666666666666666, 0.5714285714285714, 0.5625, 0.0];
    for (place, expected) in [0, 25, 50, 75, 100].into_iter().zip(expected) {
        assert!((curve[place] - expected).abs() < 1e-9, "{place}: {}", curve[place]);
    }
    let mean = curve.iter().sum::<f64>() / 101.0;
    assert!((mean - 0.4906342552654203).abs() < 1e-9, "{mean}");
    assert_eq!(resampler.precision_curve(7, 0), None);
}

#[test]
fn packed_matches_come_back_the_same_and_are_small() {
    let images = images(9, 40, true);
    let (mut bytes, mut detections) = (0, 0);
    for (boxes, matches) in images.iter().zip(matches(&images)) {
        let packed = matches.to_bytes();
        assert_eq!(ImageMatches::from_bytes(&packed).as_ref(), Ok(&matches));
        for cut in 1..packed.len() {
            // Cut between categories, fewer categories remain; else it is refused.
            let read = ImageMatches::from_bytes(&packed[..cut]);
            assert!(read.is_err() || read.as_ref() != Ok(&matches));
        }
        (bytes, detections) = (bytes + packed.len(), detections + boxes.1.len());
    }
    assert!(bytes < 17 * detections, "{bytes} bytes for {detections} detections");
    assert!(ImageMatches::from_bytes(&[]).is_err() && ImageMatches::from_bytes(&[9]).is_err());
}

#[test]
fn the_same_seed_gives_the_same_interval_and_it_holds_the_figure() {
    let accumulator = Accumulator::new(CATEGORIES, &matches(&images(4, 60, true)));
    let bootstrap = Bootstrap { resamples: 200, ..Bootstrap::default() };
    let measured = intervals(&accumulator, &bootstrap);
    assert_eq!(measured, intervals(&accumulator, &bootstrap));
    assert_ne!(measured, intervals(&accumulator, &Bootstrap { seed: 1, ..bootstrap }));
    assert_eq!((measured.images, measured.summary.len(), measured.per_category.len()), (60, 12, 3));
    let plain = accumulator.evaluate(None);
    for (figure, estimate) in &measured.summary {
        assert_eq!(estimate.value, plain.summary.get(*figure));
        assert!(estimate.low < estimate.value && estimate.value < estimate.high, "{figure:?}: {estimate:?}");
    }
}

#[test]
fn a_category_that_is_rarely_true_leaves_the_mean_of_resamples_without_it() {
    // One image of forty has truth of category 1, and it is found at once.
    let mut sample = images(5, 40, false);
    for (truths, detections) in &mut sample {
        truths.retain(|truth| truth.category == 0);
        detections.retain(|detection| detection.category == 0);
    }
    let (mut truth, mut detection) = (sample[0].0[0], sample[0].1[0]);
    (truth.category, detection.category, detection.bbox) = (1, 1, truth.bbox);
    sample[0].0.push(truth);
    sample[0].1.push(detection);
    let accumulator = Accumulator::new(CATEGORIES, &matches(&sample));
    let resampler = accumulator.resampler();
    let mut weights = vec![1; 40];
    weights[0] = 0;
    let figures = resampler.average_precisions(&weights, &mut Scratch::default());
    assert!(figures[0].is_some() && figures[1].is_none() && figures[2].is_none());
    assert_eq!(mean_of_defined(&figures), figures[0]);
    let estimate = intervals(&accumulator, &Bootstrap::default()).per_category[1].AP.expect("there is truth");
    assert!((estimate.low - 1.0).abs() < 1e-9 && (estimate.high - 1.0).abs() < 1e-9, "{estimate:?}");
}

#[test]
fn a_model_does_not_differ_from_itself_and_differences_turn_with_the_sides() {
    let resampler = |seed| Accumulator::new(CATEGORIES, &matches(&images(seed, 50, false))).resampler();
    let bootstrap = Bootstrap { resamples: 100, ..Bootstrap::default() };
    let one = resampler(6);
    let none = difference(&one, &one, |_| true, &bootstrap).expect("the same images");
    let mean = none.mean.expect("truth");
    assert_eq!((mean.value, mean.low, mean.high), (0.0, 0.0, 0.0));
    // The same truth, seen worse by the second model.
    let mut worse = images(6, 50, false);
    worse.iter_mut().for_each(|(_, detections)| detections.truncate(1));
    let worse = Accumulator::new(CATEGORIES, &matches(&worse)).resampler();
    let there = difference(&one, &worse, |_| true, &bootstrap).expect("paired").mean.expect("truth");
    let back = difference(&worse, &one, |_| true, &bootstrap).expect("paired").mean.expect("truth");
    assert!(there.is_below_zero() && back.is_above_zero(), "{there:?} {back:?}");
    assert!((there.value + back.value).abs() < 1e-12 && (there.low + back.high).abs() < 1e-12);
    let few = Accumulator::new(CATEGORIES, &matches(&images(6, 49, false))).resampler();
    assert!(difference(&one, &few, |_| true, &bootstrap).is_err());
}

#[test]
fn counts_at_a_threshold_are_those_of_matching_only_the_boxes_above_it() {
    let sample = images(7, 30, true);
    let matches = matches(&sample);
    let mut curves = OperatingCurves::percents(CATEGORIES);
    matches.iter().for_each(|image| curves.add(image));
    for (place, threshold) in curves.thresholds.iter().enumerate().step_by(7) {
        let mut counts = Counts::default();
        for (truths, detections) in &sample {
            let above: Vec<_> = detections.iter().filter(|d| d.score >= *threshold).copied().collect();
            for outcomes in match_image(truths, &above).outcomes(0) {
                let right = outcomes.detections.iter().filter(|(_, right)| *right).count() as u64;
                counts += Counts {
                    right,
                    wrong: outcomes.detections.len() as u64 - right,
                    missed: u64::from(outcomes.truths) - right,
                };
            }
        }
        assert_eq!(curves.overall[place], counts, "at {threshold}");
    }
    let references: Vec<&ImageMatches> = matches.iter().collect();
    let (overall, per_category) = at_threshold(CATEGORIES, &references, 0.25, &Bootstrap::default());
    assert_eq!(overall.counts, curves.overall[24]);
    let f1 = overall.f1.expect("boxes");
    assert!(f1.low < f1.value && f1.value < f1.high && Some(f1.value) == overall.counts.f1());
    let mut sum = Counts::default();
    per_category.iter().for_each(|point| sum += point.counts);
    assert_eq!(sum, overall.counts);
}

proptest! {
    #[test]
    fn resampled_figures_are_the_accumulators(
        seed in any::<u64>(), weights in prop::collection::vec(0..4u32, 10), crowds in any::<bool>()
    ) {
        let accumulator = Accumulator::new(CATEGORIES, &matches(&images(seed, 10, crowds)));
        let plain = accumulator.evaluate(Some(&weights));
        let (resampler, mut scratch) = (accumulator.resampler(), Scratch::default());
        let fast = resampler.evaluate(&weights, &mut scratch);
        for figure in Figure::ALL {
            prop_assert!((fast.summary.get(figure) - plain.summary.get(figure)).abs() < 1e-12, "{:?}", figure);
        }
        let precisions = resampler.average_precisions(&weights, &mut scratch);
        for ((fast, plain), precision) in fast.per_category.iter().zip(&plain.per_category).zip(precisions) {
            prop_assert!((fast.AP - plain.AP).abs() < 1e-12 && (fast.AP50 - plain.AP50).abs() < 1e-12);
            prop_assert!((precision.unwrap_or(-1.0) - plain.AP).abs() < 1e-12);
        }
    }

    /// Reviews come, change, reopen, in any order and in two caches that are
    /// merged: the figures are those of evaluating what is reviewed now.
    #[test]
    fn figures_after_any_sequence_of_reviews_are_those_of_evaluating_anew(
        acts in prop::collection::vec((0..8u8, any::<u64>(), prop::bool::weighted(0.3), any::<bool>()), 0..40)
    ) {
        let (mut now, mut caches) = (std::collections::BTreeMap::new(), [MatchCache::default(), MatchCache::default()]);
        for (key, seed, reopens, first) in acts {
            if reopens {
                now.remove(&key);
                caches.iter_mut().for_each(|cache| cache.remove(&key));
            } else {
                let (truths, detections) = images(seed, 1, true).remove(0);
                let packed = match_image(&truths, &detections).to_bytes();
                let [one, other] = &mut caches;
                let (here, there) = if first { (one, other) } else { (other, one) };
                here.set(key, ImageMatches::from_bytes(&packed).expect("matches"));
                there.remove(&key);
                now.insert(key, ImageBoxes { truths, detections });
            }
        }
        let [mut cache, other] = caches;
        cache.merge(other);
        let anew = evaluate(CATEGORIES, &now.values().cloned().collect::<Vec<_>>());
        prop_assert_eq!(cache.accumulator(CATEGORIES).evaluate(None), anew);
        let even = cache.subset(|key| key % 2 == 0).accumulator(CATEGORIES).evaluate(None);
        let of_even: Vec<_> = now.iter().filter(|(key, _)| *key % 2 == 0).map(|(_, image)| image.clone()).collect();
        prop_assert_eq!(even, evaluate(CATEGORIES, &of_even));
    }

    #[test]
    fn merged_curves_are_those_of_all_images(seed in any::<u64>(), cut in 0..12usize) {
        let matches = matches(&images(seed, 12, true));
        let count = |matches: &[ImageMatches]| {
            let mut curves = OperatingCurves::percents(CATEGORIES);
            matches.iter().for_each(|image| curves.add(image));
            curves
        };
        let mut merged = count(&matches[..cut]);
        merged.merge(&count(&matches[cut..]));
        prop_assert_eq!(merged, count(&matches));
    }
}
