//! From matches to the verdict.

use super::{
    CategoryComparison, GateError, GateImage, GateInput, GateReport, GateSettings, Reason, Start, Verdict,
};
use crate::{
    metrics::{
        bootstrap::{Difference, difference},
        coco::{Accumulator, Resampler, Scratch},
    },
    statistics::Estimate,
};

/// Squared ratio of what it takes to find a difference four times of five to
/// what it takes for an interval that just ends at 0:
/// ((z₀.₉₇₅ + z₀.₈) / z₀.₉₇₅)². Source: Cohen, "Statistical Power Analysis",
/// 1988, 2.4.
const POWER_FACTOR: f64 = 2.043;
/// More reviews than this are as good as never.
const MOST_REVIEWS: f64 = 100_000.0;

/// Judges a candidate. The same input gives the same report.
///
/// # Errors
/// Never for images whose matches were made with the same categories.
pub fn judge(input: &GateInput<'_>, settings: &GateSettings) -> Result<GateReport, GateError> {
    let all = Comparison::of(input, settings, |_| true)?;
    let count = |wanted: Start| input.images.iter().filter(|image| image.start == wanted).count() as u64;
    let (images, blind_images) = (input.images.len() as u64, count(Start::Empty));
    let mixed = blind_images < images;
    let group = |wanted: &dyn Fn(Start) -> bool| -> Result<Option<Estimate>, GateError> {
        if !mixed || !input.images.iter().any(|image| wanted(image.start)) {
            return Ok(None);
        }
        Ok(Comparison::of(input, settings, wanted)?.difference.mean)
    };
    let per_category = all.per_category(input, settings);
    let mut report = GateReport {
        verdict: Verdict::Undecided,
        reasons: shortages(images, &per_category, settings),
        images,
        blind_images,
        difference: all.difference.mean,
        blind: if mixed { group(&|start| start == Start::Empty)? } else { all.difference.mean },
        anchored: group(&|start| start != Start::Empty)?,
        per_category,
        more_reviews: None,
        settings: *settings,
    };
    let decided = all.difference.mean.and_then(|mean| decided(&mean));
    match decided {
        _ if !report.reasons.is_empty() => {}
        None => {
            let reason =
                if all.difference.mean.is_some() { Reason::IntervalHoldsZero } else { Reason::NoTruth };
            report.reasons.push(reason);
        }
        Some(verdict) => {
            if verdict == Verdict::Better {
                report.reasons.extend(held_back(input, &report.per_category, settings));
            }
            report.verdict = if report.reasons.is_empty() { verdict } else { Verdict::Undecided };
            let favoured = if verdict == Verdict::Better { Start::Candidate } else { Start::Champion };
            let unfavoured = group(&|start| start != favoured)?;
            let doubts = if mixed { doubts(verdict, &report, unfavoured, settings) } else { Vec::new() };
            if !doubts.is_empty() && report.verdict == verdict {
                report.verdict = Verdict::UndecidedAnchored;
            }
            report.reasons.extend(doubts);
        }
    }
    report.more_reviews = more_reviews(&report);
    Ok(report)
}

fn decided(difference: &Estimate) -> Option<Verdict> {
    if difference.is_above_zero() {
        Some(Verdict::Better)
    } else {
        difference.is_below_zero().then_some(Verdict::Worse)
    }
}

/// Both models on some of the images.
struct Comparison {
    champion: Resampler,
    candidate: Resampler,
    difference: Difference,
}

impl Comparison {
    fn of(
        input: &GateInput<'_>,
        settings: &GateSettings,
        wanted: impl Fn(Start) -> bool,
    ) -> Result<Self, GateError> {
        let images: Vec<&GateImage<'_>> = input.images.iter().filter(|image| wanted(image.start)).collect();
        let categories = input.gated.len();
        let champion = Accumulator::new(categories, images.iter().map(|image| image.champion)).resampler();
        let candidate = Accumulator::new(categories, images.iter().map(|image| image.candidate)).resampler();
        let gated = |category: usize| input.gated.get(category) == Some(&true);
        let difference = difference(&champion, &candidate, gated, &settings.bootstrap)?;
        Ok(Self { champion, candidate, difference })
    }

    fn per_category(&self, input: &GateInput<'_>, settings: &GateSettings) -> Vec<CategoryComparison> {
        let (weights, mut scratch) = (vec![1; self.champion.images()], Scratch::default());
        let champion = self.champion.average_precisions(&weights, &mut scratch);
        let candidate = self.candidate.average_precisions(&weights, &mut scratch);
        let models = champion.into_iter().zip(candidate);
        let figures = input.gated.iter().zip(self.champion.truths()).zip(models);
        let figures = figures.zip(&self.difference.per_category);
        let compare = |(((gated, truths), (champion, candidate)), difference): (_, &Option<Estimate>)| {
            let (gated, difference): (&bool, Option<Estimate>) = (gated, *difference);
            let lost = |d: Estimate| d.is_below_zero() || d.value < -settings.class_margin;
            let regressed = *gated && difference.is_some_and(lost);
            CategoryComparison { gated: *gated, truths, champion, candidate, difference, regressed }
        };
        figures.map(compare).collect()
    }
}

fn shortages(images: u64, per_category: &[CategoryComparison], settings: &GateSettings) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let need = u64::from(settings.least_images);
    if images < need {
        reasons.push(Reason::FewImages { have: images, need });
    }
    let need = u64::from(settings.least_boxes);
    for (category, compared) in per_category.iter().enumerate() {
        if compared.gated && compared.truths < need {
            reasons.push(Reason::FewBoxes { category, have: compared.truths, need });
        }
    }
    reasons
}

/// What speaks against a candidate that is better on the whole.
fn held_back(
    input: &GateInput<'_>,
    per_category: &[CategoryComparison],
    settings: &GateSettings,
) -> Vec<Reason> {
    let regressed = per_category.iter().enumerate().filter(|(_, compared)| compared.regressed);
    let mut reasons: Vec<_> = regressed.map(|(category, _)| Reason::ClassRegressed { category }).collect();
    match (settings.latency_budget_ms, input.latency_p95_ms) {
        (Some(_), None) => reasons.push(Reason::LatencyUnknown),
        (Some(budget_ms), Some(measured_ms)) if measured_ms > budget_ms => {
            reasons.push(Reason::OverLatencyBudget { measured_ms, budget_ms });
        }
        _ => {}
    }
    reasons
}

/// Why reviews that began with a model's boxes may have decided it. Those that
/// began with the loser's speak against the verdict, and may stay; the verdict
/// must hold without those that began with the winner's.
fn doubts(
    verdict: Verdict,
    report: &GateReport,
    unfavoured: Option<Estimate>,
    settings: &GateSettings,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let need = u64::from(settings.least_blind_images);
    if report.blind_images < need {
        reasons.push(Reason::FewBlindImages { have: report.blind_images, need });
    }
    let sign = if verdict == Verdict::Better { 1.0 } else { -1.0 };
    if report.blind.is_some_and(|blind| blind.value * sign <= 0.0) {
        reasons.push(Reason::BlindDisagrees);
    }
    if unfavoured.and_then(|difference| decided(&difference)) != Some(verdict) {
        reasons.push(Reason::DecidedByAnchoredReviews);
    }
    reasons
}

fn more_reviews(report: &GateReport) -> Option<u64> {
    if matches!(report.verdict, Verdict::Better | Verdict::Worse) || report.images == 0 {
        return None;
    }
    let images = report.images as f64;
    let mut need = images;
    for reason in &report.reasons {
        let wanted = match *reason {
            Reason::FewImages { need, .. } => need as f64,
            Reason::FewBoxes { have: 0, .. } | Reason::NoTruth => return None,
            Reason::FewBoxes { have, need, .. } => images * need as f64 / have as f64,
            Reason::FewBlindImages { have, need } => images + need.saturating_sub(have) as f64,
            Reason::IntervalHoldsZero => images * to_decide(&report.difference?),
            Reason::BlindDisagrees | Reason::DecidedByAnchoredReviews => {
                let blind = report.blind_images as f64;
                images + blind * (to_decide(&report.blind?) - 1.0).max(0.0)
            }
            // No number of reviews makes it faster; more of them make losses sure.
            Reason::ClassRegressed { .. } | Reason::OverLatencyBudget { .. } | Reason::LatencyUnknown => {
                return None;
            }
        };
        need = need.max(wanted);
    }
    let more = (need - images).ceil();
    (1.0..=MOST_REVIEWS).contains(&more).then_some(more as u64)
}

/// How many times as many images it takes.
fn to_decide(difference: &Estimate) -> f64 {
    let Estimate { value, low, high } = *difference;
    let towards_zero = if value > 0.0 { value - low } else { high - value };
    POWER_FACTOR * (towards_zero / value).powi(2)
}
