//! `fovea user …`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use clap::{Args, Subcommand};
use domain::access::{Actor, Role};
use serde_json::{Value, json};

/// People who can sign in.
#[derive(Args)]
pub(super) struct UserCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    Add(Add),
}

/// Invites a person: prints the link that sets their password, once.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea user add ada@example.org --role reviewer")]
struct Add {
    /// The address to sign in with.
    email: String,
    /// admin, reviewer or viewer.
    #[arg(long)]
    role: Role,
    /// Where people reach the server, for the printed link.
    #[arg(long, default_value = "http://127.0.0.1:3000", value_name = "URL")]
    base: url::Url,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl UserCommand {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let Act::Add(add) = self.act;
        let (base, path) = match global.target().await? {
            Target::Data(data) => {
                let (_, link) = data.service.add_user(&Actor::system(), &add.email, add.role).await?;
                (add.base, format!("/setup?secret={}", link.secret))
            }
            Target::Server(server) => {
                let body = json!({ "email": add.email, "role": add.role.as_str() });
                let answer: Value = server.post("users", &body).await?;
                let path = answer.get("setup_path").and_then(Value::as_str).unwrap_or_default().to_owned();
                (server.address("")?, path)
            }
        };
        let link = base.join(&path)?;
        if add.json {
            return output::json(
                &json!({ "email": add.email, "role": add.role.as_str(), "setup_url": link.as_str() }),
            );
        }
        output::line(&format!("Send {} this link; it works once:\n{link}", add.email));
        Ok(())
    }
}
