//! What a page asks the server for: fetched on the server before the page is
//! sent, woken with it, and fetched again when its source changes.

use super::{
    IntoAny,
    states::{fault, fault_head, fault_page},
};
use crate::{
    error::{AppError, AppResult},
    packed::{Packed, packed},
};
use leptos::{prelude::*, reactive::computed::ScopedFuture};
use serde::{Serialize, de::DeserializeOwned};
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
        whole(),
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
    let page = move |text: Packed<()>| match text.recast::<T>().open() {
        Ok(value) => view(value),
        Err(error) => fault_page(&error),
    };
    region(fetched.inner, whole(), waiting, Arc::new(page), fault_page)
}

/// The same for the head of a page whose body waits for it too, and says more
/// of what went wrong.
pub fn loaded_head<T: DeserializeOwned + 'static>(
    fetched: Fetched<T>,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let head = move |text: Packed<()>| match text.recast::<T>().open() {
        Ok(value) => view(value),
        Err(error) => fault_head(&error),
    };
    region(fetched.inner, whole(), || ().into_any(), Arc::new(head), fault_head)
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
    quiet_region(fetched.inner, whole(), view)
}

/// The same for what needs only a part of what is fetched: while the rest
/// changes it is left as it is, with all that was opened, typed and dropped
/// there.
pub fn loaded_part_quietly<T, P>(
    fetched: Fetched<T>,
    part: fn(T) -> P,
    view: impl Fn(P) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: DeserializeOwned + 'static,
    P: Serialize + DeserializeOwned + 'static,
{
    let part =
        move |text: Packed<()>| -> Text { packed(&part(text.recast::<T>().open()?)).map(Packed::recast) };
    quiet_region(fetched.inner, Arc::new(part), view)
}

/// The same for what is read elsewhere, by code that may not be loaded yet.
pub fn loaded_packed<T: 'static>(
    fetched: Fetched<T>,
    view: impl Fn(Packed<T>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let view = Arc::new(move |text: Packed<()>| view(text.recast()));
    region(fetched.inner, whole(), || ().into_any(), view, |_| ().into_any())
}

fn quiet_region<P: DeserializeOwned + 'static>(
    inner: Resource<Text>,
    part: PartOf,
    view: impl Fn(P) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    region(
        inner,
        part,
        || ().into_any(),
        Arc::new(move |text| text.recast::<P>().open().map_or_else(|_| ().into_any(), &view)),
        |_| ().into_any(),
    )
}

type ViewOf = Arc<dyn Fn(Packed<()>) -> AnyView + Send + Sync>;
/// What a region shows of what was fetched.
type PartOf = Arc<dyn Fn(Packed<()>) -> Text + Send + Sync>;

fn whole() -> PartOf {
    Arc::new(Ok)
}

fn region(
    inner: Resource<Text>,
    part: PartOf,
    waiting: fn() -> AnyView,
    view: ViewOf,
    failed: fn(&AppError) -> AnyView,
) -> AnyView {
    view! {
        <Transition fallback=waiting>
            {move || {
                let (part, view) = (Arc::clone(&part), Arc::clone(&view));
                Suspend::new(async move {
                    // Not followed here: an answer that is the same renders nothing.
                    let text = ScopedFuture::new_untracked(inner.into_future()).await;
                    let shown = text.and_then(&*part);
                    follow_others(inner, part, shown.clone());
                    match shown {
                        Ok(text) => view(text),
                        Err(error) => failed(&error),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// Has the region rendered again when something else than `shown` is there.
/// Each rendering lets go of the signals of the one before it, and with them
/// of all that a person did there; most of what is fetched again has not
/// changed.
fn follow_others(inner: Resource<Text>, part: PartOf, shown: Text) {
    // The server renders once.
    if cfg!(feature = "hydrate") {
        let is_other = Memo::new(move |_| {
            let text = inner.try_get().flatten();
            text.is_some_and(|text| text.and_then(&*part) != shown)
        });
        // A memo that was never asked for follows nothing.
        is_other.with(|_| ());
    }
}
