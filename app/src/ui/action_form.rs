//! A form that calls a server function, by the browser itself where there are
//! no scripts. As leptos' own, but for its address: that one knows no base path.

use crate::{addresses::at, error::AppError};
use leptos::{
    ev::SubmitEvent,
    form::FromFormData,
    prelude::*,
    server_fn::{ServerFn, error::ServerFnErrorErr},
};
use serde::de::DeserializeOwned;

/// The fields are the function's arguments, by name.
#[component]
pub fn ActionForm<F>(
    /// What is dispatched when the form is sent.
    action: ServerAction<F>,
    children: Children,
) -> impl IntoView
where
    F: ServerFn<Error = AppError> + DeserializeOwned + Clone + Send + Sync + 'static,
    F::Output: Send + Sync + 'static,
{
    let (version, value) = (action.version(), action.value());
    let send = move |event: SubmitEvent| {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        match F::from_event(&event) {
            Ok(arguments) => {
                action.dispatch(arguments);
            }
            Err(error) => {
                let error = ServerFnErrorErr::Serialization(error.to_string());
                value.set(Some(Err(AppError::from_server_fn_error(error))));
                version.update(|version| *version += 1);
            }
        }
    };
    view! {
        <form action=at(F::url()) method="post" on:submit=send>
            {children()}
        </form>
    }
}
