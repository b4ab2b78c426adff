//! Every model, by version.

use super::{next_link, page_request};
use crate::ui::IntoAny;
use crate::{
    addresses,
    features::evaluation_table::figure,
    server_fns::models::list_models,
    ui::{Ago, Command, PageHead, Tone, bytes, empty, fetched, loaded, pill, skeleton_rows},
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
        <PageHead title="Models" />
        <div class="page-body">
            {loaded(page, skeleton_rows, |page| {
                if page.items.is_empty() { nothing() } else { view! { {table(page.items)}{next_link(page.next_cursor)} }.into_any() }
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

fn table(versions: Vec<ModelVersion>) -> AnyView {
    let rows: Vec<_> = versions.into_iter().map(row).collect();
    view! {
        <div class="panel panel-table scroll">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Version"</th>
                        <th scope="col" class="num">"AP"</th>
                        <th scope="col" class="num">"AP50"</th>
                        <th scope="col">"Measured on"</th>
                        <th scope="col" class="num">"Labels"</th>
                        <th scope="col" class="num">"Weights"</th>
                        <th scope="col">"Made"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(version: ModelVersion) -> AnyView {
    let name = version.full_name();
    let latest = version.evaluations.iter().max_by_key(|e| e.at);
    let ap = latest.map_or_else(|| "–".to_owned(), |e| figure(e.summary.AP));
    let ap50 = latest.map_or_else(|| "–".to_owned(), |e| figure(e.summary.AP50));
    let on = latest.map(|e| format!("{} {}", e.dataset, e.split)).unwrap_or_default();
    let weights = match &version.weights {
        Some(weights) => view! { {bytes(weights.bytes)} }.into_any(),
        None => pill(Tone::Quiet, "served elsewhere"),
    };
    view! {
        <tr>
            <th scope="row"><a href=addresses::model(&name)>{name.clone()}</a></th>
            <td class="num">{ap}</td>
            <td class="num">{ap50}</td>
            <td class="dim">{on}</td>
            <td class="num">{version.labels.len()}</td>
            <td class="num">{weights}</td>
            <td><Ago at=version.created /></td>
        </tr>
    }
    .into_any()
}
