//! A deployment: its head, its tabs, and the tab that is open.

use super::parts::{Page, apart};
use crate::ui::IntoAny;
use crate::{
    addresses,
    live::{Told, on_live},
    server_fns::deployments::get_deployment,
    ui::{PageHead, Tone, fetched, loaded_head, pill},
};
use domain::{deployment::Deployment, event::Event};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Which tab is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Dashboard,
    Predictions,
    Feedback,
    Learning,
    Settings,
    Unknown,
}

const TABS: [(Tab, &str, &str); 5] = [
    (Tab::Dashboard, "Dashboard", ""),
    (Tab::Predictions, "Predictions", "/predictions"),
    (Tab::Feedback, "Feedback loop", "/feedback"),
    (Tab::Learning, "Learning", "/learning"),
    (Tab::Settings, "Settings", "/settings"),
];

fn tab_of(word: Option<&str>) -> Tab {
    let Some(word) = word.filter(|word| !word.is_empty()) else { return Tab::Dashboard };
    TABS.iter()
        .find(|(_, _, path)| path.trim_start_matches('/') == word)
        .map_or(Tab::Unknown, |(tab, ..)| *tab)
}

/// Head and tabs stay while tabs change.
#[component]
pub fn DeploymentPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|p| p.get("name")).unwrap_or_default());
    let tab = Memo::new(move |_| tab_of(params.with(|p| p.get("tab")).as_deref()));
    let found = fetched(move || name.get(), get_deployment);
    on_live(move |told| {
        let ours = |id| found.now().is_some_and(|deployment| deployment.id == id);
        if matches!(told, Told::Event(Event::DeploymentChanged { id }) if ours(*id)) {
            found.again();
        }
    });
    view! {
        {loaded_head(found, move |deployment| head(&deployment, tab))}
        <div class="page-body">
            {move || match tab.get() {
                Tab::Dashboard => apart(Page::Dashboard(name)),
                Tab::Predictions => apart(Page::Predictions(name, found)),
                Tab::Feedback => apart(Page::Feedback(name)),
                Tab::Learning => apart(Page::Learning(name)),
                Tab::Settings => apart(Page::Settings(name)),
                Tab::Unknown => super::not_found::nothing_here(),
            }}
        </div>
    }
}

fn head(deployment: &Deployment, tab: Memo<Tab>) -> AnyView {
    let shadow = deployment.shadow.as_ref().map(|s| pill(Tone::Quiet, format!("shadow {}", s.name)));
    let reported = (!deployment.champion.runnable).then(|| pill(Tone::Quiet, "reports only"));
    let base = addresses::deployment(deployment.name.as_str());
    let tabs: Vec<_> = TABS
        .into_iter()
        .map(|(this, name, path)| {
            let current = move || (tab.get() == this).then_some("page");
            view! { <a class="tab" href=format!("{base}{path}") aria-current=current>{name}</a> }
        })
        .collect();
    let title = deployment.name.as_str().to_owned();
    let champion = pill(Tone::Accent, deployment.champion.name.clone());
    view! {
        <div class="head-with-tabs">
            <PageHead title=title above=("Deployments", "/")>{champion}{shadow}{reported}</PageHead>
            <nav class="tabs" aria-label="Parts of this deployment">{tabs}</nav>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_are_named_by_the_address() {
        let read = [
            None,
            Some("predictions"),
            Some("feedback"),
            Some("learning"),
            Some("settings"),
            Some("nonsense"),
        ]
        .map(tab_of);
        let wanted =
            [Tab::Dashboard, Tab::Predictions, Tab::Feedback, Tab::Learning, Tab::Settings, Tab::Unknown];
        assert_eq!(read, wanted);
    }
}
