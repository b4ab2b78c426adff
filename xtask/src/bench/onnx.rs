//! Inference beside ONNX Runtime on the same network, by a Python script that
//! prints one line `what<TAB>figure` a row; and the Python for the peers.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Bed;
use super::figures::Row;
use crate::process::{capture, on_path, run};

/// The packages that the script compares with.
const PACKAGES: [&str; 3] = ["numpy", "onnx", "onnxruntime"];

/// Runs the script that compares the built program with its peer.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let script = bed.workspace.root().join("crates/vision/bench/onnx_compare.py");
    let python = python_with(bed, &PACKAGES)?;
    let printed = capture(
        Command::new(python).arg(&script).current_dir(bed.workspace.root()).env("FOVEA_BIN", &bed.binary),
    )?;
    let rows: Vec<Row> = printed.lines().filter_map(row).collect();
    if rows.is_empty() {
        bail!("{} printed no figure", script.display());
    }
    Ok(rows)
}

fn row(line: &str) -> Option<Row> {
    let (what, figure) = line.split_once('\t')?;
    Some(Row::plain(what.trim(), figure.trim().replace('\t', "  ")))
}

/// A Python of our own with these packages, made once beside the builds.
pub(super) fn python_with(bed: &Bed, packages: &[&str]) -> Result<PathBuf> {
    let system = on_path("python3").context("no python3 to run the peers with")?;
    let folder = bed.workspace.wasm_target().with_file_name("peers");
    let python = folder.join("bin/python");
    if !python.exists() {
        run(Command::new(system).args(["-m", "venv"]).arg(&folder))?;
    }
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(packages))?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_tab_is_a_row_and_any_other_is_chatter() {
        assert!(row("inference, ONNX Runtime\t5.1 ms").is_some());
        assert!(row("loading weights …").is_none());
    }
}
