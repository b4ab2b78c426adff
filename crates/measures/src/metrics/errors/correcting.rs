//! What AP50 would be if one kind of error were corrected.

use super::{ErrorKind, ImageErrors};
use std::collections::BTreeMap;

/// Recall points of AP, as in COCO.
const RECALLS: u32 = 100;

/// By kind: how much AP50 (0 to 1, mean over the categories with truth) would
/// rise if all errors of that kind were corrected and nothing else. Not
/// additive: errors hide each other. Source: TIDE, section 2.3.
#[must_use]
pub fn ap50_gained(categories: usize, images: &[&ImageErrors]) -> BTreeMap<ErrorKind, f64> {
    let now = mean_ap(categories, images, None);
    let gained = |kind| (mean_ap(categories, images, Some(kind)) - now).max(0.0);
    ErrorKind::ALL.into_iter().map(|kind| (kind, gained(kind))).collect()
}

#[derive(Clone, Default)]
struct Ranking {
    truths: u32,
    /// Score, and whether it is right.
    detections: Vec<(f64, bool)>,
}

fn mean_ap(categories: usize, images: &[&ImageErrors], corrected: Option<ErrorKind>) -> f64 {
    let mut rankings = vec![Ranking::default(); categories];
    for image in images {
        for category in &image.truths {
            if let Some(ranking) = rankings.get_mut(*category) {
                ranking.truths += 1;
            }
        }
        for category in image.missed.iter().filter(|_| corrected == Some(ErrorKind::Missed)) {
            if let Some(ranking) = rankings.get_mut(*category) {
                ranking.truths -= 1;
            }
        }
        for detection in &image.detections {
            let counted = match detection.wrong {
                None => Some((detection.category, true)),
                Some(wrong) if Some(wrong.kind) == corrected => {
                    wrong.right_in.map(|category| (category, true))
                }
                Some(_) => Some((detection.category, false)),
            };
            let Some((category, right)) = counted else { continue };
            if let Some(ranking) = rankings.get_mut(category) {
                ranking.detections.push((detection.score, right));
            }
        }
    }
    let (mut sum, mut with_truth) = (0.0, 0u32);
    for ranking in rankings.into_iter().filter(|ranking| ranking.truths > 0) {
        sum += ranking.average_precision();
        with_truth += 1;
    }
    if with_truth == 0 { 0.0 } else { sum / f64::from(with_truth) }
}

impl Ranking {
    fn average_precision(mut self) -> f64 {
        self.detections.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut right, mut all) = (0u32, 0u32);
        let mut curve: Vec<(u32, f64)> = Vec::new();
        for (_, is_right) in self.detections {
            all += 1;
            right += u32::from(is_right);
            curve.push((right, f64::from(right) / f64::from(all)));
        }
        let mut best = 0.0_f64;
        for (_, precision) in curve.iter_mut().rev() {
            best = best.max(*precision);
            *precision = best;
        }
        let truths = f64::from(self.truths);
        let at = |point: u32| {
            let point = f64::from(point) / f64::from(RECALLS);
            let reached = curve.partition_point(|(right, _)| f64::from(*right) / truths < point);
            curve.get(reached).map_or(0.0, |(_, precision)| *precision)
        };
        (0..=RECALLS).map(at).sum::<f64>() / f64::from(RECALLS + 1)
    }
}
