//! The colours of the style sheet as values. A custom property that depends on
//! the theme is only resolved where it is used as a colour, and only on an
//! element that is part of the page.

use wasm_bindgen::prelude::*;
use web_sys::{CssStyleDeclaration, HtmlElement};

/// An element of the page that takes on colours; gone when it is dropped.
pub(super) struct Probe {
    element: HtmlElement,
    computed: CssStyleDeclaration,
}

impl Probe {
    pub(super) fn new() -> Option<Self> {
        let window = web_sys::window()?;
        let document = window.document()?;
        let element: HtmlElement = document.create_element("span").ok()?.unchecked_into();
        document.body()?.append_child(&element).ok()?;
        let computed = window.get_computed_style(&element).ok()??;
        Some(Self { element, computed })
    }

    /// What a variable such as `--accent` stands for now, as `rgb(…)`.
    pub(super) fn colour(&self, name: &str) -> Option<String> {
        self.element.style().set_property("color", &format!("var({name})")).ok()?;
        self.computed.get_property_value("color").ok()
    }

    /// The font of the page.
    pub(super) fn font(&self) -> Option<String> {
        self.computed.get_property_value("font-family").ok()
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.element.remove();
    }
}
