//! What is known of a prediction beside its picture: its name, its reviews, all
//! its facts.

use crate::ui::IntoAny;
use crate::{
    addresses::ListState,
    routes::Route,
    ui::{Tone, day_and_time, fact, link, pill, status_badge},
};
use domain::{deployment::Deployment, prediction::Prediction, review::RevisionInfo};
use leptos::prelude::*;
use query::quote;

/// Its name, how far it is, and the way to its review.
pub(super) fn head(prediction: &Prediction, review_href: String) -> AnyView {
    let name = prediction.display_name();
    let outlier = prediction.outlier_score.map(|score| pill(Tone::Quiet, format!("outlier {score:.3}")));
    view! {
        <section class="panel details-head">
            <h2>{name}</h2>
            <p>{status_badge(prediction.status)}{outlier}</p>
            <a class="button button-main" href=review_href>"Review"</a>
        </section>
    }
    .into_any()
}

/// Who reviewed it, the latest first.
pub(super) fn reviews(history: &[RevisionInfo]) -> AnyView {
    let rows: Vec<_> = history
        .iter()
        .map(|revision| {
            let boxes = format!("{} boxes, {} untouched", revision.box_count, revision.untouched);
            view! {
                <li>
                    <b>{revision.reviewer.clone()}</b>
                    <span class="dim">{day_and_time(revision.at)}</span>
                    <span>{boxes}</span>
                </li>
            }
        })
        .collect();
    let none = rows.is_empty().then(|| view! { <p class="dim">"Nobody has reviewed it yet."</p> });
    view! {
        <section class="panel">
            <h2>"Reviews"</h2>
            {none}
            <ol class="reviews">{rows}</ol>
        </section>
    }
    .into_any()
}

/// All that the sender and the models said.
pub(super) fn facts(prediction: &Prediction, deployment: &Deployment) -> AnyView {
    let size = format!("{}×{}", prediction.size.width, prediction.size.height);
    let mut rows = vec![
        fact("Deployment", deployment.name.to_string()),
        fact("Model", prediction.model.clone()),
        fact("Threshold", format!("{:.2}", prediction.threshold.get())),
        fact("Latency", format!("{} ms", charts::decimal(prediction.latency_ms, 1))),
        fact("Size", size),
        fact("Taken", day_and_time(prediction.created)),
        fact("Arrived", day_and_time(prediction.received)),
    ];
    let optional = [
        ("File", prediction.filename.clone()),
        ("Shadow", prediction.shadow.as_ref().map(|s| s.model.clone())),
        ("Outlier score", prediction.outlier_score.map(|score| format!("{score:.3}"))),
    ];
    rows.extend(optional.into_iter().filter_map(|(name, value)| Some(fact(name, value?))));
    // A word leads to all that have it.
    let path = Route::Predictions.with(&[deployment.name.as_str()]);
    let alike = |field: String, value: &str| {
        let q = format!("{field} = {}", quote(value));
        link(format!("{path}{}", ListState { q, ..ListState::default() }.href()), value)
    };
    rows.extend(prediction.source.iter().map(|source| fact("Source", alike("source".into(), source))));
    rows.extend(prediction.tags.iter().map(|tag| fact("Tag", alike("tag".into(), tag))));
    let field = |key: &str| query::schema::Field::Metadata(key.to_owned()).to_string();
    rows.extend(prediction.metadata.iter().map(|(key, value)| fact(key.clone(), alike(field(key), value))));
    rows.push(fact("Id", prediction.id.to_string()));
    view! {
        <section class="panel" aria-label="Facts">
            <dl class="facts facts-wide">{rows}</dl>
        </section>
    }
    .into_any()
}
