//! What a form says after it was sent.

use crate::error::AppError;
use crate::ui::IntoAny;
use leptos::prelude::*;

/// Why it was refused; nothing while it was not.
pub fn form_error<T>(answer: Option<Result<T, AppError>>) -> AnyView {
    let error = answer.and_then(Result::err);
    error.map(|error| view! { <p class="bad" role="alert">{error.0.message}</p> }).into_any()
}
