//! The pages: each reads its address, asks for its data, and puts features
//! together. No more.

pub mod account;
pub mod audit;
pub mod dataset;
pub mod datasets;
pub mod deploy;
pub mod deployment;
pub mod deployment_tabs;
pub mod deployments;
pub mod experiment;
pub mod experiments;
pub mod launch;
pub mod model;
pub mod models;
pub mod not_found;
pub mod parts;
pub mod prediction;
pub mod review;
pub mod setup;
pub mod sign_in;
pub mod users;

use domain::page::PageRequest;
use leptos_router::params::ParamsMap;

/// The page of a list that an address asks for.
pub(crate) fn page_request(query: &ParamsMap, limit: u32) -> PageRequest {
    PageRequest { limit: Some(limit), cursor: query.get("cursor") }
}

/// A link to the next page of a list.
pub(crate) fn next_link(next: Option<String>) -> Option<leptos::prelude::AnyView> {
    use crate::ui::IntoAny;
    use leptos::prelude::*;
    let href = format!("?cursor={}", crate::addresses::escaped(&next?));
    Some(view! { <p class="grid-end"><a class="button" href=href rel="next">"More"</a></p> }.into_any())
}
