//! Carries the messages of notices: over HTTP, and by a mail server.

mod file_client;
mod mail_client;
mod outgoing;
mod webhook_client;

pub(crate) use file_client::FileClient;

use clap::Args;
use futures::future::BoxFuture;
use mail_client::MailClient;
use service::{Message, MessageSender};
use webhook_client::WebhookClient;

/// How notices leave this process: options of whatever does background work.
#[derive(Args, Clone, Default)]
pub(crate) struct MessageOptions {
    /// Webhooks and Label Studio may be at private and local addresses.
    #[arg(long, env = "FOVEA_ALLOW_PRIVATE_WEBHOOKS")]
    allow_private_webhooks: bool,
    /// The mail server that notices are sent by: smtps://USER:PASSWORD@HOST, or
    /// smtp://USER:PASSWORD@HOST:587?tls=required.
    #[arg(long, value_name = "URL", env = "FOVEA_SMTP_URL", hide_env_values = true, requires = "smtp_from")]
    smtp_url: Option<String>,
    /// Whom the mails come from: NAME@HOST, or "Fovea <NAME@HOST>".
    #[arg(long, value_name = "MAILBOX", env = "FOVEA_SMTP_FROM")]
    smtp_from: Option<String>,
}

impl MessageOptions {
    /// Whether what an admin named may be at a private address.
    pub(crate) fn allows_private(&self) -> bool {
        self.allow_private_webhooks
    }

    /// What sends, by these options.
    ///
    /// # Errors
    /// A sentence when the mail server's URL or the mailbox is none.
    pub(crate) fn sender(&self) -> Result<Sender, String> {
        let mail = match (&self.smtp_url, &self.smtp_from) {
            (Some(url), Some(from)) => Some(MailClient::new(url, from)?),
            _ => None,
        };
        Ok(Sender { web: WebhookClient { allow_private: self.allow_private_webhooks }, mail })
    }
}

/// Sends what the service renders.
pub(crate) struct Sender {
    web: WebhookClient,
    mail: Option<MailClient>,
}

impl MessageSender for Sender {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<String, String>> {
        match message {
            Message::Post { url, headers, body } => Box::pin(self.web.post(url, headers, body)),
            Message::Mail(mail) => Box::pin(async move {
                let client = self.mail.as_ref();
                client.ok_or("this server has no mail server: start it with --smtp-url")?.send(mail).await
            }),
        }
    }
}
