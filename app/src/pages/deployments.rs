//! Every deployment.

use crate::{
    features::{
        deployment_cards::deployment_cards, deployment_removal::RemovalNotice, first_steps::first_steps,
    },
    live::{LiveUpdate, on_live, throttled},
    routes::Route,
    server_fns::{deployments::list_deployments, session::get_command_words},
    signed_in::admin_link,
    ui::{PageHead, dynamic, fetched, loaded, skeleton_cards},
};
use domain::{event::Event, ids::DeploymentId};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::time::Duration;

/// Cards that move as predictions arrive.
#[component]
pub fn Deployments() -> impl IntoView {
    let cards =
        fetched(|| (), |()| async move { Ok(list_deployments().await?.and(get_command_words().await?)) });
    let again = throttled(Duration::from_secs(1), move || cards.again());
    on_live(move |update| match update {
        LiveUpdate::Refetch
        | LiveUpdate::Event(Event::PredictionsArrived { .. } | Event::DeploymentChanged { .. }) => {
            again();
        }
        LiveUpdate::Event(_) => {}
    });
    let query = use_query_map();
    let removed = Memo::new(move |_| {
        query.with(|q| Some((q.get("removed")?.parse::<DeploymentId>().ok()?, q.get("name")?)))
    });
    view! {
        <PageHead title=Route::Deployments.title()>{admin_link(Route::Deploy.href(), Route::Deploy.title())}</PageHead>
        <div class="page-body">{loaded(cards, skeleton_cards, |(cards, commands)| {
            if cards.is_empty() { first_steps(&commands) } else { deployment_cards(cards) }
        })}</div>
        {dynamic(move || removed.get().map(|(id, name)| view! { <RemovalNotice id=id name=name /> }))}
    }
}
