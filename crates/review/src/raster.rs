//! Rectangles as plain pixels: with thousands of boxes on the canvas this is
//! several times faster than asking a browser to stroke each. Knows device
//! pixels and colours as numbers, no canvas.

use crate::{
    scene::{Dash, Style},
    space::ScreenRect,
};

/// A colour: red, green, blue.
pub type Rgb = [u8; 3];

/// A picture in device pixels: red, green, blue, opacity (not multiplied in).
#[derive(Clone, Debug, Default)]
pub struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 4]>,
}

/// A stretch of device pixels on one axis, its end left out.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: i64,
    to: i64,
}

/// Width of a line in whole device pixels, at least one; zero for none.
#[must_use]
pub fn line_device_px(line_px: f64, scale: f64) -> f64 {
    if line_px > 0.0 { (line_px * scale).round().max(1.0) } else { 0.0 }
}

/// Device pixels that are drawn and left out in turn; none for a solid line.
#[must_use]
pub fn dash_device_px(dash: Dash, scale: f64) -> Option<(f64, f64)> {
    match dash {
        Dash::Solid => None,
        Dash::Dashed => Some(((5.0 * scale).round(), (4.0 * scale).round())),
        Dash::Dotted => Some(((2.0 * scale).round(), (2.0 * scale).round())),
    }
}

impl Raster {
    /// An empty picture of this size, in device pixels.
    pub fn reset(&mut self, width: u32, height: u32) {
        (self.width, self.height) = (width as usize, height as usize);
        self.pixels.clear();
        self.pixels.resize(self.width * self.height, [0; 4]);
    }

    /// Its width in device pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width as u32
    }

    /// Row by row from above, four bytes a pixel.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.pixels.as_flattened()
    }

    /// Paints rectangles that look alike; `scale` is device pixels in a CSS
    /// pixel. Lines lie on whole device pixels.
    pub fn rects(&mut self, style: &Style, colour: Rgb, rects: &[ScreenRect], scale: f64) {
        let line = line_device_px(style.line_px, scale) as i64;
        let dash = dash_device_px(style.dash, scale).map(|(on, off)| (on as i64, off as i64));
        for rect in rects {
            let edge = |v: f64| (v * scale - line as f64 / 2.0).round() as i64;
            let across = Span { from: edge(rect.x), to: edge(rect.x + rect.w) };
            let down = Span { from: edge(rect.y), to: edge(rect.y + rect.h) };
            if style.fill > 0.0 {
                self.fill(across, down, colour, style.fill);
            }
            if line > 0 {
                self.outline(across, down, line, colour, dash);
            }
        }
    }

    fn outline(&mut self, across: Span, down: Span, line: i64, colour: Rgb, dash: Option<(i64, i64)>) {
        let [r, g, b] = colour;
        let ink = [r, g, b, 255];
        let whole_rows = Span { from: across.from, to: across.to + line };
        for row in [down.from, down.to] {
            self.bar(whole_rows, Span { from: row, to: row + line }, ink, dash.map(|d| (d, true)));
        }
        let between = Span { from: down.from + line, to: down.to };
        for column in [across.from, across.to] {
            self.bar(Span { from: column, to: column + line }, between, ink, dash.map(|d| (d, false)));
        }
    }

    /// A filled bar, interrupted along one axis where it is dashed.
    fn bar(&mut self, across: Span, down: Span, ink: [u8; 4], dash: Option<((i64, i64), bool)>) {
        let (columns, rows) = (across.within(self.width), down.within(self.height));
        let Some(rows_of_pixels) = self.pixels.get_mut(rows.start * self.width..rows.end * self.width) else {
            return;
        };
        for (y, pixels) in rows_of_pixels.chunks_exact_mut(self.width.max(1)).enumerate() {
            let Some(pixels) = pixels.get_mut(columns.clone()) else { continue };
            match dash {
                None => pixels.fill(ink),
                Some(((on, off), true)) => {
                    let start = columns.start as i64 - across.from;
                    for (x, pixel) in pixels.iter_mut().enumerate() {
                        if (start + x as i64) % (on + off) < on {
                            *pixel = ink;
                        }
                    }
                }
                Some(((on, off), false)) => {
                    if ((rows.start + y) as i64 - down.from) % (on + off) < on {
                        pixels.fill(ink);
                    }
                }
            }
        }
    }

    fn fill(&mut self, across: Span, down: Span, colour: Rgb, opacity: f64) {
        let (columns, rows) = (across.within(self.width), down.within(self.height));
        let [r, g, b] = colour;
        let fresh = [r, g, b, (opacity.clamp(0.0, 1.0) * 255.0).round() as u8];
        let Some(rows_of_pixels) = self.pixels.get_mut(rows.start * self.width..rows.end * self.width) else {
            return;
        };
        for pixels in rows_of_pixels.chunks_exact_mut(self.width.max(1)) {
            for pixel in pixels.get_mut(columns.clone()).unwrap_or_default() {
                *pixel = if pixel[3] == 0 { fresh } else { over(*pixel, fresh) };
            }
        }
    }
}

impl Span {
    fn within(self, length: usize) -> std::ops::Range<usize> {
        let end = |v: i64| usize::try_from(v).unwrap_or(0).min(length);
        end(self.from)..end(self.to).max(end(self.from))
    }
}

/// `above` over `below`, by Porter and Duff.
fn over(below: [u8; 4], above: [u8; 4]) -> [u8; 4] {
    let share = |p: [u8; 4]| f64::from(p[3]) / 255.0;
    let (top, rest) = (share(above), share(below) * (1.0 - share(above)));
    let opacity = top + rest;
    if opacity <= 0.0 {
        return [0; 4];
    }
    let mix = |a: u8, b: u8| ((f64::from(a) * top + f64::from(b) * rest) / opacity).round() as u8;
    let [[r, g, b, _], [s, t, u, _]] = [above, below];
    [mix(r, s), mix(g, t), mix(b, u), (opacity * 255.0).round() as u8]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, Slot, scene::Style};

    fn style(line_px: f64, dash: Dash, fill: f64) -> Style {
        Style { dash, fill, ..Style::line(Role::Label(Slot::from(crate::LabelIndex(0))), line_px) }
    }

    fn painted(style: &Style, rect: (f64, f64, f64, f64), scale: f64) -> Raster {
        let mut raster = Raster::default();
        raster.reset(12, 8);
        let (x, y, w, h) = rect;
        raster.rects(style, [9, 8, 7], &[ScreenRect { x, y, w, h }], scale);
        raster
    }

    fn picture(raster: &Raster) -> String {
        let rows = raster.pixels.chunks(raster.width);
        let letter = |p: &[u8; 4]| match p[3] {
            0 => '.',
            255 => '#',
            _ => '+',
        };
        rows.map(|row| row.iter().map(letter).collect::<String>() + "\n").collect()
    }

    fn check(raster: &Raster, expected: &[&str]) {
        assert_eq!(picture(raster), expected.join("\n") + "\n");
    }

    #[test]
    fn a_line_lies_on_whole_pixels_around_its_edge() {
        let one = painted(&style(1.0, Dash::Solid, 0.0), (1.5, 1.5, 5.0, 3.0), 1.0);
        check(
            &one,
            &[
                "............",
                ".######.....",
                ".#....#.....",
                ".#....#.....",
                ".######.....",
                "............",
                "............",
                "............",
            ],
        );
    }

    #[test]
    fn device_pixels_make_lines_thicker_and_not_blurred() {
        let two = painted(&style(1.0, Dash::Solid, 0.2), (0.5, 0.5, 4.0, 2.0), 2.0);
        check(
            &two,
            &[
                "##########..",
                "##########..",
                "##++++++##..",
                "##++++++##..",
                "##########..",
                "##########..",
                "............",
                "............",
            ],
        );
    }

    #[test]
    fn dashes_leave_gaps_on_all_four_sides() {
        let dotted = painted(&style(1.0, Dash::Dotted, 0.0), (0.5, 0.5, 9.0, 6.0), 1.0);
        check(
            &dotted,
            &[
                "##..##..##..",
                "#........#..",
                "#........#..",
                "............",
                "............",
                "#........#..",
                "##..##..##..",
                "............",
            ],
        );
    }

    #[test]
    fn what_lies_outside_is_left_out_and_no_panic() {
        for rect in [(-50.0, -50.0, 20.0, 20.0), (-5.0, -5.0, 200.0, 200.0), (1e18, 0.0, 1.0, 1e18)] {
            let raster = painted(&style(2.0, Dash::Dashed, 0.0), rect, 1.0);
            assert!(raster.pixels.iter().all(|p| p[3] == 0), "{rect:?}");
        }
        Raster::default().rects(&style(1.0, Dash::Solid, 1.0), [0; 3], &[ScreenRect::default()], 1.0);
    }

    #[test]
    fn a_tint_over_a_line_keeps_the_line() {
        let line = [10, 20, 30, 255];
        assert_eq!(over(line, [10, 20, 30, 20]), line);
        assert_eq!(over([0; 4], [1, 2, 3, 0]), [0; 4]);
    }
}
