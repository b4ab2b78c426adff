//! Every experiment.

use super::{next_link, page_request};
use crate::ui::IntoAny;
use crate::{
    addresses,
    live::{Told, on_live, throttled},
    server_fns::experiments::list_experiments,
    ui::{Ago, Command, PageHead, duration, empty, fetched, loaded, skeleton_rows, work_badge},
};
use domain::{event::Event, model::Experiment, work::WorkState};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::time::Duration;

/// A table, newest first, that moves while some run.
#[component]
pub fn Experiments() -> impl IntoView {
    let query = use_query_map();
    let page = fetched(move || query.with(|q| page_request(q, 100)), list_experiments);
    let again = throttled(Duration::from_secs(1), move || page.again());
    on_live(move |told| match told {
        Told::Refetch | Told::Event(Event::ExperimentChanged { .. }) => again(),
        Told::Event(_) => {}
    });
    view! {
        <PageHead title="Experiments" />
        <div class="page-body">
            {loaded(page, skeleton_rows, |page| {
                if page.items.is_empty() { nothing() } else { view! { {table(page.items)}{next_link(page.next_cursor)} }.into_any() }
            })}
        </div>
    }
}

fn nothing() -> AnyView {
    empty(
        "No experiment yet",
        "An experiment trains a model on a dataset; its curves and its log appear here.",
        view! { <Command line="fovea train --dataset NAME/v1 --model NAME" /> }.into_any(),
    )
}

fn table(experiments: Vec<Experiment>) -> AnyView {
    let rows: Vec<_> = experiments.into_iter().map(row).collect();
    view! {
        <div class="panel panel-table scroll">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Experiment"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Progress"</th>
                        <th scope="col">"Dataset"</th>
                        <th scope="col">"Model"</th>
                        <th scope="col">"Asked for"</th>
                        <th scope="col" class="num">"Took"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(experiment: Experiment) -> AnyView {
    let took = match (experiment.started, experiment.finished) {
        (Some(from), Some(to)) => duration(to.since_ms(from) as f64 / 1000.0),
        _ => String::new(),
    };
    let progress = match experiment.state {
        WorkState::Running | WorkState::Cancelling => {
            let left = experiment.seconds_left.map(|s| format!("{} left", duration(s)));
            view! {
                <progress max="1" value=experiment.progress.to_string() aria-label="Progress"></progress>
                <span class="dim">{left}</span>
            }
            .into_any()
        }
        _ => ().into_any(),
    };
    let made = experiment.model_version.clone().unwrap_or_else(|| experiment.model.to_string());
    view! {
        <tr>
            <th scope="row"><a href=addresses::experiment(experiment.name.as_str())>{experiment.name.to_string()}</a></th>
            <td>{work_badge(experiment.state)}</td>
            <td class="progress-cell">{progress}</td>
            <td>{experiment.dataset}</td>
            <td>{made}</td>
            <td><Ago at=experiment.created /></td>
            <td class="num">{took}</td>
        </tr>
    }
    .into_any()
}
