//! What the tabs of a deployment hold.

mod predictions;

pub use predictions::PredictionsTab;

use crate::ui::IntoAny;
use crate::{
    features::{
        dashboard::{DashboardView, LiveDot, RANGES, look, range_ms},
        deployment_settings::DeploymentSettings,
        drop_zone::DropZone,
    },
    server_fns::{models::list_models, session::get_session},
    ui::{Palette, fetched, loaded, skeleton_cards, skeleton_rows},
};
use domain::{access::Role, deployment::Deployment, page::PageRequest};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Figures and charts, live.
#[component]
pub fn DashboardTab(
    /// The deployment.
    deployment: Deployment,
) -> impl IntoView {
    let query = use_query_map();
    let range = Memo::new(move |_| range_ms(&query.with(|q| q.get("range")).unwrap_or_default()));
    let name = deployment.name.as_str().to_owned();
    let figures = fetched(move || range.get(), move |last_ms| look(name.clone(), last_ms));
    let choices: Vec<_> = RANGES
        .into_iter()
        .map(|(word, name, ms)| {
            let current = move || (range.get() == ms).then_some("true");
            view! { <a class="segment" href=format!("?range={word}") aria-current=current>{name}</a> }
        })
        .collect();
    view! {
        <div class="bar">
            <nav class="segments" aria-label="Range">{choices}</nav>
            <span class="bar-end"><LiveDot /></span>
        </div>
        {loaded(figures, skeleton_cards, move |(first, latest)| {
            let last_ms = range.get_untracked();
            view! { <DashboardView deployment=deployment.clone() first=first latest=latest last_ms=last_ms /> }.into_any()
        })}
    }
}

/// What an administrator sets.
#[component]
pub fn SettingsTab(
    /// The deployment.
    deployment: Deployment,
) -> impl IntoView {
    let parts = fetched(
        || (),
        |()| async move {
            let versions = list_models(PageRequest { limit: Some(200), cursor: None }).await?;
            Ok(get_session().await?.and(versions))
        },
    );
    loaded(parts, skeleton_rows, move |(session, versions)| {
        let admin = session.role == Role::Admin;
        view! { <DeploymentSettings deployment=deployment.clone() versions=versions.items admin=admin /> }
            .into_any()
    })
}

/// The drop zone, where Fovea runs the model itself and the person may use it.
fn drop_zone(deployment: &Deployment) -> AnyView {
    if !deployment.champion.runnable {
        return ().into_any();
    }
    let palette = Palette::new(&deployment.champion.labels);
    view! { <DropZone deployment=deployment.name.clone() palette=palette /> }.into_any()
}
