//! From what both models saw to the comparison.

use super::{Comparison, ErrorPair, EvidenceImage, FigurePair, ImageChange, LatencyPair, SHOWN, Subject};
use measures::{
    gate::{GateError, GateImage, GateInput, judge},
    metrics::{
        coco::{Accumulator, DetectedBox, Evaluation, Figure, ImageMatches, match_image},
        confusion::{ConfusionMatrix, ImagePairs},
        errors::{ErrorKind, ImageErrors},
    },
};

/// Place of IoU 0.50 among COCO's thresholds.
const AT_50: usize = 0;

/// Compares the two on `images`, which are in the order of their ids.
///
/// # Errors
/// Never for images whose boxes have categories of the subject.
pub fn compare(subject: &Subject, images: &[EvidenceImage]) -> Result<Comparison, GateError> {
    let categories = subject.labels.len();
    let [champion, candidate]: [Vec<ImageMatches>; 2] = [
        images.iter().map(|image| match_image(&image.truths, &image.champion)).collect(),
        images.iter().map(|image| match_image(&image.truths, &image.candidate)).collect(),
    ];
    let paired = images.iter().zip(champion.iter().zip(&candidate));
    let gate_images: Vec<GateImage<'_>> = paired
        .clone()
        .map(|(image, (champion, candidate))| GateImage { start: image.start, champion, candidate })
        .collect();
    let latency = latency(images);
    let input = GateInput {
        images: &gate_images,
        gated: &subject.gated,
        latency_p95_ms: latency.map(|latency| latency.candidate_p95_ms),
    };
    let gate = judge(&input, &subject.settings)?;
    let [of_champion, of_candidate] =
        [&champion, &candidate].map(|matches| Accumulator::new(categories, matches).evaluate(None));
    let threshold = subject.threshold.get();
    let mut changes: Vec<ImageChange> = paired
        .map(|(image, (champion, candidate))| ImageChange {
            image: seen(image, threshold),
            champion_f1: f1(champion, threshold),
            candidate_f1: f1(candidate, threshold),
        })
        .collect();
    let gain = |change: &ImageChange| change.candidate_f1 - change.champion_f1;
    changes.sort_by(|a, b| gain(b).total_cmp(&gain(a)).then(a.image.asset_id.cmp(&b.image.asset_id)));
    let (better_images, worse_images) = (
        changes.iter().filter(|change| gain(change) > 0.0).count(),
        changes.iter().filter(|change| gain(change) < 0.0).count(),
    );
    let mut wrong: Vec<&ImageChange> = changes.iter().filter(|change| change.candidate_f1 < 1.0).collect();
    wrong.sort_by(|a, b| {
        a.candidate_f1.total_cmp(&b.candidate_f1).then(a.image.asset_id.cmp(&b.image.asset_id))
    });
    let worst = wrong.into_iter().take(SHOWN).cloned().collect();
    let worse = changes.iter().rev().take(worse_images.min(SHOWN)).cloned().collect();
    changes.truncate(better_images.min(SHOWN));
    Ok(Comparison {
        gate,
        figures: figures(&of_champion, &of_candidate),
        champion_confusion: confusion(images, categories, threshold, |image| &image.champion),
        candidate_confusion: confusion(images, categories, threshold, |image| &image.candidate),
        errors: errors(images, threshold),
        latency,
        better_images: better_images as u64,
        worse_images: worse_images as u64,
        better: changes,
        worse,
        worst,
    })
}

/// What people would see.
fn seen(image: &EvidenceImage, threshold: f64) -> EvidenceImage {
    let visible = |boxes: &[DetectedBox]| above(boxes, threshold);
    EvidenceImage {
        champion: visible(&image.champion),
        candidate: visible(&image.candidate),
        ..image.clone()
    }
}

fn above(boxes: &[DetectedBox], threshold: f64) -> Vec<DetectedBox> {
    boxes.iter().filter(|detection| detection.score >= threshold).copied().collect()
}

/// F1 of an image's boxes at a threshold; 1 with neither boxes nor truth.
fn f1(matches: &ImageMatches, threshold: f64) -> f64 {
    let (mut right, mut all) = (0u64, 0u64);
    for outcomes in matches.outcomes(AT_50) {
        all += u64::from(outcomes.truths);
        for (score, is_right) in outcomes.detections {
            if score >= threshold {
                all += 1;
                right += u64::from(is_right);
            }
        }
    }
    if all == 0 { 1.0 } else { 2.0 * right as f64 / all as f64 }
}

fn figures(champion: &Evaluation, candidate: &Evaluation) -> Vec<FigurePair> {
    let defined = |evaluation: &Evaluation, figure| {
        Some(evaluation.summary.get(figure)).filter(|value: &f64| *value >= 0.0)
    };
    let pair = |figure| FigurePair {
        figure,
        champion: defined(champion, figure),
        candidate: defined(candidate, figure),
    };
    Figure::ALL.map(pair).to_vec()
}

fn confusion(
    images: &[EvidenceImage],
    categories: usize,
    threshold: f64,
    boxes: impl Fn(&EvidenceImage) -> &Vec<DetectedBox>,
) -> Vec<Vec<u64>> {
    let mut matrix = ConfusionMatrix::default();
    for image in images {
        matrix.add(&(), &ImagePairs::new(&image.truths, boxes(image)), threshold);
    }
    matrix.counts(categories)
}

fn errors(images: &[EvidenceImage], threshold: f64) -> Vec<ErrorPair> {
    let mut pairs = ErrorKind::ALL.map(|kind| ErrorPair { kind, champion: 0, candidate: 0 });
    for image in images {
        let of = |boxes: &[DetectedBox]| ImageErrors::new(&image.truths, &above(boxes, threshold));
        let (champion, candidate) = (of(&image.champion), of(&image.candidate));
        for pair in &mut pairs {
            let count = |image_errors: &ImageErrors| {
                image_errors.errors().filter(|(kind, _)| *kind == pair.kind).count()
            };
            let (more, others) = (count(&champion) as u64, count(&candidate) as u64);
            pair.champion += more;
            pair.candidate += others;
        }
    }
    pairs.to_vec()
}

fn latency(images: &[EvidenceImage]) -> Option<LatencyPair> {
    let sorted = |of: fn(&EvidenceImage) -> f64| {
        let mut times: Vec<f64> = images.iter().map(of).collect();
        times.sort_by(f64::total_cmp);
        times
    };
    let (champion, candidate) = (sorted(|image| image.champion_ms), sorted(|image| image.candidate_ms));
    Some(LatencyPair {
        champion_p50_ms: nearest_rank(&champion, 50)?,
        champion_p95_ms: nearest_rank(&champion, 95)?,
        candidate_p50_ms: nearest_rank(&candidate, 50)?,
        candidate_p95_ms: nearest_rank(&candidate, 95)?,
    })
}

/// The least value that `percent` of all do not exceed.
fn nearest_rank(sorted: &[f64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{geometry::Score, ids::AssetId, name::Label};
    use measures::{
        gate::{GateSettings, Start, Verdict},
        metrics::coco::TruthBox,
    };
    use uuid::Uuid;

    const SIZE: f64 = 20.0;

    fn subject() -> Subject {
        Subject {
            champion: "m/1".to_owned(),
            champion_id: Uuid::from_u128(1).into(),
            candidate: "m/2".to_owned(),
            candidate_id: Uuid::from_u128(2).into(),
            holdout: "d/v1".to_owned(),
            holdout_fingerprint: "f".to_owned(),
            used_before: 0,
            left_out: Default::default(),
            labels: vec![Label::new("car").expect("a label")],
            gated: vec![true],
            threshold: Score::new(0.5).expect("a score"),
            settings: GateSettings::default(),
        }
    }

    /// Forty images; the champion misses every other, the candidate `misses`.
    fn images(misses: impl Fn(u32) -> bool) -> Vec<EvidenceImage> {
        let image = |number: u32| {
            let bbox = [f64::from(number), 3.0, SIZE, SIZE];
            let found = |missed: bool| {
                let bbox = if missed { [200.0, 3.0, SIZE, SIZE] } else { bbox };
                vec![DetectedBox { category: 0, bbox, score: 0.9 - f64::from(number) / 1000.0 }]
            };
            EvidenceImage {
                asset_id: AssetId(Uuid::from_u128(u128::from(number))),
                filename: format!("{number}.jpg"),
                start: Start::Empty,
                truths: vec![TruthBox { category: 0, bbox, area: SIZE * SIZE, crowd: false, hollow: false }],
                champion: found(number.is_multiple_of(2)),
                candidate: found(misses(number)),
                champion_ms: f64::from(number),
                candidate_ms: 5.0,
            }
        };
        (0..40).map(image).collect()
    }

    #[test]
    fn a_candidate_that_finds_more_is_better_and_its_images_are_named() {
        let compared = compare(&subject(), &images(|number| number == 1)).expect("paired");
        assert_eq!(compared.gate.verdict, Verdict::Better);
        assert_eq!((compared.better_images, compared.worse_images), (20, 1));
        assert_eq!((compared.better.len(), compared.worse.len()), (SHOWN, 1));
        assert_eq!(compared.worse.first().expect("one").image.filename, "1.jpg");
        assert_eq!(compared.worst, compared.worse, "the candidate errs on that image alone");
        assert_eq!(compared.champion_confusion, [[20, 20], [20, 0]]);
        assert_eq!(compared.candidate_confusion, [[39, 1], [1, 0]]);
        let missed = compared.errors.iter().find(|pair| pair.kind == ErrorKind::Missed).expect("counted");
        assert_eq!((missed.champion, missed.candidate), (20, 1));
        let latency = compared.latency.expect("measured");
        assert_eq!((latency.champion_p50_ms, latency.champion_p95_ms), (19.0, 37.0));
    }

    #[test]
    fn the_same_images_give_the_same_figures_and_a_worse_candidate_is_worse() {
        let worse = images(|number| !number.is_multiple_of(10) || number > 20);
        let first = compare(&subject(), &worse).expect("paired");
        assert_eq!(first.gate.verdict, Verdict::Worse);
        assert_eq!(first, compare(&subject(), &worse).expect("paired"));
    }

    #[test]
    fn nothing_to_compare_on_is_undecided() {
        let compared = compare(&subject(), &[]).expect("paired");
        assert_eq!((compared.gate.verdict, compared.latency), (Verdict::Undecided, None));
    }
}
