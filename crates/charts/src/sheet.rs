//! The sheet that charts are drawn on: plotters' SVG backend, in tenths of a
//! pixel, with text measured by our table. Knows nothing of axes or series.

use crate::{
    frame::Canvas,
    ink::{Ink, with_variables},
    text::text_width,
};
use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Circle, PathElement, Polygon, Rectangle, Text},
    style::{
        Color, FontFamily, FontStyle, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use std::fmt::Write as _;

/// Plotters draws at whole numbers; ten of them are a pixel.
const UNITS: f64 = 10.0;
/// Size of letters in pixels.
pub(crate) const FONT_PX: f64 = 11.0;
/// plotters-svg writes a font's size divided by this.
const PLOTTERS_FONT: f64 = 1.24;

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    /// Ends at the point, at half height.
    Right,
    /// Begins at the point, at half height.
    Left,
    /// Centred under the point.
    Below,
}

/// What the drawing functions of this crate draw on.
pub(crate) struct Sheet<'a> {
    area: DrawingArea<TableMeasured<'a>, Shift>,
}

/// The backend's errors are those of files; a text has none.
pub(crate) type DrawResult = Result<(), plotters::drawing::DrawingAreaErrorKind<std::io::Error>>;

/// Draws with `draw` and gives the finished SVG, described by `title`.
pub(crate) fn svg(canvas: Canvas, title: &str, draw: impl FnOnce(&Sheet<'_>) -> DrawResult) -> String {
    let mut text = String::new();
    let size = ((f64::from(canvas.width) * UNITS) as u32, (f64::from(canvas.height) * UNITS) as u32);
    {
        let sheet =
            Sheet { area: TableMeasured(SVGBackend::with_string(&mut text, size)).into_drawing_area() };
        draw(&sheet).and_then(|()| sheet.area.present()).expect("writing into a text does not fail");
    }
    with_variables(&with_own_root(&text, canvas, size, title))
}

/// Replaces the root element by one that scales, has a name and no fonts.
fn with_own_root(text: &str, canvas: Canvas, (width, height): (u32, u32), title: &str) -> String {
    let body = text.split_once('>').map_or("", |(_, body)| body);
    let mut out = String::with_capacity(text.len());
    let Canvas { width: w, height: h } = canvas;
    // Writing into a text cannot fail.
    let _ = write!(
        out,
        "<svg class=\"chart-svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"{}\">",
        escaped(title)
    );
    out.push_str(&body.replace(" font-family=\"sans-serif\"", ""));
    out
}

fn escaped(text: &str) -> String {
    html_escape::encode_double_quoted_attribute(text).into_owned()
}

fn units(px: f64) -> i32 {
    (px * UNITS).round() as i32
}

fn point((x, y): (f64, f64)) -> (i32, i32) {
    (units(x), units(y))
}

fn stroke(ink: Ink, width_px: f64) -> ShapeStyle {
    ShapeStyle::from(ink.sentinel()).stroke_width((width_px * UNITS).round() as u32)
}

impl Sheet<'_> {
    /// A line through `points`, in pixels.
    pub(crate) fn line(&self, points: &[(f64, f64)], ink: Ink, width_px: f64) -> DrawResult {
        let points: Vec<_> = points.iter().copied().map(point).collect();
        self.area.draw(&PathElement::new(points, stroke(ink, width_px)))
    }

    /// A filled shape with corners at `points`, in pixels.
    pub(crate) fn area(&self, points: &[(f64, f64)], ink: Ink, opacity: f64) -> DrawResult {
        let points: Vec<_> = points.iter().copied().map(point).collect();
        self.area.draw(&Polygon::new(points, ink.sentinel().mix(opacity)))
    }

    /// A filled rectangle between two corners, in pixels.
    pub(crate) fn bar(&self, from: (f64, f64), to: (f64, f64), ink: Ink, opacity: f64) -> DrawResult {
        let style = ink.sentinel().mix(opacity).filled();
        self.area.draw(&Rectangle::new([point(from), point(to)], style))
    }

    /// A filled circle around a point, in pixels.
    pub(crate) fn dot(&self, at: (f64, f64), ink: Ink, radius_px: f64) -> DrawResult {
        self.area.draw(&Circle::new(point(at), units(radius_px), ink.sentinel().filled()))
    }

    /// A text at a point, in pixels.
    pub(crate) fn text(&self, at: (f64, f64), text: &str, anchor: Anchor) -> DrawResult {
        let pos = match anchor {
            Anchor::Right => Pos::new(HPos::Right, VPos::Center),
            Anchor::Left => Pos::new(HPos::Left, VPos::Center),
            Anchor::Below => Pos::new(HPos::Center, VPos::Top),
        };
        let size = FONT_PX * UNITS * PLOTTERS_FONT;
        let colour = Ink::Text.sentinel();
        let style = TextStyle::from(("sans-serif", size)).color(&colour).pos(pos);
        self.area.draw(&Text::new(text, point(at), style))
    }
}

/// The SVG backend, but for the measure of text.
struct TableMeasured<'a>(SVGBackend<'a>);

impl DrawingBackend for TableMeasured<'_> {
    type ErrorType = std::io::Error;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.present()
    }

    fn draw_pixel(
        &mut self,
        at: BackendCoord,
        color: BackendColor,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.draw_pixel(at, color)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.draw_rect(from, to, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.draw_path(path, style)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.draw_circle(center, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.fill_polygon(corners, style)
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        at: BackendCoord,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        // The plain backend measures nothing here, but a family and a weight
        // other than the sheet's would change the root's promise.
        debug_assert!(matches!(style.family(), FontFamily::SansSerif | FontFamily::Name("sans-serif")));
        debug_assert!(matches!(style.style(), FontStyle::Normal));
        self.0.draw_text(text, style, at)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Self::ErrorType>> {
        let size = style.size() / PLOTTERS_FONT;
        Ok((text_width(text, size).ceil() as u32, size.ceil() as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_title_and_a_hostile_label_are_escaped() {
        let canvas = Canvas { width: 100, height: 40 };
        let text = svg(canvas, "\"><script>", |sheet| sheet.text((1.0, 1.0), "</svg><script>", Anchor::Left));
        assert!(!text.contains("<script>"), "{text}");
        assert_eq!(text.matches("</svg>").count(), 1, "{text}");
    }
}
