//! How often the gate errs, and how often it finds what is there: measured by
//! judging many times.

use super::{GateError, GateImage, GateInput, GateSettings, Start, Verdict, judge};
use crate::{metrics::coco::ImageMatches, randomness::Dice, statistics::Share};
use serde::{Deserialize, Serialize};

/// The matches of two models on one image.
pub type Pair = (ImageMatches, ImageMatches);

/// How often the gate gave which verdict; the rest is undecided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateRates {
    /// Called better.
    pub better: Share,
    /// Called worse.
    pub worse: Share,
}

impl GateRates {
    /// Counts verdicts.
    #[must_use]
    pub fn of(verdicts: &[Verdict]) -> Self {
        let share = |wanted: Verdict| Share::of(verdicts.iter().map(|verdict| *verdict == wanted));
        Self { better: share(Verdict::Better), worse: share(Verdict::Worse) }
    }
}

/// The verdicts when neither model is better: on each image, a coin says
/// whose detections are whose. A gate that finds a winner errs.
///
/// # Errors
/// Never for matches that were made with the same categories.
pub fn on_the_null(
    pairs: &[Pair],
    gated: &[bool],
    settings: &GateSettings,
    trials: u32,
    seed: u64,
) -> Result<GateRates, GateError> {
    let verdict = |dice: &mut Dice| {
        let images = pairs.iter().map(|(one, other)| {
            let (champion, candidate) = if dice.happens(0.5) { (one, other) } else { (other, one) };
            GateImage { start: Start::Empty, champion, candidate }
        });
        judged(&images.collect::<Vec<_>>(), gated, settings, dice)
    };
    rates(trials, seed, verdict)
}

/// The verdicts on `images` images drawn with replacement from `pairs` (a
/// large pool, champion first): how often a difference as large as the pool's
/// is found with so many reviews.
///
/// # Errors
/// Never for matches that were made with the same categories.
pub fn with_reviews(
    images: usize,
    pairs: &[Pair],
    gated: &[bool],
    settings: &GateSettings,
    trials: u32,
    seed: u64,
) -> Result<GateRates, GateError> {
    let verdict = |dice: &mut Dice| {
        let drawn = (0..images).filter_map(|_| pairs.get(dice.place(pairs.len())));
        let drawn = drawn.map(|(champion, candidate)| GateImage { start: Start::Empty, champion, candidate });
        judged(&drawn.collect::<Vec<_>>(), gated, settings, dice)
    };
    rates(trials, seed, verdict)
}

fn judged(
    images: &[GateImage<'_>],
    gated: &[bool],
    settings: &GateSettings,
    dice: &mut Dice,
) -> Result<Verdict, GateError> {
    let mut settings = *settings;
    settings.bootstrap.seed = dice.seed();
    Ok(judge(&GateInput { images, gated, latency_p95_ms: None }, &settings)?.verdict)
}

fn rates(
    trials: u32,
    seed: u64,
    mut verdict: impl FnMut(&mut Dice) -> Result<Verdict, GateError>,
) -> Result<GateRates, GateError> {
    let verdicts: Result<Vec<_>, _> =
        (0..trials).map(|trial| verdict(&mut Dice::stream(seed, u64::from(trial)))).collect();
    Ok(GateRates::of(&verdicts?))
}
