//! Listeners that end when they are dropped.

use wasm_bindgen::prelude::*;
use web_sys::{AddEventListenerOptions, Event, EventTarget};

/// Listens until it is dropped.
pub struct Listener {
    target: EventTarget,
    kind: &'static str,
    handler: Closure<dyn FnMut(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Fails only for a handler that is none.
        let _ =
            self.target.remove_event_listener_with_callback(self.kind, self.handler.as_ref().unchecked_ref());
    }
}

/// Calls `act` at each event of a kind; it may prevent what the browser does.
pub(super) fn listen(
    target: &EventTarget,
    kind: &'static str,
    act: Box<dyn FnMut(Event)>,
) -> Option<Listener> {
    let handler = Closure::wrap(act);
    let options = AddEventListenerOptions::new();
    options.set_passive(false);
    let function = handler.as_ref().unchecked_ref();
    target.add_event_listener_with_callback_and_add_event_listener_options(kind, function, &options).ok()?;
    Some(Listener { target: target.clone(), kind, handler })
}

/// Calls `act` at each event of a kind that reaches the window.
#[must_use]
pub fn on_window(kind: &'static str, act: impl Fn() + 'static) -> Option<Listener> {
    listen(web_sys::window()?.as_ref(), kind, Box::new(move |_| act()))
}
