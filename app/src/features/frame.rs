//! The frame around every page: navigation, who is signed in, how the feed is.

use crate::ui::IntoAny;
use crate::{
    addresses, dom,
    live::{Connection, Live, Told, on_live, provide_live, throttled},
    server_fns::session::get_session,
    signed_in,
    ui::{Fetched, Icon, ThemeButton, fetched, icon, loaded},
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
        let next = crate::request::path_and_query().unwrap_or_else(|| "/".to_owned());
        leptos_axum::redirect(&addresses::sign_in(&next));
        return ().into_any();
    }
    provide_live();
    let session = fetched(|| (), |()| get_session());
    signed_in::provide(session);
    let again = throttled(Duration::from_secs(1), move || session.again());
    on_live(move |told| match told {
        Told::Refetch | Told::Event(Event::DeploymentChanged { .. } | Event::ExperimentChanged { .. }) => {
            again();
        }
        Told::Event(_) => {}
    });
    let Live(connection) = expect_context();
    Effect::new(move |_| {
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
    let Live(connection) = expect_context();
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
        <a class="brand" href="/">{icon(Icon::Mark)}"Fovea"</a>
        {loaded(session, || view! { <div class="skeleton skeleton-nav" aria-busy="true"></div> }.into_any(), |session| view_of(&session))}
    }
    .into_any()
}

fn view_of(session: &Session) -> AnyView {
    let NavCounts { deployments, datasets, models, experiments } = session.counts;
    let admin = session.role == Role::Admin;
    let recent: Vec<_> = session
        .recent
        .iter()
        .map(|name| nav_item(name, addresses::deployment(name), None, "recent"))
        .collect();
    let recent = (!recent.is_empty()).then(|| view! { <h2 class="side-head">"Recent"</h2><ul>{recent}</ul> });
    let people = admin.then(|| {
        view! {
            {nav_item("Users and tokens", "/users".into(), None, "/users")}
            {nav_item("Audit", "/audit".into(), None, "/audit")}
        }
    });
    view! {
        <ul>
            {nav_item("Deployments", "/".into(), Some(deployments), "/deployments")}
            {nav_item("Datasets", "/datasets".into(), Some(datasets), "/datasets")}
            {nav_item("Models", "/models".into(), Some(models), "/models")}
            {nav_item("Experiments", "/experiments".into(), Some(experiments), "/experiments")}
        </ul>
        {recent}
        <ul class="side-end">
            {people}
            <li><a class="side-link" href="/api/docs" rel="external">"API"</a></li>
        </ul>
        <div class="side-user">
            <a class="side-name" href="/account" title=format!("{}: your account", session.name)>{session.name.clone()}</a>
            <span class="dim">{session.role.as_str()}</span>
        </div>
        <div class="side-acts">
            <ThemeButton />
            <form method="post" action="/auth/sign-out">
                <button class="button button-bare" type="submit">{icon(Icon::Out)}<span>"Sign out"</span></button>
            </form>
        </div>
    }
    .into_any()
}

fn nav_item(name: &str, href: String, count: Option<usize>, section: &'static str) -> AnyView {
    let path = use_location().pathname;
    let to = href.clone();
    let current = move || {
        let path = path.get();
        let here = match section {
            "recent" => path == to || path.starts_with(&format!("{to}/")),
            "/deployments" => path == "/" || path.starts_with(section) || path.starts_with("/predictions"),
            _ => path.starts_with(section),
        };
        here.then_some("page")
    };
    view! {
        <li>
            <a class="side-link" href=href aria-current=current>
                <span>{name.to_owned()}</span>
                {count.map(|count| view! { <span class="count">{charts::grouped(count as u64)}</span> })}
            </a>
        </li>
    }
    .into_any()
}
