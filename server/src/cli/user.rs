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
    Link(Link),
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

/// Makes a new link by which a person sets their password; ends a former one.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea user link ada@example.org")]
struct Link {
    /// The address they sign in with.
    email: String,
    /// Where people reach the server, for the printed link.
    #[arg(long, default_value = "http://127.0.0.1:3000", value_name = "URL")]
    base: url::Url,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl UserCommand {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        match self.act {
            Act::Add(add) => add.run(global).await,
            Act::Link(link) => link.run(global).await,
        }
    }
}

impl Link {
    async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let email = self.email.trim().to_lowercase();
        let missing = || anyhow::anyhow!("there is no account {email:?}");
        let (base, path) = match global.target().await? {
            Target::Data(data) => {
                let people = data.service.users(&Actor::system()).await?;
                let person = people.iter().find(|user| user.email == email).ok_or_else(missing)?;
                let link = data.service.reset_link(&Actor::system(), person.id).await?;
                (self.base, format!("/setup?secret={}", link.secret))
            }
            Target::Server(server) => {
                let people: Value = server.get("users").await?;
                let people = people.get("items").and_then(Value::as_array).into_iter().flatten();
                let text =
                    |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
                let person = people.into_iter().find(|user| text(user, "email").as_ref() == Some(&email));
                let id = person.and_then(|user| text(user, "id")).ok_or_else(missing)?;
                let answer: Value = server.post(&format!("users/{id}/link"), &json!({})).await?;
                (server.address("")?, text(&answer, "setup_path").unwrap_or_default())
            }
        };
        let link = base.join(&path)?;
        if self.json {
            return output::json(&json!({ "email": email, "setup_url": link.as_str() }));
        }
        output::line(&format!("Send {email} this link; it works once:\n{link}"));
        Ok(())
    }
}

impl Add {
    async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let add = self;
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
