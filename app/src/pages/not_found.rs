//! No such page.

use crate::ui::IntoAny;
use crate::{routes::Route, ui::empty};
use leptos::prelude::*;
use leptos_meta::Title;

/// Says so, and where to go.
#[component]
pub fn NotFound() -> impl IntoView {
    view! { <main id="main" class="door"><h1 class="visually-hidden">"Not found"</h1>{nothing_here()}</main> }
}

/// The same within another page.
pub fn nothing_here() -> AnyView {
    #[cfg(feature = "ssr")]
    crate::request::set_status(domain::fault::ErrorKind::NotFound);
    let way = view! { <a class="button" href=Route::Deployments.href()>"To the deployments"</a> };
    let words = "The address may be mistyped, or what it showed was deleted.";
    view! {
        <Title text="Not found" />
        {empty("There is no such page", words, way.into_any())}
    }
    .into_any()
}
