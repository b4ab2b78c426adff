//! A curve the size of a word.

use crate::{frame::Canvas, ink::Ink, sheet::svg};

/// `values` from left to right over a tinted area; flat at the bottom when
/// they are all 0.
#[must_use]
pub fn sparkline(title: &str, values: &[u64], canvas: Canvas) -> String {
    let (width, height) = (f64::from(canvas.width), f64::from(canvas.height));
    let most = values.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = width / values.len().saturating_sub(1).max(1) as f64;
    let line: Vec<(f64, f64)> = values
        .iter()
        .enumerate()
        .map(|(i, v)| (step * i as f64, height - 1.0 - (height - 3.0) * *v as f64 / most))
        .collect();
    let drawing = svg(canvas, title, |sheet| {
        let (Some(first), Some(last)) = (line.first(), line.last()) else { return Ok(()) };
        let mut corners = line.clone();
        corners.extend([(last.0, height), (first.0, height)]);
        sheet.area(&corners, Ink::Accent, 0.1)?;
        sheet.line(&line, Ink::Accent, 1.5)
    });
    // It has no letters: it may be stretched to its place.
    drawing.replacen("<svg ", "<svg preserveAspectRatio=\"none\" ", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_counts_looks_like_this() {
        let counts = [0, 0, 1, 4, 9, 7, 3, 0];
        insta::assert_snapshot!(sparkline("Predictions", &counts, Canvas { width: 80, height: 20 }));
    }

    #[test]
    fn no_values_draw_nothing() {
        assert!(!sparkline("Predictions", &[], Canvas { width: 80, height: 20 }).contains("polyline"));
    }
}
