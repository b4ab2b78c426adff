//! What a page asks the server for: fetched on the server before the page is
//! sent, woken with it, and fetched again when its source changes.

use super::states::{fault, fault_head, fault_page};
use crate::ui::IntoAny;
use crate::{
    error::{AppError, AppResult},
    packed::Packed,
};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use std::{fmt::Debug, future::Future, marker::PhantomData, pin::Pin, sync::Arc};

type Text = AppResult<Packed<()>>;
type Fetching = Pin<Box<dyn Future<Output = Text> + Send>>;

/// A `T` from the server.
pub struct Fetched<T> {
    inner: Resource<Text>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Fetched<T> {}

/// Fetches by `fetch` what `source` says, now and whenever that changes.
pub fn fetched<S, T, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> F + Send + Sync + 'static,
) -> Fetched<T>
where
    S: Debug + 'static,
    F: Future<Output = AppResult<Packed<T>>> + Send + 'static,
    T: 'static,
{
    let source = Arc::new(source);
    let asked = Arc::clone(&source);
    let key = Box::new(move || format!("{:?}", source()));
    let start = Box::new(move || {
        let coming = fetch(untrack(|| asked()));
        Box::pin(async move { coming.await.map(Packed::recast) }) as Fetching
    });
    Fetched { inner: of_text(key, start), of: PhantomData }
}

fn of_text(
    key: Box<dyn Fn() -> String + Send + Sync>,
    start: Box<dyn Fn() -> Fetching + Send + Sync>,
) -> Resource<Text> {
    Resource::new(key, move |_| start())
}

impl<T: DeserializeOwned> Fetched<T> {
    /// Fetches it again; what is shown stays meanwhile.
    pub fn again(self) {
        self.inner.refetch();
    }

    /// The value, if it is there; follows it.
    #[must_use]
    pub fn followed(self) -> Option<T> {
        let text = self.inner.try_get()??.ok()?;
        text.recast::<T>().open().ok()
    }

    /// The value, if it is there now; does not follow it.
    #[must_use]
    pub fn now(self) -> Option<T> {
        let text = self.inner.try_get_untracked()??.ok()?;
        text.recast::<T>().open().ok()
    }
}

/// The region of something fetched: `waiting` until it is there, then `view`
/// of it, or the fault.
pub fn loaded<T: DeserializeOwned + 'static>(
    fetched: Fetched<T>,
    waiting: fn() -> AnyView,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    region(
        fetched.inner,
        waiting,
        Arc::new(move |text| match text.recast::<T>().open() {
            Ok(value) => view(value),
            Err(error) => fault(&error),
        }),
        fault,
    )
}

/// The same for a region that is the whole page: a fault has the page's head.
pub fn loaded_page<T: DeserializeOwned + 'static>(
    fetched: Fetched<T>,
    waiting: fn() -> AnyView,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let whole = move |text: Packed<()>| match text.recast::<T>().open() {
        Ok(value) => view(value),
        Err(error) => fault_page(&error),
    };
    region(fetched.inner, waiting, Arc::new(whole), fault_page)
}

/// The same for the head of a page whose body waits for it too, and says more
/// of what went wrong.
pub fn loaded_head<T: DeserializeOwned + 'static>(
    fetched: Fetched<T>,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let whole = move |text: Packed<()>| match text.recast::<T>().open() {
        Ok(value) => view(value),
        Err(error) => fault_head(&error),
    };
    region(fetched.inner, || ().into_any(), Arc::new(whole), fault_head)
}

/// The same, with nothing in its place while it is missing: for a region
/// beside another one that waits for it too and says what went wrong.
///
/// A region's view must not fetch or wait for more: the server and the browser
/// would number the parts in different orders. Ask for all that a page needs
/// at its top.
pub fn loaded_quietly<T: DeserializeOwned + 'static>(
    fetched: Fetched<T>,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    region(
        fetched.inner,
        || ().into_any(),
        Arc::new(move |text| text.recast::<T>().open().map_or_else(|_| ().into_any(), &view)),
        |_| ().into_any(),
    )
}

type ViewOf = Arc<dyn Fn(Packed<()>) -> AnyView + Send + Sync>;

fn region(
    inner: Resource<Text>,
    waiting: fn() -> AnyView,
    view: ViewOf,
    failed: fn(&AppError) -> AnyView,
) -> AnyView {
    view! {
        <Transition fallback=waiting>
            {move || {
                let view = Arc::clone(&view);
                Suspend::new(async move {
                    match inner.await {
                        Ok(text) => view(text),
                        Err(error) => failed(&error),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}
