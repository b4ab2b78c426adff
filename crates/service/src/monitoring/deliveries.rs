//! Deliveries: what is due goes out, side by side, and is tried again until the
//! address takes it.
//!
//! An address has one message under way at a time, so that its messages arrive
//! in order and one that never answers holds one place. Deliveries that were
//! not tried yet go before those that failed, so that many silent addresses
//! delay nobody either.

use crate::{
    Internal, Monitoring, Result,
    channels::{self, MessageSender, Rendering, signature},
};
use domain::{
    ids::WebhookId,
    notice::{Notice, pause_ms},
};
use futures::{StreamExt as _, stream::FuturesUnordered};
use std::{collections::BTreeSet, future::Future, pin::pin, time::Duration};
use store::DueDelivery;

/// How long a delivery in hand is not given to another process: longer than
/// any sender takes.
const IN_HAND_MS: i64 = 60_000;
/// Messages under way at one time: each is a connection.
const AT_ONCE: usize = 64;
/// How often is looked for what became due while others are under way.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Characters of an answer that are kept.
const LONGEST_ANSWER: usize = 300;

impl Monitoring {
    /// Sends what is due, and what becomes due meanwhile, until nothing is
    /// under way any more; gives how many messages were tried.
    ///
    /// # Errors
    /// When the database fails: what was under way is brought to its end
    /// before. A message that is not taken is tried again.
    pub async fn deliver(&self, _: Internal, sender: &dyn MessageSender) -> Result<usize> {
        let mut under_way = FuturesUnordered::new();
        let mut busy = BTreeSet::new();
        let (mut tried, mut failure) = (0, None);
        loop {
            while failure.is_none() && under_way.len() < AT_ONCE {
                let claim = self.claim_delivery(&busy);
                let (claimed, ended) = while_working(claim, &mut under_way).await;
                for (address, noted) in ended {
                    busy.remove(&address);
                    failure = noted.err().or(failure);
                }
                match claimed {
                    Ok(Some(due)) => {
                        busy.insert(due.webhook_id);
                        under_way.push(self.attempt(sender, due));
                        tried += 1;
                    }
                    Ok(None) => break,
                    Err(error) => failure = Some(error),
                }
            }
            tokio::select! {
                Some((address, noted)) = under_way.next() => {
                    busy.remove(&address);
                    failure = noted.err().or(failure);
                }
                () = tokio::time::sleep(LOOK_EVERY), if !under_way.is_empty() => {}
                else => break,
            }
        }
        failure.map_or(Ok(tried), Err)
    }

    async fn claim_delivery(&self, busy: &BTreeSet<WebhookId>) -> Result<Option<DueDelivery>> {
        let (now, busy) = (self.base.now(), busy.iter().copied().collect::<Vec<_>>());
        Ok(self.base.store().monitoring().claim_delivery(now, now.plus_ms(IN_HAND_MS), &busy).await?)
    }

    /// One attempt, and to which address it was.
    async fn attempt(&self, sender: &dyn MessageSender, due: DueDelivery) -> (WebhookId, Result<()>) {
        let sent = self.send(sender, &due).await;
        let (delivered, answer) = match sent {
            Ok(answer) => (true, answer),
            Err(why) => (false, why),
        };
        let next = pause_ms(due.attempts.saturating_add(1)).filter(|_| !delivered);
        let next = next.map(|pause| self.base.now().plus_ms(pause));
        let answer: String = answer.chars().take(LONGEST_ANSWER).filter(|c| *c != '\0').collect();
        let noted = self.base.store().monitoring().note_delivery(due.id, delivered, &answer, next).await;
        (due.webhook_id, noted.map_err(Into::into))
    }

    async fn send(
        &self,
        sender: &dyn MessageSender,
        due: &DueDelivery,
    ) -> std::result::Result<String, String> {
        // A server of the version that wrote it may take it at another attempt.
        let newer = "it is of a newer version than this server";
        let channel = channels::find(&due.kind).ok_or(newer)?;
        let notice: Notice = serde_json::from_str(&due.body).map_err(|_| newer)?;
        let seconds = self.base.now().0.div_euclid(1_000);
        let message = channel.render(&Rendering {
            address: &due.url,
            id: due.id.to_string(),
            notice: &notice,
            json: &due.body,
            signature: signature(&due.secret, seconds, &due.body),
        });
        sender.send(&message).await
    }
}

/// An address, and whether what became of its attempt was noted.
type EndedAttempt = (WebhookId, Result<()>);

/// Waits for a claim while the attempts under way go on, and gives those that
/// ended meanwhile: one of them may be in the transaction that the claim waits
/// for.
async fn while_working<T>(
    claim: impl Future<Output = T>,
    under_way: &mut FuturesUnordered<impl Future<Output = EndedAttempt>>,
) -> (T, Vec<EndedAttempt>) {
    let mut claim = pin!(claim);
    let mut ended = Vec::new();
    loop {
        tokio::select! {
            claimed = &mut claim => return (claimed, ended),
            Some(attempt) = under_way.next() => ended.push(attempt),
        }
    }
}
