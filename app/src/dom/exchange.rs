//! A request to the server, and the text of its answer.

use crate::answers::{Refusal, refusal};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

/// Sends a request, and reads the answer to its end, whatever its status.
///
/// # Errors
/// What the browser says when no answer comes.
pub(super) async fn exchange(url: &str, request: &RequestInit) -> Result<(Response, String), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let answer: Response = JsFuture::from(window.fetch_with_str_and_init(url, request)).await?.dyn_into()?;
    let text = JsFuture::from(answer.text()?).await?;
    Ok((answer, text.as_string().unwrap_or_default()))
}

/// Asks the API, and gives the answer's text.
///
/// # Errors
/// What the server said, or `away` when no answer comes.
pub(super) async fn accepted(
    url: &str,
    request: &RequestInit,
    away: fn() -> Refusal,
) -> Result<String, Refusal> {
    let (answer, text) = exchange(url, request).await.map_err(|_| away())?;
    if answer.ok() { Ok(text) } else { Err(refusal(&text, answer.status())) }
}

/// What is said when a request was not sent, or not answered.
pub(super) fn away() -> Refusal {
    Refusal {
        title: "Not sent".to_owned(),
        detail: "The server cannot be reached. Check the connection and try again.".to_owned(),
    }
}
