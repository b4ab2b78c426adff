//! Focus, dialogs, frames, and other affairs of the page as a whole.

use super::listen::{Listener, listen};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, Element, HtmlDialogElement, HtmlElement, js_sys::Array};

/// The path of the page's address.
#[cfg(feature = "hydrate")]
#[must_use]
pub fn path() -> String {
    web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// Gives an element the focus, without scrolling to it.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        // What cannot have the focus does not get it.
        let _ = element.focus_with_options(&options);
    }
}

/// Gives the first element that `selector` finds the focus, and scrolls it
/// into view.
pub fn focus_on(selector: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let element = document.and_then(|document| document.query_selector(selector).ok()?);
    if let Some(element) = element.as_ref().and_then(|element| element.dyn_ref::<HtmlElement>()) {
        // What cannot have the focus does not get it.
        let _ = element.focus();
    }
}

/// Scrolls what `list` finds sideways until what `item` finds is in its middle.
/// The page stays where it is: on a narrow screen the list lies below what is
/// being looked at.
pub fn reveal(list: &str, item: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let find = |selector: &str| document.as_ref()?.query_selector(selector).ok()?;
    let Some((list, item)) = find(list).zip(find(item)) else { return };
    let middle = |element: &web_sys::Element| {
        let bounds = element.get_bounding_client_rect();
        bounds.left() + bounds.width() / 2.0
    };
    let apart = middle(&item) - middle(&list);
    list.set_scroll_left(list.scroll_left() + apart.round() as i32);
}

/// How the image on the canvas is to be looked at; 1 is as it is.
pub fn set_image_look(brightness: f64, contrast: f64) {
    let look = if brightness == 1.0 && contrast == 1.0 {
        "none".to_owned()
    } else {
        format!("brightness({brightness}) contrast({contrast})")
    };
    let root = web_sys::window().and_then(|window| window.document()?.document_element());
    if let Some(root) = root.as_ref().and_then(|root| root.dyn_ref::<HtmlElement>()) {
        // A filter without effect is the worst that can happen.
        let _ = root.style().set_property("--image-look", &look);
    }
}

/// Opens a dialog over the page, which keeps the focus.
pub fn show_dialog(dialog: &Element) {
    if let Some(dialog) = dialog.dyn_ref::<HtmlDialogElement>()
        && !dialog.open()
    {
        // Refused only for a dialog that is not part of the page.
        let _ = dialog.show_modal();
    }
}

/// Closes it.
pub fn close_dialog(dialog: &Element) {
    if let Some(dialog) = dialog.dyn_ref::<HtmlDialogElement>()
        && dialog.open()
    {
        dialog.close();
    }
}

/// Calls `act` when the browser paints next.
pub fn next_frame(act: impl FnOnce() + 'static) {
    if let Some(window) = web_sys::window() {
        // A page that is going away paints no more.
        let _ = window.request_animation_frame(Closure::once_into_js(act).unchecked_ref());
    }
}

/// Sends JSON text to `url` although the page is being left.
pub fn send_on_leaving(url: &str, json: &str) {
    let Some(window) = web_sys::window() else { return };
    let kind = BlobPropertyBag::new();
    kind.set_type("application/json");
    let body = Blob::new_with_str_sequence_and_options(&Array::of1(&json.into()), &kind);
    if let Ok(body) = body {
        // It is a courtesy: what it ends would end by itself.
        let _ = window.navigator().send_beacon_with_opt_blob(url, Some(&body));
    }
}

/// Calls `act` when the system changes between light and dark.
#[must_use]
pub fn on_colours(act: impl Fn() + 'static) -> Option<Listener> {
    let query = web_sys::window()?.match_media("(prefers-color-scheme: dark)").ok()??;
    listen(query.as_ref(), "change", Box::new(move |_| act()))
}

/// How far an element is scrolled, and how much of it is seen, in CSS pixels.
#[must_use]
pub fn view_of(element: &Element) -> (f64, f64) {
    (f64::from(element.scroll_top()), f64::from(element.client_height()))
}
