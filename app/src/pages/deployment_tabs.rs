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
    server_fns::{
        deployments::{get_deployment, get_sections},
        models::list_models,
        session::get_session,
    },
    stretch::Stretch,
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
    let word = move |key: &str| query.with(|q| q.get(key));
    let stretch = Memo::new(move |_| {
        let last_ms = range_ms(&word("range").unwrap_or_default());
        Stretch::of(last_ms, word("from").as_deref(), word("to").as_deref())
    });
    let figures = fetched(
        move || (name.get(), stretch.get()),
        |(name, stretch)| async move {
            let seen = look(name.clone(), stretch).await?.and(get_sections(name.clone(), stretch).await?);
            Ok(get_deployment(name).await?.and(seen))
        },
    );
    let choices: Vec<_> = RANGES
        .into_iter()
        .map(|(word, name, ms)| {
            let current = move || stretch.with(|s| (s.is_up_to_now() && s.last_ms == ms).then_some("true"));
            view! { <a class="segment" href=format!("?range={word}") aria-current=current>{name}</a> }
        })
        .collect();
    view! {
        <div class="bar">
            <nav class="segments" aria-label="Range">{choices}</nav>
            <form class="between" method="get">
                <input type="datetime-local" name="from" aria-label="From (UTC)" required value=move || word("from") />
                <input type="datetime-local" name="to" aria-label="To (UTC)" required value=move || word("to") />
                <button class="button">"Show"</button>
            </form>
            <span class="bar-end"><LiveDot /></span>
        </div>
        {loaded(figures, skeleton_cards, move |(deployment, ((first, latest), sections))| {
            let stretch = stretch.get_untracked();
            view! {
                <DashboardView deployment=deployment first=first latest=latest sections=sections stretch=stretch />
            }
            .into_any()
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
