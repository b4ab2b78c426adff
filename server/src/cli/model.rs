//! `fovea model …`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::http::api::{AtMost, ModelVersionBody, NewModelBody};
use anyhow::Context;
use bytes::Bytes;
use clap::{Args, Subcommand};
use domain::name::{Label, Name, VersionRef};
use service::As;
use std::path::PathBuf;

/// Models.
#[derive(Args)]
pub(super) struct Model {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    Register(Register),
    Export(Export),
    Import(Import),
}

/// Registers a model that is served elsewhere: a version without weights,
/// whose deployment only takes reports.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea model register traffic --labels car,truck,bicycle")]
struct Register {
    /// The model's name.
    name: Name,
    /// Its classes, separated by commas.
    #[arg(long, value_delimiter = ',', required = true)]
    labels: Vec<Label>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Writes a version's weights, with the labels in them, and its card.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea model export cells/2 --out cells-2.safetensors --card cells-2.md")]
struct Export {
    /// Which.
    #[arg(value_name = "MODEL/NUMBER")]
    model: VersionRef,
    /// Receives the weights.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Receives the card: labels, lineage, parameters and figures, in Markdown.
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
}

/// Makes the next version of a model out of exported weights.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea model import cells-2.safetensors --model cells")]
struct Import {
    /// The weights.
    #[arg(value_name = "FILE")]
    weights: PathBuf,
    /// The model that receives the version; made when there is none.
    #[arg(long)]
    model: Name,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Model {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let target = global.target().await?;
        match self.act {
            Act::Register(register) => register.run(target).await,
            Act::Export(export) => export.run(target).await,
            Act::Import(import) => import.run(target).await,
        }
    }
}

impl Register {
    async fn run(self, target: Target) -> anyhow::Result<()> {
        let version: ModelVersionBody = match target {
            Target::Data(data) => {
                let version =
                    data.service.catalogue().register_model(&As::system(), self.name, self.labels).await?;
                version.into()
            }
            Target::Server(server) => {
                let labels = self.labels.into_iter().map(String::from).collect();
                let body = NewModelBody { name: self.name.to_string(), labels: AtMost(labels) };
                server.post("models", &body).await?
            }
        };
        say(&version, self.json)
    }
}

impl Export {
    async fn run(self, target: Target) -> anyhow::Result<()> {
        let (weights, card) = match target {
            Target::Data(data) => {
                let (service, who) = (&data.service, As::system());
                let card = Bytes::from(service.catalogue().model_card(&who, &self.model).await?);
                (service.catalogue().model_weights(&who, &self.model).await?, card)
            }
            Target::Server(server) => {
                let path = format!("models/{}", self.model);
                let card = server.get_bytes(&format!("{path}/card")).await?;
                (server.get_bytes(&format!("{path}/weights")).await?, card)
            }
        };
        let write = |path: &PathBuf, bytes: &Bytes| {
            std::fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
        };
        write(&self.out, &weights)?;
        if let Some(path) = &self.card {
            write(path, &card)?;
        }
        output::line(&format!("{} is in {}: {} bytes", self.model, self.out.display(), weights.len()));
        Ok(())
    }
}

impl Import {
    async fn run(self, target: Target) -> anyhow::Result<()> {
        let version: ModelVersionBody = match target {
            Target::Data(data) => {
                let imported =
                    data.service.catalogue().import_model(&As::system(), self.model, &self.weights).await;
                let version =
                    imported.with_context(|| format!("{} cannot be imported", self.weights.display()))?;
                version.into()
            }
            Target::Server(server) => {
                let weights = std::fs::read(&self.weights)
                    .with_context(|| format!("{} cannot be read", self.weights.display()))?;
                let weights = Bytes::from(weights);
                server.post_bytes("models/import", &[("name", self.model.as_str())], weights).await?
            }
        };
        say(&version, self.json)
    }
}

/// The version that was made.
fn say(version: &ModelVersionBody, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(version);
    }
    output::line(&version.name);
    Ok(())
}
