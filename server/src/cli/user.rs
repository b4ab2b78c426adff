//! `fovea user …`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::http::api::{InvitedBody, NewUserBody, ResetLinkBody, UserList};
use clap::{Args, Subcommand};
use domain::access::Role;
use serde_json::json;
use service::As;

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

/// Below the path of the address that people reach the server by.
fn setup_path(base: &url::Url, secret: &str) -> String {
    format!("{}/setup?secret={secret}", base.path().trim_end_matches('/'))
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
                let people = data.service.people().users(&As::system()).await?;
                let person = people.iter().find(|user| user.email == email).ok_or_else(missing)?;
                let link = data.service.people().reset_link(&As::system(), person.id).await?;
                let path = setup_path(&self.base, &link.secret);
                (self.base, path)
            }
            Target::Server(server) => {
                let people: UserList = server.get("users").await?;
                let person = people.items.iter().find(|user| user.email == email).ok_or_else(missing)?;
                let link: ResetLinkBody =
                    server.post(&format!("users/{}/link", person.id), &json!({})).await?;
                (server.address("")?, link.setup_path)
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
                let (_, link) = data.service.people().add_user(&As::system(), &add.email, add.role).await?;
                let path = setup_path(&add.base, &link.secret);
                (add.base, path)
            }
            Target::Server(server) => {
                let body = NewUserBody { email: add.email.clone(), role: add.role.to_string() };
                let invited: InvitedBody = server.post("users", &body).await?;
                (server.address("")?, invited.setup_path)
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
