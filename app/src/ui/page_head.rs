//! The head of a page: where it lies, what it is called.

use super::Content;
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
    children: Option<Content>,
) -> impl IntoView {
    let crumb = above.map(|above| view! { <a class="crumb" href=above.href()>{above.title()}</a> });
    view! {
        <Title text=title.clone() />
        <header class="page-head">
            {crumb}
            <div class="page-title">
                <h1>{title}</h1>
                {children.map(Content::view)}
            </div>
        </header>
    }
}

/// A text that changes, for the head of a page. The head is written after the
/// body: by then a rendering that was begun anew has let go of its signals, and
/// the text is what it was at first.
pub fn outliving(text: Signal<String>) -> impl Fn() -> String + Send + Sync + 'static {
    let first = text.get_untracked();
    move || text.try_get().unwrap_or_else(|| first.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_head_outlives_the_rendering_that_wrote_it() {
        let owner = Owner::new();
        let (name, text) = owner.with(|| {
            let name = RwSignal::new("cells-1.png".to_owned());
            (name, outliving(Signal::derive(move || format!("Review {}", name.get()))))
        });
        name.set("cells-2.png".to_owned());
        assert_eq!(text(), "Review cells-2.png");
        owner.cleanup();
        assert_eq!(text(), "Review cells-1.png");
    }
}
