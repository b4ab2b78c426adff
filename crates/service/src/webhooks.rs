//! Events that go out: put on their way in the transaction in which they
//! happened, signed, and tried again until the address takes them.
//!
//! The body is signed with HMAC-SHA256 (RFC 2104) under the webhook's secret:
//! `Fovea-Signature: t=UNIX_SECONDS,v1=HEX` of `UNIX_SECONDS.BODY`, so that an
//! old message cannot be sent again as a new one.

use crate::{Result, Service, ServiceError, require, secrets::new_secret};
use domain::{
    access::{Actor, Role},
    deployment::Deployment,
    ids::{DeliveryId, DeploymentId, WebhookId},
    notice::{Delivery, EVENTS, Webhook, pause_ms},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::future::Future;
use store::{NewAudit, Outgoing};

/// How long a delivery in hand is not given to another process.
const IN_HAND_MS: i64 = 60_000;
/// Deliveries of one turn.
const TURN: usize = 50;
/// Bytes of an answer that are kept.
const KEPT_ANSWER: usize = 300;

/// The deployment where an event happens.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) id: DeploymentId,
    pub(crate) name: String,
}

impl From<&Deployment> for Place {
    fn from(deployment: &Deployment) -> Self {
        Self { id: deployment.id, name: deployment.name.to_string() }
    }
}

/// What an address is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Where.
    pub url: String,
    /// Which event, for `Fovea-Event`.
    pub event: String,
    /// The delivery's id, the same at every attempt, for `Fovea-Delivery`.
    pub delivery: String,
    /// For `Fovea-Signature`.
    pub signature: String,
    /// JSON.
    pub body: String,
}

/// Sends letters. What it may reach is its own affair.
pub trait Courier {
    /// Sends one, and gives what was answered; an error when it was not taken
    /// (any status but 2xx, or no answer).
    fn send(&self, letter: &Letter) -> impl Future<Output = std::result::Result<String, String>> + Send;
}

impl Service {
    /// The addresses that are told of a deployment's events.
    ///
    /// # Errors
    /// Admins only; no such deployment.
    pub async fn webhooks(&self, actor: &Actor, deployment: &str) -> Result<Vec<Webhook>> {
        require(actor, Role::Admin)?;
        let deployment = self.known_deployment(deployment).await?;
        Ok(self.store().monitoring().webhooks(deployment.id).await?)
    }

    /// Adds an address, and gives the secret that its letters are signed
    /// with; it is shown this once. `events` are names; none for all.
    ///
    /// # Errors
    /// Admins only; no such deployment or event, a URL that is not http(s).
    pub async fn add_webhook(
        &self,
        actor: &Actor,
        deployment: &str,
        url: &str,
        events: Vec<String>,
    ) -> Result<(Webhook, String)> {
        require(actor, Role::Admin)?;
        let deployment = self.known_deployment(deployment).await?;
        check_url(url)?;
        if let Some(unknown) = events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
            let message = format!("There is no event {unknown:?}: use {}.", EVENTS.join(", "));
            return Err(ServiceError::invalid_at("events", message));
        }
        let webhook = Webhook {
            id: self.new_id(),
            deployment_id: Some(deployment.id),
            url: url.to_owned(),
            events,
            enabled: true,
            created: self.now(),
        };
        let secret = new_secret("whsec_")?;
        let entry = self.webhook_entry(actor, "webhook.add", &deployment, url);
        self.store().monitoring().add_webhook(&webhook, &secret, entry).await?;
        Ok((webhook, secret))
    }

    /// Removes an address, with what was on its way to it.
    ///
    /// # Errors
    /// Admins only; no such deployment or webhook.
    pub async fn delete_webhook(&self, actor: &Actor, deployment: &str, id: WebhookId) -> Result<()> {
        let (deployment, webhook) = self.known_webhook(actor, deployment, id).await?;
        let entry = self.webhook_entry(actor, "webhook.delete", &deployment, &webhook.url);
        Ok(self.store().monitoring().delete_webhook(id, entry).await?)
    }

    /// What was sent to an address lately, the latest first (at most 100).
    ///
    /// # Errors
    /// Admins only; no such deployment or webhook.
    pub async fn deliveries(&self, actor: &Actor, deployment: &str, id: WebhookId) -> Result<Vec<Delivery>> {
        self.known_webhook(actor, deployment, id).await?;
        Ok(self.store().monitoring().deliveries(id, 100).await?)
    }

    async fn known_webhook(
        &self,
        actor: &Actor,
        deployment: &str,
        id: WebhookId,
    ) -> Result<(Deployment, Webhook)> {
        require(actor, Role::Admin)?;
        let deployment = self.known_deployment(deployment).await?;
        let found = self.store().monitoring().webhooks(deployment.id).await?;
        let webhook = found.into_iter().find(|webhook| webhook.id == id);
        let webhook = webhook.ok_or_else(|| ServiceError::not_found(format!("There is no webhook {id}.")))?;
        Ok((deployment, webhook))
    }

    /// An event for whoever asked for it, to be put on its way in the
    /// transaction of what it tells of.
    pub(crate) async fn outgoing(&self, place: Option<Place>, event: &str, data: Value) -> Result<Outgoing> {
        let count = self.store().monitoring().webhook_count().await?;
        let ids: Vec<DeliveryId> = (0..count).map(|_| self.new_id()).collect();
        let (deployment_id, deployment) = place.map(|place| (place.id, place.name)).unzip();
        let event = event.to_owned();
        Ok(Outgoing { deployment_id, deployment, event, data, at: self.now(), ids })
    }

    /// Sends what is due, and gives how many letters were tried.
    ///
    /// # Errors
    /// When the database fails; a letter that is not taken is tried again.
    pub async fn deliver(&self, courier: &impl Courier) -> Result<usize> {
        let monitoring = self.store().monitoring();
        for tried in 0..TURN {
            let now = self.now();
            let Some(due) = monitoring.claim_delivery(now, now.plus_ms(IN_HAND_MS)).await? else {
                return Ok(tried);
            };
            let letter = Letter {
                signature: signature(&due.secret, now.0 / 1000, &due.body),
                url: due.url,
                event: due.event,
                delivery: due.id.to_string(),
                body: due.body,
            };
            let (delivered, answer) = match courier.send(&letter).await {
                Ok(answer) => (true, answer),
                Err(why) => (false, why),
            };
            let next = pause_ms(due.attempts + 1).filter(|_| !delivered);
            let next = next.map(|pause| self.now().plus_ms(pause));
            let answer: String = answer.chars().take(KEPT_ANSWER).filter(|c| *c != '\0').collect();
            monitoring.note_delivery(due.id, delivered, &answer, next).await?;
        }
        Ok(TURN)
    }

    fn webhook_entry(&self, actor: &Actor, action: &str, deployment: &Deployment, url: &str) -> NewAudit {
        NewAudit {
            at: self.now(),
            actor: actor.display_name(),
            action: action.to_owned(),
            subject: deployment.name.to_string(),
            detail: json!({ "url": url }).to_string(),
        }
    }
}

fn check_url(url: &str) -> Result<()> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    let sound = url.len() <= 2_000
        && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
        && !url.chars().any(|c| c.is_control() || c.is_whitespace());
    if sound {
        Ok(())
    } else {
        Err(ServiceError::invalid_at("url", "It must be an address like https://HOST/PATH."))
    }
}

/// `t=UNIX_SECONDS,v1=HEX`.
fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let signed = hmac_sha256(secret.as_bytes(), format!("{seconds}.{body}").as_bytes());
    format!("t={seconds},v1={}", hex::encode(signed))
}

/// RFC 2104 with SHA-256.
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0u8; BLOCK];
    let short = if key.len() > BLOCK { Sha256::digest(key).to_vec() } else { key.to_vec() };
    block.iter_mut().zip(short).for_each(|(place, byte)| *place = byte);
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test cases 1, 2 and 6 of RFC 4231.
    #[test]
    fn signatures_are_those_of_rfc_4231() {
        let check = |key: &[u8], message: &str, expected: &str| {
            assert_eq!(hex::encode(hmac_sha256(key, message.as_bytes())), expected);
        };
        check(&[0x0b; 20], "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        check(
            b"Jefe",
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
        check(
            &[0xaa; 131],
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        );
    }

    #[test]
    fn only_web_addresses_are_told() {
        for good in ["https://example.org/hook", "http://10.0.0.1:8080/x?y=1"] {
            assert!(check_url(good).is_ok(), "{good}");
        }
        for bad in
            ["ftp://example.org", "https://", "https://me@example.org/", "https://a b", "file:///etc/passwd"]
        {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }
}
