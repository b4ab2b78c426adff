//! COCO figures of a model version, by what they were measured on.

use super::{IntoAny, figure, row, sub_row, table, table::Cell};
use crate::routes::Route;
use charts::grouped;
use domain::model::{Evaluation, ModelVersion};
use leptos::prelude::*;
use measures::statistics::Estimate;

/// A figure in [0, 1], or a dash where COCO leaves it undefined.
#[must_use]
pub fn share(value: f64) -> String {
    if value < 0.0 { "–".to_owned() } else { format!("{value:.3}") }
}

/// One row for each evaluation of a version, with the sizes and, below, each
/// label; and at which threshold it is best.
#[must_use]
pub fn evaluation_table(version: &ModelVersion) -> AnyView {
    let evaluations = &version.evaluations;
    if evaluations.is_empty() {
        return view! { <p class="dim">"Not measured yet."</p> }.into_any();
    }
    let rows: Vec<_> = evaluations.iter().flat_map(rows_of).collect();
    let columns = [
        "Measured on",
        "#AP",
        "#AP50",
        "#AP75",
        "#small",
        "#medium",
        "#large",
        "#AR 100",
        "#images",
        "#boxes",
    ];
    let caveats: Vec<_> = evaluations.iter().filter_map(caveat).collect();
    let best: Vec<_> =
        evaluations.iter().filter_map(|evaluation| best_threshold(version, evaluation)).collect();
    view! {
        {table(&columns, rows)}
        {(!best.is_empty()).then(|| view! { <ul class="best-thresholds">{best}</ul> })}
        {(!caveats.is_empty()).then(|| view! { <ul class="dim">{caveats}</ul> })}
    }
    .into_any()
}

/// Where F1 is highest, with the way to deploy the version so.
fn best_threshold(version: &ModelVersion, evaluation: &Evaluation) -> Option<AnyView> {
    let words = best_words(evaluation)?;
    let value = evaluation.best_threshold?.threshold.value;
    let deploy = version.weights.is_some().then(|| {
        let href = format!("{}?model={}&threshold={value:.2}", Route::Deploy.href(), version.full_name());
        view! { " "<a href=href>{format!("Deploy with {value:.2}")}</a> }
    });
    Some(view! { <li>{words}"."{deploy}</li> }.into_any())
}

/// `F1 is highest (0.92) at threshold 0.60 (0.55–0.66) on cells/v1 test`.
#[must_use]
pub fn best_words(evaluation: &Evaluation) -> Option<String> {
    let best = evaluation.best_threshold?;
    let (f1, at) = (best.f1.value, best.threshold);
    Some(format!(
        "F1 is highest ({f1:.2}) at threshold {:.2} (95 %: {:.2}–{:.2}) on {} {}",
        at.value, at.low, at.high, evaluation.dataset, evaluation.split
    ))
}

fn caveat(evaluation: &Evaluation) -> Option<AnyView> {
    let text = format!("{} {}: {}.", evaluation.dataset, evaluation.split, evaluation.caveat()?);
    Some(view! { <li>{text}</li> }.into_any())
}

/// A figure with its 95 % interval below, where one is known.
fn with_interval(value: f64, interval: Option<Estimate>) -> Cell {
    let range = interval.map(|Estimate { low, high, .. }| {
        view! { <small class="interval" title="95 % interval, by resampling the images">{format!("{low:.3}–{high:.3}")}</small> }
    });
    figure(view! { {share(value)}{range} }.into_any())
}

fn rows_of(evaluation: &Evaluation) -> Vec<AnyView> {
    let s = &evaluation.summary;
    let intervals = evaluation.intervals;
    let sure = [
        with_interval(s.AP, intervals.and_then(|both| both.AP)),
        with_interval(s.AP50, intervals.and_then(|both| both.AP50)),
    ];
    let figures = [s.AP75, s.AP_small, s.AP_medium, s.AP_large, s.AR_100].map(share);
    let counts = [evaluation.images, evaluation.boxes].map(grouped);
    let cells = sure.into_iter().chain(figures.into_iter().chain(counts).map(figure)).collect();
    let name = format!("{} {}", evaluation.dataset, evaluation.split);
    let labels = evaluation
        .per_label
        .iter()
        .map(|(label, ap)| sub_row(label.to_string(), vec![figure(share(ap.AP)), figure(share(ap.AP50))]));
    std::iter::once(row(name, cells)).chain(labels).collect()
}
