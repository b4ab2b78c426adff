//! Boxes that follow from a seed alone. `reference.py` draws the same ones, so
//! that other programs' figures of them can be written down here.

use measures::metrics::coco::{DetectedBox, TruthBox};

/// Categories of the sample.
pub(crate) const CATEGORIES: usize = 3;

/// Knuth's linear congruential generator ("MMIX"), its upper bits.
pub(crate) struct Lcg(u64);

impl Lcg {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn shift(&mut self) -> f64 {
        self.below(13) as f64 - 6.0
    }
}

pub(crate) type Image = (Vec<TruthBox>, Vec<DetectedBox>);

/// `crowds` says whether some of the truth is a crowd.
pub(crate) fn images(seed: u64, count: usize, crowds: bool) -> Vec<Image> {
    let (mut lcg, mut number) = (Lcg(seed), 0);
    (0..count).map(|_| image(&mut lcg, &mut number, crowds)).collect()
}

fn image(lcg: &mut Lcg, number: &mut u64, crowds: bool) -> Image {
    let (mut truths, mut detections) = (Vec::new(), Vec::new());
    for _ in 0..3 + lcg.below(5) {
        let category = lcg.below(3) as usize;
        let bbox =
            [lcg.below(500), lcg.below(400), 20 + lcg.below(100), 20 + lcg.below(100)].map(|n| n as f64);
        let crowd = lcg.below(8) == 0 && crowds;
        truths.push(TruthBox { category, bbox, area: bbox[2] * bbox[3], crowd, hollow: false });
    }
    let mut score = |lcg: &mut Lcg| {
        *number += 1;
        (lcg.below(1000) * 1000 + *number % 1000) as f64 / 1e6
    };
    for truth in &truths {
        if lcg.below(10) < 8 {
            let category = if lcg.below(6) == 0 { (truth.category + 1) % 3 } else { truth.category };
            let [x, y, w, h] = truth.bbox;
            let bbox = [x + lcg.shift(), y + lcg.shift(), w + lcg.shift(), h + lcg.shift()];
            detections.push(DetectedBox { category, bbox, score: score(lcg) });
            if lcg.below(5) == 0 {
                let bbox = [bbox[0] + 3.0, bbox[1], bbox[2], bbox[3] + 5.0];
                detections.push(DetectedBox { category, bbox, score: score(lcg) });
            }
        }
    }
    for _ in 0..lcg.below(4) {
        let category = lcg.below(3) as usize;
        let bbox =
            [lcg.below(500), lcg.below(400), 20 + lcg.below(100), 20 + lcg.below(100)].map(|n| n as f64);
        detections.push(DetectedBox { category, bbox, score: score(lcg) });
    }
    (truths, detections)
}
