//! `fovea evaluate`.

use super::{
    global::{GlobalOptions, Target},
    output::{self, Progress},
};
use crate::http::api::{EstimateBody, EvaluationBody, MeasureBody};
use clap::Args;
use domain::{dataset::Split, name::VersionRef};
use service::{As, EvaluateRequest};
use std::time::Duration;

/// A server measures thousands of images in this time.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Measures a model version on a dataset version (COCO AP and AR).
#[derive(Args)]
#[command(after_help = "Example:\n  fovea evaluate --model cells/1 --dataset cells/v1 --split test --json")]
pub(super) struct Evaluate {
    /// The model version.
    #[arg(long, value_name = "NAME/N")]
    model: VersionRef,
    /// The dataset version.
    #[arg(long, value_name = "NAME/VERSION")]
    dataset: VersionRef,
    /// Which part: train, val or test.
    #[arg(long, default_value = "test")]
    split: Split,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Evaluate {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let measured = match global.target().await? {
            Target::Data(data) => {
                let request = EvaluateRequest { model: self.model, dataset: self.dataset, split: self.split };
                let mut progress = Progress::new("images");
                let mut step = |done, all| progress.set(done, all);
                let measured = data.service.learning().evaluate(&As::system(), request, &mut step).await?;
                progress.finish();
                EvaluationBody::from(measured)
            }
            Target::Server(server) => {
                let split = Some(self.split.to_string());
                let body = MeasureBody { dataset: self.dataset.to_string(), split };
                let path = format!("models/{}/evaluations", self.model);
                server.post_patiently(&path, &body, PATIENCE).await?
            }
        };
        if self.json {
            return output::json(&measured);
        }
        let s = &measured.summary;
        output::line(&format!(
            "{} images, {} boxes of {} ({})",
            measured.images, measured.boxes, measured.dataset, measured.split
        ));
        if measured.fitted == Some(true) {
            output::line("The version was fitted to these images, or chosen by them.");
        }
        if let Some(left_out) = measured.left_out.as_ref().filter(|left_out| left_out.images > 0) {
            output::line(&format!(
                "{} images left out: {} that the version was trained on, {} near duplicates of such",
                left_out.images, left_out.trained_on, left_out.near_duplicates
            ));
        }
        let between = |interval: &Option<EstimateBody>| {
            interval.as_ref().map_or(String::new(), |e| format!(" ({:.3}–{:.3})", e.low, e.high))
        };
        let (ap, ap50) = (between(&measured.ap_interval), between(&measured.ap50_interval));
        output::line(&format!("AP {:.3}{ap}  AP50 {:.3}{ap50}  AP75 {:.3}", s.AP, s.AP50, s.AP75));
        output::line(&format!(
            "AP small {:.3}  medium {:.3}  large {:.3}",
            s.AP_small, s.AP_medium, s.AP_large
        ));
        output::line(&format!("AR 1 {:.3}  10 {:.3}  100 {:.3}", s.AR_1, s.AR_10, s.AR_100));
        if let Some(best) = &measured.best_threshold {
            let (at, f1) = (&best.threshold, &best.f1);
            output::line(&format!(
                "best F1 {:.3} ({:.3}–{:.3}) at threshold {:.2} ({:.2}–{:.2}): precision {:.3}, recall {:.3}",
                f1.value, f1.low, f1.high, at.value, at.low, at.high, best.precision, best.recall
            ));
        }
        for (label, ap) in &measured.per_label {
            output::line(&format!("  {label}: AP {:.3}  AP50 {:.3}", ap.AP, ap.AP50));
        }
        Ok(())
    }
}
