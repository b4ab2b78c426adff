//! The pages: each reads its address, asks for its data, and puts features
//! together. No more.

pub mod account;
pub mod audit;
pub mod compare;
pub mod connections;
pub mod dataset;
pub mod dataset_import;
pub mod datasets;
pub mod deploy;
pub mod deployment;
pub mod deployment_tabs;
pub mod deployments;
pub mod experiment;
pub mod experiments;
pub mod explain;
pub mod launch;
pub mod model;
pub mod models;
pub mod not_found;
pub mod parts;
mod pattern;
pub mod prediction;
pub mod review;
pub mod setup;
pub mod sign_in;
pub mod users;

use crate::routes::Route;
use domain::page::PageRequest;
use leptos::prelude::{AnyView, ClassAttribute, ElementChild, Get, Memo, With, view};
use leptos_router::{hooks::use_location, location::Location, params::ParamsMap};

/// The page of a list that an address asks for.
pub(crate) fn page_request(query: &ParamsMap, limit: u32) -> PageRequest {
    PageRequest { limit: Some(limit), cursor: query.get("cursor") }
}

/// The query of the address, as long as its path is of the page that asks: on
/// the way to another page, what is still shown must not follow that one's.
pub(crate) fn own_query(page: Route) -> Memo<ParamsMap> {
    let Location { pathname, query, .. } = use_location();
    Memo::new(move |old: Option<&ParamsMap>| {
        let stays = old.filter(|_| !pathname.with(|path| Route::of(path) == Some(page)));
        stays.cloned().unwrap_or_else(|| query.get())
    })
}

/// A link to the next page of a list.
pub(crate) fn next_link(next: Option<String>) -> Option<AnyView> {
    use crate::ui::IntoAny;
    let href = format!("?cursor={}", crate::addresses::escaped(&next?));
    Some(view! { <p class="grid-end"><a class="button" href=href rel="next">"More"</a></p> }.into_any())
}
