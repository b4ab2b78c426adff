//! The range of confidence that is shown. It hides and never deletes: both
//! ends can be moved, so that only the unsure are seen.

use super::session::ReviewSession;
use crate::{
    dom,
    ui::{IntoAny, dynamic, follow, handler},
};
use leptos::prelude::*;
use review::ScoreRange;

/// Bars of the histogram.
const BINS: usize = 25;

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Low,
    High,
}

/// The two sliders over a histogram of the viewed model's scores.
pub fn confidence(session: ReviewSession) -> AnyView {
    let range = move || {
        session.editor.boxes_version();
        session.editor.read(|editor| editor.filter().range())
    };
    let hidden = move || {
        session.editor.boxes_version();
        match session.editor.read(review::Editor::hidden_but_saved) {
            0 => String::new(),
            n => format!("{n} hidden"),
        }
    };
    let track = move || format!("--low:{:.3};--high:{:.3}", range().low(), range().high());
    view! {
        <section class="review-confidence" aria-label="Confidence">
            <h2>"Confidence"</h2>
            <svg class="review-histogram" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
                <path d=follow(move || histogram(session)) />
            </svg>
            <div class="review-range alive-only" style=follow(track)>
                {end(session, End::Low, "Least confidence shown")}
                {end(session, End::High, "Greatest confidence shown")}
            </div>
            <p class="review-range-text dim">
                <span>{dynamic(move || format!("shown {:.2} – {:.2}", range().low(), range().high()))}</span>
                <span>{dynamic(hidden)}</span>
            </p>
        </section>
    }
    .into_any()
}

fn end(session: ReviewSession, end: End, name: &'static str) -> AnyView {
    let value = move || {
        session.editor.boxes_version();
        let range = session.editor.read(|editor| editor.filter().range());
        format!("{:.2}", if end == End::Low { range.low() } else { range.high() })
    };
    let slide = move |event: leptos::ev::Event| {
        let Some(at) = dom::field_number(&event) else { return };
        session.editor.change(|editor| {
            let held = editor.filter().range();
            // An end does not push the other one away.
            let range = match end {
                End::Low => ScoreRange::new(at.min(held.high()), held.high()),
                End::High => ScoreRange::new(held.low(), at.max(held.low())),
            };
            editor.set_score_range(range);
        });
    };
    view! {
        <input
            type="range"
            min="0"
            max="1"
            step="0.01"
            aria-label=name
            value=value()
            prop:value=follow(value)
            on:input=handler(slide)
        />
    }
    .into_any()
}

/// Bars as one path, the highest as high as there is session.
fn histogram(session: ReviewSession) -> String {
    session.editor.boxes_version();
    let counts = session.editor.read(|editor| editor.score_histogram(BINS));
    let most = counts.iter().copied().max().unwrap_or_default().max(1);
    let width = 100.0 / BINS as f64;
    let bar = |(at, count): (usize, &usize)| {
        // A root lets a single box be seen beside a hundred.
        let height = 24.0 * (*count as f64 / most as f64).sqrt();
        let left = at as f64 * width;
        (*count > 0).then(|| format!("M{left:.2} 24v-{height:.2}h{:.2}v{height:.2}z", width - 0.6))
    };
    counts.iter().enumerate().filter_map(bar).collect()
}
