//! A picture that is fetched and decoded before it is needed.

use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, ColorSpaceConversion, ImageBitmap, ImageBitmapOptions, Response,
};

/// A decoded picture, ready to be drawn.
#[derive(Clone)]
pub struct Picture(Rc<Open>);

struct Open(ImageBitmap);

impl Drop for Open {
    fn drop(&mut self) {
        // Pixels are given back now, not when a collector comes by.
        self.0.close();
    }
}

/// Fetches and decodes the picture at `url`.
///
/// # Errors
/// When it cannot be fetched or is no picture, in words.
pub async fn fetch_picture(url: &str) -> Result<Picture, String> {
    let away = |_: JsValue| "The image cannot be fetched. Check the connection.".to_owned();
    let window = web_sys::window().ok_or(JsValue::NULL).map_err(away)?;
    let answer: Response =
        JsFuture::from(window.fetch_with_str(url)).await.and_then(JsCast::dyn_into).map_err(away)?;
    if !answer.ok() {
        return Err(format!("The server has no image here ({}).", answer.status()));
    }
    let blob: Blob =
        JsFuture::from(answer.blob().map_err(away)?).await.and_then(JsCast::dyn_into).map_err(away)?;
    let broken = |_: JsValue| "The image cannot be decoded.".to_owned();
    // The model sees the numbers in the file, and no colour profile.
    let options = ImageBitmapOptions::new();
    options.set_color_space_conversion(ColorSpaceConversion::None);
    let decoding =
        window.create_image_bitmap_with_blob_and_image_bitmap_options(&blob, &options).map_err(broken)?;
    let bitmap: ImageBitmap = JsFuture::from(decoding).await.and_then(JsCast::dyn_into).map_err(broken)?;
    Ok(Picture(Rc::new(Open(bitmap))))
}

impl Picture {
    pub(super) fn width(&self) -> f64 {
        f64::from(self.0.0.width())
    }

    pub(super) fn draw(&self, context: &CanvasRenderingContext2d, x: f64, y: f64, w: f64, h: f64) {
        // A bitmap that is open can be drawn.
        let _ = context.draw_image_with_image_bitmap_and_dw_and_dh(&self.0.0, x, y, w, h);
    }
}
