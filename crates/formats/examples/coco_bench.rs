//! Times the COCO evaluator on two files: `coco_bench GT DT [ROUNDS]`.
//!
//! Prints one JSON object: the best of the rounds, in seconds, of everything
//! from the files to the figures (`total_s`), of reading (`read_s`) and of
//! counting alone (`evaluate_s`), and the figures. `bench/coco_peers.py` makes
//! the files, runs this and two other evaluators, and compares.

use measures::metrics::coco;
use std::{fs::File, time::Instant};

#[allow(clippy::print_stdout, reason = "the result of the program")]
#[allow(clippy::disallowed_methods, reason = "a benchmark is about the clock")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(truth), Some(detections)) = (arguments.next(), arguments.next()) else {
        return Err("usage: coco_bench GT.json DT.json [ROUNDS]".into());
    };
    let rounds: u32 = arguments.next().map_or(Ok(3), |rounds| rounds.parse())?;
    let (mut best_read, mut best_evaluate, mut best_total) = (f64::INFINITY, f64::INFINITY, f64::INFINITY);
    let mut summary = None;
    for _ in 0..rounds.max(1) {
        let start = Instant::now();
        let pair = formats::read_pair(File::open(&truth)?, File::open(&detections)?)?;
        let read = start.elapsed().as_secs_f64();
        let evaluation = coco::evaluate(pair.category_ids.len(), &pair.images);
        let total = start.elapsed().as_secs_f64();
        best_read = best_read.min(read);
        best_evaluate = best_evaluate.min(total - read);
        best_total = best_total.min(total);
        summary = Some(evaluation.summary);
    }
    let result = serde_json::json!({
        "total_s": best_total, "read_s": best_read, "evaluate_s": best_evaluate, "summary": summary,
    });
    println!("{result}");
    Ok(())
}
