//! Answers that many open pages ask for at the same moment, since one event
//! woke them all: worked out once, and the same text for all of them.

use crate::{Result, ServiceError};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Answers that are remembered at most, and their bytes together.
const REMEMBERED: usize = 256;
const REMEMBERED_BYTES: usize = 16 << 20;

/// The hash of what was asked: a question may be long, and many may differ.
type Key = [u8; 32];

/// One answer; who asks while it is worked out waits for it.
type Shared = Arc<tokio::sync::Mutex<Option<Arc<Answer>>>>;

struct Answer {
    since: Instant,
    text: String,
}

#[derive(Default)]
pub(crate) struct SharedAnswers {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Being worked out, by those who wait.
    open: HashMap<Key, Shared>,
    /// Only what was answered: a refused question leaves nothing.
    answers: HashMap<Key, Arc<Answer>>,
    bytes: usize,
    /// How often a deployment had changed when everything was forgotten: what
    /// was begun before is not kept.
    generation: u64,
}

impl State {
    fn keep(&mut self, key: Key, answer: Arc<Answer>) {
        self.remove(&key);
        self.bytes += answer.text.len();
        self.answers.insert(key, answer);
        while self.answers.len() > REMEMBERED || self.bytes > REMEMBERED_BYTES {
            let oldest = self.answers.iter().min_by_key(|(_, answer)| answer.since).map(|(key, _)| *key);
            let Some(oldest) = oldest else { return };
            self.remove(&oldest);
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(answer) = self.answers.remove(key) {
            self.bytes = self.bytes.saturating_sub(answer.text.len());
        }
    }
}

impl SharedAnswers {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, key: &Key, fresh_for: Duration) -> Option<String> {
        let state = self.lock();
        let answer = state.answers.get(key).filter(|answer| answer.since.elapsed() < fresh_for);
        answer.map(|answer| answer.text.clone())
    }

    fn open(&self, key: Key) -> Open<'_> {
        let mut state = self.lock();
        let shared = state.open.entry(key).or_default().clone();
        Open { answers: self, key, generation: state.generation, shared: Some(shared) }
    }

    /// Forgets what was worked out before a deployment changed: pages must see
    /// that at once. `changes` is how often one did.
    fn forget_before(&self, changes: u64) {
        let mut state = self.lock();
        if state.generation < changes {
            *state = State { generation: changes, ..State::default() };
        }
    }
}

impl SharedAnswers {
    /// What `make` makes, or what it makes meanwhile for somebody else who
    /// asked the same: never anything that was begun before this was asked, so
    /// that whoever changed something sees it. Of any number who ask at the
    /// same moment at most two work. The key must name all that the answer
    /// depends on.
    ///
    /// # Errors
    /// Those of `make`, which are not shared.
    pub(crate) async fn single_flight<T: Serialize + DeserializeOwned>(
        &self,
        key: &str,
        make: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let begun = Instant::now();
        let open = self.open(Key::from(Sha256::digest(key)));
        let Some(shared) = open.shared.clone() else { return make.await };
        let mut answered = shared.lock_owned().await;
        if let Some(answer) = answered.as_ref().filter(|answer| answer.since >= begun) {
            return serde_json::from_str(&answer.text).map_err(internal);
        }
        let since = Instant::now();
        let made = make.await?;
        let text = serde_json::to_string(&made).map_err(internal)?;
        *answered = Some(Arc::new(Answer { since, text }));
        Ok(made)
    }

    /// What `make` makes, or what it made for somebody else at most
    /// `fresh_for` ago; nothing that was begun before a deployment changed,
    /// which `changes` counts. The key must name all that the answer depends
    /// on.
    ///
    /// # Errors
    /// Those of `make`, which are not kept.
    pub(crate) async fn kept<E>(
        &self,
        key: &str,
        fresh_for: Duration,
        changes: impl Fn() -> u64,
        make: impl Future<Output = std::result::Result<String, E>>,
    ) -> std::result::Result<String, E> {
        let key = Key::from(Sha256::digest(key));
        self.forget_before(changes());
        if let Some(text) = self.fresh(&key, fresh_for) {
            return Ok(text);
        }
        let open = self.open(key);
        let Some(shared) = open.shared.clone() else {
            return make.await;
        };
        let mut answered = shared.lock_owned().await;
        if let Some(answer) = answered.as_ref().filter(|answer| answer.since.elapsed() < fresh_for) {
            return Ok(answer.text.clone());
        }
        // The moment before the work: what changes meanwhile counts as unseen.
        let since = Instant::now();
        let text = make.await?;
        self.forget_before(changes());
        let answer = Arc::new(Answer { since, text: text.clone() });
        *answered = Some(answer.clone());
        open.keep(answer);
        Ok(text)
    }
}

/// A place among those who wait for an answer.
struct Open<'a> {
    answers: &'a SharedAnswers,
    key: Key,
    generation: u64,
    shared: Option<Shared>,
}

impl Open<'_> {
    fn keep(&self, answer: Arc<Answer>) {
        let mut state = self.answers.lock();
        if state.generation == self.generation {
            state.keep(self.key, answer);
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let mut state = self.answers.lock();
        self.shared = None;
        // The last one to leave, whether it was answered, refused or cancelled.
        if state.open.get(&self.key).is_some_and(|shared| Arc::strong_count(shared) == 1) {
            state.open.remove(&self.key);
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn internal(error: serde_json::Error) -> ServiceError {
    ServiceError::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn key(number: usize) -> Key {
        Key::from(Sha256::digest(number.to_le_bytes()))
    }

    fn answer(bytes: usize) -> Arc<Answer> {
        Arc::new(Answer { since: Instant::now(), text: "x".repeat(bytes) })
    }

    #[test]
    fn the_oldest_answers_go_when_there_are_too_many_or_they_are_too_large() {
        let mut state = State::default();
        for number in 0..2 * REMEMBERED {
            state.keep(key(number), answer(10));
        }
        assert_eq!((state.answers.len(), state.bytes), (REMEMBERED, 10 * REMEMBERED));
        assert!(state.answers.contains_key(&key(2 * REMEMBERED - 1)));
        for number in 0..5 {
            state.keep(key(number), answer(REMEMBERED_BYTES / 4));
        }
        assert!(state.bytes <= REMEMBERED_BYTES && state.answers.contains_key(&key(4)));
    }

    #[tokio::test]
    async fn of_many_who_ask_at_once_two_work_and_nobody_gets_what_was_begun_before() {
        let (answers, made) = (SharedAnswers::default(), AtomicU32::new(0));
        let ask = || async {
            answers
                .single_flight("count", async {
                    let number = made.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    Ok(number)
                })
                .await
                .expect("an answer")
        };
        let given = futures::future::join_all((0..20).map(|_| ask())).await;
        assert_eq!(given.len(), 20);
        assert!(made.load(Ordering::Relaxed) <= 2, "{given:?}");
        let before = made.load(Ordering::Relaxed);
        assert_eq!(ask().await, before, "what was made before is not given to who asks later");
        assert_eq!(answers.lock().open.len(), 0);
    }

    #[test]
    fn a_question_without_an_answer_leaves_nothing_behind() {
        let answers = SharedAnswers::default();
        let (first, second) = (answers.open(key(1)), answers.open(key(1)));
        drop(first);
        assert_eq!(answers.lock().open.len(), 1, "one still waits");
        drop(second);
        assert_eq!(answers.lock().open.len(), 0);
    }
}
