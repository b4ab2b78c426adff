//! COCO figures of a model version, by what they were measured on.

use super::{figure, row, sub_row, table};
use charts::grouped;
use domain::model::Evaluation;
use leptos::prelude::*;

/// A figure in [0, 1], or a dash where COCO leaves it undefined.
#[must_use]
pub fn share(value: f64) -> String {
    if value < 0.0 { "–".to_owned() } else { format!("{value:.3}") }
}

/// One row for each evaluation, with the sizes and, below, each label.
#[must_use]
pub fn evaluation_table(evaluations: &[Evaluation]) -> AnyView {
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
    view! {
        {table(&columns, rows)}
        {(!caveats.is_empty()).then(|| view! { <ul class="dim">{caveats}</ul> })}
    }
    .into_any()
}

fn caveat(evaluation: &Evaluation) -> Option<AnyView> {
    let text = format!("{} {}: {}.", evaluation.dataset, evaluation.split, evaluation.caveat()?);
    Some(view! { <li>{text}</li> }.into_any())
}

fn rows_of(evaluation: &Evaluation) -> Vec<AnyView> {
    let s = &evaluation.summary;
    let figures = [s.AP, s.AP50, s.AP75, s.AP_small, s.AP_medium, s.AP_large, s.AR_100].map(share);
    let counts = [evaluation.images, evaluation.boxes].map(grouped);
    let cells = figures.into_iter().chain(counts).map(figure).collect();
    let name = format!("{} {}", evaluation.dataset, evaluation.split);
    let labels = evaluation
        .per_label
        .iter()
        .map(|(label, ap)| sub_row(label.to_string(), vec![figure(share(ap.AP)), figure(share(ap.AP50))]));
    std::iter::once(row(name, cells)).chain(labels).collect()
}
