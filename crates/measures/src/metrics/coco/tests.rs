use super::*;
use matching::thresholds;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn truth(category: usize, bbox: [f64; 4]) -> TruthBox {
    TruthBox { category, bbox, area: bbox[2] * bbox[3], crowd: false, hollow: false }
}

fn seen(category: usize, bbox: [f64; 4], score: f64) -> DetectedBox {
    DetectedBox { category, bbox, score }
}

const HERE: [f64; 4] = [10.0, 10.0, 40.0, 40.0];
const THERE: [f64; 4] = [100.0, 100.0, 40.0, 40.0];

fn figures(truths: &[TruthBox], detections: &[DetectedBox]) -> Summary {
    evaluate(1, &[ImageBoxes { truths: truths.to_vec(), detections: detections.to_vec() }]).summary
}

#[test]
fn perfect_detections_score_one() {
    let summary = figures(&[truth(0, HERE), truth(0, THERE)], &[seen(0, HERE, 0.9), seen(0, THERE, 0.8)]);
    assert!((summary.AP - 1.0).abs() < 1e-12 && (summary.AP_medium - 1.0).abs() < 1e-12);
    assert_eq!((summary.AR_1, summary.AR_10, summary.AP_small, summary.AR_large), (0.5, 1.0, -1.0, -1.0));
}

#[test]
fn a_wrong_box_above_the_right_one_halves_precision() {
    let summary = figures(&[truth(0, HERE)], &[seen(0, THERE, 0.9), seen(0, HERE, 0.8)]);
    assert!((summary.AP - 0.5).abs() < 1e-12 && summary.AR_1.abs() < 1e-12 && summary.AR_100 == 1.0);
}

#[test]
fn without_detections_the_figures_are_zero_and_without_truth_undefined() {
    assert_eq!(figures(&[truth(0, HERE)], &[]).AP, 0.0);
    assert_eq!(figures(&[], &[seen(0, HERE, 0.9)]).AP, -1.0);
    assert_eq!(evaluate(0, &[]).summary.AP, -1.0);
}

#[test]
fn a_crowd_takes_any_number_of_detections_and_counts_none() {
    let crowd = TruthBox { crowd: true, ..truth(0, [0.0, 0.0, 100.0, 100.0]) };
    let inside = [seen(0, [5.0, 5.0, 20.0, 20.0], 0.9), seen(0, [50.0, 50.0, 20.0, 20.0], 0.9)];
    let found = seen(0, [200.0, 200.0, 40.0, 40.0], 0.5);
    let summary = figures(&[crowd, truth(0, [200.0, 200.0, 40.0, 40.0])], &[inside[0], inside[1], found]);
    assert!((summary.AP - 1.0).abs() < 1e-12);
}

#[test]
fn the_hundred_and_first_detection_of_an_image_is_not_seen() {
    let mut detections = vec![seen(0, THERE, 0.9); 100];
    detections.push(seen(0, HERE, 0.1));
    assert_eq!(figures(&[truth(0, HERE)], &detections).AR_100, 0.0);
    detections.remove(0);
    assert_eq!(figures(&[truth(0, HERE)], &detections).AR_100, 1.0);
}

#[test]
fn the_given_area_decides_the_range_of_a_true_box() {
    let small = TruthBox { area: 100.0, ..truth(0, HERE) };
    let summary = figures(&[small], &[seen(0, HERE, 0.9)]);
    assert!((summary.AP_small - 1.0).abs() < 1e-12);
    assert_eq!(summary.AP_medium, -1.0);
}

#[test]
fn a_box_with_another_categorys_index_is_not_found() {
    let image =
        ImageBoxes { truths: vec![truth(0, HERE)], detections: vec![seen(1, HERE, 0.9), seen(7, HERE, 1.0)] };
    let evaluation = evaluate(2, &[image]);
    assert_eq!(evaluation.per_category.iter().map(|c| c.AP).collect::<Vec<_>>(), [0.0, -1.0]);
}

#[test]
fn thresholds_are_numpys_to_the_last_bit() {
    let expected = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95];
    assert_eq!(thresholds(), expected);
}

/// COCOeval written down as plainly as possible, image copies instead of
/// weights, one category, every area: slow, and obviously what it says.
fn plain_ap(images: &[ImageBoxes]) -> f64 {
    let mut sum = 0.0;
    for threshold in thresholds() {
        let mut marks = Vec::new();
        let mut wanted = 0;
        for image in images {
            let mut detections = image.detections.clone();
            detections.sort_by(|a, b| b.score.total_cmp(&a.score));
            detections.truncate(MAX_DETECTIONS);
            let mut taken = vec![false; image.truths.len()];
            wanted += image.truths.iter().filter(|t| !t.crowd).count();
            for detection in detections {
                let mut best: Option<(bool, f64, usize)> = None;
                for (i, t) in image.truths.iter().enumerate() {
                    let rect = |[x, y, w, h]: [f64; 4]| Rect::new(x, y, w, h).expect("a box");
                    let (d, g) = (rect(detection.bbox), rect(t.bbox));
                    let iou = if t.crowd { d.intersection_area(&g) / d.area() } else { d.iou(&g) };
                    let better = best.is_none_or(|(real, reach, _)| (!t.crowd, iou) >= (real, reach));
                    if iou >= threshold && (t.crowd || !taken[i]) && better {
                        best = Some((!t.crowd, iou, i));
                    }
                }
                if let Some((_, _, i)) = best {
                    taken[i] = true;
                }
                if best.is_none_or(|(real, ..)| real) {
                    marks.push((detection.score, best.is_some()));
                }
            }
        }
        marks.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut right = 0.0;
        let points: Vec<(f64, f64)> = marks
            .iter()
            .enumerate()
            .map(|(i, (_, hit))| {
                right += f64::from(u8::from(*hit));
                (right / wanted as f64, right / (i + 1) as f64)
            })
            .collect();
        for i in 0..101 {
            let recall = f64::from(i) * 0.01;
            sum += points.iter().filter(|(r, _)| *r >= recall).map(|(_, p)| *p).fold(0.0, f64::max);
        }
    }
    sum / 1010.0
}

prop_compose! {
    /// A box near one of a few places, so that overlaps are common.
    fn some_box()(place in 0..4u8, dx in 0..12u8, dy in 0..12u8, w in 20..30u8, h in 20..30u8) -> [f64; 4] {
        [f64::from(place) * 40.0 + f64::from(dx), f64::from(dy), f64::from(w), f64::from(h)]
    }
}

prop_compose! {
    /// Distinct scores within an image: copies of an image and its weight
    /// agree but for ties inside it.
    fn some_image()(
        truths in prop::collection::vec((some_box(), prop::bool::weighted(0.15)), 0..6),
        boxes in prop::collection::vec((some_box(), 0..1000u32), 0..8),
    ) -> ImageBoxes {
        let scores: BTreeMap<u32, [f64; 4]> = boxes.into_iter().map(|(bbox, score)| (score, bbox)).collect();
        ImageBoxes {
            truths: truths.into_iter().map(|(bbox, crowd)| TruthBox { crowd, ..truth(0, bbox) }).collect(),
            detections: scores.into_iter().map(|(score, bbox)| seen(0, bbox, f64::from(score) / 1000.0)).collect(),
        }
    }
}

proptest! {
    #[test]
    fn ap_is_what_the_plain_definition_says(images in prop::collection::vec(some_image(), 1..8)) {
        let evaluation = evaluate(1, &images);
        if evaluation.summary.AP >= 0.0 {
            prop_assert!((evaluation.summary.AP - plain_ap(&images)).abs() < 1e-9);
        } else {
            prop_assert!(images.iter().flat_map(|image| &image.truths).all(|t| t.crowd));
        }
    }

    #[test]
    fn a_weight_counts_like_as_many_copies(
        images in prop::collection::vec((some_image(), 0..4u32), 1..8)
    ) {
        let (images, weights): (Vec<_>, Vec<_>) = images.into_iter().unzip();
        let matches: Vec<_> = images.iter().map(|i| match_image(&i.truths, &i.detections)).collect();
        let weighted = Accumulator::new(1, &matches).evaluate(Some(&weights)).summary;
        let copies: Vec<_> =
            images.iter().zip(&weights).flat_map(|(i, w)| std::iter::repeat_n(i.clone(), *w as usize)).collect();
        let copied = evaluate(1, &copies).summary;
        for (a, b) in [
            (weighted.AP, copied.AP), (weighted.AP50, copied.AP50), (weighted.AR_1, copied.AR_1),
            (weighted.AR_100, copied.AR_100), (weighted.AP_small, copied.AP_small),
        ] {
            prop_assert!((a - b).abs() < 1e-12, "{a} {b}");
        }
    }

    #[test]
    fn figures_are_shares_or_undefined(images in prop::collection::vec(some_image(), 0..5)) {
        let text = serde_json::to_value(evaluate(1, &images).summary).expect("figures");
        for value in text.as_object().expect("an object").values() {
            let value = value.as_f64().expect("a number");
            prop_assert!(value == -1.0 || (0.0..=1.0 + 1e-12).contains(&value));
        }
    }
}
