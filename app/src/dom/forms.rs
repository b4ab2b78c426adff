//! What stands in a form, and sending it to a server function.

use super::exchange::exchange;
use crate::{
    error::{AppError, AppResult},
    json,
    packed::Packed,
};
use leptos::{
    form::form_data_from_event,
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::{redirect::REDIRECT_HEADER, redirect::call_redirect_hook},
};
use serde::de::IgnoredAny;
use wasm_bindgen::JsValue;
use web_sys::{Headers, RequestInit, SubmitEvent, UrlSearchParams};

/// The fields of a form that is being sent, as `a=1&b=2`, with the button that
/// sent it.
#[must_use]
pub fn form_fields(event: &SubmitEvent) -> Option<String> {
    let fields = form_data_from_event(event).ok()?;
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    fields.to_string().as_string()
}

/// Sends fields to a server function. Where it leads to another page, that is
/// gone to.
///
/// # Errors
/// What the function said, or that the server cannot be reached.
pub async fn post_form(url: &str, fields: &str) -> AppResult<Packed<()>> {
    let away = |_: JsValue| AppError::from_server_fn_error(ServerFnErrorErr::Request(String::new()));
    let headers = Headers::new().map_err(away)?;
    headers.set("Content-Type", "application/x-www-form-urlencoded").map_err(away)?;
    // A form without scripts accepts pages, and is led back to the one it stands on.
    headers.set("Accept", "application/json").map_err(away)?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&JsValue::from_str(fields));
    let (answer, text) = exchange(url, &request).await.map_err(away)?;
    if !answer.ok() {
        return Err(AppError::de(text.into()));
    }
    let not_its_own = |error: serde::de::value::Error| {
        AppError::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string()))
    };
    json::read::<IgnoredAny>(&text).map_err(not_its_own)?;
    if answer.headers().has(REDIRECT_HEADER).unwrap_or_default() {
        let to = answer.headers().get("Location").ok().flatten();
        call_redirect_hook(&to.unwrap_or_else(|| answer.url()));
    }
    Ok(Packed::of_text(text))
}
