//! A training as it goes: curves, parameters, log.

use crate::{
    addresses,
    features::training::{curves::curve_panels, plan::plan_panel},
    live::{LiveUpdate, on_live, throttled},
    routes::Route,
    server_fns::{
        experiments::{CancelExperiment, get_experiment},
        learning_acts::RetryExperiment,
        models::get_model,
    },
    ui::{
        ActionForm, Ago, FormAction, IntoAny, duration, dynamic, evaluation_table, fact, hash, link,
        time_of_day, work_badge,
    },
    wire::ExperimentPage,
};
use domain::{
    event::Event,
    model::{Experiment, ModelVersion},
    work::WorkState,
};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

mod curves;
mod plan;

/// One experiment, following it while it runs.
#[component]
pub fn TrainingView(
    /// As the server drew it.
    first: ExperimentPage,
    /// What it made, if it has ended.
    made: Option<ModelVersion>,
    /// Whether the person may stop it.
    admin: bool,
) -> impl IntoView {
    let id = first.experiment.id;
    let data = RwSignal::new(first);
    let made = RwSignal::new(made);
    let fetch = throttled(Duration::from_millis(800), move || {
        spawn_local(async move {
            // A failed look is made good by the next.
            if let Ok(now) = get_experiment(id.to_string()).await.and_then(|now| now.open()) {
                let name = now.experiment.model_version.clone();
                data.try_set(now);
                measured(name, made).await;
            }
        });
    });
    on_live(move |update| match update {
        LiveUpdate::Refetch => fetch(),
        LiveUpdate::Event(Event::ExperimentChanged { id: changed }) if *changed == id => fetch(),
        LiveUpdate::Event(_) => {}
    });
    let experiment = Memo::new(move |_| data.with(|d| d.experiment.clone()));
    view! {
        {dynamic(move || progress(&experiment.get(), admin))}
        {curve_panels(data)}
        {dynamic(move || made.with(|made| made.as_ref().map(figures)))}
        {dynamic(move || plan_panel(&experiment.get()))}
        <div class="columns">
            <section class="panel">
                <h2>"Run"</h2>
                {dynamic(move || run_facts(&experiment.get()))}
            </section>
            <section class="panel">
                <h2>"Parameters"</h2>
                {parameters(&experiment.get_untracked())}
            </section>
            <section class="panel">
                <h2>"Log"</h2>
                {dynamic(move || data.with(|d| log(&d.log)))}
            </section>
        </div>
    }
}

/// Asks for what was made, once it is known and whenever it may have been
/// measured anew.
async fn measured(name: Option<String>, made: RwSignal<Option<ModelVersion>>) {
    let Some(name) = name else { return };
    // A failed look is made good by the next.
    if let Ok(version) = get_model(name).await.and_then(|version| version.open()) {
        made.try_set(Some(version));
    }
}

fn figures(version: &ModelVersion) -> AnyView {
    view! { <section class="panel"><h2>"Figures"</h2>{evaluation_table(version)}</section> }.into_any()
}

fn progress(experiment: &Experiment, admin: bool) -> AnyView {
    let cancel = FormAction::<CancelExperiment>::new();
    let state = experiment.state;
    let id = experiment.id.to_string();
    let may_stop = admin && matches!(state, WorkState::Queued | WorkState::Running);
    let stop = may_stop.then(|| {
        view! {
            <ActionForm action=cancel>
                <input type="hidden" name="id" value=id />
                <button class="button" type="submit">"Cancel"</button>
            </ActionForm>
        }
    });
    let again = FormAction::<RetryExperiment>::new();
    let may_retry = admin && state.is_final() && experiment.model_version.is_none();
    let id = experiment.id.to_string();
    let retry = may_retry.then(|| {
        view! {
            <ActionForm action=again>
                <input type="hidden" name="id" value=id />
                <button class="button" type="submit">"Try again on the same data"</button>
            </ActionForm>
        }
    });
    let retried = move || match again.outcome() {
        None => ().into_any(),
        Some(Ok(())) => {
            view! { <span class="good" role="status">"Queued as a new experiment"</span> }.into_any()
        }
        Some(Err(error)) => view! { <span class="bad" role="alert">{error.0.message}</span> }.into_any(),
    };
    let left = experiment.seconds_left.filter(|_| state == WorkState::Running);
    let left = left.map(|s| view! { <span class="dim">{duration(s)}" left"</span> });
    let percent = charts::decimal(experiment.progress * 100.0, 0);
    view! {
        <section class="panel run" aria-label="Progress">
            <div class="run-row">
                {work_badge(state)}
                <progress max="1" value=experiment.progress.to_string() aria-label="Progress"></progress>
                <span class="num">{percent}" %"</span>
                {left}
                {stop}
                {retry}
                {dynamic(retried)}
            </div>
            {came_to(experiment, admin)}
        </section>
    }
    .into_any()
}

/// Why it failed or ended early, and what it made.
fn came_to(experiment: &Experiment, admin: bool) -> AnyView {
    let error = experiment.error.clone().map(|e| view! { <p class="bad" role="alert">{e}</p> });
    let made = experiment.model_version.clone().map(|name| {
        let form = format!("{}?model={name}", Route::Deploy.href());
        let deploy = admin.then(|| view! { <a class="button" href=form>"Deploy it"</a> });
        view! { <p class="form-row"><span>"It made "<a href=addresses::model(&name)>{name.clone()}</a>"."</span>{deploy}</p> }
    });
    let early =
        experiment.stopped_early.then(|| view! { <p>"Ended early: it got no better on the val split."</p> });
    view! {
        {error}
        {early}
        {made}
    }
    .into_any()
}

fn run_facts(experiment: &Experiment) -> AnyView {
    let seconds = match (experiment.started, experiment.finished) {
        (Some(from), Some(to)) => Some(to.since_ms(from) as f64 / 1000.0),
        _ => None,
    };
    let base = experiment.base.as_deref();
    let base = base.map_or_else(|| "nothing".into_any(), |name| link(addresses::model(name), name));
    let took = seconds.map(|s| fact("Took", duration(s)));
    view! {
        <dl class="facts">
            {fact("Dataset", link(addresses::dataset(&experiment.dataset), experiment.dataset.as_str()))}
            {fact("Model", experiment.model.to_string())}
            {fact("Started from", base)}
            {fact("Requested", view! { <Ago at=experiment.created /> })}
            {took}
            {fact("Trainer", experiment.params.trainer_name().to_owned())}
            {fact("Program", experiment.code_version.clone())}
            {fact("Data", hash(&experiment.fingerprint))}
        </dl>
    }
    .into_any()
}

fn parameters(experiment: &Experiment) -> AnyView {
    let pairs = experiment.params.to_map().into_iter();
    let rows: Vec<_> = pairs.map(|(key, value)| fact(key, value.to_string())).collect();
    view! { <dl class="facts">{rows}</dl> }.into_any()
}

fn log(lines: &[(domain::time::Timestamp, String)]) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="dim">"No line."</p> }.into_any();
    }
    let lines: Vec<_> = lines
        .iter()
        .rev()
        .map(|(at, line)| view! { <li><time class="dim">{time_of_day(*at)}</time>{line.clone()}</li> })
        .collect();
    view! { <ol class="log" reversed>{lines}</ol> }.into_any()
}
