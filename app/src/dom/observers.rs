//! Watches of elements: when one comes into view, when one changes its width.

use wasm_bindgen::prelude::*;
use web_sys::{
    Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit, ResizeObserver,
    ResizeObserverEntry, js_sys::Array,
};

/// Ends the watch when dropped.
pub struct Watch {
    end: Box<dyn Fn()>,
    _handler: Closure<dyn Fn(Array)>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        (self.end)();
    }
}

/// Calls `appear` whenever `element` comes within about a screen of what is
/// shown.
#[must_use]
pub fn watch_visible(element: &Element, appear: impl Fn() + 'static) -> Option<Watch> {
    let handler = Closure::<dyn Fn(Array)>::new(move |entries: Array| {
        let shown = entries
            .iter()
            .filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok())
            .any(|entry| entry.is_intersecting());
        if shown {
            appear();
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin("800px");
    let observer = IntersectionObserver::new_with_options(handler.as_ref().unchecked_ref(), &options).ok()?;
    observer.observe(element);
    Some(Watch { end: Box::new(move || observer.disconnect()), _handler: handler })
}

/// Calls `changed` with the width of `element` in CSS pixels, at once and
/// whenever it changes.
#[must_use]
pub fn watch_width(element: &Element, changed: impl Fn(f64) + 'static) -> Option<Watch> {
    watch_size(element, move |width, _| changed(width))
}

/// Calls `changed` with the width and height of `element` in CSS pixels, at
/// once and whenever one of them changes.
#[must_use]
pub fn watch_size(element: &Element, changed: impl Fn(f64, f64) + 'static) -> Option<Watch> {
    let handler = Closure::<dyn Fn(Array)>::new(move |entries: Array| {
        if let Some(entry) = entries.iter().last().and_then(|e| e.dyn_into::<ResizeObserverEntry>().ok()) {
            changed(entry.content_rect().width(), entry.content_rect().height());
        }
    });
    let observer = ResizeObserver::new(handler.as_ref().unchecked_ref()).ok()?;
    observer.observe(element);
    Some(Watch { end: Box::new(move || observer.disconnect()), _handler: handler })
}
