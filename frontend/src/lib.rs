//! The browser's entry point; knows nothing but that there is an app to wake.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server rendered.
#[wasm_bindgen]
pub fn hydrate() {
    app::hydrate();
}
