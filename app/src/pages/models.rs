//! Every model, by version.

use super::{next_link, page_request};
use crate::ui::IntoAny;
use crate::{
    addresses,
    features::model_import::{ModelImport, RegisterForm},
    live::{LiveUpdate, on_live, throttled},
    routes::Route,
    server_fns::{model_acts::get_import_start, models::list_models},
    signed_in::{admin_link, for_whom},
    ui::{
        Ago, IMPORT_MODEL, PageHead, Tone, bytes, empty, fetched, figure, fovea_command, link, loaded,
        loaded_quietly, pill, row, share, skeleton_rows, table, words,
    },
};
use domain::{access::Role, event::Event, model::ModelVersion};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::time::Duration;

/// A table of versions, newest first, with their latest figures.
#[component]
pub fn Models() -> impl IntoView {
    let query = use_query_map();
    let page = fetched(move || query.with(|q| page_request(q, 100)), list_models);
    let start = fetched(|| (), |()| get_import_start());
    let again = throttled(Duration::from_secs(1), move || page.again());
    // A training that ends makes a version.
    on_live(move |update| match update {
        LiveUpdate::Refetch | LiveUpdate::Event(Event::ExperimentChanged { .. }) => again(),
        LiveUpdate::Event(_) => {}
    });
    let imported = Callback::new(move |()| page.again());
    view! {
        <PageHead title=Route::Models.title()>{admin_link(Route::Launch.href(), Route::Launch.title())}</PageHead>
        <div class="page-body">
            {loaded_quietly(start, move |start| {
                start.map(|start| view! { <ModelImport start=start on_imported=imported /><RegisterForm /> }).into_any()
            })}
            {loaded(page, skeleton_rows, |page| {
                if page.items.is_empty() { nothing() } else { view! { {all(page.items)}{next_link(page.next_cursor)} }.into_any() }
            })}
        </div>
    }
}

fn nothing() -> AnyView {
    let ways = for_whom(|session| {
        match session.role {
        Role::Admin => view! {
            <p>"Drop the file of a model above, train one on a dataset, or register one that runs elsewhere."</p>
            <a class="button" href=Route::Launch.href()>"Launch a training"</a>
        }
        .into_any(),
        Role::Viewer | Role::Reviewer => view! { <p>"An administrator imports or trains the first one."</p> }.into_any(),
    }
    });
    empty(
        "No model yet",
        "A model finds objects in images. Its versions are listed here, with their figures.",
        view! {
            {ways}
            {fovea_command(IMPORT_MODEL.to_owned(), "Replace model.onnx by your file.")}
        }
        .into_any(),
    )
}

fn all(versions: Vec<ModelVersion>) -> AnyView {
    let rows: Vec<_> = versions.into_iter().map(one).collect();
    let columns = ["Version", "Format", "#AP", "#AP50", "Measured on", "#Labels", "#Weights", "Made"];
    view! { <div class="panel panel-table">{table(&columns, rows)}</div> }.into_any()
}

fn one(version: ModelVersion) -> AnyView {
    let name = version.full_name();
    let latest = version.latest_evaluation();
    let weights = version.weights.as_ref().map_or_else(|| "–".to_owned(), |weights| bytes(weights.bytes));
    let cells = vec![
        words(format_pill(&version)),
        figure(latest.map_or_else(|| "–".to_owned(), |e| share(e.summary.AP))),
        figure(latest.map_or_else(|| "–".to_owned(), |e| share(e.summary.AP50))),
        words(latest.map(|e| format!("{} {}", e.dataset, e.split)).unwrap_or_default()),
        figure(version.labels.len().to_string()),
        figure(weights),
        words(view! { <Ago at=version.created /> }),
    ];
    row(link(addresses::model(&name), name), cells)
}

/// What a version is: where it runs, and in whose form.
pub(super) fn format_pill(version: &ModelVersion) -> AnyView {
    match &version.weights {
        Some(weights) => pill(Tone::Quiet, weights.format.label()),
        None => pill(Tone::Quiet, "served elsewhere"),
    }
}
