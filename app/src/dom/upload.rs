//! Files that a person drops or chooses, and sending one.

use crate::answers::{Refusal, refusal};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DragEvent, Event, File, FileList, FormData, HtmlInputElement, RequestInit, Response, Url,
};

/// A file that a person gave.
#[derive(Clone)]
pub struct ChosenFile {
    /// What it is called where it came from.
    pub name: String,
    file: File,
}

fn listed(files: Option<FileList>) -> Vec<ChosenFile> {
    let files = files.map(|list| (0..list.length()).filter_map(|i| list.get(i)).collect::<Vec<_>>());
    files.unwrap_or_default().into_iter().map(|file| ChosenFile { name: file.name(), file }).collect()
}

/// The files that were dropped; the browser does not open them.
#[must_use]
pub fn dropped_by(event: &DragEvent) -> Vec<ChosenFile> {
    event.prevent_default();
    listed(event.data_transfer().and_then(|data| data.files()))
}

/// The files that were chosen in a field, which is then empty again.
#[must_use]
pub fn chosen_by(event: &Event) -> Vec<ChosenFile> {
    let Some(field) = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else {
        return Vec::new();
    };
    let files = listed(field.files());
    field.set_value("");
    files
}

/// An address under which this page can show the file.
#[must_use]
pub fn picture_url(chosen: &ChosenFile) -> Option<String> {
    let blob: &Blob = chosen.file.as_ref();
    Url::create_object_url_with_blob(blob).ok()
}

/// Posts the file under its name to `url` and gives the answer's text.
///
/// # Errors
/// What the server said, or that it cannot be reached.
pub async fn send(url: &str, chosen: &ChosenFile) -> Result<String, Refusal> {
    let away = |_: JsValue| Refusal {
        title: "Not sent".to_owned(),
        detail: "The server cannot be reached. Check the connection and try again.".to_owned(),
    };
    let form = FormData::new().map_err(away)?;
    form.append_with_blob_and_filename("media", &chosen.file, &chosen.name).map_err(away)?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&form);
    let window = web_sys::window().ok_or(JsValue::NULL).map_err(away)?;
    let answer = JsFuture::from(window.fetch_with_str_and_init(url, &request)).await.map_err(away)?;
    let answer: Response = answer.dyn_into().map_err(away)?;
    let body = JsFuture::from(answer.text().map_err(away)?).await.map_err(away)?;
    let text = body.as_string().unwrap_or_default();
    if answer.ok() { Ok(text) } else { Err(refusal(&text, answer.status())) }
}
