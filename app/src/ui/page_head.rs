//! The head of a page: where it lies, what it is called.

use leptos::prelude::*;
use leptos_meta::Title;

/// A step on the way here: its name and its address.
pub type Crumb = (&'static str, &'static str);

/// Where the page lies, its name, and what stands beside it.
#[component]
pub fn PageHead(
    /// The page's name; also the tab's.
    #[prop(into)]
    title: String,
    /// The page above this one.
    #[prop(optional, into)]
    above: Option<Crumb>,
    /// Pills and buttons beside the name.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let crumb = above.map(|(name, href)| view! { <a class="crumb" href=href>{name}</a> });
    view! {
        <Title text=title.clone() />
        <header class="page-head">
            {crumb}
            <div class="page-title">
                <h1>{title}</h1>
                {children.map(|children| children())}
            </div>
        </header>
    }
}
