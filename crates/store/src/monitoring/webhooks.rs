//! Addresses that are told of events, and events put on their way to them.

use super::{
    Monitoring,
    references::{parse, print},
    row, rows, run,
};
use crate::{
    audit::{self, NewAudit},
    error::{Result, StoreError},
    sql::{self, Arg, Fragment},
};
use domain::{
    ids::{DeliveryId, DeploymentId, WebhookId},
    notice::{NoticeKind, Webhook},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// An event that is to be sent to whoever asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Where it happened.
    pub deployment_id: Option<DeploymentId>,
    /// What that is called.
    pub deployment: Option<String>,
    /// Which event.
    pub event: NoticeKind,
    /// What happened: an object. The transaction may add what only it knows.
    pub data: Json,
    /// When.
    pub at: Timestamp,
    /// Fresh ids, one for each address: beyond them nobody is told.
    pub ids: Vec<DeliveryId>,
}

impl Outgoing {
    /// The same with one more thing said in its data.
    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: Json) -> Self {
        if let Some(data) = self.data.as_object_mut() {
            data.insert(key.to_owned(), value);
        }
        self
    }

    /// As it is sent and signed.
    fn body(&self) -> String {
        let Self { deployment, event, data, at, .. } = self;
        json!({ "event": event, "at": at, "deployment": deployment, "data": data }).to_string()
    }
}

const WEBHOOKS: &str = "SELECT id, deployment_id, kind, url, events, enabled, created FROM webhooks ";

/// Puts an event on its way to each address that asked for it, inside the
/// transaction in which it happened.
pub(crate) async fn enqueue(db: &impl ConnectionTrait, outgoing: &Outgoing) -> Result<u64> {
    if outgoing.ids.is_empty() {
        return Ok(0);
    }
    let text = "SELECT id, events FROM webhooks WHERE enabled = ? AND (deployment_id IS NULL \
                OR deployment_id = ?) ORDER BY id";
    let values: Vec<Value> = vec![true.into(), outgoing.deployment_id.map(|id| id.0).into()];
    let found = db.query_all_raw(sql::statement(db.get_database_backend(), text, values)).await?;
    let (mut ids, body) = (outgoing.ids.iter(), outgoing.body());
    let mut sent = 0;
    for address in found {
        let events: String = address.try_get_by_index(1)?;
        let events: Vec<String> = parse(&events, "the events of a webhook")?;
        if !events.is_empty() && !events.iter().any(|event| event == outgoing.event.as_str()) {
            continue;
        }
        let Some(id) = ids.next() else { break };
        let webhook: Uuid = address.try_get_by_index(0)?;
        let text = "INSERT INTO webhook_deliveries (id, webhook_id, event, body, state, attempts, next_at, \
                    answer, created) VALUES (?, ?, ?, ?, 'waiting', 0, ?, '', ?)";
        let values = [
            Arg::Id(id.0),
            Arg::Id(webhook),
            Arg::from(outgoing.event.as_str()),
            Arg::from(&body),
            Arg::Int(outgoing.at.0),
            Arg::Int(outgoing.at.0),
        ];
        run(db, Fragment::with(text, values)).await?;
        sent += 1;
    }
    Ok(sent)
}

impl Monitoring<'_> {
    /// Whether anybody is told of anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_count(&self) -> Result<usize> {
        let found = row(&self.db.reader, Fragment::new("SELECT COUNT(*) FROM webhooks")).await?;
        let count: i64 = found.map_or(Ok(0), |row| row.try_get_by_index(0))?;
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
            print(&webhook.events)?.into(),
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
    let events: Vec<String> = parse(&events, "the events of a webhook")?;
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
