//! What the tabs of a deployment hold.

mod feedback;
mod learning;
mod predictions;
mod settings;

pub use feedback::FeedbackTab;
pub use learning::LearningTab;
pub use predictions::PredictionsTab;
pub use settings::SettingsTab;

use super::{deployment::OpenDeployment, own_query};
use crate::ui::IntoAny;
use crate::{
    features::{
        dashboard::{DashboardView, LiveDot, RANGES, range_ms},
        drop_zone::DropZone,
    },
    routes::Route,
    server_fns::deployments::{get_deployment, get_live, get_sections},
    stretch::Stretch,
    ui::{Palette, fetched, loaded, skeleton_cards},
};
use domain::deployment::Deployment;
use leptos::prelude::*;

/// Figures and charts, live.
#[component]
pub fn DashboardTab() -> impl IntoView {
    let OpenDeployment { name, .. } = expect_context();
    let query = own_query(Route::Dashboard);
    let word = move |key: &str| query.with(|q| q.get(key));
    let stretch = Memo::new(move |_| {
        let last_ms = range_ms(&word("range").unwrap_or_default());
        Stretch::of(last_ms, word("from").as_deref(), word("to").as_deref())
    });
    let figures = fetched(
        move || (name.get(), stretch.get()),
        |(name, stretch)| async move {
            let seen = get_live(name.clone(), stretch).await?.and(get_sections(name.clone(), stretch).await?);
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
            {custom_range(move || stretch.with(|s| s.is_up_to_now()), word)}
            <span class="bar-end"><LiveDot /></span>
        </div>
        {loaded(figures, skeleton_cards, move |(deployment, ((first, latest), drawn))| {
            let stretch = stretch.get_untracked();
            view! {
                <DashboardView deployment=deployment first=first latest=latest drawn=drawn stretch=stretch />
            }
            .into_any()
        })}
    }
}

/// From one moment to another; says which, when it is what is shown.
fn custom_range(
    up_to_now: impl Fn() -> bool + Send + Sync + 'static,
    word: impl Fn(&str) -> Option<String> + Copy + Send + Sync + 'static,
) -> AnyView {
    let shown = move || match (up_to_now(), word("from"), word("to")) {
        (false, Some(from), Some(to)) => {
            let plain = |text: String| text.chars().take(16).collect::<String>().replace('T', " ");
            format!("{} – {} UTC", plain(from), plain(to))
        }
        _ => "Other range".to_owned(),
    };
    let second = |key: &'static str| move || word(key).map(|text| text.chars().take(16).collect::<String>());
    view! {
        <details class="menu" name="menu">
            <summary class="button">{shown}</summary>
            <form class="menu-list menu-wide between" method="get">
                <label>"From (UTC)"<input class="field" type="datetime-local" name="from" required value=second("from") /></label>
                <label>"To (UTC)"<input class="field" type="datetime-local" name="to" required value=second("to") /></label>
                <button class="button button-main">"Show"</button>
            </form>
        </details>
    }
    .into_any()
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
