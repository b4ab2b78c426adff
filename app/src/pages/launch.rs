//! Launch a training.

use crate::ui::IntoAny;
use crate::{
    features::launch_form::{LaunchForm, LaunchPreset},
    routes::Route,
    server_fns::{
        datasets::list_datasets, launches::list_trainers, models::list_models, session::get_session,
    },
    ui::{PageHead, admins_only, fetched, loaded, skeleton_rows},
};
use domain::{access::Role, page::PageRequest};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The form; `?dataset=` and `?base=` choose at first.
#[component]
pub fn LaunchPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|q| (q.get("dataset"), q.get("base"))));
    let choices = fetched(
        || (),
        |()| async move {
            let page = || PageRequest { limit: Some(200), cursor: None };
            let versions = list_datasets(page()).await?.and(list_models(page()).await?);
            Ok(versions.and(list_trainers().await?).and(get_session().await?))
        },
    );
    view! {
        <PageHead title=Route::Launch.title() above=Route::Experiments />
        <div class="page-body">
            {loaded(choices, skeleton_rows, move |(((datasets, models), trainers), session)| {
                if session.role != Role::Admin {
                    return admins_only("Only administrators launch trainings");
                }
                let (dataset, base) = wanted.get_untracked();
                let wanted = LaunchPreset { dataset, base };
                view! { <LaunchForm datasets=datasets.items models=models.items trainers=trainers wanted=wanted /> }.into_any()
            })}
        </div>
    }
}
