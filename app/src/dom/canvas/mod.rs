//! The review's canvases: one for each surface of the scene, painted from its
//! display list in whole device pixels. Knows shapes and colours, no boxes of
//! a review and no gesture.

mod canvas_colours;
mod picture;
mod strokes;

pub use picture::{Picture, fetch_picture};

use super::{Listener, watch_pointer};
use canvas_colours::CanvasColours;
use review::{
    CanvasSize, Event, LayerSet, MinimapPlace, Primitive, Raster, Role, Scene, ScreenPoint, Style, Surface,
};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
};
use wasm_bindgen::{Clamped, prelude::*};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, ImageData};

/// With more rectangles than this on a surface, they are painted as pixels.
const MANY: usize = 400;

/// Four canvases on top of each other.
pub struct CanvasStack {
    canvases: Vec<SurfaceCanvas>,
    scale: f64,
    colours: CanvasColours,
    raster: RefCell<Raster>,
    /// Widths of texts in device pixels; emptied when the font changes.
    widths: RefCell<HashMap<String, f64>>,
}

struct SurfaceCanvas {
    surface: Surface,
    element: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

/// The word in `data-surface`.
#[must_use]
pub fn surface_word(surface: Surface) -> &'static str {
    match surface {
        Surface::Image => "image",
        Surface::Static => "static",
        Surface::Overlay => "overlay",
        Surface::Minimap => "minimap",
    }
}

impl CanvasStack {
    /// Finds the canvases inside `place` by their `data-surface`; `None` when
    /// one is missing.
    #[must_use]
    pub fn find(place: &Element) -> Option<Self> {
        let canvas_of = |surface| {
            let selector = format!("canvas[data-surface={}]", surface_word(surface));
            let element = place.query_selector(&selector).ok()??.dyn_into::<HtmlCanvasElement>().ok()?;
            let context = element.get_context("2d").ok()??.dyn_into().ok()?;
            Some(SurfaceCanvas { surface, element, context })
        };
        let canvases = Surface::ALL.into_iter().map(canvas_of).collect::<Option<Vec<_>>>()?;
        let colours = CanvasColours::read()?;
        Some(Self { canvases, scale: 1.0, colours, raster: RefCell::default(), widths: RefCell::default() })
    }

    /// Takes the colours that the page has now.
    pub fn read_colours(&mut self) {
        if let Some(colours) = CanvasColours::read() {
            self.colours = colours;
        }
    }

    /// Gives the canvases their size in device pixels; they are empty then.
    pub fn resize(&mut self, size: CanvasSize, minimap: MinimapPlace) {
        let scale = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).max(0.25);
        if (self.scale - scale).abs() > f64::EPSILON {
            self.widths.borrow_mut().clear();
        }
        self.scale = scale;
        for canvas in &self.canvases {
            let (width, height) = match canvas.surface {
                Surface::Minimap => minimap.extent(),
                _ => (size.width(), size.height()),
            };
            canvas.element.set_width((width * scale).round() as u32);
            canvas.element.set_height((height * scale).round() as u32);
            for (name, side) in [("width", width), ("height", height)] {
                // Without it a canvas is as large as its pixels; a number is never refused.
                let _ = canvas.element.style().set_property(name, &format!("{side}px"));
            }
        }
    }

    /// Tells `act` what the pointer does on the canvases.
    pub fn watch_pointer(&self, act: impl Fn(Event) + 'static) -> Vec<Listener> {
        let overlay = self.canvases.iter().find(|canvas| canvas.surface == Surface::Overlay);
        overlay.map(|canvas| watch_pointer(&canvas.element, act)).unwrap_or_default()
    }

    /// Tells `act` where on the minimap the pointer is while it is pressed.
    pub fn watch_minimap(&self, act: impl Fn(ScreenPoint) + 'static) -> Vec<Listener> {
        let minimap = self.canvases.iter().find(|canvas| canvas.surface == Surface::Minimap);
        let Some(canvas) = minimap else { return Vec::new() };
        let held = Cell::new(false);
        watch_pointer(&canvas.element, move |event| match event {
            Event::Down(pointer) => {
                held.set(true);
                act(pointer.at);
            }
            Event::Move(pointer) if held.get() => act(pointer.at),
            Event::Up(_) | Event::Cancel { .. } => held.set(false),
            _ => {}
        })
    }

    /// What the pointer looks like over the canvases.
    pub fn set_cursor(&self, name: &str) {
        for canvas in self.canvases.iter().filter(|canvas| canvas.surface == Surface::Overlay) {
            if canvas.element.style().get_property_value("cursor").as_deref() != Ok(name) {
                // A cursor that the browser does not know stays as it was.
                let _ = canvas.element.style().set_property("cursor", name);
            }
        }
    }

    /// Says in the document which picture is painted.
    pub fn mark(&self, name: &str) {
        for canvas in self.canvases.iter().filter(|canvas| canvas.surface == Surface::Image) {
            // Nothing on the page depends on it.
            let _ = canvas.element.set_attribute("data-drawn", name);
        }
    }

    /// Paints the surfaces that changed.
    pub fn paint(&self, scene: &Scene, changed: LayerSet, picture: Option<&Picture>) {
        for canvas in self.canvases.iter().filter(|canvas| changed.touches(canvas.surface)) {
            self.paint_one(canvas, scene, picture);
        }
    }

    fn paint_one(&self, canvas: &SurfaceCanvas, scene: &Scene, picture: Option<&Picture>) {
        let primitives = || scene.surface(canvas.surface);
        let rects = primitives().map(|p| match p {
            Primitive::Rects { rects, .. } => rects.len(),
            _ => 0,
        });
        let many = rects.sum::<usize>() > MANY;
        let (width, height) = (canvas.element.width(), canvas.element.height());
        if many {
            self.put_pixels(canvas, primitives(), width, height);
        } else {
            canvas.context.clear_rect(0.0, 0.0, f64::from(width), f64::from(height));
        }
        for primitive in primitives() {
            match primitive {
                Primitive::Image { at, smooth } => self.image(&canvas.context, picture, at, *smooth),
                Primitive::Rects { style, .. } if many && !is_handle(style) => {}
                Primitive::Rects { style, rects } => self.rects(&canvas.context, style, rects),
                Primitive::Lines { style, lines } => self.lines(&canvas.context, style, lines),
                Primitive::Tag { at, placement, text, role } => {
                    self.tag(&canvas.context, *at, *placement, text, *role);
                }
            }
        }
        if canvas.surface == Surface::Minimap {
            canvas.element.set_hidden(primitives().next().is_none());
        }
    }

    fn put_pixels<'a>(
        &self,
        canvas: &SurfaceCanvas,
        primitives: impl Iterator<Item = &'a Primitive>,
        width: u32,
        height: u32,
    ) {
        let mut raster = self.raster.borrow_mut();
        raster.reset(width, height);
        for primitive in primitives {
            if let Primitive::Rects { style, rects } = primitive
                && !is_handle(style)
            {
                raster.rects(style, self.colours.of(style.role).rgb, rects, self.scale);
            }
        }
        let pixels = ImageData::new_with_u8_clamped_array(Clamped(raster.bytes()), raster.width());
        if let Ok(pixels) = pixels {
            // Fails only for pixels of another canvas' type.
            let _ = canvas.context.put_image_data(&pixels, 0.0, 0.0);
        }
    }
}

/// A handle has two colours: it is stroked, however many boxes there are.
fn is_handle(style: &Style) -> bool {
    matches!(style.role, Role::Handle(_))
}
