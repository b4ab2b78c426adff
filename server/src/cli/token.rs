//! `fovea token …`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use clap::{Args, Subcommand};
use domain::access::{Actor, Role};
use serde_json::{Value, json};

/// Bearer tokens for programs.
#[derive(Args)]
pub(super) struct TokenCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    Create(Create),
}

/// Makes a token and prints its secret, which is shown only here.
#[derive(Args)]
#[command(
    after_help = "Example:\n  export FOVEA_TOKEN=$(fovea token create --name camera-3 --role reviewer)"
)]
struct Create {
    /// What it is for.
    #[arg(long)]
    name: String,
    /// admin, reviewer or viewer.
    #[arg(long)]
    role: Role,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl TokenCommand {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let Act::Create(create) = self.act;
        let (id, secret) = match global.target().await? {
            Target::Data(data) => {
                let made = data.service.create_token(&Actor::system(), &create.name, create.role).await?;
                (made.token.id.to_string(), made.secret)
            }
            Target::Server(server) => {
                let body = json!({ "name": create.name, "role": create.role.as_str() });
                let answer: Value = server.post("tokens", &body).await?;
                let text = |pointer: &str| {
                    answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
                };
                (text("/token/id"), text("/secret"))
            }
        };
        if create.json {
            return output::json(&json!({ "id": id, "name": create.name, "secret": secret }));
        }
        output::line(&secret);
        Ok(())
    }
}
