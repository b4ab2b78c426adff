//! A deployment: its head, its tabs, and the tab that is open.

use super::parts::apart;
use crate::{
    live::{LiveUpdate, on_live},
    routes::{Menu, Route},
    server_fns::deployments::{get_automation, get_deployment},
    ui::{Fetched, IntoAny, PageHead, Tone, dynamic, fetched, follow, loaded_head, pill},
};
use domain::{deployment::Deployment, event::Event, learning::Automation};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Typed context of the tabs: the deployment that is open.
#[derive(Clone, Copy)]
pub struct OpenDeployment {
    /// Its name, as the address says.
    pub name: Memo<String>,
    /// As the page's head fetched it.
    pub deployment: Fetched<(Deployment, Automation)>,
}

/// The tab that the address names; [`Route::Deployment`] where there is none of
/// that name.
fn tab_of(name: &str, word: Option<&str>) -> Route {
    let parameters: Vec<&str> = std::iter::once(name).chain(word).collect();
    Route::of(&Route::Deployment.with(&parameters)).unwrap_or(Route::Deployment)
}

/// Head and tabs stay while tabs change.
#[component]
pub fn DeploymentPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|p| p.get("name")).unwrap_or_default());
    let tab = Memo::new(move |_| tab_of(&name.get(), params.with(|p| p.get("tab")).as_deref()));
    let resource = fetched(
        move || name.get(),
        |name| async move { Ok(get_deployment(name.clone()).await?.and(get_automation(name).await?)) },
    );
    provide_context(OpenDeployment { name, deployment: resource });
    on_live(move |update| {
        let ours = |id| resource.now().is_some_and(|(deployment, _)| deployment.id == id);
        if matches!(update, LiveUpdate::Event(Event::DeploymentChanged { id }) if ours(*id)) {
            resource.again();
        }
    });
    view! {
        {loaded_head(resource, move |(deployment, automation)| head(&deployment, automation, tab))}
        <div class="page-body">
            {dynamic(move || match tab.get() {
                Route::Deployment => super::not_found::nothing_here(),
                tab => apart(tab),
            })}
        </div>
    }
}

/// What is on, as links to where it is set.
fn switched_on(deployment: &Deployment, automation: Automation) -> Vec<AnyView> {
    let Automation { feedback, training, deploying } = automation;
    let parts = [
        (feedback, Route::Feedback, "feedback loop"),
        (training, Route::Learning, "continuous training"),
        (deploying, Route::Learning, "continuous deployment"),
    ];
    let link = |(_, route, words): (bool, Route, &'static str)| {
        let href = route.with(&[deployment.name.as_str()]);
        view! { <a class="pill-link" href=href title="is on">{pill(Tone::Good, words)}</a> }.into_any()
    };
    parts.into_iter().filter(|(on, ..)| *on).map(link).collect()
}

fn head(deployment: &Deployment, automation: Automation, tab: Memo<Route>) -> AnyView {
    let shadow = deployment.shadow.as_ref().map(|s| pill(Tone::Quiet, format!("shadow {}", s.name)));
    let reported = (!deployment.champion.runnable).then(|| pill(Tone::Quiet, "reports only"));
    let tabs: Vec<_> = Route::listed(Menu::Tab)
        .map(|this| {
            let current = move || (tab.get() == this).then_some("page");
            let href = this.with(&[deployment.name.as_str()]);
            view! { <a class="tab" href=href aria-current=follow(current)>{this.title()}</a> }
        })
        .collect();
    let title = deployment.name.as_str().to_owned();
    let on = switched_on(deployment, automation);
    let champion = pill(Tone::Accent, deployment.champion.name.clone());
    view! {
        <div class="head-with-tabs">
            <PageHead title=title above=Route::Deployments>{champion}{shadow}{reported}{on}</PageHead>
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
            Some(""),
            Some("predictions"),
            Some("feedback"),
            Some("learning"),
            Some("settings"),
            Some("nonsense"),
        ]
        .map(|word| tab_of("cells", word));
        let wanted = [
            Route::Dashboard,
            Route::Dashboard,
            Route::Predictions,
            Route::Feedback,
            Route::Learning,
            Route::Settings,
            Route::Deployment,
        ];
        assert_eq!(read, wanted);
    }
}
