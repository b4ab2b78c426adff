//! The addresses that are told of a deployment's events, and what was sent to
//! them. How each kind is told is its channel's ([`crate::channels`]).

use crate::{
    Admin, As, DeploymentRef, Monitoring, Result, ServiceError, channels, people::secrets::new_secret,
};
use domain::{
    access::Actor,
    deployment::Deployment,
    ids::WebhookId,
    notice::{ChannelKind, Delivery, NoticeKind, Webhook},
};
use serde_json::json;
use store::NewAudit;

/// An address to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewWebhook {
    /// The name of its kind; `None` for a webhook.
    pub kind: Option<String>,
    /// As the kind writes an address.
    pub address: String,
    /// Names of events; none for all.
    pub events: Vec<String>,
}

impl Monitoring {
    /// The addresses that are told of a deployment's events.
    ///
    /// # Errors
    /// Admins only; no such deployment.
    pub async fn webhooks(
        &self,
        _: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<Vec<Webhook>> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self.base.store().monitoring().webhooks(deployment.id).await?)
    }

    /// The kinds of addresses that there are, the usual one first.
    #[must_use]
    pub fn channel_kinds(&self, _: &As<Admin>) -> Vec<ChannelKind> {
        channels::kinds()
    }

    /// Adds an address, and gives the secret that its messages are signed
    /// with, if its kind signs them; it is shown this once.
    ///
    /// # Errors
    /// Admins only; no such deployment, kind or event, an address that is none
    /// of its kind.
    pub async fn add_webhook(
        &self,
        by: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        new: NewWebhook,
    ) -> Result<(Webhook, Option<String>)> {
        let deployment = self.base.known_deployment(deployment).await?;
        let kinds = channels::kinds();
        let kind = new.kind.or_else(|| kinds.first().map(|kind| kind.name.clone())).unwrap_or_default();
        let channel = channels::find(&kind).ok_or_else(|| {
            let names: Vec<_> = kinds.into_iter().map(|kind| kind.name).collect();
            ServiceError::invalid_at("kind", format!("There is no kind {kind:?}: use {}.", names.join(", ")))
        })?;
        let url = channel.check(&new.address).map_err(|why| ServiceError::invalid_at("url", why))?;
        let events = new.events.iter().map(|event| event.parse::<NoticeKind>());
        let events = events.collect::<std::result::Result<Vec<_>, _>>();
        let events = events.map_err(|unknown| ServiceError::invalid_at("events", unknown.to_string()))?;
        let webhook = Webhook {
            id: self.base.new_id(),
            deployment_id: Some(deployment.id),
            kind,
            url,
            events,
            enabled: true,
            created: self.base.now(),
        };
        let secret = if channel.is_signed() { Some(new_secret("whsec_")?) } else { None };
        let entry = self.webhook_entry(by, "webhook.add", &deployment, &webhook);
        let stored = secret.as_deref().unwrap_or_default();
        self.base.store().monitoring().add_webhook(&webhook, stored, entry).await?;
        Ok((webhook, secret))
    }

    /// Removes an address, with what was on its way to it.
    ///
    /// # Errors
    /// Admins only; no such deployment or webhook.
    pub async fn delete_webhook(
        &self,
        by: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        id: WebhookId,
    ) -> Result<()> {
        let (deployment, webhook) = self.known_webhook(deployment, id).await?;
        let entry = self.webhook_entry(by, "webhook.delete", &deployment, &webhook);
        Ok(self.base.store().monitoring().delete_webhook(id, entry).await?)
    }

    /// What was sent to an address lately, the latest first (at most 100).
    ///
    /// # Errors
    /// Admins only; no such deployment or webhook.
    pub async fn deliveries(
        &self,
        _: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        id: WebhookId,
    ) -> Result<Vec<Delivery>> {
        self.known_webhook(deployment, id).await?;
        Ok(self.base.store().monitoring().deliveries(id, 100).await?)
    }

    async fn known_webhook(
        &self,
        deployment: impl Into<DeploymentRef>,
        id: WebhookId,
    ) -> Result<(Deployment, Webhook)> {
        let deployment = self.base.known_deployment(deployment).await?;
        let webhooks = self.base.store().monitoring().webhooks(deployment.id).await?;
        let webhook = webhooks.into_iter().find(|webhook| webhook.id == id);
        let webhook = webhook.ok_or_else(|| ServiceError::not_found(format!("There is no webhook {id}.")))?;
        Ok((deployment, webhook))
    }

    fn webhook_entry(
        &self,
        actor: &Actor,
        action: &str,
        deployment: &Deployment,
        webhook: &Webhook,
    ) -> NewAudit {
        let detail = json!({ "kind": webhook.kind, "url": webhook.url });
        self.base.entry(actor, action, deployment.name.as_str(), &detail)
    }
}
