//! Scripts that measure in a real browser: each prints one line a figure,
//! `what<TAB>median<TAB>p95`.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Bed;
use crate::process::capture;
use crate::setup::{self, Purpose};

/// What a script measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    pub(super) what: String,
    pub(super) median: f64,
    pub(super) p95: f64,
}

/// Runs a script of `end2end/bench` on the built program.
pub(super) fn run(bed: &Bed, script: &str, variables: &[(&str, &std::path::Path)]) -> Result<Vec<Figure>> {
    setup::setup(&bed.workspace, Purpose::Test)?;
    let printed = capture(
        Command::new("node")
            .arg(format!("bench/{script}"))
            .current_dir(bed.workspace.root().join("end2end"))
            .env("FOVEA_BIN", &bed.binary)
            .env("FOVEA_CHROMIUM", setup::chromium().context("no browser; run `cargo xtask setup`")?)
            .envs(variables.iter().copied()),
    )?;
    let figures: Vec<Figure> = printed.lines().filter_map(figure).collect();
    if figures.is_empty() {
        bail!("bench/{script} printed no figure");
    }
    Ok(figures)
}

fn figure(line: &str) -> Option<Figure> {
    let mut cells = line.split('\t');
    let what = cells.next()?.to_owned();
    Some(Figure { what, median: cells.next()?.parse().ok()?, p95: cells.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_two_numbers_is_a_figure() {
        let read = figure("a frame\t5.0\t30.5").unwrap();
        assert_eq!((read.what.as_str(), read.median, read.p95), ("a frame", 5.0, 30.5));
        assert_eq!(figure("a notice"), None);
    }
}
