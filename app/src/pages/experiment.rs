//! One experiment.

use crate::ui::IntoAny;
use crate::{
    features::training::TrainingView,
    packed::Packed,
    routes::Route,
    server_fns::{experiments::get_experiment, models::get_model, session::get_session},
    ui::{PageHead, fetched, loaded_page, skeleton_cards},
};
use domain::access::Role;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Curves, parameters, log, and what came of it.
#[component]
pub fn ExperimentRoute() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|p| p.get("name")).unwrap_or_default());
    let resource = fetched(
        move || name.get(),
        |name| async move {
            let session = get_session().await?;
            let page = get_experiment(name).await?;
            let made = match page.open()?.experiment.model_version {
                Some(name) => get_model(name).await?.some(),
                None => Packed::none(),
            };
            Ok(page.and(made).and(session))
        },
    );
    loaded_page(resource, skeleton_cards, |((page, made), session)| {
        let admin = session.role == Role::Admin;
        let title = page.experiment.name.to_string();
        view! {
            <div class="head-plain"><PageHead title=title above=Route::Experiments /></div>
            <div class="page-body">
                <TrainingView first=page made=made admin=admin />
            </div>
        }
        .into_any()
    })
}
