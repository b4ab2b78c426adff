//! The looks of a region that has nothing, waits, or failed.

use super::{IntoAny, handler, page_head::PageHead};
use crate::{dom, error::AppError, routes::Route};
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

/// What a page says to those who may look but not do.
#[must_use]
pub fn admins_only(what: &str) -> AnyView {
    let words = "Ask an administrator, or look at what is there already.";
    empty(
        what,
        words,
        view! { <a class="button" href=Route::Deployments.href()>"To the deployments"</a> }.into_any(),
    )
}

/// What went wrong with a whole page: its head says so.
#[must_use]
pub fn fault_page(error: &AppError) -> AnyView {
    view! {
        <div class="head-plain">{fault_head(error)}</div>
        <div class="page-body">{error_panel(error, ().into_any())}</div>
    }
    .into_any()
}

/// The head of a page that is not there.
#[must_use]
pub fn fault_head(error: &AppError) -> AnyView {
    view! { <PageHead title=error.kind().title() above=Route::Deployments /> }.into_any()
}

/// What went wrong, and what to try.
#[must_use]
pub fn fault(error: &AppError) -> AnyView {
    error_panel(error, view! { <h2>{error.kind().title()}</h2> }.into_any())
}

fn error_panel(error: &AppError, heading: AnyView) -> AnyView {
    #[cfg(feature = "ssr")]
    crate::request::set_status(error.kind());
    let way_out = match error.kind() {
        ErrorKind::Unauthenticated => {
            view! { <a class="button" href=Route::SignIn.href() rel="external">"Sign in again"</a> }
                .into_any()
        }
        ErrorKind::NotFound => {
            view! { <a class="button" href=Route::Deployments.href()>"To the deployments"</a> }.into_any()
        }
        ErrorKind::Forbidden => ().into_any(),
        _ => try_again(),
    };
    let place = error.0.place.clone().map(|place| view! { <p class="dim">{place}</p> });
    view! {
        <section class="empty fault" role="alert">
            {heading}
            <p>{error.0.message.clone()}</p>
            {place}
            {way_out}
        </section>
    }
    .into_any()
}

fn try_again() -> AnyView {
    view! {
        <button class="button alive-only" type="button" on:click=handler(|_| dom::leave_for(&dom::here()))>
            "Try again"
        </button>
    }
    .into_any()
}

/// What stands where code was to be loaded and did not come.
#[cfg(feature = "hydrate")]
#[must_use]
pub fn code_missing(what: &str) -> AnyView {
    view! {
        <section class="empty fault" role="alert">
            <h2>{format!("{what} could not be loaded")}</h2>
            <p>"The server does not answer, or was renewed."</p>
            {try_again()}
        </section>
    }
    .into_any()
}

/// What stands above a page as the server sent it, when the code for it did
/// not come: links lead on and forms are sent, and what needs code is still.
#[cfg(feature = "hydrate")]
#[must_use]
pub fn asleep() -> AnyView {
    view! {
        <p class="banner banner-asleep" role="alert">
            "A part of this page could not be loaded. It can be read, but not everything answers. "
            <a href=dom::here()>"Load it again"</a>
        </p>
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
