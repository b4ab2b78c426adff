//! The review of one image after the other, on a screen of its own: without
//! the navigation that frames the other pages.

use crate::{
    addresses,
    features::review::ReviewScreen,
    live::provide_live,
    server_fns::reviews::start_review,
    ui::{IntoAny, empty, fetched, loaded, skeleton_cards},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The image that the address names, or the next one to review.
#[component]
pub fn ReviewPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if crate::request::actor().is_none() {
        let next = crate::request::address().unwrap_or_else(|| crate::routes::Route::Deployments.href());
        leptos_axum::redirect(&addresses::sign_in(&next));
        return ().into_any();
    }
    provide_live();
    let (params, query) = (use_params_map(), use_query_map());
    let word = move |name: &'static str| params.with(|params| params.get(name));
    let address_id = Memo::new(move |_| word("id"));
    // The screen moves from image to image by itself: the server is asked once
    // for a deployment, a query and an order.
    let list = Memo::new(move |_| {
        let read = |name| query.with(|query| query.get(name)).unwrap_or_default();
        (word("name").unwrap_or_default(), read("q"), read("sort"))
    });
    let first = address_id.get_untracked();
    let start =
        fetched(move || list.get(), move |(name, q, sort)| start_review(name, first.clone(), q, sort));
    let screen = loaded(start, skeleton_cards, move |start| {
        let (name, q, sort) = list.get_untracked();
        match start.subject.clone() {
            Some(subject) => {
                view! { <ReviewScreen start=start subject=subject q=q sort=sort address_id=address_id /> }
                    .into_any()
            }
            None => nothing(&addresses::predictions(&name, &q, &sort)),
        }
    });
    view! {
        <a class="skip" href="#main">"Skip to the content"</a>
        <main id="main" class="review-page" tabindex="-1">{screen}</main>
    }
    .into_any()
}

fn nothing(back: &str) -> AnyView {
    let links = view! { <a class="button" href=back.to_owned()>"Back to the predictions"</a> }.into_any();
    let advice = "Every image of this query is reviewed, or somebody else is reviewing it.";
    view! {
        <Title text="Review" />
        <h1 class="visually-hidden">"Review"</h1>
        {empty("Nothing to review", advice, links)}
    }
    .into_any()
}
