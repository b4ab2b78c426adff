//! A field of text that is written for a person: its text, its caret, and what
//! hangs below a place in it.

use web_sys::{Element, Event, HtmlElement, HtmlTextAreaElement, wasm_bindgen::JsCast};

/// The text of a field and how many UTF-16 units lie before the caret.
#[must_use]
pub fn written(field: &HtmlTextAreaElement) -> (String, usize) {
    let caret = field.selection_end().ok().flatten().unwrap_or(0);
    (field.value(), caret as usize)
}

/// Writes `text`, puts the caret after so many UTF-16 units, and the focus there.
pub fn write(field: &HtmlTextAreaElement, text: &str, caret: usize) {
    field.set_value(text);
    let caret = u32::try_from(caret).unwrap_or(u32::MAX);
    // Neither can fail on a field that is shown; the text is there in any case.
    let _ = field.set_selection_range(caret, caret);
    let _ = field.focus();
}

/// Puts `hanging` right below `place`, both in the same box.
pub fn hang_below(place: &HtmlElement, hanging: &HtmlElement) {
    let (left, top) = (place.offset_left(), place.offset_top() + place.offset_height());
    let room = hanging.offset_parent().map_or(i32::MAX, |parent| parent.client_width());
    let left = left.min(room - hanging.offset_width()).max(0);
    let style = hanging.style();
    // A style that is refused leaves it where the sheet puts it.
    let _ = style.set_property("left", &format!("{left}px"));
    let _ = style.set_property("top", &format!("{top}px"));
}

/// Whether an event goes to something that takes keys itself: a field, a
/// menu, a slider.
#[must_use]
pub fn is_typed_into(event: &Event) -> bool {
    let Some(element) = event.target().and_then(|t| t.dyn_into::<Element>().ok()) else { return false };
    let writes = matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT" | "SUMMARY")
        && element.get_attribute("type").as_deref() != Some("checkbox");
    writes || element.closest("dialog[open]").ok().flatten().is_some()
}
