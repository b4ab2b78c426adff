//! Files that the page makes: charts as people save them.

use super::colours::Probe;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, HtmlImageElement, Url,
    js_sys::Array,
};

/// Pixels of a saved picture for each CSS pixel.
const SCALE: f64 = 2.0;

/// Saves `text` as a file.
pub fn save_text(name: &str, kind: &str, text: &str) {
    if let Some(blob) = blob_of(kind, text) {
        save(name, &blob);
    }
}

/// Saves an SVG that needs no style sheet as a PNG, twice as fine as on screen.
pub fn save_png(name: &str, svg: &str) {
    let (name, svg) = (name.to_owned(), svg.to_owned());
    spawn_local(async move {
        if let Some(blob) = blob_of("image/svg+xml", &svg)
            && let Ok(url) = Url::create_object_url_with_blob(&blob)
        {
            // A picture that cannot be drawn is not saved; the text can be.
            let _ = draw_and_save(name, &url).await;
            let _ = Url::revoke_object_url(&url);
        }
    });
}

async fn draw_and_save(name: String, url: &str) -> Result<(), JsValue> {
    let image = HtmlImageElement::new()?;
    image.set_src(url);
    JsFuture::from(image.decode()).await?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    let (width, height) = (f64::from(image.width()) * SCALE, f64::from(image.height()) * SCALE);
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)?;
    let done = Closure::once_into_js(move |blob: JsValue| {
        if let Ok(blob) = blob.dyn_into::<Blob>() {
            save(&name, &blob);
        }
    });
    canvas.to_blob(done.unchecked_ref())
}

/// `svg`, a chart, with the colours that the page gives it now.
#[must_use]
pub fn alone(svg: &str) -> String {
    let probe = Probe::new();
    let colour = |name: &str| probe.as_ref().and_then(|probe| probe.colour(name));
    charts::standalone(svg, |name| colour(name).unwrap_or_else(|| "gray".to_owned()))
}

fn blob_of(kind: &str, text: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options).ok()
}

fn save(name: &str, blob: &Blob) {
    let document = web_sys::window().and_then(|window| window.document());
    let link = document.and_then(|document| document.create_element("a").ok());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok())
        && let Ok(url) = Url::create_object_url_with_blob(blob)
    {
        // An attribute of these names is never refused.
        let _ = link.set_attribute("href", &url);
        let _ = link.set_attribute("download", name);
        link.click();
        // The browser has taken the file by its next turn.
        leptos::prelude::set_timeout(
            move || {
                let _ = Url::revoke_object_url(&url);
            },
            std::time::Duration::from_secs(10),
        );
    }
}
