//! One prediction.

use crate::{
    addresses::{ListState, review_among},
    features::prediction_details::{Detail, DetailView, PredictionDetails, get_detail},
    live::{LiveUpdate, on_live},
    packed::Packed,
    routes::Route,
    ui::{IntoAny, PageHead, fetched, loaded_page, skeleton_cards},
};
use domain::{event::Event, listing::SortOrder};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Its image, its boxes, its facts.
#[component]
pub fn PredictionPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    let resource = fetched(move || id.get(), get_detail);
    on_live(move |update| {
        let ours = |id| resource.now().is_some_and(|detail| detail.prediction.id == id);
        if matches!(update, LiveUpdate::Event(Event::PredictionChanged { id, .. }) if ours(*id)) {
            resource.again();
        }
    });
    let looking = DetailView::new();
    loaded_page(resource, skeleton_cards, move |detail| {
        let prediction = &detail.prediction;
        let title = prediction.display_name();
        let name = detail.deployment.name.as_str().to_owned();
        let among = ListState::default().detail(prediction.id).href();
        let among = Route::Predictions.with(&[&name]) + &among;
        let to = review_among(&name, Some(prediction.id), "", SortOrder::default());
        view! {
            <div class="head-plain">
                <PageHead title=title above=Route::Deployments>
                    <a class="button button-bare" href=among>"Among the predictions of "{name}</a>
                </PageHead>
            </div>
            <div class="page-body">
                <PredictionDetails detail=detail review_href=to looking=looking />
            </div>
        }
        .into_any()
    })
}

/// One of a list's predictions, large.
pub fn large_one(
    shown: &Packed<Option<Detail>>,
    (name, listed): &(String, ListState),
    looking: DetailView,
) -> AnyView {
    // What cannot be read is told where the list is.
    let Ok(Some(detail)) = shown.open() else { return ().into_any() };
    let to = review_among(name, Some(detail.prediction.id), &listed.q, listed.sort);
    view! { <PredictionDetails detail=detail review_href=to looking=looking /> }.into_any()
}
