//! The looks of a region that has nothing, waits, or failed.

use crate::{
    dom,
    error::{AppError, AppResult},
};
use domain::fault::ErrorKind;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// Nothing here yet: says why, and what to do.
#[must_use]
pub fn empty(title: &str, advice: &str, more: AnyView) -> AnyView {
    view! {
        <section class="empty">
            <h2>{title.to_owned()}</h2>
            <p>{advice.to_owned()}</p>
            {more}
        </section>
    }
    .into_any()
}

/// What went wrong, and what to try.
#[must_use]
pub fn fault(error: &AppError) -> AnyView {
    #[cfg(feature = "ssr")]
    crate::request::set_status(error.kind());
    let way_out = match error.kind() {
        ErrorKind::Unauthenticated => {
            view! { <a class="button" href="/sign-in" rel="external">"Sign in"</a> }.into_any()
        }
        ErrorKind::NotFound => view! { <a class="button" href="/">"To the deployments"</a> }.into_any(),
        ErrorKind::Forbidden => ().into_any(),
        _ => view! {
            <button class="button alive-only" type="button" on:click=|_| dom::leave_for(&dom::here())>
                "Try again"
            </button>
        }
        .into_any(),
    };
    let place = error.0.place.clone().map(|place| view! { <p class="dim">{place}</p> });
    view! {
        <section class="empty fault" role="alert">
            <h2>{error.kind().title()}</h2>
            <p>{error.0.message.clone()}</p>
            {place}
            {way_out}
        </section>
    }
    .into_any()
}

/// The region of a resource: `waiting` until it is there, then `view` of it,
/// or the fault. What is shown stays while it is fetched again.
pub fn loaded<T>(
    resource: Resource<AppResult<T>>,
    waiting: fn() -> AnyView,
    view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    view! {
        <Transition fallback=waiting>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    match resource.await {
                        Ok(value) => view(value),
                        Err(error) => fault(&error),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

fn bones(class: &'static str, count: usize) -> AnyView {
    let bones: Vec<_> = (0..count).map(|_| view! { <div class="bone"></div> }).collect();
    view! { <div class=class aria-busy="true" aria-label="Loading">{bones}</div> }.into_any()
}

/// Cards that are not there yet.
#[must_use]
pub fn skeleton_cards() -> AnyView {
    bones("skeleton skeleton-cards", 6)
}

/// Pictures that are not there yet.
#[must_use]
pub fn skeleton_grid() -> AnyView {
    bones("skeleton skeleton-grid", 20)
}

/// Rows that are not there yet.
#[must_use]
pub fn skeleton_rows() -> AnyView {
    bones("skeleton skeleton-rows", 8)
}
