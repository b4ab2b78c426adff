//! The real clock and the real source of ids: the only place that reads them.

use domain::{
    ids::NewId,
    time::{Clock, Timestamp},
};
use uuid::Uuid;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from(chrono::Utc::now())
    }
}

/// UUIDs of version 7, rising within this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct RisingIds;

impl NewId for RisingIds {
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
