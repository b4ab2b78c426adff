//! Curves over time or steps: hairline grid, three heights, few marks below.

use crate::{
    figures::{compact, csv_field},
    frame::{Canvas, Frame},
    ink::Ink,
    sheet::{Anchor, DrawResult, Sheet, svg},
    text::text_width,
    ticks::{count_ticks, nice_max, time_ticks},
};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What the x axis counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum XAxis {
    /// Moments; x values are milliseconds since 1970 as in [`Timestamp`].
    Time {
        /// At the left edge.
        from: Timestamp,
        /// At the right edge.
        to: Timestamp,
    },
    /// A count from 0 to `to`: steps, for example.
    Count {
        /// At the right edge.
        to: f64,
    },
}

/// One curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What it is drawn with.
    pub ink: Ink,
    /// Whether the room below it is tinted.
    pub filled: bool,
    /// By rising x. `None` is a gap: nothing was measured there.
    pub points: Vec<(f64, Option<f64>)>,
}

/// Some curves on common axes; the y axis begins at 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineChart {
    /// Read to people who cannot see it.
    pub title: String,
    /// Below.
    pub x: XAxis,
    /// At the upper edge; `None` for a round figure above the highest point.
    pub y_max: Option<f64>,
    /// Later ones are drawn over earlier ones.
    pub lines: Vec<Line>,
}

const RIGHT_PX: f64 = 6.0;
const TOP_PX: f64 = 8.0;
const BOTTOM_PX: f64 = 22.0;
const CURVE_PX: f64 = 1.5;
const FILL_OPACITY: f64 = 0.1;
/// Radius of a point that stands alone.
const DOT_PX: f64 = 3.0;

impl LineChart {
    /// Where values lie when it is drawn on `canvas`.
    #[must_use]
    pub fn frame(&self, canvas: Canvas) -> Frame {
        let top = self.top();
        let widest = [top, top / 2.0].map(|v| text_width(&compact(v), crate::sheet::FONT_PX));
        let left = widest.into_iter().fold(16.0, f64::max).ceil() + 10.0;
        let x = match self.x {
            XAxis::Time { from, to } => (from.0 as f64, to.0 as f64),
            XAxis::Count { to } => (0.0, to),
        };
        Frame {
            left,
            right: (f64::from(canvas.width) - RIGHT_PX).max(left + 1.0),
            top: TOP_PX,
            bottom: (f64::from(canvas.height) - BOTTOM_PX).max(TOP_PX + 1.0),
            x,
            y: (0.0, top),
        }
    }

    /// Draws it.
    #[must_use]
    pub fn to_svg(&self, canvas: Canvas) -> String {
        let frame = self.frame(canvas);
        svg(canvas, &self.title, |sheet| {
            draw_heights(sheet, &frame)?;
            self.draw_marks(sheet, &frame)?;
            self.lines.iter().try_for_each(|line| draw_line(sheet, &frame, line))
        })
    }

    /// Whether there is no point at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values().next().is_none()
    }

    /// The same as comma-separated values: `place`, then a column for each of
    /// `names`, the names of the first lines; a gap is an empty field.
    #[must_use]
    pub fn to_csv(&self, place: &str, names: &[&str]) -> String {
        let width = self.lines.len().min(names.len());
        let names = &names[..width];
        let mut rows: Vec<(f64, Vec<Option<f64>>)> = Vec::new();
        for (column, line) in self.lines[..width].iter().enumerate() {
            for (x, y) in &line.points {
                let at = rows.partition_point(|(other, _)| other < x);
                if rows.get(at).is_none_or(|(other, _)| other != x) {
                    rows.insert(at, (*x, vec![None; width]));
                }
                rows[at].1[column] = *y;
            }
        }
        let heads: Vec<String> = std::iter::once(place).chain(names.iter().copied()).map(csv_field).collect();
        let mut csv = heads.join(",") + "\n";
        for (x, figures) in rows {
            let place = match self.x {
                XAxis::Time { .. } => Timestamp(x as i64).to_string(),
                XAxis::Count { .. } => x.to_string(),
            };
            csv.push_str(&place);
            for figure in figures {
                csv.push(',');
                csv.push_str(&figure.map(|value| value.to_string()).unwrap_or_default());
            }
            csv.push('\n');
        }
        csv
    }

    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.lines.iter().flat_map(|line| line.points.iter()).filter_map(|(_, y)| *y)
    }

    fn top(&self) -> f64 {
        self.y_max.unwrap_or_else(|| nice_max(self.values().fold(0.0, f64::max)))
    }

    fn draw_marks(&self, sheet: &Sheet<'_>, frame: &Frame) -> DrawResult {
        let room = (frame.right - frame.left) / 72.0;
        let marks: Vec<(f64, String)> = match self.x {
            XAxis::Time { from, to } => {
                let ticks = time_ticks(from, to, room.floor() as i64);
                ticks.into_iter().map(|(at, name)| (at.0 as f64, name)).collect()
            }
            XAxis::Count { to } => {
                count_ticks(to, room).into_iter().map(|value| (value, compact(value))).collect()
            }
        };
        for (value, name) in marks {
            let half = text_width(&name, crate::sheet::FONT_PX) / 2.0;
            let x = frame.x_px(value);
            let fits = x - half >= frame.left - 24.0 && x - half >= 0.0;
            let x = x.min(frame.right + RIGHT_PX - half);
            if fits {
                sheet.text((x, frame.bottom + 8.0), &name, Anchor::Below)?;
            }
        }
        Ok(())
    }
}

/// Hairlines at nothing, half and all of the axis; figures at the ends.
fn draw_heights(sheet: &Sheet<'_>, frame: &Frame) -> DrawResult {
    let top = frame.y.1;
    for value in [0.0, top / 2.0, top] {
        let y = frame.y_px(value);
        sheet.line(&[(frame.left, y), (frame.right, y)], Ink::Grid, 1.0)?;
        sheet.text((frame.left - 8.0, y), &compact(value), Anchor::Right)?;
    }
    Ok(())
}

/// A line in pieces: a gap in the figures is a gap on the sheet.
fn draw_line(sheet: &Sheet<'_>, frame: &Frame, line: &Line) -> DrawResult {
    for piece in line.points.split(|(_, y)| y.is_none()) {
        let points: Vec<(f64, f64)> =
            piece.iter().filter_map(|(x, y)| Some((frame.x_px(*x), frame.y_px((*y)?)))).collect();
        let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else { continue };
        if points.len() == 1 {
            // Alone between gaps: a line of one point would not be seen.
            sheet.dot(first, line.ink, DOT_PX)?;
            continue;
        }
        if line.filled {
            let mut corners = points.clone();
            corners.extend([(last.0, frame.bottom), (first.0, frame.bottom)]);
            sheet.area(&corners, line.ink, FILL_OPACITY)?;
        }
        sheet.line(&points, line.ink, CURVE_PX)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CANVAS: Canvas = Canvas { width: 320, height: 140 };

    fn chart(points: Vec<(f64, Option<f64>)>) -> LineChart {
        let line = Line { ink: Ink::Accent, filled: true, points };
        LineChart { title: "Latency".into(), x: XAxis::Count { to: 10.0 }, y_max: None, lines: vec![line] }
    }

    #[test]
    fn a_curve_with_a_gap_looks_like_this() {
        let points =
            vec![(0.0, Some(1.0)), (2.0, Some(4.0)), (4.0, None), (6.0, Some(3.0)), (8.0, Some(9.0))];
        insta::assert_snapshot!(chart(points).to_svg(CANVAS));
    }

    #[test]
    fn lines_with_other_places_share_the_rows_of_the_values() {
        let mut chart = chart(vec![(1.0, Some(0.5)), (3.0, None)]);
        chart.lines.push(Line { ink: Ink::Muted, filled: false, points: vec![(2.0, Some(7.0))] });
        assert_eq!(chart.to_csv("Step", &["AP", "AP, 50"]), "Step,AP,\"AP, 50\"\n1,0.5,\n2,,7\n3,,\n");
    }

    #[test]
    fn a_chart_without_points_has_axes_and_is_empty() {
        let chart = chart(vec![(1.0, None)]);
        assert!(chart.is_empty());
        assert!(!chart.to_svg(CANVAS).contains("var(--chart-1)"));
    }

    #[test]
    fn a_point_alone_between_gaps_is_seen() {
        let svg = chart(vec![(1.0, None), (5.0, Some(2.0)), (6.0, None)]).to_svg(CANVAS);
        assert_eq!(svg.matches("var(--chart-1)").count(), 1);
    }

    proptest! {
        #[test]
        fn every_drawn_coordinate_lies_on_the_sheet(
            ys in prop::collection::vec(prop::option::of(0.0f64..1e6), 0..40),
            width in 120u32..900, height in 60u32..400,
        ) {
            let points = ys.into_iter().enumerate().map(|(i, y)| (i as f64 / 4.0, y)).collect();
            let svg = chart(points).to_svg(Canvas { width, height });
            for list in svg.split("points=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                for pair in list.split_whitespace() {
                    let (x, y) = pair.split_once(',').expect("a pair");
                    let (x, y): (i64, i64) = (x.parse().expect("a number"), y.parse().expect("a number"));
                    prop_assert!((0..=i64::from(width) * 10).contains(&x), "{}", x);
                    prop_assert!((0..=i64::from(height) * 10).contains(&y), "{}", y);
                }
            }
        }
    }
}
