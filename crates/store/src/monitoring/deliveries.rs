//! Notices on their way to one address each: claimed, tried, and what became of
//! the attempt.

use super::Monitoring;
use crate::{
    convert::to_u32,
    error::{Result, StoreError},
    sql::{self, Arg, Fragment, row, rows, run},
};
use domain::{
    ids::{DeliveryId, WebhookId},
    notice::{Delivery, DeliveryState, NoticeKind},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

/// A delivery that is due, with where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// Which.
    pub id: DeliveryId,
    /// To which address.
    pub webhook_id: WebhookId,
    /// The name of the address's kind of channel.
    pub kind: String,
    /// A [`domain::notice::Notice`] as JSON, as webhooks are sent it.
    pub body: String,
    /// Where.
    pub url: String,
    /// With what it is signed.
    pub secret: String,
    /// How often it was tried before.
    pub attempts: u32,
}

impl Monitoring<'_> {
    /// The latest deliveries to an address first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries(&self, webhook: WebhookId, most: u32) -> Result<Vec<Delivery>> {
        let text = "SELECT id, webhook_id, event, state, attempts, next_at, answer, created \
                    FROM webhook_deliveries WHERE webhook_id = ? ORDER BY id DESC LIMIT ?";
        let values = [Arg::Id(webhook.0), Arg::Int(i64::from(most))];
        rows(&self.db.reader, Fragment::with(text, values)).await?.iter().filter_map(to_delivery).collect()
    }

    /// Takes the delivery that has been due the longest, and puts it off to
    /// `again`, so that it is not lost when this process dies. What was not
    /// tried yet goes first, and none of the addresses in `busy` is given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_delivery(
        &self,
        now: Timestamp,
        again: Timestamp,
        busy: &[WebhookId],
    ) -> Result<Option<DueDelivery>> {
        let tx = self.db.begin().await?;
        let text = "SELECT d.id, d.webhook_id, d.body, d.attempts, w.kind, w.url, w.secret, d.next_at \
                    FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id \
                    WHERE d.state = 'waiting' AND d.next_at <= ? AND w.enabled AND NOT (";
        let due = Fragment::with(text, [Arg::Int(now.0)])
            .then(Fragment::one_of("d.webhook_id", busy.iter().map(|id| Arg::Id(id.0))))
            .say(") ORDER BY d.attempts, d.next_at, d.id LIMIT 1");
        let delivery = row(&tx, due).await?;
        let Some(delivery) = delivery else { return Ok(None) };
        let id: Uuid = delivery.try_get_by_index(0)?;
        let was: i64 = delivery.try_get_by_index(7)?;
        let text =
            "UPDATE webhook_deliveries SET next_at = ? WHERE id = ? AND next_at = ? AND state = 'waiting'";
        let values = [Arg::Int(again.0), Arg::Id(id), Arg::Int(was)];
        if run(&tx, Fragment::with(text, values)).await?.rows_affected() == 0 {
            tx.rollback().await?;
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(DueDelivery {
            id: DeliveryId(id),
            webhook_id: WebhookId(delivery.try_get_by_index(1)?),
            body: delivery.try_get_by_index(2)?,
            attempts: to_u32(delivery.try_get_by_index(3)?, "attempts of a delivery")?,
            kind: delivery.try_get_by_index(4)?,
            url: delivery.try_get_by_index(5)?,
            secret: delivery.try_get_by_index(6)?,
        }))
    }

    /// Notes what became of an attempt: `next` is when to try again, `None`
    /// when it is over, one way or the other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_delivery(
        &self,
        id: DeliveryId,
        delivered: bool,
        answer: &str,
        next: Option<Timestamp>,
    ) -> Result<()> {
        let state = match (delivered, next) {
            (true, _) => DeliveryState::Delivered,
            (false, Some(_)) => DeliveryState::Waiting,
            (false, None) => DeliveryState::Failed,
        };
        let text = "UPDATE webhook_deliveries SET state = ?, attempts = attempts + 1, answer = ?, \
                    next_at = COALESCE(?, next_at) WHERE id = ?";
        let values: Vec<Value> =
            vec![state.as_str().into(), answer.into(), next.map(|next| next.0).into(), id.0.into()];
        self.db.writer.execute_raw(sql::statement(self.db.backend(), text, values)).await?;
        Ok(())
    }
}

/// `None` for an event of a newer version.
fn to_delivery(row: &QueryResult) -> Option<Result<Delivery>> {
    let event = row.try_get_by_index::<String>(2).map(|event| event.parse());
    match event {
        Ok(Ok(event)) => Some(to_delivery_of(row, event)),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a delivery is not shown");
            None
        }
        Err(error) => Some(Err(error.into())),
    }
}

fn to_delivery_of(row: &QueryResult, event: NoticeKind) -> Result<Delivery> {
    let state: String = row.try_get_by_index(3)?;
    Ok(Delivery {
        id: DeliveryId(row.try_get_by_index(0)?),
        webhook_id: WebhookId(row.try_get_by_index(1)?),
        event,
        state: DeliveryState::parse(&state).ok_or_else(|| StoreError::corrupt("the state of a delivery"))?,
        attempts: to_u32(row.try_get_by_index(4)?, "attempts of a delivery")?,
        next: Timestamp(row.try_get_by_index(5)?),
        answer: row.try_get_by_index(6)?,
        created: Timestamp(row.try_get_by_index(7)?),
    })
}
