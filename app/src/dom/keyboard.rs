//! Keys, wherever on the page they are pressed, and where the focus is then.

use super::listen::{Listener, listen};
use review::Chord;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, KeyboardEvent};

/// What has the focus while a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// Nothing that uses keys itself.
    Free,
    /// A button, a link: uses Enter and Space.
    Button,
    /// A row of the list of boxes: uses Enter, Space and the arrows.
    Row,
    /// A slider: uses the arrows.
    Slider,
    /// A field for text, or a dialog: uses every key.
    Field,
}

/// A key that went down or up.
#[derive(Clone, Debug)]
pub struct KeyPress {
    /// With its modifiers; `None` for a modifier alone.
    pub chord: Option<Chord>,
    /// The browser's name for the key.
    pub key: String,
    /// It went down, not up.
    pub down: bool,
    /// It is held and repeats.
    pub repeats: bool,
    /// What has the focus.
    pub focus: Focus,
}

/// Tells `act` of every key; where it answers `true`, the browser does not
/// act on the key as well.
pub fn watch_keys(act: impl Fn(&KeyPress) -> bool + 'static) -> Vec<Listener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let act = Rc::new(act);
    let mut listeners = Vec::new();
    for kind in ["keydown", "keyup"] {
        let act = Rc::clone(&act);
        let handler = move |event: web_sys::Event| {
            if let Some(event) = event.dyn_ref::<KeyboardEvent>()
                && act(&of_key(event, kind == "keydown"))
            {
                event.prevent_default();
            }
        };
        listeners.extend(listen(window.as_ref(), kind, Box::new(handler)));
    }
    listeners
}

/// The key of an event, as a chord; `None` for a modifier alone.
#[must_use]
pub fn chord_of(event: &KeyboardEvent) -> Option<Chord> {
    Chord::new(&event.key(), event.ctrl_key() || event.meta_key(), event.alt_key(), event.shift_key())
}

fn of_key(event: &KeyboardEvent, down: bool) -> KeyPress {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    KeyPress {
        chord: chord_of(event),
        key: event.key(),
        down,
        repeats: event.repeat(),
        focus: target.map_or(Focus::Free, |target| focus_of(&target)),
    }
}

fn focus_of(target: &Element) -> Focus {
    let is = |selector: &str| target.closest(selector).ok().flatten().is_some();
    if is("input[type=range]") {
        Focus::Slider
    } else if is("input, textarea, select, dialog[open], [contenteditable]") {
        Focus::Field
    } else if is("[data-row]") {
        Focus::Row
    } else if is("button, a[href], summary") {
        Focus::Button
    } else {
        Focus::Free
    }
}
