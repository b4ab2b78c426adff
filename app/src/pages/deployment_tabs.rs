//! What the tabs of a deployment hold.

mod feedback;
mod learning;
mod predictions;

pub use feedback::FeedbackTab;
pub use learning::LearningTab;
pub use predictions::PredictionsTab;

use crate::ui::IntoAny;
use crate::{
    features::{
        dashboard::{DashboardView, LiveDot, RANGES, look, range_ms},
        deployment_settings::DeploymentSettings,
        drop_zone::DropZone,
    },
    server_fns::{deployments::get_deployment, models::list_models, session::get_session},
    ui::{Palette, fetched, loaded, skeleton_cards, skeleton_rows},
};
use domain::{access::Role, deployment::Deployment, page::PageRequest};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Figures and charts, live.
#[component]
pub fn DashboardTab(
    /// The deployment's.
    name: Memo<String>,
) -> impl IntoView {
    let query = use_query_map();
    let range = Memo::new(move |_| range_ms(&query.with(|q| q.get("range")).unwrap_or_default()));
    let figures = fetched(
        move || (name.get(), range.get()),
        |(name, last_ms)| async move { Ok(get_deployment(name.clone()).await?.and(look(name, last_ms).await?)) },
    );
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
        {loaded(figures, skeleton_cards, move |(deployment, (first, latest))| {
            let last_ms = range.get_untracked();
            view! { <DashboardView deployment=deployment first=first latest=latest last_ms=last_ms /> }.into_any()
        })}
    }
}

/// What an administrator sets.
#[component]
pub fn SettingsTab(
    /// The deployment's.
    name: Memo<String>,
) -> impl IntoView {
    let parts = fetched(
        move || name.get(),
        |name| async move {
            let versions = list_models(PageRequest { limit: Some(200), cursor: None }).await?;
            Ok(get_deployment(name).await?.and(get_session().await?.and(versions)))
        },
    );
    loaded(parts, skeleton_rows, |(deployment, (session, versions))| {
        let admin = session.role == Role::Admin;
        view! { <DeploymentSettings deployment=deployment versions=versions.items admin=admin /> }.into_any()
    })
}

/// The drop zone, where Fovea runs the model itself and the person may use it.
fn drop_zone(deployment: &Deployment) -> AnyView {
    if !deployment.champion.runnable {
        return ().into_any();
    }
    let palette = Palette::new(&deployment.champion.labels);
    view! {
        <details class="drop-fold alive-only">
            <summary class="button">"Predict an image"</summary>
            <DropZone deployment=deployment.name.clone() palette=palette />
        </details>
    }
    .into_any()
}
