//! The COCO evaluator beside pycocotools and faster-coco-eval, on the same
//! files: `crates/formats/bench/coco_peers.py` makes them and runs all three.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::figures::Row;
use super::{Bed, onnx};
use crate::build::build_example;
use crate::process::capture;

/// The packages that the script compares with.
const PACKAGES: [&str; 3] = ["numpy", "pycocotools", "faster-coco-eval"];

/// The peers, as the script names them.
const PEERS: [&str; 2] = ["pycocotools", "faster-coco-eval"];

/// Runs the script on the built evaluator.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let evaluator = build_example(&bed.workspace, bed.profile, "coco_bench")?;
    let python = onnx::python_with(bed, &PACKAGES)?;
    let script = bed.workspace.root().join("crates/formats/bench/coco_peers.py");
    let printed = capture(Command::new(python).arg(script).arg(evaluator))?;
    rows(&serde_json::from_str(&printed)?).context("the script printed other figures than it used to")
}

fn rows(result: &Value) -> Option<Vec<Row>> {
    let seconds = |who: &str| result.get(who)?.get("total_s")?.as_f64();
    let ours = seconds("fovea")?;
    let mut rows = vec![Row::plain("COCO evaluation of 5,000 images, Fovea", format!("{ours:.2} s"))];
    for peer in PEERS {
        let Some(theirs) = seconds(peer) else { continue };
        let apart = result.get(peer)?.get("largest_difference")?.as_f64()?;
        rows.push(Row::judged(
            &format!("the same, {peer}"),
            format!("{theirs:.2} s, {:.1} times as long, figures differ by {apart:.0e}", theirs / ours),
            "slower than Fovea",
            theirs > ours,
        ));
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::super::figures;
    use super::*;
    use serde_json::json;

    #[test]
    fn each_peer_that_ran_is_set_beside_ours() {
        let result = json!({
            "fovea": {"total_s": 0.5},
            "pycocotools": {"total_s": 5.0, "largest_difference": 1e-12},
        });
        let table = figures::table(&rows(&result).unwrap());
        assert!(table.contains("5.00 s, 10.0 times as long") && table.contains("met"), "{table}");
        assert!(!table.contains("faster-coco-eval"));
        assert!(rows(&json!({"fovea": {}})).is_none());
    }
}
