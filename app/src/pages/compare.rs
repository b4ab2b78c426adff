//! Experiments beside each other.

use crate::ui::IntoAny;
use crate::{
    features::experiment_comparison::experiment_comparison,
    routes::Route,
    server_fns::compared_experiments::compare_experiments,
    ui::{PageHead, empty, fetched, loaded_page, skeleton_rows},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Those that the address names: curves, figures, and what differs.
#[component]
pub fn Compare() -> impl IntoView {
    let query = use_query_map();
    let names = Memo::new(move |_| query.with(|q| q.get_all("experiment")).unwrap_or_default());
    let resource = fetched(move || names.get(), compare_experiments);
    loaded_page(resource, skeleton_rows, |compared| {
        let body = if compared.len() < 2 {
            empty(
                "Nothing to compare",
                "Tick two experiments or more, and press Compare.",
                view! { <a class="button" href=Route::Experiments.href()>"To the experiments"</a> }
                    .into_any(),
            )
        } else {
            experiment_comparison(&compared)
        };
        view! {
            <div class="head-plain"><PageHead title=Route::Compare.title() above=Route::Experiments /></div>
            <div class="page-body">{body}</div>
        }
        .into_any()
    })
}
