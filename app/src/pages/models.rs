//! Every model, by version.

use super::{next_link, page_request};
use crate::ui::IntoAny;
use crate::{
    addresses,
    routes::Route,
    server_fns::models::list_models,
    signed_in::admin_link,
    ui::{
        Ago, Command, PageHead, Tone, bytes, empty, fetched, figure, link, loaded, pill, row, share,
        skeleton_rows, table, words,
    },
};
use domain::model::ModelVersion;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// A table of versions, newest first, with their latest figures.
#[component]
pub fn Models() -> impl IntoView {
    let query = use_query_map();
    let page = fetched(move || query.with(|q| page_request(q, 100)), list_models);
    view! {
        <PageHead title=Route::Models.title()>{admin_link(Route::Launch.href(), Route::Launch.title())}</PageHead>
        <div class="page-body">
            {loaded(page, skeleton_rows, |page| {
                if page.items.is_empty() { nothing() } else { view! { {all(page.items)}{next_link(page.next_cursor)} }.into_any() }
            })}
        </div>
    }
}

fn nothing() -> AnyView {
    empty(
        "No model yet",
        "Train one on a dataset, or register one that is served elsewhere.",
        view! {
            <Command line="fovea train --dataset NAME/v1 --model NAME" />
            <Command line="fovea model register NAME --labels a,b,c" />
        }
        .into_any(),
    )
}

fn all(versions: Vec<ModelVersion>) -> AnyView {
    let rows: Vec<_> = versions.into_iter().map(one).collect();
    let columns = ["Version", "#AP", "#AP50", "Measured on", "#Labels", "#Weights", "Made"];
    view! { <div class="panel panel-table">{table(&columns, rows)}</div> }.into_any()
}

fn one(version: ModelVersion) -> AnyView {
    let name = version.full_name();
    let latest = version.latest_evaluation();
    let weights = match &version.weights {
        Some(weights) => bytes(weights.bytes).into_any(),
        None => pill(Tone::Quiet, "served elsewhere"),
    };
    let cells = vec![
        figure(latest.map_or_else(|| "–".to_owned(), |e| share(e.summary.AP))),
        figure(latest.map_or_else(|| "–".to_owned(), |e| share(e.summary.AP50))),
        words(latest.map(|e| format!("{} {}", e.dataset, e.split)).unwrap_or_default()),
        figure(version.labels.len().to_string()),
        figure(weights),
        words(view! { <Ago at=version.created /> }),
    ];
    row(link(addresses::model(&name), name), cells)
}
