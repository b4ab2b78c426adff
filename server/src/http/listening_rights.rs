//! Whether those who listen to events may still do so: one look now and then
//! for each session and each token, however many streams it has open.

use super::auth::Door;
use domain::access::Actor;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

/// Who it is, and the proof that was shown: after a change of the password the
/// same person's new session is another one.
type Credential = (String, Vec<u8>);

/// The looks that are going on. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct ListeningRights {
    looks: Arc<Mutex<HashMap<Credential, Weak<ListeningRight>>>>,
}

/// The right of one session or token; looked after while a stream has it.
#[derive(Debug)]
pub(super) struct ListeningRight {
    ended: CancellationToken,
    look: AbortHandle,
}

impl ListeningRights {
    /// The right by which `actor` came in, shared with its other streams.
    pub(super) fn of(&self, actor: &Actor, door: Door, every: Duration) -> Arc<ListeningRight> {
        let credential = (format!("{:?}", actor.who), door.proof());
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(right) = looks.get(&credential).and_then(Weak::upgrade) {
            return right;
        }
        // Streams end at any time: what they left is removed by the next.
        looks.retain(|_, right| right.strong_count() > 0);
        let ended = CancellationToken::new();
        let look = tokio::spawn(look(door, every, ended.clone())).abort_handle();
        let right = Arc::new(ListeningRight { ended, look });
        looks.insert(credential, Arc::downgrade(&right));
        right
    }
}

impl ListeningRight {
    /// Returns once the session or the token has ended.
    pub(super) async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

impl Drop for ListeningRight {
    fn drop(&mut self) {
        self.look.abort();
    }
}

async fn look(door: Door, every: Duration, ended: CancellationToken) {
    loop {
        tokio::time::sleep(every).await;
        if !door.is_open().await {
            ended.cancel();
            return;
        }
    }
}
