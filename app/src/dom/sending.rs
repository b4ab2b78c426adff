//! Sending a file with its progress, giving it up, and what else is asked of
//! the API as JSON.

use super::{
    BrowserValue, ChosenFile,
    exchange::{accepted, away},
    listen::listen,
};
use crate::answers::{Refusal, refusal};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, File, Headers, ProgressEvent, RequestInit, Response, XmlHttpRequest, js_sys::Array, js_sys::Promise,
};

/// A file on its way, to be given up.
#[derive(Clone, Copy)]
pub struct Sending(BrowserValue<XmlHttpRequest>);

impl Sending {
    /// Nothing is on its way yet.
    #[must_use]
    pub fn none() -> Self {
        Self(BrowserValue::empty())
    }

    /// Gives up what is on its way; its answer is a refusal.
    pub fn give_up(self) {
        // There is nothing to say of a request that cannot be ended.
        let _ = self.0.with(|request| request.abort());
    }

    /// Posts the file as it is to `url`, says what share of it has gone, and
    /// gives the answer's text.
    ///
    /// # Errors
    /// What the server said, that it cannot be reached, or that it was given up.
    pub async fn post(
        self,
        url: &str,
        file: &ChosenFile,
        progress: impl Fn(f64) + 'static,
    ) -> Result<String, Refusal> {
        let failed = |_: JsValue| away();
        let request = XmlHttpRequest::new().map_err(failed)?;
        request.open("POST", url).map_err(failed)?;
        request.set_request_header("Content-Type", "application/octet-stream").map_err(failed)?;
        let upload = request.upload().map_err(failed)?;
        let _listener = listen(
            upload.as_ref(),
            "progress",
            Box::new(move |event| {
                if let Some(event) = event.dyn_ref::<ProgressEvent>()
                    && event.length_computable()
                    && event.total() > 0.0
                {
                    progress(event.loaded() / event.total());
                }
            }),
        );
        let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
        request.send_with_opt_blob(Some(file.blob())).map_err(failed)?;
        self.0.set(request.clone());
        JsFuture::from(ended).await.map_err(failed)?;
        let status = request.status().unwrap_or_default();
        let text = request.response_text().ok().flatten().unwrap_or_default();
        match status {
            0 => Err(away()),
            200..=299 => Ok(text),
            _ => Err(refusal(&text, status)),
        }
    }
}

/// Asks the API with a method and, if it is not empty, a body of JSON.
///
/// # Errors
/// What the server said, or that it cannot be reached.
pub async fn ask(method: &str, url: &str, json: &str) -> Result<String, Refusal> {
    let request = RequestInit::new();
    request.set_method(method);
    if !json.is_empty() {
        let headers = Headers::new().map_err(|_| away())?;
        headers.set("Content-Type", "application/json").map_err(|_| away())?;
        request.set_headers(&headers);
        request.set_body(&JsValue::from_str(json));
    }
    accepted(url, &request, away).await
}

/// A file that the server has, as if it had been chosen.
///
/// # Errors
/// What the server said, or that it cannot be reached.
pub async fn fetch_file(url: &str, name: &str) -> Result<ChosenFile, Refusal> {
    let failed = |_: JsValue| away();
    let window = web_sys::window().ok_or_else(away)?;
    let answer: Response =
        JsFuture::from(window.fetch_with_str(url)).await.map_err(failed)?.dyn_into().map_err(failed)?;
    if !answer.ok() {
        return Err(refusal("", answer.status()));
    }
    let blob: Blob =
        JsFuture::from(answer.blob().map_err(failed)?).await.map_err(failed)?.dyn_into().map_err(failed)?;
    let file = File::new_with_blob_sequence(&Array::of1(&blob), name).map_err(failed)?;
    Ok(ChosenFile::of(file))
}
