//! `fovea predict`.

use super::{
    WrongUse,
    global::{GlobalOptions, Target},
    output,
};
use crate::http::api::{BoxShape, PredictionBody};
use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use domain::{prediction::Provenance, words::counted};
use service::{As, PredictOptions};
use std::path::{Path, PathBuf};

/// Predicts images with a deployment and prints their boxes.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  fovea predict --deployment cells photo.jpg\n  fovea predict --deployment cells --json *.jpg > boxes.jsonl"
)]
pub(super) struct Predict {
    /// The deployment's name or id.
    #[arg(long, value_name = "NAME")]
    deployment: String,
    /// JPEG, PNG or WebP files.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Which camera, line or client they come from.
    #[arg(long)]
    source: Option<String>,
    /// Free words, separated by commas.
    #[arg(long, value_delimiter = ',')]
    tags: Vec<String>,
    /// Predict only; store nothing.
    #[arg(long)]
    no_monitor: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Predict {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let target = global.target().await?;
        let mut failed = 0_usize;
        for path in &self.images {
            match self.one(&target, path).await {
                Ok(prediction) => self.print(path, &prediction)?,
                Err(error) if self.images.len() > 1 => {
                    failed += 1;
                    output::note(&format!("{}: {error:#}", path.display()));
                }
                Err(error) => return Err(error.context(path.display().to_string())),
            }
        }
        match failed {
            0 => Ok(()),
            _ => {
                let images = counted(self.images.len(), "image", "images");
                anyhow::bail!("of {images}, {} not predicted", counted(failed, "was", "were"))
            }
        }
    }

    async fn one(&self, target: &Target, path: &Path) -> anyhow::Result<PredictionBody> {
        let bytes = Bytes::from(std::fs::read(path).context("the file cannot be read")?);
        let filename = path.file_name().map(|name| name.to_string_lossy().into_owned());
        match target {
            Target::Data(data) => {
                let provenance = Provenance {
                    filename,
                    source: self.source.clone(),
                    tags: self.tags.clone(),
                    ..Provenance::default()
                };
                let options = PredictOptions { monitor: !self.no_monitor, ..PredictOptions::default() };
                let actor = As::system();
                let prediction = data
                    .service
                    .intake()
                    .predict(&actor, &self.deployment, bytes, provenance, options)
                    .await?;
                Ok(prediction.into())
            }
            Target::Server(server) => {
                if self.tags.iter().any(|tag| tag.contains(',')) {
                    return Err(WrongUse("A tag must not contain a comma.".to_owned()).into());
                }
                let tags = self.tags.join(",");
                let monitor = if self.no_monitor { "false" } else { "true" };
                let mut query = vec![("monitor", monitor)];
                query.extend(filename.as_deref().map(|name| ("filename", name)));
                query.extend(self.source.as_deref().map(|source| ("source", source)));
                query.extend((!tags.is_empty()).then_some(("tags", tags.as_str())));
                let path = format!("deployments/{}/predict", self.deployment);
                server.post_bytes(&path, &query, bytes).await
            }
        }
    }

    fn print(&self, path: &Path, prediction: &PredictionBody) -> anyhow::Result<()> {
        if self.json {
            return output::json(prediction);
        }
        let PredictionBody { objects, latency_ms, threshold, boxes, .. } = prediction;
        output::line(&format!("{}: {objects} objects, {latency_ms:.0} ms", path.display()));
        for BoxShape { label, score, x, y, w, h } in
            boxes.iter().filter(|predicted| predicted.score >= *threshold)
        {
            output::line(&format!("  {score:.2}  {label}  x {x:.1}  y {y:.1}  w {w:.1}  h {h:.1}"));
        }
        Ok(())
    }
}
