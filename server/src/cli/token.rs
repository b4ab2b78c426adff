//! `fovea token …`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::http::api::{NewTokenAnswer, NewTokenBody};
use clap::{Args, Subcommand};
use domain::access::Role;
use serde_json::json;
use service::{As, TokenRequest};

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
    after_help = "Example:\n  export FOVEA_TOKEN=$(fovea token create --name camera-3 --role reviewer --expires 90d)"
)]
struct Create {
    /// What it is for.
    #[arg(long)]
    name: String,
    /// admin, reviewer or viewer.
    #[arg(long)]
    role: Role,
    /// How long it works (90d, 12h), or until when (2027-01-31T12:00:00Z);
    /// without it for ever.
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl TokenCommand {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let Act::Create(create) = self.act;
        let (id, secret) = match global.target().await? {
            Target::Data(data) => {
                let request =
                    TokenRequest { name: create.name.clone(), role: create.role, expires: create.expires };
                let made = data.service.people().create_token(&As::system(), request).await?;
                output::note("The token has no owner: it works until it is revoked or expires.");
                (made.token.id.to_string(), made.secret)
            }
            Target::Server(server) => {
                let body = NewTokenBody {
                    name: create.name.clone(),
                    role: create.role.to_string(),
                    expires: create.expires,
                };
                let made: NewTokenAnswer = server.post("tokens", &body).await?;
                (made.token.id.to_string(), made.secret)
            }
        };
        if create.json {
            return output::json(&json!({ "id": id, "name": create.name, "secret": secret }));
        }
        output::line(&secret);
        Ok(())
    }
}
