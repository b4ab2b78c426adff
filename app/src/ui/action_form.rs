//! A form that calls a server function, by the browser itself where there are
//! no scripts. As leptos' own, but for two things: it knows the base path, and
//! what it sends and hears is text to it, so that the browser has its code
//! once and not once a server function.

use super::{Content, IntoAny, handler};
use crate::{
    addresses::at,
    dom,
    error::{AppError, AppResult},
    packed::Packed,
};
use leptos::{
    ev::SubmitEvent,
    prelude::*,
    server::ServerActionError,
    server_fn::{ServerFn, error::ServerFnErrorErr, error::ServerFnUrlError},
    task::spawn_local,
};
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// A server function that forms call, and how the last call ended.
pub struct FormAction<F> {
    calls: Calls,
    of: PhantomData<fn() -> F>,
}

impl<F> Clone for FormAction<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for FormAction<F> {}

impl<F: ServerFn<Error = AppError>> FormAction<F> {
    /// Not called yet; or, where there are no scripts, how the call ended that
    /// led to this page.
    #[must_use]
    pub fn new() -> Self {
        Self { calls: Calls::of_page(F::PATH), of: PhantomData }
    }

    /// What it answered.
    #[must_use]
    pub fn answer(self) -> Option<AppResult<F::Output>>
    where
        F::Output: DeserializeOwned,
    {
        Some(self.calls.answer.get()?.and_then(|text| text.recast().open()))
    }
}

impl<F> FormAction<F> {
    /// Whether it went well.
    #[must_use]
    pub fn outcome(self) -> Option<AppResult<()>> {
        Some(self.calls.answer.get()?.map(drop))
    }

    /// Whether it has answered, as it is now.
    #[must_use]
    pub fn is_answered(self) -> bool {
        self.calls.answer.try_with_untracked(|answer| answer.is_some()).unwrap_or_default()
    }

    /// Whether a call is on its way.
    #[must_use]
    pub fn pending(self) -> Signal<bool> {
        self.calls.pending.into()
    }

    /// How many calls were answered.
    #[must_use]
    pub fn version(self) -> usize {
        self.calls.version.get()
    }

    /// Forgets how the last call ended.
    pub fn clear(self) {
        self.calls.answer.set(None);
    }
}

/// The calls of whatever server function.
#[derive(Clone, Copy)]
struct Calls {
    answer: RwSignal<Option<AppResult<Packed<()>>>>,
    pending: RwSignal<bool>,
    version: RwSignal<usize>,
}

impl Calls {
    fn of_page(path: &str) -> Self {
        let refused = use_context::<ServerActionError>().filter(|error| error.path() == path);
        let refused = refused.map(|error| Err(ServerFnUrlError::<AppError>::decode_err(error.err())));
        Self { answer: RwSignal::new(refused), pending: RwSignal::new(false), version: RwSignal::new(0) }
    }

    fn send(self, url: String, event: &SubmitEvent) {
        let Some(fields) = dom::form_fields(event) else {
            let error = ServerFnErrorErr::Serialization("the form cannot be read".to_owned());
            return self.end(Err(AppError::from_server_fn_error(error)));
        };
        self.pending.set(true);
        spawn_local(async move {
            let answer = dom::post_form(&url, &fields).await;
            self.end(answer);
        });
    }

    /// The page may be gone by then.
    fn end(self, answer: AppResult<Packed<()>>) {
        self.pending.try_set(false);
        self.answer.try_set(Some(answer));
        self.version.try_update(|version| *version += 1);
    }
}

/// The fields are the function's arguments, by name.
#[component]
pub fn ActionForm<F>(
    /// What is called when the form is sent.
    action: FormAction<F>,
    children: Content,
) -> impl IntoView
where
    F: ServerFn<Error = AppError> + 'static,
{
    form(action.calls, at(F::url()), children.view())
}

fn form(calls: Calls, url: String, fields: AnyView) -> AnyView {
    let to = url.clone();
    let send = move |event: SubmitEvent| {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        calls.send(to.clone(), &event);
    };
    view! {
        <form action=url method="post" on:submit=handler(send)>
            {fields}
        </form>
    }
    .into_any()
}
