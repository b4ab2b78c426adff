//! Browser sessions in the database. Knows nothing of what they hold.
//!
//! The row's key is a hash of the cookie's value, so that whoever reads the
//! database cannot take over a session.

use async_trait::async_trait;
use domain::time::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt;
use store::{SessionRow, Store};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// Sessions as rows.
#[derive(Clone)]
pub(crate) struct StoredSessions {
    store: Store,
}

impl StoredSessions {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }
}

impl fmt::Debug for StoredSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredSessions")
    }
}

#[async_trait]
impl SessionStore for StoredSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits do not collide; if they did, one session would
        // silently become another's.
        while !self.store.sessions().create(&to_row(record)?).await.map_err(|error| backend(&error))? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.store.sessions().save(&to_row(record)?).await.map_err(|error| backend(&error))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = Timestamp::from(chrono::Utc::now());
        let Some(row) = self.store.sessions().load(&key(id), now).await.map_err(|error| backend(&error))?
        else {
            return Ok(None);
        };
        let data = serde_json::from_slice(&row.data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(row.expires.0 / 1000)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.store.sessions().delete(&key(id)).await.map_err(|error| backend(&error))
    }
}

fn to_row(record: &Record) -> Result<SessionRow> {
    let data = serde_json::to_vec(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    let expires = Timestamp(record.expiry_date.unix_timestamp().saturating_mul(1000));
    Ok(SessionRow { id: key(&record.id), data, expires })
}

fn key(id: &Id) -> String {
    hex::encode(Sha256::digest(id.0.to_le_bytes()))
}

fn backend(error: &store::StoreError) -> Error {
    Error::Backend(error.to_string())
}
