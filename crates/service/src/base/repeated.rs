//! Entries of the log of acts for what can be done many times a minute, such
//! as guessing at a password or fetching a file: one entry a minute for each
//! of them, which counts.

use crate::{Result, base::Base};
use domain::{access::Actor, time::Timestamp};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use store::NewAudit;

const MINUTE_MS: i64 = 60_000;
/// Different entries of a minute. What is beyond them is counted in one: the
/// log grows by no more, whoever asks for however many different things.
const ENTRIES: usize = 100;

/// What is the same act, done again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    actor: String,
    action: String,
    subject: String,
    detail: String,
}

/// The entries of this minute.
#[derive(Default)]
pub(crate) struct Repeated {
    minute: Mutex<Minute>,
}

#[derive(Default)]
struct Minute {
    number: i64,
    entries: HashMap<Key, (Option<i64>, u64)>,
}

/// What is to be written of an act.
#[derive(Debug, PartialEq, Eq)]
enum Written {
    /// A new entry.
    First(Key),
    /// That an entry counts so many.
    Again(i64, u64),
    /// Nothing: the entry is just being written, and the next one will tell.
    Nothing,
}

impl Repeated {
    fn note(&self, mut key: Key, now: Timestamp) -> (Written, Key) {
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.0.div_euclid(MINUTE_MS);
        if minute.number != number {
            *minute = Minute { number, entries: HashMap::new() };
        }
        if minute.entries.len() >= ENTRIES && !minute.entries.contains_key(&key) {
            key = Key {
                actor: "many".to_owned(),
                subject: "many".to_owned(),
                detail: "{}".to_owned(),
                action: key.action,
            };
        }
        let written = match minute.entries.get_mut(&key) {
            None => {
                minute.entries.insert(key.clone(), (None, 1));
                Written::First(key.clone())
            }
            Some((id, times)) => {
                *times += 1;
                id.map_or(Written::Nothing, |id| Written::Again(id, *times))
            }
        };
        (written, key)
    }

    fn begun(&self, key: &Key, id: i64) {
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = minute.entries.get_mut(key) {
            entry.0 = Some(id);
        }
    }
}

impl Base {
    /// Records something that may be done many times a minute. `detail` is an
    /// object, the same each time; how often it was done is added.
    pub(crate) async fn record_repeated(
        &self,
        actor: &str,
        action: &str,
        subject: &str,
        detail: &Value,
    ) -> Result<()> {
        let key = Key {
            actor: actor.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: detail.to_string(),
        };
        let (written, key) = self.inner.repeated.note(key, self.now());
        match written {
            Written::First(Key { actor, action, subject, detail }) => {
                let entry = NewAudit { at: self.now(), actor, action, subject, detail };
                let id = self.store().audit().begin(entry).await?;
                self.inner.repeated.begun(&key, id);
            }
            Written::Again(id, times) => {
                let mut detail: Value = serde_json::from_str(&key.detail).unwrap_or_default();
                if let Some(detail) = detail.as_object_mut() {
                    detail.insert("times".to_owned(), times.into());
                }
                self.store().audit().repeat(id, &detail).await?;
            }
            Written::Nothing => {}
        }
        Ok(())
    }

    /// Records that somebody took a copy of what is here, before they get it.
    pub(crate) async fn record_copy(
        &self,
        actor: &Actor,
        action: &str,
        subject: &str,
        detail: &Value,
    ) -> Result<()> {
        self.record_repeated(&actor.display_name(), action, subject, detail).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(subject: &str) -> Key {
        let [actor, action, detail] = ["nobody", "user.sign_in_failed", "{}"].map(str::to_owned);
        Key { actor, action, subject: subject.to_owned(), detail }
    }

    #[test]
    fn a_minute_has_one_entry_of_each_and_not_too_many_of_all() {
        let (repeated, now) = (Repeated::default(), Timestamp(0));
        let (first, known) = repeated.note(key("ada"), now);
        assert_eq!(first, Written::First(key("ada")));
        assert_eq!(repeated.note(key("ada"), now).0, Written::Nothing);
        repeated.begun(&known, 7);
        assert_eq!(repeated.note(key("ada"), now).0, Written::Again(7, 3));
        let new = |number: i32| matches!(repeated.note(key(&number.to_string()), now).0, Written::First(_));
        assert_eq!((0..1_000).filter(|number| new(*number)).count(), ENTRIES);
        assert_eq!(repeated.note(key("ada"), now).0, Written::Again(7, 4));
        assert_eq!(repeated.note(key("ada"), Timestamp(MINUTE_MS)).0, Written::First(key("ada")));
    }
}
