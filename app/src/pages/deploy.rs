//! Put a model version to work.

use crate::ui::IntoAny;
use crate::{
    features::deploy_form::DeployForm,
    json,
    routes::Route,
    server_fns::{models::list_models, session::get_session},
    ui::{PageHead, admins_only, fetched, loaded, skeleton_rows},
};
use domain::{access::Role, page::PageRequest};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The form; `?model=` and `&threshold=` choose at first.
#[component]
pub fn DeployPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|q| q.get("model")));
    let threshold = Memo::new(move |_| query.with(|q| json::read::<f64>(&q.get("threshold")?).ok()));
    let versions = fetched(
        || (),
        |()| async move {
            let page = PageRequest { limit: Some(200), cursor: None };
            Ok(list_models(page).await?.and(get_session().await?))
        },
    );
    view! {
        <PageHead title=Route::Deploy.title() above=Route::Deployments />
        <div class="page-body">
            {loaded(versions, skeleton_rows, move |(versions, session)| {
                if session.role != Role::Admin {
                    return admins_only("Only administrators deploy");
                }
                let (wanted, threshold) = (wanted.get_untracked(), threshold.get_untracked());
                view! { <DeployForm versions=versions.items wanted=wanted threshold=threshold /> }.into_any()
            })}
        </div>
    }
}
