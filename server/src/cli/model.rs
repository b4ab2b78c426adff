//! `fovea model …`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::http::api::ModelVersionBody;
use clap::{Args, Subcommand};
use domain::{
    access::Actor,
    name::{Label, Name},
};
use serde_json::{Value, json};

/// Models.
#[derive(Args)]
pub(super) struct Model {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    Register(Register),
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

impl Model {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let Act::Register(register) = self.act;
        let answer: Value = match global.target().await? {
            Target::Data(data) => {
                let version =
                    data.service.register_model(&Actor::system(), register.name, register.labels).await?;
                serde_json::to_value(ModelVersionBody::from(version))?
            }
            Target::Server(server) => {
                server.post("models", &json!({ "name": register.name, "labels": register.labels })).await?
            }
        };
        if register.json {
            return output::json(&answer);
        }
        output::line(answer.get("name").and_then(Value::as_str).unwrap_or_default());
        Ok(())
    }
}
