//! Every experiment.

use super::{next_link, page_request};
use crate::{
    addresses,
    live::{LiveUpdate, on_live, throttled},
    routes::Route,
    server_fns::experiments::list_experiments,
    signed_in::{admin_link, for_admins},
    ui::{
        Ago, IntoAny, PageHead, duration, empty, fetched, figure, follow, handler, link, loaded, row,
        skeleton_rows, table, words, work_badge,
    },
};
use domain::{event::Event, model::Experiment, work::WorkState};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::{collections::BTreeSet, time::Duration};

/// A table, newest first, that moves while some run.
#[component]
pub fn Experiments() -> impl IntoView {
    let query = use_query_map();
    let page = fetched(move || query.with(|q| page_request(q, 100)), list_experiments);
    let again = throttled(Duration::from_secs(1), move || page.again());
    on_live(move |update| match update {
        LiveUpdate::Refetch | LiveUpdate::Event(Event::ExperimentChanged { .. }) => again(),
        LiveUpdate::Event(_) => {}
    });
    let ticked = RwSignal::new(BTreeSet::new());
    view! {
        <PageHead title=Route::Experiments.title()>{admin_link(Route::Launch.href(), Route::Launch.title())}</PageHead>
        <div class="page-body">
            {loaded(page, skeleton_rows, move |page| {
                if page.items.is_empty() { nothing() } else { view! { {all(page.items, ticked)}{next_link(page.next_cursor)} }.into_any() }
            })}
        </div>
    }
}

fn nothing() -> AnyView {
    empty(
        "No experiment yet",
        "An experiment trains a model on a dataset. Its curves and its log appear here.",
        for_admins(|| {
            view! { <a class="button button-main" href=Route::Launch.href()>"Launch a training"</a> }
                .into_any()
        }),
    )
}

/// Names of experiments that are ticked: a tick stays with its experiment when
/// others come above it.
type Ticked = RwSignal<BTreeSet<String>>;

fn all(experiments: Vec<Experiment>, ticked: Ticked) -> AnyView {
    let rows: Vec<_> = experiments.into_iter().map(|experiment| one(experiment, ticked)).collect();
    let columns = ["Experiment", "", "State", "Progress", "Dataset", "Model", "Requested", "#Took"];
    view! {
        <form action=Route::Compare.href() method="get">
            <div class="panel panel-table">{table(&columns, rows)}</div>
            <p class="form-row">
                <button class="button" type="submit">"Compare"</button>
                <span class="dim">"those that are ticked"</span>
            </p>
        </form>
    }
    .into_any()
}

fn one(experiment: Experiment, ticked: Ticked) -> AnyView {
    let took = match (experiment.started, experiment.finished) {
        (Some(from), Some(to)) => duration(to.since_ms(from) as f64 / 1000.0),
        _ => String::new(),
    };
    let running = matches!(experiment.state, WorkState::Running | WorkState::Cancelling);
    let progress = running.then(|| progress(&experiment));
    let made = experiment.model_version.clone().unwrap_or_else(|| experiment.model.to_string());
    let name = experiment.name.as_str().to_owned();
    let label = format!("Compare {name}");
    let tick = tick(name, label, ticked);
    let cells = vec![
        words(tick),
        words(work_badge(experiment.state)),
        words(progress),
        words(experiment.dataset),
        words(made),
        words(view! { <Ago at=experiment.created /> }),
        figure(took),
    ];
    row(link(addresses::experiment(experiment.name.as_str()), experiment.name.as_str()), cells)
}

fn tick(name: String, label: String, ticked: Ticked) -> AnyView {
    let (shown, changed) = (name.clone(), name.clone());
    let is_ticked = move || ticked.with(|names| names.contains(&shown));
    let change = move |event| {
        let on = event_target_checked(&event);
        ticked.update(|names| {
            if on {
                names.insert(changed.clone())
            } else {
                names.remove(&changed)
            };
        });
    };
    view! {
        <input type="checkbox" name="experiment" value=name aria-label=label prop:checked=follow(is_ticked) on:change=handler(change) />
    }
    .into_any()
}

fn progress(experiment: &Experiment) -> AnyView {
    let left = experiment.seconds_left.map(|s| format!("{} left", duration(s)));
    view! {
        <span class="progress-cell">
            <progress max="1" value=experiment.progress.to_string() aria-label="Progress"></progress>
            <span class="dim">{left}</span>
        </span>
    }
    .into_any()
}
