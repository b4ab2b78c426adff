//! The predictions of a deployment; the whole state is in the address.

use crate::{
    addresses::{ListState, ListView, use_go},
    error::AppResult,
    features::{
        drop_zone::Dropped,
        prediction_details::{Detail, DetailView, get_detail},
        predictions::{FIRST_PAGE, Predictions, sort_menu, view_switch},
        query_bar::{FIELD, QueryBar},
        saved_views::SavedViews,
    },
    packed::{Packed, packed},
    pages::{
        deployment::OpenDeployment,
        own_query,
        parts::{self, Listed},
    },
    routes::Route,
    server_fns::{deployments::get_deployment, prediction_counts::get_facets, predictions::list_predictions},
    ui::{IntoAny, empty, fetched, follow, loaded, loaded_packed, loaded_part_quietly, skeleton_grid},
    wire::TilePage,
};
use domain::{deployment::Deployment, listing::Facets};
use leptos::prelude::*;
use leptos_router::NavigateOptions;

/// The bar, the list, and the one shown large.
#[component]
pub fn PredictionsTab() -> impl IntoView {
    let OpenDeployment { name, deployment: found } = expect_context();
    let address = own_query(Route::Predictions);
    let state = Memo::new(move |_| address.with(|address| ListState::read(|key| address.get(key))));
    // The list is asked for again when it is another one, and not when the same
    // one is shown otherwise.
    let request = Memo::new(move |old: Option<&Listed>| {
        let now = (name.get(), state.get());
        old.filter(|old| old.0 == now.0 && old.1.is_same_list(&now.1)).cloned().unwrap_or(now)
    });
    let page = fetched(move || request.get(), fetch);
    let large = move || (request.get(), state.with(|s| (s.view == ListView::Details).then_some(s.id)));
    let one = fetched(large, |((name, listed), large)| async move {
        match large {
            Some(id) => fetch_one(name, ListState { id, ..listed }).await,
            None => Ok(Packed::none()),
        }
    });
    let dropped = Dropped::nothing();
    let looking = DetailView::new();
    let go = go(state);
    let search = Callback::new(move |q: String| go.run(state.get_untracked().asking(&q)));
    let href = Callback::new(move |q: String| state.get_untracked().asking(&q).href());
    let kept = state.get_untracked().asking("").parts();
    view! {
        <div class="listing" data-view=follow(move || state.with(|state| state.view.as_str()))>
            <div class="listing-bar">
                <QueryBar
                    deployment=name.get_untracked()
                    asked=Signal::derive(move || state.with(|state| state.q.clone()))
                    kept=kept
                    href=href
                    search=search
                />
                <SavedViews deployment=name.get_untracked() state=state />
                {sort_menu(state)}
                {view_switch(state)}
                {loaded_part_quietly(found, super::runnable, move |name| super::drop_zone(name, found, dropped))}
            </div>
            {loaded(page, skeleton_grid, move |(deployment, (first, counted))| match first {
                Some(first) => {
                    view! {
                        <Predictions
                            deployment=deployment
                            state=state
                            go=go
                            first=first
                            counted=counted
                            query_field=FIELD
                        />
                    }
                    .into_any()
                }
                None => unreadable(),
            })}
            {loaded_packed(one, move |shown| large_one(shown, request.get_untracked(), looking))}
        </div>
    }
}

/// To another state of this page: forward when it is another list or another
/// way to show it, else in place.
fn go(state: Memo<ListState>) -> Callback<ListState> {
    let navigate = use_go();
    Callback::new(move |next: ListState| {
        let replace = state.with_untracked(|now| now.view == next.view && now.is_same_list(&next));
        navigate(&next.href(), NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
    })
}

type ListAnswer = (Option<TilePage>, Option<Facets>);

async fn fetch((name, listed): Listed) -> AppResult<Packed<(Deployment, ListAnswer)>> {
    let deployment = get_deployment(name.clone()).await?;
    // The bar says what is wrong with a query that cannot be read.
    if query::parse(&listed.q).is_err() {
        return Ok(deployment.and(Packed::none().and(Packed::none())));
    }
    let page = list_predictions(name.clone(), packed(&listed.request(FIRST_PAGE))?).await?.some();
    let counted = if listed.counted { get_facets(name, listed.q).await?.some() } else { Packed::none() };
    Ok(deployment.and(page.and(counted)))
}

/// The one that the address names, or the first of the list.
async fn fetch_one(name: String, listed: ListState) -> AppResult<Packed<Option<Detail>>> {
    if let Some(id) = listed.id {
        return Ok(get_detail(id.to_string()).await?.some());
    }
    let first = list_predictions(name, packed(&listed.request(1))?).await?.open()?;
    match first.items.first() {
        Some(tile) => Ok(get_detail(tile.id.to_string()).await?.some()),
        None => Ok(Packed::none()),
    }
}

/// Where none is shown large, the code for it is not loaded either.
fn large_one(shown: Packed<Option<Detail>>, listed: Listed, looking: DetailView) -> AnyView {
    if shown.is_none() {
        return ().into_any();
    }
    view! { <div class="large-one">{parts::large_one(shown, listed, looking)}</div> }.into_any()
}

fn unreadable() -> AnyView {
    let way = view! { <a class="button" href="?">"Show all"</a> }.into_any();
    empty("The query cannot be read", "What is wrong stands below the query, with a way to mend it.", way)
}
