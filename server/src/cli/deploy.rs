//! `fovea deploy`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::http::api::{DeploymentBody, NewDeploymentBody};
use clap::Args;
use domain::name::{Name, VersionRef};
use service::{As, NewDeployment};

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
        let deployment: DeploymentBody = match global.target().await? {
            Target::Data(data) => {
                let new = NewDeployment {
                    name: self.name.clone(),
                    model: self.model,
                    shadow: self.shadow,
                    threshold: self.threshold,
                };
                let deployment = data.service.catalogue().deploy(&As::system(), new).await?;
                deployment.into()
            }
            Target::Server(server) => {
                let body = NewDeploymentBody {
                    name: self.name.to_string(),
                    model: self.model.to_string(),
                    shadow: self.shadow.map(|shadow| shadow.to_string()),
                    threshold: self.threshold,
                };
                server.post("deployments", &body).await?
            }
        };
        if self.json {
            return output::json(&deployment);
        }
        let name = &self.name;
        output::line(&if deployment.champion.runnable {
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
