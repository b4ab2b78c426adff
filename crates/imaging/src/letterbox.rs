//! A picture of any shape inside an input of fixed shape.

use crate::resize::resize_into;
use domain::{
    geometry::{Rect, Size},
    inference::Pixels,
};

/// What surrounds the picture: the grey that detectors of the YOLO family
/// are used to.
pub const PADDING_GREY: u8 = 114;

/// How image pixels and input pixels correspond:
/// `input = image * scale + offset`, per axis. The scales differ by less than
/// a pixel over the whole side: the picture fills whole pixels of the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Letterbox {
    /// Input pixels per image pixel, across.
    pub scale_x: f64,
    /// Input pixels per image pixel, down.
    pub scale_y: f64,
    /// Input pixels left of the picture.
    pub dx: f64,
    /// Input pixels above the picture.
    pub dy: f64,
}

/// An input for a network.
#[derive(Clone, Debug)]
pub struct Letterboxed {
    /// Row by row, R G B, of exactly the size asked for.
    pub rgb: Vec<u8>,
    /// Leads back to the image.
    pub transform: Letterbox,
}

impl Letterbox {
    /// For an image of `image` in an input of `input`; also gives the size
    /// the picture has there.
    #[must_use]
    pub fn new(image: Size, input: Size) -> (Self, Size) {
        let (w, h) = (f64::from(image.width), f64::from(image.height));
        let scale = (f64::from(input.width) / w).min(f64::from(input.height) / h);
        let width = ((w * scale).round() as u32).clamp(1, input.width);
        let height = ((h * scale).round() as u32).clamp(1, input.height);
        let transform = Self {
            scale_x: f64::from(width) / w,
            scale_y: f64::from(height) / h,
            dx: f64::from((input.width - width) / 2),
            dy: f64::from((input.height - height) / 2),
        };
        (transform, Size { width, height })
    }

    /// A box of the image, in input pixels.
    #[must_use]
    pub fn to_input(&self, rect: &Rect) -> Option<Rect> {
        let x = |x: f64| x * self.scale_x + self.dx;
        let y = |y: f64| y * self.scale_y + self.dy;
        Rect::from_corners(x(rect.x()), y(rect.y()), x(rect.right()), y(rect.bottom()))
    }

    /// A box of the input, in image pixels; may lie partly outside.
    #[must_use]
    pub fn to_image(&self, rect: &Rect) -> Option<Rect> {
        let x = |x: f64| (x - self.dx) / self.scale_x;
        let y = |y: f64| (y - self.dy) / self.scale_y;
        Rect::from_corners(x(rect.x()), y(rect.y()), x(rect.right()), y(rect.bottom()))
    }
}

/// Scales the picture, up or down, to fit into `input` and centres it there
/// on grey ([`PADDING_GREY`]).
#[must_use]
pub fn letterbox(pixels: &Pixels, input: Size) -> Letterboxed {
    let (transform, inner) = Letterbox::new(pixels.size(), input);
    if inner == input {
        let mut rgb = vec![0; input.pixels() as usize * 3];
        resize_into(pixels, input, &mut rgb);
        return Letterboxed { rgb, transform };
    }
    let mut rgb = vec![PADDING_GREY; input.pixels() as usize * 3];
    let mut picture = vec![0; inner.pixels() as usize * 3];
    resize_into(pixels, inner, &mut picture);
    let rows = rgb.chunks_exact_mut(input.width as usize * 3).skip(transform.dy as usize);
    for (target, row) in rows.zip(picture.chunks_exact(inner.width as usize * 3)) {
        let left = transform.dx as usize * 3;
        if let Some(target) = target.get_mut(left..left + row.len()) {
            target.copy_from_slice(row);
        }
    }
    Letterboxed { rgb, transform }
}
