//! One import.

use crate::ui::IntoAny;
use crate::{
    features::dataset_import::ImportView,
    routes::Route,
    server_fns::{dataset_imports::get_import, session::get_session},
    ui::{PageHead, fetched, loaded_page, skeleton_cards},
};
use domain::access::Role;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// How far it is, what it found, and what to do with that.
#[component]
pub fn ImportPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    let resource = fetched(
        move || id.get(),
        |id| async move {
            let session = get_session().await?;
            Ok(get_import(id).await?.and(session))
        },
    );
    loaded_page(resource, skeleton_cards, |(import, session)| {
        let admin = session.role == Role::Admin;
        let what = if import.order.check { "Check of" } else { "Import of" };
        let title = format!("{what} {}", import.filename);
        view! {
            <div class="head-plain"><PageHead title=title above=Route::Datasets /></div>
            <div class="page-body"><ImportView first=import admin=admin /></div>
        }
        .into_any()
    })
}
