//! COCO figures of a model version, by what they were measured on.

use crate::ui::IntoAny;
use charts::grouped;
use domain::model::Evaluation;
use leptos::prelude::*;

/// A figure in [0, 1], or a dash where COCO leaves it undefined.
#[must_use]
pub fn figure(value: f64) -> String {
    if value < 0.0 { "–".to_owned() } else { format!("{value:.3}") }
}

/// One row for each evaluation, with the sizes and, below, each label.
#[must_use]
pub fn evaluation_table(evaluations: &[Evaluation]) -> AnyView {
    if evaluations.is_empty() {
        return view! { <p class="dim">"Not measured yet."</p> }.into_any();
    }
    let heads = ["AP", "AP50", "AP75", "small", "medium", "large", "AR 100", "images", "boxes"];
    let heads: Vec<_> = heads.into_iter().map(|h| view! { <th scope="col" class="num">{h}</th> }).collect();
    let rows: Vec<_> = evaluations.iter().map(rows_of).collect();
    view! {
        <div class="scroll">
            <table class="table">
                <thead><tr><th scope="col">"Measured on"</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn rows_of(evaluation: &Evaluation) -> AnyView {
    let s = &evaluation.summary;
    let figures = [s.AP, s.AP50, s.AP75, s.AP_small, s.AP_medium, s.AP_large, s.AR_100].map(figure);
    let counts = [evaluation.images, evaluation.boxes].map(grouped);
    let cells: Vec<_> =
        figures.into_iter().chain(counts).map(|f| view! { <td class="num">{f}</td> }).collect();
    let labels: Vec<_> = evaluation
        .per_label
        .iter()
        .map(|(label, ap)| {
            view! {
                <tr class="sub-row">
                    <th scope="row">{label.to_string()}</th>
                    <td class="num">{figure(ap.AP)}</td>
                    <td class="num">{figure(ap.AP50)}</td>
                    <td colspan="7"></td>
                </tr>
            }
        })
        .collect();
    view! {
        <tr>
            <th scope="row">{evaluation.dataset.clone()}<span class="dim">" "{evaluation.split.as_str()}</span></th>
            {cells}
        </tr>
        {labels}
    }
    .into_any()
}
