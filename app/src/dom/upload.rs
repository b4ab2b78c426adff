//! Files that a person drops or chooses, and sending one.

use super::{
    exchange::{accepted, away},
    listen::{Listener, listen},
};
use crate::answers::Refusal;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DragEvent, Event, File, FileList, FormData, HtmlInputElement, Node, RequestInit, Url};

/// A file that a person gave.
#[derive(Clone)]
pub struct ChosenFile {
    /// What it is called where it came from.
    pub name: String,
    file: File,
}

impl ChosenFile {
    pub(super) fn of(file: File) -> Self {
        Self { name: file.name(), file }
    }

    pub(super) fn blob(&self) -> &Blob {
        self.file.as_ref()
    }

    /// What is in it, if that is text.
    pub async fn text(&self) -> Option<String> {
        JsFuture::from(self.blob().text()).await.ok()?.as_string()
    }
}

fn listed(files: Option<FileList>) -> Vec<ChosenFile> {
    let files = files.map(|list| (0..list.length()).filter_map(|i| list.get(i)).collect::<Vec<_>>());
    files.unwrap_or_default().into_iter().map(ChosenFile::of).collect()
}

/// Whether what is dragged are files, and not words or a link.
#[must_use]
pub fn carries_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

/// Whether the pointer left the element that listens, and not only one inside
/// of it for another.
#[must_use]
pub fn is_left(event: &DragEvent) -> bool {
    let next = event.related_target().and_then(|next| next.dyn_into::<Node>().ok());
    let place = event.current_target().and_then(|place| place.dyn_into::<Node>().ok());
    !place.is_some_and(|place| next.is_some_and(|next| place.contains(Some(&next))))
}

/// The files that were dropped. Known during the event only.
#[must_use]
pub fn dropped_by(event: &DragEvent) -> Vec<ChosenFile> {
    listed(event.data_transfer().and_then(|data| data.files()))
}

/// Takes files that are dropped anywhere on the page beside places of their
/// own, until the listeners are dropped. `over` hears whether files are held
/// over the page now.
#[must_use]
pub fn page_drops(
    over: impl Fn(bool) + Clone + 'static,
    take: impl Fn(Vec<ChosenFile>) + 'static,
) -> Vec<Listener> {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return Vec::new() };
    let on = |kind, act: Box<dyn Fn(&DragEvent)>| {
        let handler = move |event: Event| event.dyn_ref::<DragEvent>().into_iter().for_each(&act);
        listen(document.as_ref(), kind, Box::new(handler))
    };
    // What a place of its own took has been prevented already.
    let is_ours = |event: &DragEvent| carries_files(event) && !event.default_prevented();
    let (dragged, left, dropped) = (over.clone(), over.clone(), over);
    let listeners = [
        on(
            "dragover",
            Box::new(move |event| {
                dragged(is_ours(event));
                if is_ours(event) {
                    event.prevent_default();
                }
            }),
        ),
        on(
            "dragleave",
            Box::new(move |event| {
                if event.related_target().is_none() {
                    left(false);
                }
            }),
        ),
        on(
            "drop",
            Box::new(move |event| {
                dropped(false);
                if is_ours(event) {
                    event.prevent_default();
                    take(dropped_by(event));
                }
            }),
        ),
    ];
    listeners.into_iter().flatten().collect()
}

/// A file that is dropped where nothing takes it does not open in place of the
/// page, for as long as that is open.
#[cfg(feature = "hydrate")]
pub fn refuse_stray_drops() {
    let Some(window) = web_sys::window() else { return };
    let refuse = |kind| {
        let handler = |event: Event| {
            if let Some(event) = event.dyn_ref::<DragEvent>()
                && carries_files(event)
                && !event.default_prevented()
            {
                event.prevent_default();
                if let Some(data) = event.data_transfer() {
                    data.set_drop_effect("none");
                }
            }
        };
        listen(window.as_ref(), kind, Box::new(handler))
    };
    // They end with the page.
    ["dragover", "drop"].into_iter().filter_map(refuse).for_each(std::mem::forget);
}

/// Lets go of an address that [`picture_url`] gave.
pub fn forget_picture(url: &str) {
    // An address that is none is forgotten already.
    let _ = Url::revoke_object_url(url);
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
    let form = FormData::new().map_err(|_| away())?;
    form.append_with_blob_and_filename("media", &chosen.file, &chosen.name).map_err(|_| away())?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&form);
    accepted(url, &request, away).await
}
