//! Answers that many open pages ask for at the same moment, since one event
//! woke them all: worked out once, and the same text for all of them.

use crate::{Service, ServiceError, require};
use domain::access::{Actor, Role};
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
    /// Rises when everything is forgotten: what was begun before is not kept.
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

    /// Called when something changed that pages must see at once.
    pub(crate) fn forget(&self) {
        let mut state = self.lock();
        *state = State { generation: state.generation + 1, ..State::default() };
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

impl Service {
    /// What `make` makes for a viewer, or what it made for another one at most
    /// `fresh_for` ago. The key must name all that the answer depends on.
    ///
    /// # Errors
    /// Viewers and above; else those of `make`, which are not kept.
    pub async fn shared_answer<E: From<ServiceError>>(
        &self,
        actor: &Actor,
        key: &str,
        fresh_for: Duration,
        make: impl Future<Output = std::result::Result<String, E>>,
    ) -> std::result::Result<String, E> {
        require(actor, Role::Viewer)?;
        let (answers, key) = (&self.inner.shared_answers, Key::from(Sha256::digest(key)));
        if let Some(text) = answers.fresh(&key, fresh_for) {
            return Ok(text);
        }
        let open = answers.open(key);
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
        let answer = Arc::new(Answer { since, text: text.clone() });
        *answered = Some(answer.clone());
        open.keep(answer);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
