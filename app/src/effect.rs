//! What is done whenever a signal changes, in the browser.

use leptos::prelude::Effect;

/// Runs `act` once the page is awake, and again after any signal that it read
/// has changed. As [`Effect::new`], compiled once and not for each `act`.
pub fn effect(act: impl FnMut() + 'static) {
    of_whatever(Box::new(act));
}

fn of_whatever(mut act: Box<dyn FnMut()>) {
    #[expect(clippy::disallowed_methods, reason = "the one place")]
    Effect::new(move |_: Option<()>| act());
}
