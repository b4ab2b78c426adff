//! Where things are on the page: scrolled panes, the focus, the address, what
//! lies under a click.

use web_sys::{
    Element, Event, HtmlDialogElement, HtmlElement,
    wasm_bindgen::{JsCast, JsValue},
};

fn element(id: &str) -> Option<HtmlElement> {
    web_sys::window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// How far a pane is scrolled and how high it is, in CSS pixels.
#[must_use]
pub fn pane_place(pane: &HtmlElement) -> (f64, f64) {
    (f64::from(pane.scroll_top()), f64::from(pane.client_height()))
}

/// Scrolls a pane.
pub fn scroll_pane(pane: &HtmlElement, top_px: f64) {
    pane.set_scroll_top(top_px.round() as i32);
}

/// Where an element begins in its pane, in CSS pixels.
#[must_use]
pub fn top_in_pane(id: &str) -> f64 {
    element(id).map_or(0.0, |element| f64::from(element.offset_top()))
}

/// Puts the focus on an element, without scrolling.
pub fn focus_by_id(id: &str) {
    if let Some(element) = element(id) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        // What cannot have the focus leaves it where it is.
        let _ = element.focus_with_options(&options);
    }
}

/// Opens or shuts a `details` by its id.
pub fn set_open(id: &str, open: bool) {
    if let Some(element) = element(id) {
        // It has no other failure than being gone.
        let _ = if open { element.set_attribute("open", "") } else { element.remove_attribute("open") };
    }
}

/// Whether the `details` that tells of itself stands open.
#[must_use]
pub fn is_open(event: &Event) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.has_attribute("open"))
}

/// Closes the menu around an item that was chosen.
pub fn close_menu(event: &Event) {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let item = element.and_then(|element| element.closest(".menu-item").ok().flatten());
    if let Some(menu) = item.and_then(|item| item.closest("details.menu").ok().flatten()) {
        // It has no other failure than being gone.
        let _ = menu.remove_attribute("open");
    }
}

/// Shows a `dialog` over the page.
pub fn show_dialog_by_id(id: &str) {
    if let Some(dialog) = element(id).and_then(|element| element.dyn_into::<HtmlDialogElement>().ok())
        && !dialog.open()
    {
        // A dialog that is shown already stays.
        let _ = dialog.show_modal();
    }
}

/// Writes the page's address anew, without going anywhere.
pub fn replace_address(href: &str) {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        let state = history.state().unwrap_or(JsValue::NULL);
        // An address that is refused changes nothing.
        let _ = history.replace_state_with_url(&state, "", Some(href));
    }
}

/// What lies under an event: the values of the nearest `data-id` and
/// `data-part` around it.
#[must_use]
pub fn under(event: &Event) -> Option<(String, String)> {
    let element = event.target()?.dyn_into::<Element>().ok()?;
    let nearest = |name: &str| {
        let around = element.closest(&format!("[{name}]")).ok().flatten();
        around.and_then(|element| element.get_attribute(name))
    };
    Some((nearest("data-id")?, nearest("data-part").unwrap_or_default()))
}

/// Whether an event goes to a link or a button of its own, outside of what
/// carries a `data-id`.
#[must_use]
pub fn is_pressed(event: &Event) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(element) = element else { return false };
    let within = |selector: &str| element.closest(selector).ok().flatten().is_some();
    within("a, button, summary, [role=option]") && !within("[data-id]")
}
