//! One experiment.

use crate::{
    features::{evaluation_table::evaluation_table, training::TrainingView},
    server_fns::{experiments::get_experiment, models::get_model, session::get_session},
    ui::{PageHead, loaded, skeleton_cards},
};
use domain::access::Role;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Curves, parameters, log, and what came of it.
#[component]
pub fn ExperimentRoute() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|p| p.get("name")).unwrap_or_default());
    let found = Resource::new(
        move || name.get(),
        |name| async move {
            let admin = get_session().await?.role == Role::Admin;
            let page = get_experiment(name).await?;
            let made = match page.experiment.model_version.clone() {
                Some(name) => Some(get_model(name).await?),
                None => None,
            };
            Ok((page, made, admin))
        },
    );
    loaded(found, skeleton_cards, |(page, made, admin)| {
        let title = page.experiment.name.to_string();
        let figures = made.map(|version| {
            view! { <section class="panel"><h2>"Figures"</h2>{evaluation_table(&version.evaluations)}</section> }
        });
        view! {
            <div class="head-plain"><PageHead title=title above=("Experiments", "/experiments") /></div>
            <div class="page-body">
                <TrainingView first=page admin=admin />
                {figures}
            </div>
        }
        .into_any()
    })
}
