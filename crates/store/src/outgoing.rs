//! Notices on their way to whoever asked for them, written in the transaction
//! in which they happened. Knows neither addresses nor what becomes of a
//! delivery.

use crate::{
    convert::from_json_text,
    error::Result,
    sql::{self, Arg, Fragment, run},
};
use domain::{
    ids::{DeliveryId, DeploymentId},
    notice::NoticeKind,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, Value};
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

/// Puts an event on its way to each address that asked for it, inside the
/// transaction in which it happened.
pub(crate) async fn enqueue(db: &impl ConnectionTrait, outgoing: &Outgoing) -> Result<u64> {
    if outgoing.ids.is_empty() {
        return Ok(0);
    }
    let text = "SELECT id, events FROM webhooks WHERE enabled = ? AND (deployment_id IS NULL \
                OR deployment_id = ?) ORDER BY id";
    let values: Vec<Value> = vec![true.into(), outgoing.deployment_id.map(|id| id.0).into()];
    let addresses = db.query_all_raw(sql::statement(db.get_database_backend(), text, values)).await?;
    let (mut ids, body) = (outgoing.ids.iter(), outgoing.body());
    let mut sent = 0;
    for address in addresses {
        let events: String = address.try_get_by_index(1)?;
        let events: Vec<String> = from_json_text(&events, "the events of a webhook")?;
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
