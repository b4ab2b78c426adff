//! How often the gate errs, what anchored reviews do to it, and how many
//! reviews it needs, on made-up detections.
//!
//! `cargo run --release -p measures --example gate_rates [TRIALS]`

#![allow(clippy::print_stdout, reason = "it prints what it measures")]

use measures::{
    gate::{
        GateImage, GateInput, GateSettings, Start, Verdict, judge,
        rates::{GateRates, Pair, on_the_null, with_reviews},
    },
    metrics::{
        bootstrap::{Bootstrap, difference},
        coco::{Accumulator, DetectedBox, ImageMatches, TruthBox, match_image},
    },
    randomness::Dice,
    statistics::Share,
};

const GATED: [bool; 3] = [true; 3];
const THRESHOLD: f64 = 0.25;

/// A true box, and how hard it is to see for anybody.
struct Cell {
    truth: TruthBox,
    hard: f64,
}

/// Few large ones, many of middle size, some small: as in blood smears.
fn image(dice: &mut Dice) -> Vec<Cell> {
    let count = 8 + dice.below(9);
    let mut cell = |place: u32| {
        let category = if place == 0 { 0 } else { 1 + usize::from(dice.happens(0.15)) };
        let side = [150.0, 90.0, 35.0][category] * (1.0 + 0.15 * dice.normal());
        let bbox =
            [f64::from(place % 5) * 200.0 + 20.0 * dice.unit(), f64::from(place / 5) * 200.0, side, side];
        let truth = TruthBox { category, bbox, area: side * side, crowd: false, hollow: false };
        Cell { truth, hard: dice.normal() }
    };
    (0..count).map(&mut cell).collect()
}

/// The greater the skill, the more is found, the nearer, and the surer.
fn sees(cells: &[Cell], skill: f64, dice: &mut Dice) -> Vec<DetectedBox> {
    let mut seen = Vec::new();
    for Cell { truth, hard } in cells {
        let ease = skill - 0.8 * hard + 0.6 * dice.normal();
        let shift = truth.bbox[2] * 0.05 * (1.5 - 0.3 * skill).max(0.3);
        let bbox = truth.bbox.map(|side| side + shift * dice.normal());
        let score = 1.0 / (1.0 + (-1.5 * ease).exp());
        if ease > -1.0 {
            seen.push(DetectedBox { category: truth.category, bbox, score });
        }
    }
    for _ in 0..dice.below(4) {
        let side = 40.0 + 80.0 * dice.unit();
        let bbox = [900.0 * dice.unit(), 600.0 * dice.unit(), side, side];
        let score = 0.6 * dice.unit() / (1.0 + skill.max(0.0) * 0.2);
        seen.push(DetectedBox { category: dice.below(3) as usize, bbox, score });
    }
    seen
}

fn truths(cells: &[Cell]) -> Vec<TruthBox> {
    cells.iter().map(|cell| cell.truth).collect()
}

fn pairs(champion: f64, candidate: f64, images: usize, seed: u64) -> Vec<Pair> {
    let mut dice = Dice::new(seed);
    let mut pair = || {
        let cells = image(&mut dice);
        let [first, second] =
            [champion, candidate].map(|skill| match_image(&truths(&cells), &sees(&cells, skill, &mut dice)));
        (first, second)
    };
    (0..images).map(|_| pair()).collect()
}

fn average_precisions(pairs: &[Pair]) -> [f64; 2] {
    let of = |matches: Vec<&ImageMatches>| Accumulator::new(3, matches).evaluate(None).summary.AP;
    [of(pairs.iter().map(|pair| &pair.0).collect()), of(pairs.iter().map(|pair| &pair.1).collect())]
}

/// A candidate that is better by `wanted` on a large pool.
fn pool_with_difference(champion: f64, wanted: f64) -> Vec<Pair> {
    let (mut low, mut high) = (champion, champion + 3.0);
    for _ in 0..12 {
        let middle = (low + high) / 2.0;
        let [first, second] = average_precisions(&pairs(champion, middle, 1_500, 7));
        if second - first < wanted { low = middle } else { high = middle }
    }
    pairs(champion, (low + high) / 2.0, 1_500, 7)
}

/// A review that began with a model's boxes: what the model saw stays where
/// it drew it (unless it is far off), a wrong box survives and a missing one
/// is forgotten with the chance that the reviewer is careless.
fn anchored(cells: &[Cell], seen: &[DetectedBox], careless: f64, dice: &mut Dice) -> Vec<TruthBox> {
    let visible: Vec<_> = seen.iter().filter(|d| d.score >= THRESHOLD).collect();
    let near = |a: &[f64; 4], b: &[f64; 4]| {
        let w = (a[0] + a[2]).min(b[0] + b[2]) - a[0].max(b[0]);
        let h = (a[1] + a[3]).min(b[1] + b[3]) - a[1].max(b[1]);
        let shared = w.max(0.0) * h.max(0.0);
        shared / (a[2] * a[3] + b[2] * b[3] - shared) >= 0.5
    };
    let mut reviewed = Vec::new();
    for cell in cells {
        match visible.iter().find(|d| d.category == cell.truth.category && near(&d.bbox, &cell.truth.bbox)) {
            Some(d) if dice.happens(careless) => reviewed.push(TruthBox { bbox: d.bbox, ..cell.truth }),
            None if dice.happens(careless) => {}
            _ => reviewed.push(cell.truth),
        }
    }
    for d in visible {
        if !cells.iter().any(|cell| near(&d.bbox, &cell.truth.bbox)) && dice.happens(careless) {
            let area = d.bbox[2] * d.bbox[3];
            reviewed.push(TruthBox { category: d.category, bbox: d.bbox, area, crowd: false, hollow: false });
        }
    }
    reviewed
}

/// Two equal models, `images` reviews of which `blind` began empty and the
/// others with the boxes of `start`.
fn anchored_trial(
    images: usize,
    blind: usize,
    start: Start,
    careless: f64,
    dice: &mut Dice,
) -> (Verdict, f64, f64) {
    let mut reviewed = Vec::new();
    for place in 0..images {
        let cells = image(dice);
        let [champion, candidate] = [1.0, 1.0].map(|skill| sees(&cells, skill, dice));
        let (start, truth) = if place < blind {
            (Start::Empty, truths(&cells))
        } else {
            let seen = if start == Start::Champion { &champion } else { &candidate };
            (start, anchored(&cells, seen, careless, dice))
        };
        reviewed.push((start, match_image(&truth, &champion), match_image(&truth, &candidate)));
    }
    let images: Vec<_> = reviewed
        .iter()
        .map(|(start, champion, candidate)| GateImage { start: *start, champion, candidate })
        .collect();
    let mut settings = GateSettings {
        bootstrap: Bootstrap { resamples: 400, ..Bootstrap::default() },
        ..GateSettings::default()
    };
    settings.bootstrap.seed = dice.seed();
    let input = GateInput { images: &images, gated: &GATED, latency_p95_ms: None };
    let Ok(report) = judge(&input, &settings) else { return (Verdict::Undecided, 0.0, 0.0) };
    let value =
        |estimate: Option<measures::statistics::Estimate>| estimate.map_or(0.0, |estimate| estimate.value);
    (report.verdict, value(report.anchored), value(report.blind))
}

fn shown(share: Share) -> String {
    let (low, high) = share.interval(0.95);
    format!("{:5.1} % ({:.1}–{:.1})", share.value().unwrap_or(0.0) * 100.0, low * 100.0, high * 100.0)
}

/// On two threads, each with its own seed; the sum of both.
fn on_both(run: impl Fn(u64) -> GateRates + Sync) -> GateRates {
    let add = |a: Share, b: Share| Share { hits: a.hits + b.hits, trials: a.trials + b.trials };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| run(1));
        let second = run(2);
        let first = first.join().unwrap_or_default();
        GateRates { better: add(first.better, second.better), worse: add(first.worse, second.worse) }
    })
}

fn main() {
    let trials: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let settings = GateSettings::default();
    println!("The null: detections swapped by a coin on each image; {trials} trials, 1,000 resamples each.");
    println!("{:>7}  {:<34} {:<22} called worse", "images", "models", "called better");
    for (name, skills) in [("equally good", [1.0, 1.0]), ("AP 0.1 apart before swapping", [0.6, 1.3])] {
        for images in [30, 50, 72, 150] {
            // A new set of images every 100 trials, so that no single set decides.
            let rates = on_both(|seed| {
                let sets = (0..u64::from(trials.div_ceil(200))).map(|set| {
                    let pairs = pairs(skills[0], skills[1], images, seed * 1_000 + set);
                    on_the_null(&pairs, &GATED, &settings, 100, seed + 10 * set).unwrap_or_default()
                });
                sets.fold(GateRates::default(), |sum, more| GateRates {
                    better: Share {
                        hits: sum.better.hits + more.better.hits,
                        trials: sum.better.trials + more.better.trials,
                    },
                    worse: Share {
                        hits: sum.worse.hits + more.worse.hits,
                        trials: sum.worse.trials + more.worse.trials,
                    },
                })
            });
            println!("{images:>7}  {name:<34} {:<22} {}", shown(rates.better), shown(rates.worse));
        }
    }
    println!("\nWith so many reviews, how often a candidate that is better is called better:");
    println!("{:>7} {:>10} {:>8}  {:<22} called worse", "images", "wanted ΔAP", "ΔAP", "called better");
    for wanted in [0.02, 0.05, 0.1] {
        let pool = pool_with_difference(0.6, wanted);
        let [first, second] = average_precisions(&pool);
        for images in [30, 50, 100, 200, 400] {
            let count = (trials / 4).max(2);
            let rates = on_both(|seed| {
                with_reviews(images, &pool, &GATED, &settings, count / 2, seed).unwrap_or_default()
            });
            println!(
                "{images:>7} {wanted:>10} {:>8.3}  {:<22} {}",
                second - first,
                shown(rates.better),
                shown(rates.worse)
            );
        }
    }
    anchoring((trials / 2).max(2));
    let one = pairs(0.6, 1.0, 300, 1);
    let of = |matches: Vec<&ImageMatches>| Accumulator::new(3, matches).resampler();
    let models = [of(one.iter().map(|p| &p.0).collect()), of(one.iter().map(|p| &p.1).collect())];
    let interval = difference(&models[0], &models[1], |_| true, &Bootstrap::default());
    println!("\n300 images, for comparison: {:?}", interval.ok().and_then(|difference| difference.mean));
}

fn anchoring(trials: u32) {
    println!(
        "\nTwo equal models; reviews that begin with one model's boxes, by a reviewer who leaves what is"
    );
    println!("nearly right 7 times of 10. Mean ΔAP (candidate − champion) on those and on blind reviews:");
    println!(
        "{:>7} {:>6}  {:<16} {:>9} {:>8}  {:<22} {:<22} anchored",
        "images", "blind", "began with", "anchored", "blind", "better", "worse"
    );
    for start in [Start::Champion, Start::Candidate] {
        for (images, blind) in [(200, 10), (200, 40), (200, 100)] {
            let run = |trial: u32| {
                anchored_trial(images, blind, start, 0.7, &mut Dice::stream(5, u64::from(trial)))
            };
            let outcomes: Vec<_> = std::thread::scope(|scope| {
                let first = scope.spawn(|| (0..trials / 2).map(run).collect::<Vec<_>>());
                let mut all: Vec<_> = (trials / 2..trials).map(run).collect();
                all.extend(first.join().unwrap_or_default());
                all
            });
            let mean = |of: fn(&(Verdict, f64, f64)) -> f64| {
                outcomes.iter().map(of).sum::<f64>() / outcomes.len() as f64
            };
            let share = |wanted| shown(Share::of(outcomes.iter().map(|outcome| outcome.0 == wanted)));
            println!(
                "{images:>7} {blind:>6}  {:<16} {:>9.3} {:>8.3}  {:<22} {:<22} {}",
                format!("{start:?}"),
                mean(|o| o.1),
                mean(|o| o.2),
                share(Verdict::Better),
                share(Verdict::Worse),
                share(Verdict::UndecidedAnchored)
            );
        }
    }
}
