//! The head of a page: where it lies, what it is called.

use crate::routes::Route;
use leptos::prelude::*;
use leptos_meta::Title;

/// Where the page lies, its name, and what stands beside it.
#[component]
pub fn PageHead(
    /// The page's name; also the tab's.
    #[prop(into)]
    title: String,
    /// The page above this one.
    #[prop(optional, into)]
    above: Option<Route>,
    /// Pills and buttons beside the name.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let crumb = above.map(|above| view! { <a class="crumb" href=above.href()>{above.title()}</a> });
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
