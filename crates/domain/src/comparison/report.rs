//! A comparison in words: for a report that is kept, and for pages.

use super::StoredComparison;
use crate::name::Label;
use measures::{
    gate::{Reason, Verdict},
    metrics::coco::Figure,
    statistics::Estimate,
};
use std::fmt::Write;

/// The verdict in a few words.
#[must_use]
pub fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Undecided => "undecided",
        Verdict::UndecidedAnchored => "undecided (anchored)",
    }
}

/// Why the verdict says no more, in a sentence.
#[must_use]
pub fn reason_words(reason: &Reason, labels: &[Label]) -> String {
    let name = |category: usize| labels.get(category).map_or("?", Label::as_str);
    match *reason {
        Reason::FewImages { have, need } => format!("There are {have} held-out images; it takes {need}."),
        Reason::FewBoxes { category, have, need } => {
            format!("{} has {have} true boxes; it takes {need}.", name(category))
        }
        Reason::NoTruth => "No class has any truth.".to_owned(),
        Reason::IntervalHoldsZero => "The interval holds 0.".to_owned(),
        Reason::ClassRegressed { category } => format!("{} seems to have lost.", name(category)),
        Reason::OverLatencyBudget { measured_ms, budget_ms } => {
            format!(
                "The candidate takes {measured_ms:.0} ms (95th percentile); {budget_ms:.0} ms are allowed."
            )
        }
        Reason::LatencyUnknown => "There is a latency budget, and no measurement.".to_owned(),
        Reason::FewBlindImages { have, need } => {
            format!("{have} images were reviewed from an empty canvas; it takes {need}.")
        }
        Reason::BlindDisagrees => "The blind reviews say the opposite.".to_owned(),
        Reason::DecidedByAnchoredReviews => {
            "Without the reviews that began with the winner's boxes, nothing is decided.".to_owned()
        }
    }
}

fn interval(estimate: Option<Estimate>) -> String {
    estimate.map_or("–".to_owned(), |e| format!("{:+.3} ({:+.3} to {:+.3})", e.value, e.low, e.high))
}

/// In words: `once`, `3 times`.
#[must_use]
pub fn times(number: u64) -> String {
    match number {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        many => format!("{many} times"),
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:.3}"))
}

/// The whole comparison as Markdown.
#[must_use]
pub fn markdown(stored: &StoredComparison) -> String {
    let mut text = String::new();
    // Writing into a text does not fail.
    let _ = write(&mut text, stored);
    text
}

fn write(out: &mut String, stored: &StoredComparison) -> std::fmt::Result {
    let (subject, report) = (&stored.subject, &stored.report);
    let gate = &report.gate;
    writeln!(out, "# {} against {}\n", subject.candidate, subject.champion)?;
    writeln!(out, "**Verdict: {}.**", verdict_words(gate.verdict))?;
    for reason in &gate.reasons {
        writeln!(out, "{}", reason_words(reason, &subject.labels))?;
    }
    if let Some(more) = gate.more_reviews {
        writeln!(out, "About {more} more held-out reviews would probably decide it.")?;
    }
    writeln!(out, "\n| what | value |\n|---|---|")?;
    writeln!(
        out,
        "| held-out images | {} of {}, {} reviewed blind |",
        gate.images, subject.holdout, gate.blind_images
    )?;
    if let Some(left_out) = subject.left_out.words("one of the two") {
        writeln!(out, "| held-out images that do not count | {left_out} |")?;
    }
    writeln!(out, "| these images were used before | {} |", times(subject.used_before))?;
    writeln!(out, "| ΔAP (50:95), 95 % interval | {} |", interval(gate.difference))?;
    writeln!(out, "| ΔAP on blind reviews | {} |", interval(gate.blind))?;
    writeln!(out, "| ΔAP on anchored reviews | {} |", interval(gate.anchored))?;
    if let Some(latency) = report.latency {
        writeln!(
            out,
            "| latency p50, p95 | {:.0}, {:.0} ms → {:.0}, {:.0} ms |",
            latency.champion_p50_ms,
            latency.champion_p95_ms,
            latency.candidate_p50_ms,
            latency.candidate_p95_ms
        )?;
    }
    writeln!(out, "| images better, worse | {}, {} |", report.better_images, report.worse_images)?;
    let bootstrap = gate.settings.bootstrap;
    writeln!(out, "| resamples, seed | {}, {} |", bootstrap.resamples, bootstrap.seed)?;
    writeln!(out, "| measured | {} |", stored.at)?;
    write_tables(out, stored)
}

/// What became better and worse: by class, by figure, by kind of error.
fn write_tables(out: &mut String, stored: &StoredComparison) -> std::fmt::Result {
    let (subject, report) = (&stored.subject, &stored.report);
    writeln!(out, "\n| class | true boxes | AP before | AP after | ΔAP |\n|---|---|---|---|---|")?;
    for (label, compared) in subject.labels.iter().zip(&report.gate.per_category) {
        let mark = if compared.gated { "" } else { " (not judged)" };
        writeln!(
            out,
            "| {}{mark} | {} | {} | {} | {} |",
            label.as_str().replace('|', "\\|"),
            compared.truths,
            number(compared.champion),
            number(compared.candidate),
            interval(compared.difference)
        )?;
    }
    writeln!(out, "\n| figure | before | after |\n|---|---|---|")?;
    let shown =
        [Figure::AP, Figure::AP50, Figure::AP75, Figure::AP_small, Figure::AP_medium, Figure::AP_large];
    for pair in report.figures.iter().filter(|pair| shown.contains(&pair.figure)) {
        writeln!(
            out,
            "| {} | {} | {} |",
            pair.figure.as_str(),
            number(pair.champion),
            number(pair.candidate)
        )?;
    }
    writeln!(out, "\n| errors at {:.2} | before | after |\n|---|---|---|", subject.threshold.get())?;
    for pair in &report.errors {
        writeln!(out, "| {} | {} | {} |", pair.kind.title(), pair.champion, pair.candidate)?;
    }
    Ok(())
}
