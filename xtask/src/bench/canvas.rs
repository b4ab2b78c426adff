//! The review's canvas in a real browser: the time of a frame with 10,000
//! boxes, and from a key to the next image. By a script that prints one line
//! `what<TAB>median<TAB>p95`, in milliseconds, a figure.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Bed;
use super::figures::Row;
use crate::process::capture;
use crate::setup::{self, Purpose};

/// A frame may take so long at the median, and so long at the 95th percentile.
const FRAME_MS: (f64, f64) = (16.0, 33.0);
/// From accepting an image until the next one is drawn.
const NEXT_MS: f64 = 150.0;

/// Runs the script on the built program.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    setup::setup(&bed.workspace, Purpose::Test)?;
    let folder = bed.workspace.root().join("end2end");
    let printed = capture(
        Command::new("node")
            .arg("bench/canvas.mjs")
            .current_dir(&folder)
            .env("FOVEA_BIN", bed.workspace.binary(bed.profile))
            .env("FOVEA_CHROMIUM", setup::chromium().context("no browser; run `cargo xtask setup`")?),
    )?;
    let rows: Vec<Row> = printed.lines().filter_map(row).collect();
    if rows.is_empty() {
        bail!("bench/canvas.mjs printed no figure");
    }
    Ok(rows)
}

fn row(line: &str) -> Option<Row> {
    let mut cells = line.split('\t');
    let what = cells.next()?;
    let median: f64 = cells.next()?.parse().ok()?;
    let p95: f64 = cells.next()?.parse().ok()?;
    let figure = format!("p50 {median:.1} ms, p95 {p95:.1} ms");
    let (goal, met) = if what.contains("frame") {
        ("p50 ≤ 16 ms, p95 ≤ 33 ms", median <= FRAME_MS.0 && p95 <= FRAME_MS.1)
    } else {
        ("p95 ≤ 150 ms", p95 <= NEXT_MS)
    };
    Some(Row::judged(what, figure, goal, met))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_frame_and_a_slow_turn_are_missed_goals() {
        let told = |line| format!("{:?}", row(line).unwrap());
        assert!(told("a frame while panning\t5.0\t30.0").contains("met"));
        assert!(told("a frame while panning\t5.0\t40.0").contains("MISSED"));
        assert!(told("from accept to the next\t90.0\t151.0").contains("MISSED"));
        assert!(row("a notice").is_none());
    }
}
