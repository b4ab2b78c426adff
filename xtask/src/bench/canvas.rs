//! The review's canvas in a real browser: the time of a frame with 10,000
//! boxes, and from a key to the next image.

use anyhow::Result;

use super::Bed;
use super::browser::{self, Figure};
use super::figures::Row;

/// A frame may take so long at the median, and so long at the 95th percentile.
const FRAME_MS: (f64, f64) = (16.0, 33.0);
/// From accepting an image until the next one is drawn.
const NEXT_MS: f64 = 150.0;

/// Runs the script on the built program.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    Ok(browser::run(bed, "canvas.mjs", &[])?.iter().map(row).collect())
}

fn row(Figure { what, median, p95 }: &Figure) -> Row {
    let figure = format!("p50 {median:.1} ms, p95 {p95:.1} ms");
    let (goal, met) = if what.contains("frame") {
        ("p50 ≤ 16 ms, p95 ≤ 33 ms", *median <= FRAME_MS.0 && *p95 <= FRAME_MS.1)
    } else {
        ("p95 ≤ 150 ms", *p95 <= NEXT_MS)
    };
    Row::judged(what, figure, goal, met)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_frame_and_a_slow_turn_are_missed_goals() {
        let told =
            |what: &str, median, p95| format!("{:?}", row(&Figure { what: what.to_owned(), median, p95 }));
        assert!(told("a frame while panning", 5.0, 30.0).contains("met"));
        assert!(told("a frame while panning", 5.0, 40.0).contains("MISSED"));
        assert!(told("from accept to the next", 90.0, 151.0).contains("MISSED"));
    }
}
