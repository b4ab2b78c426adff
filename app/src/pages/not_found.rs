//! No such page.

use crate::ui::empty;
use leptos::prelude::*;
use leptos_meta::Title;

/// Says so, and where to go.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::request::set_status(domain::fault::ErrorKind::NotFound);
    let way = view! { <a class="button" href="/">"To the deployments"</a> };
    view! {
        <Title text="Not found" />
        <main id="main" class="door">
            {empty("There is no such page", "The address may be mistyped, or what it showed was deleted.", way.into_any())}
        </main>
    }
}
