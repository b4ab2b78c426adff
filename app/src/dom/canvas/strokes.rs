//! Shapes one by one, on whole device pixels.

use super::{CanvasStack, Picture, is_handle};
use review::{Dash, Placement, Role, ScreenPoint, ScreenRect, Style, dash_device_px, line_device_px};
use web_sys::{
    CanvasRenderingContext2d,
    js_sys::{Array, Reflect},
};

/// In CSS pixels.
const TAG_HEIGHT_PX: f64 = 16.0;
const TAG_PADDING_PX: f64 = 5.0;
const TAG_TEXT_PX: f64 = 11.5;
/// Below this many device pixels an image pixel, neighbours are averaged.
const SHRUNK: f64 = 0.6;
/// More texts than this are not remembered.
const MOST_WIDTHS: usize = 4_000;

impl CanvasStack {
    pub(super) fn image(
        &self,
        context: &CanvasRenderingContext2d,
        picture: Option<&Picture>,
        at: &ScreenRect,
        smooth: bool,
    ) {
        let Some(picture) = picture else { return };
        let shrunk = at.w * self.scale < picture.width() * SHRUNK;
        context.set_image_smoothing_enabled(smooth);
        if shrunk {
            // The bindings have no name for it; without it the picture is coarser.
            let _ = Reflect::set(context, &"imageSmoothingQuality".into(), &"medium".into());
        }
        let [x, y, w, h] = [at.x, at.y, at.w, at.h].map(|v| v * self.scale);
        picture.draw(context, x, y, w, h);
    }

    pub(super) fn rects(&self, context: &CanvasRenderingContext2d, style: &Style, rects: &[ScreenRect]) {
        let colour = &self.colours.of(style.role).css;
        let line = line_device_px(style.line_px, self.scale);
        let ground = if is_handle(style) { &self.colours.handle.css } else { colour };
        context.set_line_width(line);
        context.set_stroke_style_str(colour);
        context.set_fill_style_str(ground);
        self.set_dash(context, style.dash);
        for rect in rects {
            let snapped = |v: f64| (v * self.scale - line / 2.0).round() + line / 2.0;
            let (x, y) = (snapped(rect.x), snapped(rect.y));
            let (w, h) = (snapped(rect.x + rect.w) - x, snapped(rect.y + rect.h) - y);
            if style.fill > 0.0 {
                context.set_global_alpha(style.fill);
                context.fill_rect(x, y, w, h);
                context.set_global_alpha(1.0);
            }
            if line > 0.0 {
                context.stroke_rect(x, y, w, h);
            }
        }
    }

    pub(super) fn lines(
        &self,
        context: &CanvasRenderingContext2d,
        style: &Style,
        lines: &[(ScreenPoint, ScreenPoint)],
    ) {
        context.set_stroke_style_str(&self.colours.of(style.role).css);
        context.set_line_width(line_device_px(style.line_px, self.scale));
        self.set_dash(context, style.dash);
        context.begin_path();
        // Half a pixel in, so that a thin line covers one row and not two.
        let snapped = |v: f64| (v * self.scale).floor() + 0.5;
        for (from, to) in lines {
            context.move_to(snapped(from.x), snapped(from.y));
            context.line_to(snapped(to.x), snapped(to.y));
        }
        context.stroke();
    }

    pub(super) fn tag(
        &self,
        context: &CanvasRenderingContext2d,
        at: ScreenPoint,
        placement: Placement,
        text: &str,
        role: Role,
    ) {
        let scale = self.scale;
        context.set_font(&format!("600 {}px {}", TAG_TEXT_PX * scale, self.colours.font));
        let width = self.width_of(context, text) + 2.0 * TAG_PADDING_PX * scale;
        let height = (TAG_HEIGHT_PX * scale).round();
        let x = (at.x * scale).round() - scale.round().max(1.0);
        let y = (at.y * scale).round();
        let top = if placement == Placement::Above { y - height } else { y };
        context.set_fill_style_str(&self.colours.of(role).css);
        context.fill_rect(x, top, width.ceil(), height);
        context.set_fill_style_str(&self.colours.on(role).css);
        context.set_text_baseline("middle");
        // The text is one that fits: failing to draw it would be a browser's fault.
        let _ = context.fill_text(text, x + TAG_PADDING_PX * scale, top + height / 2.0 + 0.5 * scale);
    }

    fn width_of(&self, context: &CanvasRenderingContext2d, text: &str) -> f64 {
        let mut widths = self.widths.borrow_mut();
        if let Some(width) = widths.get(text) {
            return *width;
        }
        let width = context.measure_text(text).map_or(0.0, |metrics| metrics.width());
        if widths.len() < MOST_WIDTHS {
            widths.insert(text.to_owned(), width);
        }
        width
    }

    fn set_dash(&self, context: &CanvasRenderingContext2d, dash: Dash) {
        let gaps = Array::new();
        if let Some((on, off)) = dash_device_px(dash, self.scale) {
            gaps.push(&on.into());
            gaps.push(&off.into());
        }
        // Refuses negative numbers only.
        let _ = context.set_line_dash(&gaps);
    }
}
