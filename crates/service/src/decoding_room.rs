//! Memory for decoded images: as many are held at a time as fit, so that
//! however many arrive, and however large they are, their sum is bounded.

use crate::{Result, ServiceError};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Permits are KiB: their number must fit 32 bits.
const KIB: u64 = 1_024;

/// The memory that there is for decoding.
pub(crate) struct DecodingRoom {
    free: Arc<Semaphore>,
    kib: u32,
}

/// Memory taken by one image; given back when dropped.
#[derive(Debug)]
pub(crate) struct Taken(OwnedSemaphorePermit);

impl DecodingRoom {
    pub(crate) fn new(bytes: u64) -> Self {
        let kib = in_kib(bytes).max(1);
        Self { free: Arc::new(Semaphore::new(kib as usize)), kib }
    }

    /// Waits for this many bytes. An image that needs more than there is
    /// takes all, and is decoded alone.
    pub(crate) async fn take(&self, bytes: u64) -> Result<Taken> {
        let wanted = in_kib(bytes).clamp(1, self.kib);
        let permit = self.free.clone().acquire_many_owned(wanted).await;
        permit.map(Taken).map_err(|error| ServiceError::Internal(error.to_string()))
    }
}

impl Taken {
    /// Gives back all but this many bytes.
    pub(crate) fn shrink_to(&mut self, bytes: u64) {
        let spare = self.0.num_permits().saturating_sub(in_kib(bytes) as usize);
        drop(self.0.split(spare));
    }
}

fn in_kib(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(KIB)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn what_does_not_fit_waits_until_there_is_room() {
        let room = DecodingRoom::new(100 * KIB);
        let mut first = room.take(70 * KIB).await.expect("room");
        assert!(room.take(40 * KIB).now_or_never().is_none(), "70 and 40 are more than 100");
        first.shrink_to(50 * KIB);
        assert!(room.take(40 * KIB).now_or_never().is_some());
    }

    #[tokio::test]
    async fn an_image_larger_than_the_room_is_alone_in_it() {
        let room = DecodingRoom::new(100 * KIB);
        let large = room.take(1_000 * KIB).await.expect("room");
        assert!(room.take(KIB).now_or_never().is_none());
        drop(large);
        assert!(room.take(KIB).now_or_never().is_some());
    }
}
