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
use crate::{
    dom,
    features::{
        dashboard::{DashboardView, LiveDot, RANGES, contents, range_ms},
        drop_zone::{DropZone, Dropped, FOLD},
    },
    routes::Route,
    server_fns::{
        dashboards::{get_live, get_opening_range, get_sections},
        deployments::get_deployment,
    },
    stretch::Stretch,
    ui::{Fetched, IntoAny, Palette, dynamic, fetched, handler, loaded, skeleton_cards},
};
use domain::{deployment::Deployment, learning::Automation, name::Name};
use leptos::prelude::*;

/// Figures and charts, live.
#[component]
pub fn DashboardTab() -> impl IntoView {
    let OpenDeployment { name, .. } = expect_context();
    let query = own_query(Route::Dashboard);
    let word = move |key: &str| query.with(|q| q.get(key));
    // Without a word of the address it opens on what there is.
    let asked = Memo::new(move |_| {
        let last_ms = word("range").and_then(|range| range_ms(&range));
        let stretch =
            Stretch::of(last_ms.unwrap_or_default(), word("from").as_deref(), word("to").as_deref());
        (last_ms.is_some() || !stretch.is_up_to_now()).then_some(stretch)
    });
    let figures = fetched(
        move || (name.get(), asked.get()),
        |(name, asked)| async move {
            let stretch = match asked {
                Some(stretch) => stretch,
                None => Stretch::of(get_opening_range(name.clone()).await?, None, None),
            };
            let seen = get_live(name.clone(), stretch).await?.and(get_sections(name.clone(), stretch).await?);
            Ok(get_deployment(name).await?.and(seen).and(stretch.packed()?))
        },
    );
    loaded(figures, skeleton_cards, move |((deployment, ((first, latest), drawn)), stretch)| {
        view! {
            {range_bar(stretch, word, contents(&drawn))}
            <DashboardView deployment=deployment first=first latest=latest drawn=drawn stretch=stretch />
        }
        .into_any()
    })
}

/// The ranges to choose from, the one that is shown marked, and whether it
/// moves by itself.
fn range_bar(
    stretch: Stretch,
    word: impl Fn(&str) -> Option<String> + Copy + Send + Sync + 'static,
    contents: AnyView,
) -> AnyView {
    let choices: Vec<_> = RANGES
        .into_iter()
        .map(|(word, name)| {
            let current = stretch.is_up_to_now() && range_ms(word) == Some(stretch.last_ms);
            let current = current.then_some("true");
            view! { <a class="segment" href=format!("?range={word}") aria-current=current>{name}</a> }
        })
        .collect();
    view! {
        <div class="bar bar-stays">
            <nav class="segments" aria-label="Range">{choices}</nav>
            {custom_range(move || stretch.is_up_to_now(), word)}
            {contents}
            <span class="bar-end"><LiveDot /></span>
        </div>
    }
    .into_any()
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
        _ => "Other".to_owned(),
    };
    let second = |key: &'static str| move || word(key).map(|text| text.chars().take(16).collect::<String>());
    view! {
        <details class="menu" name="menu">
            <summary class="button">{dynamic(shown)}</summary>
            <form class="menu-list menu-wide between" method="get">
                <label>"From (UTC)"<input class="field" type="datetime-local" name="from" required value=second("from") /></label>
                <label>"To (UTC)"<input class="field" type="datetime-local" name="to" required value=second("to") /></label>
                <button class="button button-main">"Show"</button>
            </form>
        </details>
    }
    .into_any()
}

/// The deployment whose model Fovea runs itself: what the drop zone depends
/// on. It stays while all else changes.
fn runnable((deployment, _): (Deployment, Automation)) -> Option<Name> {
    deployment.champion.runnable.then_some(deployment.name)
}

/// The drop zone, where Fovea runs the model itself and the person may use it.
fn drop_zone(
    deployment: Option<Name>,
    found: Fetched<(Deployment, Automation)>,
    dropped: Dropped,
) -> AnyView {
    let Some(deployment) = deployment else { return ().into_any() };
    let palette = Signal::derive(move || {
        let labels = found.now().map(|(deployment, _)| deployment.champion.labels);
        Palette::new(&labels.unwrap_or_default())
    });
    view! {
        <details
            class="drop-fold alive-only"
            id=FOLD
            open=dropped.is_open()
            on:toggle=handler(move |event| dropped.set_open(dom::is_open(&event)))
        >
            <summary class="button">"Predict an image"</summary>
            <DropZone deployment=deployment palette=palette dropped=dropped />
        </details>
    }
    .into_any()
}
