//! What a form says after it was sent.

use crate::error::AppResult;
use crate::ui::IntoAny;
use leptos::prelude::*;

/// Why it was refused; nothing while it was not.
pub fn form_error(answer: Option<AppResult<()>>) -> AnyView {
    let error = answer.and_then(Result::err);
    error.map(|error| view! { <p class="bad" role="alert">{error.0.message}</p> }).into_any()
}

/// What came of it, beside its button: `done`, or why it was refused.
pub fn form_outcome(answer: Option<AppResult<()>>, done: &'static str) -> AnyView {
    match answer {
        None => ().into_any(),
        Some(Ok(())) => view! { <span class="good" role="status">{done}</span> }.into_any(),
        Some(Err(error)) => view! { <span class="bad" role="alert">{error.0.message}</span> }.into_any(),
    }
}
