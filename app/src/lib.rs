//! The user interface: pages rendered on the server and woken in the browser.
//!
//! Pages put features together, features use the parts of `ui`, and only
//! `dom` knows the browser. What a page shows comes from server functions,
//! which ask the use cases; nothing here decides what is allowed.

#![recursion_limit = "512"]
#![allow(unreachable_pub, reason = "components and their props are public to the macro, not to the world")]
#![allow(clippy::needless_pass_by_value, reason = "a component owns its props")]

mod addresses;
mod answers;
mod dom;
mod error;
mod features;
#[cfg(feature = "ssr")]
mod frame_data;
mod live;
#[cfg(feature = "ssr")]
mod live_data;
mod packed;
mod pages;
#[cfg(feature = "ssr")]
mod parsing;
#[cfg(feature = "ssr")]
mod request;
#[cfg(feature = "ssr")]
mod review_start;
mod review_wire;
#[cfg(feature = "ssr")]
mod sections;
mod server_fns;
mod signed_in;
mod stretch;
mod theme;
mod ui;
mod wire;

pub use error::AppError;
pub use wire::*;

use features::frame::Frame;
use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
use pages::{
    deployment::DeploymentPage,
    deployments::Deployments,
    not_found::NotFound,
    parts::{Page, apart},
    setup::Setup,
    sign_in::SignIn,
};

/// The whole HTML document, for the server.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    #[cfg(feature = "ssr")]
    let (theme, events) = (request::theme(), request::event_position());
    #[cfg(not(feature = "ssr"))]
    let (theme, events) = (theme::Theme::default(), None::<String>);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.as_str() data-events=events>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
                <link rel="stylesheet" href=format!("/{}/{}.css", options.site_pkg_dir, options.output_name) />
                <HydrationScripts options=options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Every page. Each is rendered whole before it is sent, so that it can be
/// read without scripts.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let whole = SsrMode::Async;
    view! {
        <Title formatter=tab_title text="" />
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=SignIn ssr=whole.clone() />
                <Route path=path!("/setup") view=Setup ssr=whole.clone() />
                <Route path=path!("/deployments/:name/review/:id?") view=|| apart(Page::Review) ssr=whole.clone() />
                <ParentRoute path=path!("") view=Frame ssr=whole.clone()>
                    <Route path=path!("/") view=Deployments ssr=whole.clone() />
                    <Route path=path!("/deployments/:name/:tab?") view=DeploymentPage ssr=whole.clone() />
                    <Route path=path!("/predictions/:id") view=|| apart(Page::Prediction) ssr=whole.clone() />
                    <Route path=path!("/datasets") view=|| apart(Page::Datasets) ssr=whole.clone() />
                    <Route path=path!("/datasets/:name/:version") view=|| apart(Page::Dataset) ssr=whole.clone() />
                    <Route path=path!("/models") view=|| apart(Page::Models) ssr=whole.clone() />
                    <Route path=path!("/models/:name/:version") view=|| apart(Page::Model) ssr=whole.clone() />
                    <Route path=path!("/experiments") view=|| apart(Page::Experiments) ssr=whole.clone() />
                    <Route path=path!("/experiments/:name") view=|| apart(Page::Experiment) ssr=whole.clone() />
                    <Route path=path!("/compare") view=|| apart(Page::Compare) ssr=whole.clone() />
                    <Route path=path!("/explain/:name") view=|| apart(Page::Explain) ssr=whole.clone() />
                    <Route path=path!("/deploy") view=|| apart(Page::Deploy) ssr=whole.clone() />
                    <Route path=path!("/train") view=|| apart(Page::Launch) ssr=whole.clone() />
                    <Route path=path!("/account") view=|| apart(Page::Account) ssr=whole.clone() />
                    <Route path=path!("/users") view=|| apart(Page::Users) ssr=whole.clone() />
                    <Route path=path!("/audit") view=|| apart(Page::Audit) ssr=whole />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// Wakes the page that the server sent.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    // Leptos' own executor starts with the page.
    wasm_bindgen_futures::spawn_local(async {
        pages::parts::load_at(&dom::path()).await;
        leptos::mount::hydrate_body(App);
        dom::mark_alive();
    });
}

/// What the browser's tab shows. The server writes it into the document as it
/// is, so there it must be escaped; the browser sets it as text.
fn tab_title(text: String) -> String {
    let title = if text.is_empty() { "Fovea".to_owned() } else { format!("{text} · Fovea") };
    if cfg!(feature = "ssr") {
        title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else {
        title
    }
}
