//! The Predictions page in a real browser, on very many predictions.

use std::path::Path;

use anyhow::Result;

use super::Bed;
use super::browser::{self, Figure};
use super::figures::Row;

/// From the click until the first pictures are there to look at.
const FIRST_PAGE_MS: f64 = 1_000.0;
const FRAMES_A_SECOND: f64 = 50.0;
/// What two hundred pages more may leave behind.
const GROWTH: f64 = 1.5;

/// Runs the script on a filled folder.
pub(super) fn measure(bed: &Bed, folder: &Path) -> Result<Vec<Row>> {
    let figures = browser::run(bed, "predictions.mjs", &[("FOVEA_BENCH_FOLDER", folder)])?;
    Ok(figures.iter().map(row).collect())
}

fn row(Figure { what, median, p95 }: &Figure) -> Row {
    if what.starts_with("from the click") {
        let figure = format!("p50 {median:.0} ms, p95 {p95:.0} ms");
        Row::judged(what, figure, "p95 ≤ 1 s", *p95 <= FIRST_PAGE_MS)
    } else if what.starts_with("frames a second") {
        Row::judged(what, format!("{median:.1}"), "≥ 50", *median >= FRAMES_A_SECOND)
    } else if what.starts_with("megabytes") {
        let figure = format!("{median:.0}, {p95:.0}");
        Row::judged(what, figure, "grows by less than half", *p95 <= median * GROWTH)
    } else if what.starts_with("a frame") {
        Row::plain(what, format!("p50 {median:.1} ms, p95 {p95:.1} ms"))
    } else {
        Row::plain(what, format!("{median}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_page_a_slow_list_and_a_growing_tab_are_missed_goals() {
        let told =
            |what: &str, median, p95| format!("{:?}", row(&Figure { what: what.to_owned(), median, p95 }));
        assert!(told("from the click to the first page", 300.0, 900.0).contains("met"));
        assert!(told("from the click to the first page", 300.0, 1_100.0).contains("MISSED"));
        assert!(told("frames a second while scrolling", 49.0, 49.0).contains("MISSED"));
        assert!(told("megabytes of the tab", 100.0, 160.0).contains("MISSED"));
    }
}
