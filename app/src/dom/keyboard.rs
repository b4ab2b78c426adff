//! Keys, wherever on the page they are pressed, and where the focus is then.

use super::listen::{Listener, listen};
use review::{Chord, PressedKey};
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
    /// What it may mean, the likeliest first; empty for a modifier alone.
    pub chords: Vec<Chord>,
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
                && !event.is_composing()
                && act(&of_key(event, kind == "keydown"))
            {
                event.prevent_default();
            }
        };
        listeners.extend(listen(window.as_ref(), kind, Box::new(handler)));
    }
    listeners
}

/// What the key of an event may mean, the likeliest first.
fn chords_of(event: &KeyboardEvent) -> Vec<Chord> {
    with_key(event, |pressed| pressed.chords().collect())
}

/// The key of an event as it is remembered for a command; `None` for a
/// modifier alone.
#[must_use]
pub fn chord_to_keep(event: &KeyboardEvent) -> Option<Chord> {
    with_key(event, |pressed| pressed.chord_to_keep())
}

/// Whether a key belongs to an input method that puts a word together: the
/// Enter that ends it is no Enter.
#[must_use]
pub fn is_composing(event: &KeyboardEvent) -> bool {
    // Safari tells the end of composing before the key that ended it, which
    // has this number then.
    const IN_COMPOSING: u32 = 229;
    event.is_composing() || event.key_code() == IN_COMPOSING
}

/// What a US keyboard has in the place of the key, where that is what is
/// meant.
#[must_use]
pub fn placed_key(event: &KeyboardEvent) -> Option<&'static str> {
    with_key(event, |pressed| pressed.placed())
}

fn with_key<T>(event: &KeyboardEvent, read: impl FnOnce(PressedKey<'_>) -> T) -> T {
    read(PressedKey {
        key: &event.key(),
        code: &event.code(),
        ctrl: event.ctrl_key() || event.meta_key(),
        alt: event.alt_key(),
        shift: event.shift_key(),
    })
}

fn of_key(event: &KeyboardEvent, down: bool) -> KeyPress {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    KeyPress {
        chords: chords_of(event),
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
