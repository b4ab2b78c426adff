use super::{
    rates::{Pair, on_the_null, with_reviews},
    *,
};
use crate::{
    metrics::coco::{DetectedBox, TruthBox, match_image},
    randomness::Dice,
};

/// A model that finds each box with some chance, not quite in its place.
#[derive(Clone, Copy)]
struct Model {
    finds: [f64; 2],
    blur_px: f64,
}

const GOOD: Model = Model { finds: [0.95, 0.95], blur_px: 1.5 };
const POOR: Model = Model { finds: [0.75, 0.75], blur_px: 3.0 };

fn truths(dice: &mut Dice) -> Vec<TruthBox> {
    let count = 2 + dice.below(4);
    let truth = |place: u32| {
        let bbox = [f64::from(place) * 100.0, 50.0, 40.0 + f64::from(place), 40.0];
        TruthBox { category: (place % 2) as usize, bbox, area: 1600.0, crowd: false, hollow: false }
    };
    (0..count).map(truth).collect()
}

impl Model {
    fn sees(&self, truths: &[TruthBox], dice: &mut Dice) -> Vec<DetectedBox> {
        let mut seen = Vec::new();
        for truth in truths {
            if dice.happens(self.finds[truth.category]) {
                let bbox = truth.bbox.map(|side| side + self.blur_px * dice.normal());
                seen.push(DetectedBox { category: truth.category, bbox, score: 0.3 + 0.7 * dice.unit() });
            }
        }
        let bbox = [600.0 * dice.unit(), 300.0, 30.0, 30.0];
        seen.push(DetectedBox { category: dice.below(2) as usize, bbox, score: dice.unit() });
        seen
    }
}

fn pairs(champion: Model, candidate: Model, images: usize, seed: u64) -> Vec<Pair> {
    let mut dice = Dice::new(seed);
    let mut pair = || {
        let truths = truths(&mut dice);
        let mut matches = |model: Model| match_image(&truths, &model.sees(&truths, &mut dice));
        (matches(champion), matches(candidate))
    };
    (0..images).map(|_| pair()).collect()
}

fn settings() -> GateSettings {
    let bootstrap = Bootstrap { resamples: 200, ..Bootstrap::default() };
    GateSettings { bootstrap, ..GateSettings::default() }
}

fn report(
    pairs: &[Pair],
    start: impl Fn(usize) -> Start,
    settings: &GateSettings,
    latency: Option<f64>,
) -> GateReport {
    let images: Vec<_> = pairs
        .iter()
        .enumerate()
        .map(|(place, (champion, candidate))| GateImage { start: start(place), champion, candidate })
        .collect();
    let input = GateInput { images: &images, gated: &[true, true], latency_p95_ms: latency };
    judge(&input, settings).expect("the same categories")
}

fn check(champion: Model, candidate: Model, images: usize, verdict: Verdict, reasons: &[Reason]) {
    let report = report(&pairs(champion, candidate, images, 1), |_| Start::Empty, &settings(), None);
    assert_eq!((report.verdict, report.reasons.as_slice()), (verdict, reasons), "{:?}", report.difference);
}

#[test]
fn a_better_candidate_is_better_a_worse_one_worse_and_the_same_undecided() {
    check(POOR, GOOD, 60, Verdict::Better, &[]);
    check(GOOD, POOR, 60, Verdict::Worse, &[]);
    check(GOOD, GOOD, 60, Verdict::Undecided, &[Reason::IntervalHoldsZero]);
}

#[test]
fn under_thirty_images_nothing_is_decided() {
    check(POOR, GOOD, 29, Verdict::Undecided, &[Reason::FewImages { have: 29, need: 30 }]);
    check(POOR, GOOD, 30, Verdict::Better, &[]);
}

#[test]
fn under_twenty_boxes_of_a_gated_class_nothing_is_decided() {
    let mut pairs = pairs(POOR, GOOD, 40, 1);
    // Only two images keep class 1.
    let only = |category: usize| (category == 0).then_some(0);
    pairs.iter_mut().skip(2).for_each(|(champion, candidate)| {
        *champion = std::mem::take(champion).with_categories(only);
        *candidate = std::mem::take(candidate).with_categories(only);
    });
    let few = report(&pairs, |_| Start::Empty, &settings(), None);
    let have = few.per_category[1].truths;
    assert!(have > 0 && have < 20);
    assert_eq!(few.reasons, [Reason::FewBoxes { category: 1, have, need: 20 }]);
    assert_eq!(few.verdict, Verdict::Undecided);
    assert!(few.more_reviews.expect("some would do") > 40);
    // Not gated, it is shown and not judged.
    let images: Vec<_> = pairs
        .iter()
        .map(|(champion, candidate)| GateImage { start: Start::Empty, champion, candidate })
        .collect();
    let input = GateInput { images: &images, gated: &[true, false], latency_p95_ms: None };
    let judged = judge(&input, &settings()).expect("the same categories");
    assert_eq!(judged.verdict, Verdict::Better);
    assert_eq!(judged.difference, judged.per_category[0].difference);
}

#[test]
fn a_class_that_loses_holds_a_better_candidate_back() {
    let champion = Model { finds: [0.4, 0.9], ..POOR };
    let candidate = Model { finds: [0.98, 0.7], ..POOR };
    check(champion, candidate, 80, Verdict::Undecided, &[Reason::ClassRegressed { category: 1 }]);
}

#[test]
fn a_candidate_must_keep_to_its_latency_budget() {
    let pairs = pairs(POOR, GOOD, 60, 1);
    let settings = GateSettings { latency_budget_ms: Some(100.0), ..settings() };
    let judged = |latency| {
        let report = report(&pairs, |_| Start::Empty, &settings, latency);
        (report.verdict, report.reasons)
    };
    assert_eq!(judged(Some(100.0)), (Verdict::Better, vec![]));
    assert_eq!(judged(None), (Verdict::Undecided, vec![Reason::LatencyUnknown]));
    let over = Reason::OverLatencyBudget { measured_ms: 101.0, budget_ms: 100.0 };
    assert_eq!(judged(Some(101.0)), (Verdict::Undecided, vec![over]));
}

#[test]
fn reviews_that_favour_the_winner_do_not_decide_alone() {
    let better = pairs(POOR, GOOD, 60, 1);
    let verdict = |start: &dyn Fn(usize) -> Start| report(&better, start, &settings(), None).verdict;
    let mostly =
        |start: Start, blind: usize| move |place: usize| if place < blind { Start::Empty } else { start };
    // Reviews that favour the champion cannot have made the candidate better.
    assert_eq!(verdict(&mostly(Start::Champion, 30)), Verdict::Better);
    assert_eq!(verdict(&mostly(Start::Champion, 29)), Verdict::UndecidedAnchored);
    assert_eq!(verdict(&mostly(Start::Candidate, 29)), Verdict::UndecidedAnchored);
    assert_eq!(verdict(&mostly(Start::Candidate, 40)), Verdict::Better);
    let worse = pairs(GOOD, POOR, 60, 1);
    let report = report(&worse, mostly(Start::Champion, 10), &settings(), None);
    assert_eq!(report.verdict, Verdict::UndecidedAnchored);
    assert!(report.reasons.contains(&Reason::FewBlindImages { have: 10, need: 30 }));
    assert!(report.more_reviews.expect("blind ones would decide it") >= 20);
    assert!(report.blind.is_some() && report.anchored.is_some());
    assert_eq!((report.images, report.blind_images), (60, 10));
}

#[test]
fn without_images_there_is_a_report() {
    let report = report(&[], |_| Start::Empty, &settings(), None);
    assert_eq!((report.verdict, report.difference, report.more_reviews), (Verdict::Undecided, None, None));
    assert!(report.reasons.contains(&Reason::FewImages { have: 0, need: 30 }));
}

#[test]
fn judging_again_gives_the_same_report_and_it_survives_storing() {
    let pairs = pairs(POOR, GOOD, 40, 2);
    let judged = || report(&pairs, |_| Start::Empty, &settings(), None);
    assert_eq!(judged(), judged());
    let text = serde_json::to_string(&judged()).expect("JSON");
    let stored: GateReport = serde_json::from_str(&text).expect("a report");
    assert_eq!(stored.verdict, judged().verdict);
}

#[test]
fn the_estimate_of_reviews_grows_as_the_difference_shrinks() {
    let slightly = Model { finds: [0.955, 0.955], blur_px: 1.4 };
    let pairs = pairs(GOOD, slightly, 60, 5);
    let report = report(&pairs, |_| Start::Empty, &settings(), None);
    assert_eq!(report.verdict, Verdict::Undecided);
    assert!(report.more_reviews.is_none_or(|more| more > 60), "{:?}", report.more_reviews);
}

#[test]
fn chance_alone_seldom_wins_and_a_real_difference_often_does() {
    let pool = pairs(POOR, GOOD, 200, 3);
    let mut settings = settings();
    settings.bootstrap.resamples = 100;
    let null = on_the_null(&pool[..40], &[true, true], &settings, 100, 1).expect("rates");
    // Five in a hundred and a half are expected; more than twelve once in a thousand.
    assert!(null.better.trials == 100 && null.better.hits <= 12 && null.worse.hits <= 12, "{null:?}");
    let found = with_reviews(60, &pool, &[true, true], &settings, 40, 1).expect("rates");
    assert!(found.better.hits >= 36 && found.worse.hits == 0, "{found:?}");
}
