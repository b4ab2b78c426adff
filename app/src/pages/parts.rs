//! The program in parts, and the router: a browser first loads what every page
//! needs, and the code of a page when that page is opened. The server has it
//! all. Which pages there are, and where, says `routes`.
//!
//! Nothing outside this module may name a page that is loaded apart, or
//! [`prediction::large_one`]: what is named from elsewhere is loaded with
//! everything.

use super::{pattern::Pattern, prediction};
use crate::{
    addresses::ListState,
    features::frame::Frame,
    routes::{Menu, Part, Route, with_pages},
    ui::IntoAny,
};
use leptos::prelude::*;
use leptos_router::{
    NestedRoute, SsrMode,
    any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute},
};

/// What shows a page, as soon as its code is there.
type Show = fn(Route) -> AnyView;

/// The name of a deployment, and a list of its predictions.
pub type Listed = (String, ListState);

macro_rules! views {
    ($($part:ident $show:ident {
        $($route:ident: $pattern:tt, $title:literal, $menu:expr, $($view:ident)::+;)*
    })*) => {
        $(
            fn $show(route: Route) -> AnyView {
                match route {
                    $(Route::$route => super::$($view)::+().into_any(),)*
                    _ => super::not_found::nothing_here(),
                }
            }
        )*

        #[cfg(not(feature = "hydrate"))]
        fn show_of(part: Part) -> Show {
            match part {
                $(Part::$part => $show,)*
            }
        }
    };
}

with_pages!(views);

/// What the router chooses from: pages without the frame around them, and the
/// frame with the others.
pub fn all_pages() -> AnyNestedRoute {
    let whole = Route::ALL.iter().copied().filter(|route| route.menu() != Menu::Tab);
    let (alone, framed): (Vec<_>, Vec<_>) = whole.partition(|route| route.menu() == Menu::Outside);
    let frame = NestedRoute::new(Pattern(""), Frame).ssr_mode(SsrMode::Async).child(one_of(framed));
    (one_of(alone), frame).into_any_nested_route()
}

/// A page, which is rendered whole before it is sent, so that it can be read
/// without scripts.
fn page(route: Route) -> AnyNestedRoute {
    let page = NestedRoute::new(Pattern(route.pattern()), move || apart(route));
    page.ssr_mode(SsrMode::Async).into_any_nested_route()
}

/// leptos takes at most sixteen routes side by side, so they are put together
/// two by two.
fn one_of(routes: Vec<Route>) -> AnyNestedRoute {
    let one = routes.into_iter().map(page).reduce(|before, next| (before, next).into_any_nested_route());
    one.unwrap_or_else(|| ().into_any_nested_route())
}

#[cfg(not(feature = "hydrate"))]
pub use whole::{apart, large_one};

#[cfg(not(feature = "hydrate"))]
mod whole {
    //! On the server all code is there.

    use super::{Listed, Route, prediction, show_of};
    use crate::{
        features::prediction_details::{Detail, DetailView},
        packed::Packed,
    };
    use leptos::prelude::AnyView;

    /// A page.
    pub fn apart(route: Route) -> AnyView {
        show_of(route.part())(route)
    }

    /// One of a list's predictions, large.
    pub fn large_one(shown: Packed<Option<Detail>>, listed: Listed, looking: DetailView) -> AnyView {
        prediction::large_one(&shown, &listed, looking)
    }
}

#[cfg(feature = "hydrate")]
pub use loading::{apart, large_one, load_at};

#[cfg(feature = "hydrate")]
mod loading {
    //! What was loaded, and the loading of the rest.

    #![allow(unsafe_code, reason = "the split points are calls between modules of WASM")]

    use super::{Listed, Part, Route, Show, prediction};
    use crate::{
        addresses::ListView,
        features::prediction_details::{Detail, DetailView},
        packed::Packed,
        ui::{code_missing, dynamic, skeleton_rows},
    };
    use leptos::{
        prelude::*,
        task::spawn_local,
        wasm_split::{SplitLoaderError, wasm_split},
    };
    use std::sync::{OnceLock, PoisonError, RwLock};

    /// Code that was loaded stays for as long as the program runs.
    static LOADED: RwLock<Vec<(Part, Show)>> = RwLock::new(Vec::new());
    /// Of [`Part::Dashboard`], what shows a prediction on another page.
    static LARGE_ONE: OnceLock<LargeOne> = OnceLock::new();

    type LargeOne = fn(&Packed<Option<Detail>>, &Listed, DetailView) -> AnyView;

    #[wasm_split(dashboard, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn dashboard() -> Result<(Show, LargeOne), SplitLoaderError> {
        Ok((super::dashboard, prediction::large_one))
    }

    #[wasm_split(predictions, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn predictions() -> Result<Show, SplitLoaderError> {
        Ok(super::predictions)
    }

    #[wasm_split(review, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn review() -> Result<Show, SplitLoaderError> {
        Ok(super::review)
    }

    #[wasm_split(closing_the_loop, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn closing_the_loop() -> Result<Show, SplitLoaderError> {
        Ok(super::closing_the_loop)
    }

    #[wasm_split(records, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn records() -> Result<Show, SplitLoaderError> {
        Ok(super::records)
    }

    #[wasm_split(learning, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn learning() -> Result<Show, SplitLoaderError> {
        Ok(super::learning)
    }

    fn loaded(part: Part) -> Option<Show> {
        let loaded = LOADED.read().unwrap_or_else(PoisonError::into_inner);
        loaded.iter().find(|(one, _)| *one == part).map(|(_, show)| *show)
    }

    async fn load(part: Part) -> Result<(), SplitLoaderError> {
        if loaded(part).is_some() {
            return Ok(());
        }
        let show = match part {
            Part::Core => super::core_pages,
            Part::Dashboard => {
                let (pages, large_one) = dashboard().await?;
                // Two may have waited for it.
                let _ = LARGE_ONE.set(large_one);
                pages
            }
            Part::Predictions => predictions().await?,
            Part::Review => review().await?,
            Part::Loop => closing_the_loop().await?,
            Part::Records => records().await?,
            Part::Learning => learning().await?,
        };
        LOADED.write().unwrap_or_else(PoisonError::into_inner).push((part, show));
        Ok(())
    }

    /// Loads what the page at an address needs before it is woken: what the
    /// server sent can then be taken over in one go. Without it, it cannot.
    pub async fn load_at(address: &str) -> Result<(), SplitLoaderError> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let Some(route) = Route::of(path) else { return Ok(()) };
        load(route.part()).await?;
        let large = format!("view={}", ListView::Details.as_str());
        if route == Route::Predictions && query.split('&').any(|pair| pair == large) {
            load(Part::Dashboard).await?;
        }
        Ok(())
    }

    /// A page, as soon as its code is there.
    pub fn apart(route: Route) -> AnyView {
        let part = route.part();
        if part == Part::Core {
            return super::core_pages(route);
        }
        when_loaded(part, "This page", Box::new(move || loaded(part).map(|show| show(route))))
    }

    /// One of a list's predictions, large, as soon as the code for it is there.
    pub fn large_one(shown: Packed<Option<Detail>>, listed: Listed, looking: DetailView) -> AnyView {
        let show = move || LARGE_ONE.get().map(|large_one| large_one(&shown, &listed, looking));
        when_loaded(Part::Dashboard, "This prediction", Box::new(show))
    }

    fn when_loaded(part: Part, what: &'static str, show: Box<dyn Fn() -> Option<AnyView> + Send>) -> AnyView {
        if let Some(view) = show() {
            return view;
        }
        let came = RwSignal::new(None);
        spawn_local(async move {
            // The page may be left by then.
            came.try_set(Some(load(part).await.is_ok()));
        });
        dynamic(move || match came.try_get().flatten() {
            None => skeleton_rows(),
            Some(true) => show().unwrap_or_else(|| code_missing(what)),
            Some(false) => code_missing(what),
        })
    }
}
