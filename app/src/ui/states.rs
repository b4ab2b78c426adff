//! The looks of a region that has nothing, waits, or failed.

use crate::ui::IntoAny;
use crate::{dom, error::AppError};
use domain::fault::ErrorKind;
use leptos::prelude::*;

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
            view! { <a class="button" href="/sign-in" rel="external">"Sign in again"</a> }.into_any()
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
