//! A comparison as Markdown, for a report that is kept.

use domain::comparison::{StoredComparison, reason_words, times, verdict_words};
use measures::{metrics::coco::Figure, statistics::Estimate};
use std::fmt::Write;

fn interval(estimate: Option<Estimate>) -> String {
    estimate.map_or("–".to_owned(), |e| format!("{:+.3} ({:+.3} to {:+.3})", e.value, e.low, e.high))
}

fn number(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:.3}"))
}

/// The whole comparison as Markdown.
#[must_use]
pub fn comparison_markdown(stored: &StoredComparison) -> String {
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
