//! The browser: the only place that names `web_sys`. Everything here may be
//! called in the browser only, from effects and event handlers, but for
//! [`now`].

mod browser_value;
mod canvas;
mod colours;
mod event_source;
mod exchange;
mod forms;
mod keyboard;
mod listen;
mod local_storage;
mod observers;
mod packing;
mod page;
mod places;
mod pointer;
mod saving;
mod sending;
mod shared_feed;
mod upload;
mod writing;

pub use browser_value::BrowserValue;
pub use canvas::{CanvasStack, Picture, fetch_picture, surface_word};
pub use event_source::Feed;
pub use forms::{form_fields, post_form};
pub use keyboard::{Focus, KeyPress, chord_to_keep, is_composing, placed_key, watch_keys};
use listen::Listener;
pub use listen::on_window;
pub use local_storage::{store, stored, stored_names, unstore};
pub use observers::{watch_size, watch_visible, watch_width};
pub use packing::{PackedUpload, SendingFile, chosen_files, dropped_files};
#[cfg(feature = "hydrate")]
pub use page::path;
pub use page::{
    close_dialog, focus, focus_on, next_frame, on_colours, reveal, send_on_leaving, set_image_look,
    show_dialog, view_of,
};
pub use places::{
    close_menu, focus_by_id, is_open, is_pressed, pane_place, replace_address, scroll_pane, set_open,
    show_dialog_by_id, top_in_pane, under,
};
pub use pointer::{hold_pointer, watch_pointer};
pub use saving::{alone, save_png, save_text};
pub use sending::{Sending, ask, fetch_file};
pub use shared_feed::{SharedFeed, Source, share_feed};
#[cfg(feature = "hydrate")]
pub use upload::refuse_stray_drops;
pub use upload::{
    ChosenFile, carries_files, chosen_by, dropped_by, forget_picture, is_left, page_drops, picture_url, send,
};
pub use writing::{hang_below, is_typed_into, write, written};

use crate::{
    base_path::{at, base},
    theme::{COOKIE, Theme},
};
use domain::time::Timestamp;
use web_sys::wasm_bindgen::JsCast;

/// The present moment, by the clock of the machine this runs on.
#[must_use]
pub fn now() -> Timestamp {
    #[cfg(target_arch = "wasm32")]
    let ms = web_sys::js_sys::Date::now() as i64;
    #[cfg(not(target_arch = "wasm32"))]
    let ms = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |passed| i64::try_from(passed.as_millis()).unwrap_or(i64::MAX));
    Timestamp(ms)
}

fn root_element() -> Option<web_sys::Element> {
    web_sys::window()?.document()?.document_element()
}

/// The path below which the server is, as the document says.
#[cfg(feature = "hydrate")]
#[must_use]
pub fn base_path() -> Option<String> {
    root_element()?.get_attribute("data-base")
}

/// Where the events stood when the server drew the page.
#[must_use]
pub fn event_position() -> Option<u64> {
    root_element()?.get_attribute("data-events")?.parse().ok()
}

/// The theme that the page has now.
#[must_use]
pub fn theme() -> Theme {
    let word = root_element().and_then(|root| root.get_attribute("data-theme"));
    word.as_deref().map(Theme::parse).unwrap_or_default()
}

/// Gives the page a theme and remembers it for a year.
pub fn set_theme(theme: Theme) {
    let Some(root) = root_element() else { return };
    // A browser without cookies still changes the page.
    let _ = root.set_attribute("data-theme", theme.as_str());
    if let Some(document) = root.owner_document()
        && let Some(html) = document.dyn_ref::<web_sys::HtmlDocument>()
    {
        let path = base();
        let path = path.of_cookies();
        let cookie = format!("{COOKIE}={}; Path={path}; Max-Age=31536000; SameSite=Lax", theme.as_str());
        let _ = html.set_cookie(&cookie);
    }
}

/// Says to the style sheet that the page answers to its buttons.
#[cfg(feature = "hydrate")]
pub fn mark_alive() {
    if let Some(root) = root_element() {
        // Nothing depends on it but what is shown.
        let _ = root.set_attribute("data-alive", "");
    }
}

/// Leaves for `url` with a request of the whole page.
pub fn leave_for(url: &str) {
    if let Some(window) = web_sys::window() {
        // Where a navigation is forbidden, the page stays.
        let _ = window.location().set_href(url);
    }
}

/// Path and query of the page.
#[must_use]
pub fn here() -> String {
    let Some(location) = web_sys::window().map(|window| window.location()) else { return at("/") };
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// The address of the server, as people type it.
#[must_use]
pub fn origin() -> String {
    web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Puts `text` on the clipboard, where the browser allows it.
pub fn copy(text: &str) {
    if let Some(window) = web_sys::window() {
        // The promise is not awaited: the text stays selectable by hand.
        let _ = window.navigator().clipboard().write_text(text);
    }
}

/// The number of the field that an event is about, as the browser reads it.
#[must_use]
pub fn field_number(event: &web_sys::Event) -> Option<f64> {
    let field = event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
    Some(field.value_as_number()).filter(|number| number.is_finite())
}

/// The text of the field that an event is about, of one line or of many.
#[must_use]
pub fn field_value(event: &web_sys::Event) -> Option<String> {
    let field = event.target()?;
    match field.dyn_into::<web_sys::HtmlInputElement>() {
        Ok(field) => Some(field.value()),
        Err(field) => Some(field.dyn_into::<web_sys::HtmlTextAreaElement>().ok()?.value()),
    }
}
