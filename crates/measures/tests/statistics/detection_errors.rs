//! Error types against TIDE's own program.

use crate::sample::{CATEGORIES, images};
use measures::metrics::{
    coco::{DetectedBox, TruthBox},
    errors::{ErrorCounts, ErrorKind, ImageErrors, ap50_gained},
};
use proptest::prelude::*;

/// tidecv 1.0.1: `count_errors` and `fix_main_errors`, see `reference.py`.
#[test]
fn errors_and_what_they_cost_are_tides() {
    let errors: Vec<ImageErrors> = images(3, 40, false).iter().map(|(t, d)| ImageErrors::new(t, d)).collect();
    let mut counts = ErrorCounts::default();
    errors.iter().enumerate().for_each(|(image, errors)| counts.add(&image, errors));
    let found = ErrorKind::ALL.map(|kind| counts.of_kind(kind));
    assert_eq!(found, [31, 11, 4, 27, 49, 39]);
    let gained = ap50_gained(CATEGORIES, &errors.iter().collect::<Vec<_>>());
    let expected = [
        15.748370013859294,
        2.7938702045236994,
        0.47621694418347005,
        2.966493270870089,
        7.728177519724525,
        10.683264148510766,
    ];
    for (kind, expected) in ErrorKind::ALL.into_iter().zip(expected) {
        assert!((gained[&kind] * 100.0 - expected).abs() < 1e-9, "{kind:?}: {}", gained[&kind]);
    }
}

fn check(truths: &[TruthBox], detections: &[DetectedBox], expected: &[ErrorKind]) {
    let found: Vec<_> = ImageErrors::new(truths, detections).errors().map(|(kind, _)| kind).collect();
    assert_eq!(found, expected);
}

#[test]
fn each_error_has_its_kind() {
    use ErrorKind::{Background, Both, Classification, Duplicate, Localisation, Missed};
    let bbox = |x: f64| [x, 0.0, 40.0, 40.0];
    let truth = |category, x| TruthBox { category, bbox: bbox(x), area: 1600.0, crowd: false, hollow: false };
    let seen = |category, x, score| DetectedBox { category, bbox: bbox(x), score };
    check(&[truth(0, 0.0)], &[seen(0, 0.0, 0.9)], &[]);
    check(&[truth(0, 0.0)], &[seen(1, 0.0, 0.9)], &[Classification]);
    check(&[truth(0, 0.0)], &[seen(0, 20.0, 0.9)], &[Localisation]);
    check(&[truth(0, 0.0)], &[seen(1, 20.0, 0.9)], &[Both, Missed]);
    check(&[truth(0, 0.0)], &[seen(0, 0.0, 0.9), seen(0, 2.0, 0.8)], &[Duplicate]);
    check(&[truth(0, 0.0)], &[seen(0, 100.0, 0.9)], &[Background, Missed]);
    check(&[], &[seen(0, 0.0, 0.9)], &[Background]);
    check(&[truth(0, 0.0)], &[], &[Missed]);
    let crowd = TruthBox { crowd: true, ..truth(0, 0.0) };
    check(&[crowd], &[seen(0, 0.0, 0.9)], &[]);
}

proptest! {
    #[test]
    fn every_detection_is_right_or_one_error_and_merging_is_counting_all(seed in any::<u64>(), cut in 0..8usize) {
        let sample = images(seed, 8, false);
        let count = |images: &[(Vec<TruthBox>, Vec<DetectedBox>)], from: usize| {
            let mut counts = ErrorCounts::default();
            for (image, (truths, detections)) in (from..).zip(images) {
                let errors = ImageErrors::new(truths, detections);
                let wrong = errors.errors().filter(|(kind, _)| *kind != ErrorKind::Missed).count();
                let missed = errors.errors().count() - wrong;
                assert!(wrong <= detections.len() && missed <= truths.len());
                counts.add(&image, &errors);
            }
            counts
        };
        let mut merged = count(&sample[..cut], 0);
        merged.merge(count(&sample[cut..], cut));
        prop_assert_eq!(merged, count(&sample, 0));
    }
}
