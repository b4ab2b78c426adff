//! `fovea deploy`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::http::api::DeploymentBody;
use clap::Args;
use domain::{
    access::Actor,
    name::{Name, VersionRef},
};
use serde_json::{Value, json};
use service::NewDeployment;

/// Puts a model version to work under a name.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea deploy --name cells --model cells/1 --threshold 0.3")]
pub(super) struct Deploy {
    /// The deployment's name.
    #[arg(long)]
    name: Name,
    /// The model version that answers.
    #[arg(long, value_name = "NAME/N")]
    model: VersionRef,
    /// A model version that predicts the same images silently.
    #[arg(long, value_name = "NAME/N")]
    shadow: Option<VersionRef>,
    /// Boxes at or above this score are seen and counted [default: 0.25].
    #[arg(long, value_name = "SCORE")]
    threshold: Option<f64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Deploy {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let answer: Value = match global.target().await? {
            Target::Data(data) => {
                let new = NewDeployment {
                    name: self.name.clone(),
                    model: self.model,
                    shadow: self.shadow,
                    threshold: self.threshold,
                };
                let deployment = data.service.deploy(&Actor::system(), new).await?;
                serde_json::to_value(DeploymentBody::from(deployment))?
            }
            Target::Server(server) => {
                let body = json!({
                    "name": self.name, "model": self.model.to_string(),
                    "shadow": self.shadow.map(|shadow| shadow.to_string()), "threshold": self.threshold,
                });
                server.post("deployments", &body).await?
            }
        };
        if self.json {
            return output::json(&answer);
        }
        let runnable = answer.pointer("/champion/runnable").and_then(Value::as_bool).unwrap_or(true);
        let name = &self.name;
        output::line(&if runnable {
            format!("{name} is at work. Send it images:\n  fovea predict --deployment {name} IMAGE…")
        } else {
            format!(
                "{name} is ready. Its model runs elsewhere: report what it sees to\n  \
                 POST /api/v1/deployments/{name}/predictions (its page shows the command)"
            )
        });
        Ok(())
    }
}
