//! Where the image lies on the canvas: `screen = origin + image · zoom`.
//! Knows sizes and numbers, no boxes and no device pixels.

use crate::space::{CanvasSize, ImagePoint, ScreenPoint, ScreenRect};
use domain::geometry::{Rect, Size};

/// CSS pixels an image pixel may at least cover.
pub const MIN_ZOOM: f64 = 0.05;
/// CSS pixels an image pixel may at most cover.
pub const MAX_ZOOM: f64 = 40.0;
/// CSS pixels of the image that panning leaves in view.
const KEPT_IN_VIEW_PX: f64 = 40.0;
/// Free space that [`Viewport::fit`] leaves around the image.
const FIT_MARGIN_PX: f64 = 12.0;
/// How much one CSS pixel of wheel turns the zoom, as a natural logarithm.
const WHEEL_RATE: f64 = 0.0015;
/// The most that one event of the wheel turns it: however fast somebody turns,
/// the eye keeps the place.
const MOST_WHEEL: f64 = 0.41;

/// The image's place on the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    image: Size,
    canvas: CanvasSize,
    zoom: f64,
    origin: ScreenPoint,
    fitted: bool,
}

impl Viewport {
    /// Shows the whole image.
    #[must_use]
    pub fn new(image: Size, canvas: CanvasSize) -> Self {
        let mut viewport = Self { image, canvas, zoom: 1.0, origin: ScreenPoint::default(), fitted: true };
        viewport.fit();
        viewport
    }

    /// CSS pixels that an image pixel covers, from 0.05 to 40.
    #[must_use]
    pub fn zoom(&self) -> f64 {
        self.zoom
    }

    /// The canvas.
    #[must_use]
    pub fn canvas(&self) -> CanvasSize {
        self.canvas
    }

    /// The image.
    #[must_use]
    pub fn image(&self) -> Size {
        self.image
    }

    /// Where an image point is on the canvas.
    #[must_use]
    pub fn to_screen(&self, p: ImagePoint) -> ScreenPoint {
        ScreenPoint::new(self.origin.x + p.x * self.zoom, self.origin.y + p.y * self.zoom)
    }

    /// The image point under a place of the canvas; may lie outside the image.
    #[must_use]
    pub fn to_image(&self, p: ScreenPoint) -> ImagePoint {
        ImagePoint::new((p.x - self.origin.x) / self.zoom, (p.y - self.origin.y) / self.zoom)
    }

    /// Where a rectangle of the image is on the canvas.
    #[must_use]
    pub fn rect_to_screen(&self, rect: &Rect) -> ScreenRect {
        let corner = self.to_screen(ImagePoint::new(rect.x(), rect.y()));
        ScreenRect { x: corner.x, y: corner.y, w: rect.w() * self.zoom, h: rect.h() * self.zoom }
    }

    /// Where the whole image is on the canvas.
    #[must_use]
    pub fn image_on_screen(&self) -> ScreenRect {
        ScreenRect {
            x: self.origin.x,
            y: self.origin.y,
            w: f64::from(self.image.width) * self.zoom,
            h: f64::from(self.image.height) * self.zoom,
        }
    }

    /// What the canvas covers, in image pixels; reaches outside the image
    /// where the canvas does. `None` only if the numbers degenerate.
    #[must_use]
    pub fn visible(&self) -> Option<Rect> {
        let a = self.to_image(ScreenPoint::default());
        let b = self.to_image(ScreenPoint::new(self.canvas.width(), self.canvas.height()));
        Rect::from_corners(a.x, a.y, b.x, b.y)
    }

    /// Multiplies the zoom by `factor`; the image point under `at` stays there.
    pub fn zoom_at(&mut self, at: ScreenPoint, factor: f64) {
        if factor.is_finite() && factor > 0.0 && at.is_finite() {
            self.set_zoom(at, self.zoom * factor);
        }
    }

    /// A turn of the wheel by `delta_px` (positive: towards the user, smaller).
    pub fn wheel(&mut self, at: ScreenPoint, delta_px: f64) {
        self.zoom_at(at, (-delta_px * WHEEL_RATE).clamp(-MOST_WHEEL, MOST_WHEEL).exp());
    }

    /// Moves the image on the canvas, without losing it from sight.
    pub fn pan_by(&mut self, dx_px: f64, dy_px: f64) {
        if !(dx_px.is_finite() && dy_px.is_finite()) {
            return;
        }
        let shown = self.image_on_screen();
        self.origin.x = panned(self.origin.x, dx_px, shown.w, self.canvas.width());
        self.origin.y = panned(self.origin.y, dy_px, shown.h, self.canvas.height());
        self.fitted = false;
    }

    /// Shows the whole image in the middle.
    pub fn fit(&mut self) {
        let (iw, ih) = (f64::from(self.image.width), f64::from(self.image.height));
        let room = |side: f64| (side - 2.0 * FIT_MARGIN_PX).max(1.0);
        let zoom = (room(self.canvas.width()) / iw).min(room(self.canvas.height()) / ih);
        self.zoom = zoom.clamp(MIN_ZOOM, MAX_ZOOM);
        self.look_at(ImagePoint::new(iw / 2.0, ih / 2.0));
        self.fitted = true;
    }

    /// One CSS pixel for each image pixel, around what is in the middle.
    pub fn one_to_one(&mut self) {
        self.set_zoom(self.canvas.centre(), 1.0);
    }

    /// Fills the canvas with a rectangle of the canvas as it is now.
    pub fn zoom_to(&mut self, area: ScreenRect) {
        if area.w < 1.0 || area.h < 1.0 {
            return;
        }
        let middle = self.to_image(ScreenPoint::new(area.x + area.w / 2.0, area.y + area.h / 2.0));
        let factor = (self.canvas.width() / area.w).min(self.canvas.height() / area.h);
        self.zoom = (self.zoom * factor).clamp(MIN_ZOOM, MAX_ZOOM);
        self.look_at(middle);
    }

    /// Puts an image point into the middle of the canvas.
    pub fn look_at(&mut self, p: ImagePoint) {
        let middle = self.canvas.centre();
        self.origin = ScreenPoint::new(middle.x - p.x * self.zoom, middle.y - p.y * self.zoom);
        self.fitted = false;
    }

    /// Pans as little as needed for `rect` to be on the canvas; a rectangle
    /// larger than the canvas is centred.
    pub fn reveal(&mut self, rect: &Rect) {
        let shown = self.rect_to_screen(rect);
        let dx = reveal_shift(shown.x, shown.w, self.canvas.width());
        let dy = reveal_shift(shown.y, shown.h, self.canvas.height());
        if dx != 0.0 || dy != 0.0 {
            self.origin = ScreenPoint::new(self.origin.x + dx, self.origin.y + dy);
            self.fitted = false;
        }
    }

    /// The canvas changed its size: a fitted image stays fitted, any other
    /// keeps what is in the middle.
    pub fn set_canvas(&mut self, canvas: CanvasSize) {
        let middle = self.to_image(self.canvas.centre());
        let fitted = self.fitted;
        self.canvas = canvas;
        if fitted {
            self.fit();
        } else {
            self.look_at(middle);
        }
    }

    fn set_zoom(&mut self, at: ScreenPoint, zoom: f64) {
        let held = self.to_image(at);
        self.zoom = zoom.clamp(MIN_ZOOM, MAX_ZOOM);
        self.origin = ScreenPoint::new(at.x - held.x * self.zoom, at.y - held.y * self.zoom);
        self.fitted = false;
    }
}

/// The new origin on one axis; what is already further out than allowed may
/// stay there, but not go further.
fn panned(origin: f64, shift: f64, shown: f64, canvas: f64) -> f64 {
    let least_visible = KEPT_IN_VIEW_PX.min(shown).min(canvas);
    let (least, most) = (least_visible - shown, canvas - least_visible);
    (origin + shift).clamp(least.min(origin), most.max(origin))
}

fn reveal_shift(start: f64, length: f64, canvas: f64) -> f64 {
    if length > canvas {
        (canvas - length) / 2.0 - start
    } else if start < 0.0 {
        -start
    } else if start + length > canvas {
        canvas - start - length
    } else {
        0.0
    }
}
