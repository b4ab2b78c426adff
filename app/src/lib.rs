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
mod base_path;
mod dom;
mod effect;
mod error;
mod features;
#[cfg(feature = "ssr")]
mod frame_data;
mod how_to_send;
mod json;
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
mod routes;
#[cfg(feature = "ssr")]
mod sections;
mod server_fns;
mod signed_in;
mod stretch;
mod theme;
mod ui;
mod wire;

pub use addresses::{BasePath, base_path_of};
pub use error::AppError;
#[cfg(feature = "ssr")]
pub use request::provide_addresses;
pub use theme::Theme;
pub use wire::*;

use addresses::base;
use features::predictions::provide_last_list_position;
use leptos::{children::ToChildren, prelude::*};
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{Router, Routes, RoutesProps};
use pages::{not_found::NotFound, parts::all_pages};

/// The whole HTML document, for the server.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    #[cfg(feature = "ssr")]
    let (theme, events) = (request::theme(), request::event_position());
    #[cfg(not(feature = "ssr"))]
    let (theme, events) = (theme::Theme::default(), None::<String>);
    let base = base();
    // The browser's half reads it from here.
    let data_base = (!base.is_root()).then(|| base.to_string());
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.as_str() data-events=events data-base=data_base>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" type="image/svg+xml" href=base.at("/favicon.svg") />
                <link rel="stylesheet" href=base.at(format!("/{}/{}.css", options.site_pkg_dir, options.output_name)) />
                <HydrationScripts options=options root=base.to_string() />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Every page.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_last_list_position();
    let routes = || {
        Routes(RoutesProps::builder().fallback(NotFound).children(ToChildren::to_children(all_pages)).build())
    };
    view! {
        <Title formatter=tab_title text="" />
        <Router base=base().to_string()>{routes()}</Router>
    }
}

/// Wakes the page that the server sent.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    // Leptos' own executor starts with the page.
    wasm_bindgen_futures::spawn_local(async {
        base_path::take_of_document(dom::base_path());
        let address = dom::here();
        if base().strip(&dom::path()).is_none() {
            // Asked for past the proxy: the router knows pages below the base only.
            dom::leave_for(&addresses::at(address));
            return;
        }
        if pages::parts::load_at(&address).await.is_err() {
            leptos::mount::mount_to_body(ui::asleep);
            return;
        }
        leptos::mount::hydrate_body(App);
        dom::mark_alive();
        dom::refuse_stray_drops();
    });
}

/// What the browser's tab shows. The server writes it into the document as it
/// is, so there it must be escaped; the browser sets it as text.
fn tab_title(text: String) -> String {
    let title = if text.is_empty() { "Fovea".to_owned() } else { format!("{text} · Fovea") };
    if cfg!(feature = "ssr") { html_escape::encode_text(&title).into_owned() } else { title }
}
