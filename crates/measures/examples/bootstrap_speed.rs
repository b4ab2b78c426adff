//! How long intervals take: 1,000 resamples of 300 images, 3 classes, 100
//! detections of each class in each image, 10 IoU thresholds; one thread.
//!
//! `cargo run --release -p measures --example bootstrap_speed`

#![allow(clippy::print_stdout, reason = "it prints what it measures")]
#![allow(clippy::disallowed_methods, reason = "it reads the clock to measure")]

use measures::{
    metrics::{
        bootstrap::{Bootstrap, difference, intervals},
        coco::{Accumulator, DetectedBox, ImageMatches, TruthBox, match_image},
    },
    randomness::Dice,
    statistics::two_samples::kolmogorov_smirnov_test,
};
use std::time::Instant;

fn image(dice: &mut Dice) -> ImageMatches {
    let (mut truths, mut detections) = (Vec::new(), Vec::new());
    for category in 0..3 {
        for place in 0..100u32 {
            let bbox = [f64::from(place % 10) * 64.0, f64::from(place / 10) * 48.0, 40.0, 40.0];
            let truth = TruthBox { category, bbox, area: 1600.0, crowd: false, hollow: false };
            if dice.happens(0.15) {
                truths.push(truth);
            }
            let seen = bbox.map(|side| side + 2.0 * dice.normal());
            detections.push(DetectedBox { category, bbox: seen, score: dice.unit() });
        }
    }
    match_image(&truths, &detections)
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{what}: {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    result
}

fn main() {
    let mut dice = Dice::new(1);
    let matches: Vec<ImageMatches> =
        timed("matching 300 images with 300 detections", || (0..300).map(|_| image(&mut dice)).collect());
    let bytes: usize = matches.iter().map(|matches| matches.to_bytes().len()).sum();
    println!("packed: {} bytes an image", bytes / matches.len());
    let accumulator = timed("sorting", || Accumulator::new(3, &matches));
    let plain = timed("one evaluation", || accumulator.evaluate(None));
    let resampler = timed("preparing", || accumulator.resampler());
    let bootstrap = Bootstrap::default();
    timed("1,000 resamples, ΔAP of two models", || {
        difference(&resampler, &resampler, |_| true, &bootstrap).is_ok()
    });
    let all =
        timed("1,000 resamples, all twelve figures and each class", || intervals(&accumulator, &bootstrap));
    println!("AP {:.4}, {:?}", plain.summary.AP, all.summary.values().next());
    let mut numbers = |count: u32| (0..count).map(|_| dice.normal()).collect::<Vec<_>>();
    let (reference, window) = (numbers(2_000), numbers(100));
    let mut dice = Dice::new(2);
    timed("999 permutations, 100 against 2,000", || {
        kolmogorov_smirnov_test(&reference, &window, 100.0, 999, &mut dice)
    });
}
