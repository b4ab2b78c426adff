//! `fovea coco-eval`.

use super::output;
use anyhow::Context as _;
use clap::Args;
use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

/// Evaluates detections against truth exactly as COCOeval does.
#[derive(Args)]
#[command(
    name = "coco-eval",
    after_help = "Example:\n  fovea coco-eval --gt instances.json --dt detections.json --json"
)]
pub(super) struct CocoEval {
    /// True boxes, a COCO file.
    #[arg(long, value_name = "FILE")]
    gt: PathBuf,
    /// Detections, COCO's list of results.
    #[arg(long, value_name = "FILE")]
    dt: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl CocoEval {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let evaluation = formats::coco_eval(open(&self.gt)?, open(&self.dt)?)?;
        if self.json {
            return output::json(&evaluation);
        }
        let summary = serde_json::to_value(evaluation.summary)?;
        for (name, value) in summary.as_object().into_iter().flatten() {
            output::line(&format!("{name:<10} {:>7.4}", value.as_f64().unwrap_or(-1.0)));
        }
        for (id, ap) in &evaluation.per_category {
            output::line(&format!("category {id}: AP {:.4}  AP50 {:.4}", ap.AP, ap.AP50));
        }
        Ok(())
    }
}

fn open(path: &Path) -> anyhow::Result<BufReader<File>> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(BufReader::new(file))
}
