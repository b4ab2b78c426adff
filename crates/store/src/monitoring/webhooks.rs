//! Addresses that are told of notices.

use super::Monitoring;
use crate::{
    audit::{self, NewAudit},
    convert::{from_json_text, to_json_text},
    error::{Result, StoreError},
    outgoing::{Outgoing, enqueue},
    sql::{self, Arg, Fragment, row, rows, run},
};
use domain::{
    ids::{DeploymentId, WebhookId},
    notice::Webhook,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

const WEBHOOKS: &str = "SELECT id, deployment_id, kind, url, events, enabled, created FROM webhooks ";

impl Monitoring<'_> {
    /// Whether anybody is told of anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_count(&self) -> Result<usize> {
        let first = row(&self.db.reader, Fragment::new("SELECT COUNT(*) FROM webhooks")).await?;
        let count: i64 = first.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Puts an event on its way; gives to how many addresses.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn send_out(&self, outgoing: &Outgoing) -> Result<u64> {
        let tx = self.db.begin().await?;
        let sent = enqueue(&tx, outgoing).await?;
        tx.commit().await?;
        Ok(sent)
    }

    /// The addresses of a deployment and those of all, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhooks(&self, deployment: DeploymentId) -> Result<Vec<Webhook>> {
        let text = Fragment::new(WEBHOOKS)
            .say("WHERE deployment_id IS NULL OR deployment_id = ")
            .value(deployment.0)
            .say(" ORDER BY id");
        rows(&self.db.reader, text).await?.iter().map(to_webhook).collect()
    }

    /// Adds an address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_webhook(&self, webhook: &Webhook, secret: &str, entry: NewAudit) -> Result<()> {
        let text = "INSERT INTO webhooks (id, deployment_id, kind, url, secret, events, enabled, created) \
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let values: Vec<Value> = vec![
            webhook.id.0.into(),
            webhook.deployment_id.map(|id| id.0).into(),
            webhook.kind.as_str().into(),
            webhook.url.as_str().into(),
            secret.into(),
            to_json_text(&webhook.events)?.into(),
            webhook.enabled.into(),
            webhook.created.0.into(),
        ];
        let tx = self.db.begin().await?;
        tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
        audit::append(&tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Removes an address, with what was on its way to it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_webhook(&self, id: WebhookId, entry: NewAudit) -> Result<()> {
        let tx = self.db.begin().await?;
        let text = "DELETE FROM webhooks WHERE id = ?";
        if run(&tx, Fragment::with(text, [Arg::Id(id.0)])).await?.rows_affected() == 0 {
            return Err(StoreError::not_found(format!("webhook {id}")));
        }
        audit::append(&tx, entry).await?;
        Ok(tx.commit().await?)
    }
}

fn to_webhook(row: &QueryResult) -> Result<Webhook> {
    let deployment: Option<Uuid> = row.try_get_by_index(1)?;
    let events: String = row.try_get_by_index(4)?;
    let events: Vec<String> = from_json_text(&events, "the events of a webhook")?;
    Ok(Webhook {
        id: WebhookId(row.try_get_by_index(0)?),
        deployment_id: deployment.map(DeploymentId),
        kind: row.try_get_by_index(2)?,
        url: row.try_get_by_index(3)?,
        // Those of a newer version are none of ours to show.
        events: events.iter().filter_map(|event| event.parse().ok()).collect(),
        enabled: row.try_get_by_index(5)?,
        created: Timestamp(row.try_get_by_index(6)?),
    })
}
