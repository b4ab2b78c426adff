//! The layers without boxes: the image with its pixel grid, the guides, the
//! minimap.

use super::primitive::{Primitive, Role, Style};
use crate::{
    editor::Editor,
    space::{ImagePoint, ScreenPoint, ScreenRect},
};
use domain::geometry::{Rect, Size};

/// From this zoom on, image pixels are shown as squares.
const SHARP_ZOOM: f64 = 2.0;
/// From this zoom on, there is a grid between them.
const GRID_ZOOM: f64 = 12.0;
/// The longer side of the minimap, in CSS pixels.
pub const MINIMAP_PX: f64 = 160.0;

/// The image, and at high zoom the grid between its pixels.
pub(super) fn image(editor: &Editor) -> Vec<Primitive> {
    let viewport = &editor.viewport;
    let smooth = viewport.zoom() < SHARP_ZOOM;
    let mut primitives = vec![Primitive::Image { at: viewport.image_on_screen(), smooth }];
    let visible = viewport.visible().and_then(|visible| visible.clamp_to(editor.size()));
    if let Some(visible) = visible.filter(|_| viewport.zoom() >= GRID_ZOOM) {
        let style = Style::line(Role::PixelGrid, 1.0);
        primitives.push(Primitive::Lines { style, lines: grid(editor, &visible) });
    }
    primitives
}

fn grid(editor: &Editor, visible: &Rect) -> Vec<(ScreenPoint, ScreenPoint)> {
    let whole = |from: f64, to: f64| (from.ceil() as i64..=to.floor() as i64).map(|v| v as f64);
    let line = |x0, y0, x1, y1| {
        let to_screen = |x, y| editor.viewport.to_screen(ImagePoint::new(x, y));
        (to_screen(x0, y0), to_screen(x1, y1))
    };
    let columns = whole(visible.x(), visible.right()).map(|x| line(x, visible.y(), x, visible.bottom()));
    let rows = whole(visible.y(), visible.bottom()).map(|y| line(visible.x(), y, visible.right(), y));
    columns.chain(rows).collect()
}

/// What the tool shows: a crosshair, the area that is selected or zoomed to.
pub(super) fn guides(editor: &Editor) -> Vec<Primitive> {
    editor.sketch().guides
}

/// How the minimap stands to the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinimapPlace {
    size: Size,
    scale: f64,
}

impl MinimapPlace {
    /// The minimap of an image, [`MINIMAP_PX`] on its longer side.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self { size, scale: MINIMAP_PX / f64::from(size.width.max(size.height)) }
    }

    /// Its width and height in CSS pixels, at least 1.
    #[must_use]
    pub fn extent(&self) -> (f64, f64) {
        let side = |pixels: u32| (f64::from(pixels) * self.scale).max(1.0);
        (side(self.size.width), side(self.size.height))
    }

    /// The image point under a place of the minimap: what a click there puts
    /// into the middle of the canvas.
    #[must_use]
    pub fn to_image(&self, at: ScreenPoint) -> ImagePoint {
        ImagePoint::new(at.x / self.scale, at.y / self.scale).clamp_to(self.size)
    }
}

/// The whole image and what the canvas shows of it; nothing while the canvas
/// shows all of it.
pub(super) fn minimap(editor: &Editor) -> Vec<Primitive> {
    let Some(visible) = editor.viewport.visible().and_then(|visible| visible.clamp_to(editor.size())) else {
        return Vec::new();
    };
    let place = MinimapPlace::new(editor.size());
    let (w, h) = place.extent();
    if visible.w() >= f64::from(editor.size().width) && visible.h() >= f64::from(editor.size().height) {
        return Vec::new();
    }
    let scale = place.scale;
    let view = ScreenRect {
        x: visible.x() * scale,
        y: visible.y() * scale,
        w: visible.w() * scale,
        h: visible.h() * scale,
    };
    vec![
        Primitive::Image { at: ScreenRect { x: 0.0, y: 0.0, w, h }, smooth: true },
        Primitive::Rects { style: Style::line(Role::View, 1.5), rects: vec![view] },
    ]
}
