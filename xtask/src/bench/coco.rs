//! The COCO evaluator beside pycocotools and faster-coco-eval, on the same
//! files: `crates/formats/bench/coco_peers.py` does it and prints rows.

use anyhow::Result;

use super::figures::Row;
use super::{Bed, onnx};

/// The packages that the script compares with.
const PACKAGES: [&str; 3] = ["numpy", "pycocotools", "faster-coco-eval"];

/// Runs the script on the built program.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let script = bed.workspace.root().join("crates/formats/bench/coco_peers.py");
    onnx::run_script(bed, &script, &PACKAGES)
}
