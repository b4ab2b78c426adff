//! The frame around every page: navigation, who is signed in, how the feed is.

use crate::{
    addresses, dom,
    effect::effect,
    live::{Connection, Live, LiveUpdate, on_live, provide_live, throttled},
    routes::{Menu, Route},
    server_fns::session::get_session,
    signed_in,
    ui::{Fetched, Icon, IntoAny, Show, ThemeButton, fetched, follow, icon, loaded},
    wire::{NavCounts, Session},
};
use domain::{access::Role, event::Event, fault::ErrorKind};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{components::Outlet, hooks::use_location};
use std::time::Duration;

/// The frame, with the page inside.
#[component]
pub fn Frame() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if crate::request::actor().is_none() {
        let next = crate::request::address().unwrap_or_else(|| Route::Deployments.href());
        leptos_axum::redirect(&addresses::sign_in(&next));
        return ().into_any();
    }
    provide_live();
    let session = fetched(|| (), |()| get_session());
    signed_in::provide(session);
    let again = throttled(Duration::from_secs(1), move || session.again());
    on_live(move |update| match update {
        LiveUpdate::Refetch
        | LiveUpdate::Event(Event::DeploymentChanged { .. } | Event::ExperimentChanged { .. }) => {
            again();
        }
        LiveUpdate::Event(_) => {}
    });
    let Live { connection, .. } = expect_context();
    effect(move || {
        if connection.get() == Connection::Lost {
            spawn_local(leave_when_signed_out());
        }
    });
    view! {
        <div class="frame">
            <a class="skip" href="#main">"Skip to the content"</a>
            <nav class="side" aria-label="Main">{side(session)}</nav>
            <main id="main" tabindex="-1">
                <Lost />
                <Outlet />
            </main>
        </div>
    }
    .into_any()
}

/// A feed that closes may mean that the session has ended elsewhere.
async fn leave_when_signed_out() {
    if let Err(error) = get_session().await
        && error.kind() == ErrorKind::Unauthenticated
    {
        dom::leave_for(&addresses::sign_in(&dom::here()));
    }
}

/// Says so while the feed is lost.
#[component]
fn Lost() -> impl IntoView {
    let Live { connection, .. } = expect_context();
    view! {
        <div class="banner-place" aria-live="polite">
            <Show when=move || connection.get() == Connection::Lost>
                <p class="banner">"The connection is lost. What you see may be old; reconnecting …"</p>
            </Show>
        </div>
    }
}

fn side(session: Fetched<Session>) -> AnyView {
    view! {
        <a class="brand" href=Route::Deployments.href()>{icon(Icon::Mark)}"Fovea"</a>
        {loaded(session, || view! { <div class="skeleton skeleton-nav" aria-busy="true"></div> }.into_any(), |session| view_of(&session))}
    }
    .into_any()
}

fn view_of(session: &Session) -> AnyView {
    let admin = session.role == Role::Admin;
    let recent: Vec<_> = session.recent.iter().map(|name| recent_item(name)).collect();
    let recent = (!recent.is_empty()).then(|| view! { <h2 class="side-head">"Recent"</h2><ul>{recent}</ul> });
    let main: Vec<_> = Route::listed(Menu::Main).map(|route| menu_item(route, &session.counts)).collect();
    let people = admin.then(|| {
        Route::listed(Menu::Admins).map(|route| menu_item(route, &session.counts)).collect::<Vec<_>>()
    });
    view! {
        <ul>{main}</ul>
        {recent}
        <ul class="side-end">
            {people}
            <li><a class="side-link" href=addresses::at("/docs") rel="external">"Docs"</a></li>
            <li><a class="side-link" href=addresses::at("/api/docs") rel="external">"API"</a></li>
        </ul>
        <div class="side-user">
            <a class="side-name" href=Route::Account.href() title=format!("{}: your account", session.name)>{session.name.clone()}</a>
            <span class="dim">{session.role.as_str()}</span>
        </div>
        <div class="side-acts">
            <ThemeButton />
            <form method="post" action=addresses::at("/auth/sign-out")>
                <button class="button button-bare" type="submit">{icon(Icon::Out)}<span>"Sign out"</span></button>
            </form>
        </div>
    }
    .into_any()
}

/// How many there are of what a page lists.
fn count_of(route: Route, counts: &NavCounts) -> Option<usize> {
    match route {
        Route::Deployments => Some(counts.deployments),
        Route::Datasets => Some(counts.datasets),
        Route::Models => Some(counts.models),
        Route::Experiments => Some(counts.experiments),
        _ => None,
    }
}

fn menu_item(route: Route, counts: &NavCounts) -> AnyView {
    let is_current = move |path: &str| Route::of(path).is_some_and(|shown| shown.entry() == route);
    side_item(route.title(), route.href(), count_of(route, counts), is_current)
}

/// A deployment that was opened lately; current on its tabs.
fn recent_item(name: &str) -> AnyView {
    let to = addresses::deployment(name);
    let below = format!("{to}/");
    side_item(name, to.clone(), None, move |path: &str| path == to || path.starts_with(&below))
}

fn side_item(
    name: &str,
    href: String,
    count: Option<usize>,
    is_current: impl Fn(&str) -> bool + Send + Sync + 'static,
) -> AnyView {
    let path = use_location().pathname;
    let current = move || path.with(|path| is_current(path)).then_some("page");
    view! {
        <li>
            <a class="side-link" href=href aria-current=follow(current)>
                <span>{name.to_owned()}</span>
                {count.map(|count| view! { <span class="count">{charts::grouped(count as u64)}</span> })}
            </a>
        </li>
    }
    .into_any()
}
