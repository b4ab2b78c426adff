//! Memory for decoded images: as many are held at a time as fit, so that
//! however many arrive, and however large they are, their sum is bounded.

use crate::{Result, ServiceError};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Permits are KiB: their number must fit 32 bits.
const KIB: u64 = 1_024;
/// The part of the memory that is kept for small images, one in so many.
const SMALL_LANE: u32 = 8;
/// An image is small when so many fit into that part: with the usual 128 MiB
/// that is one of 1.3 million pixels.
const SMALL_IMAGES: u32 = 4;

/// The memory that there is for decoding, in two parts. Whoever waits, waits
/// in the order of arrival, so that a large image gets its turn; small ones
/// that would have to wait behind it take the part that is theirs.
pub(crate) struct DecodingRoom {
    any: Lane,
    small: Lane,
    largest_small_kib: u32,
}

struct Lane {
    free: Arc<Semaphore>,
    kib: u32,
}

/// Memory taken by one image; given back when dropped.
#[derive(Debug)]
pub(crate) struct Taken(OwnedSemaphorePermit);

impl DecodingRoom {
    pub(crate) fn new(bytes: u64) -> Self {
        let kib = in_kib(bytes).max(2);
        let small = (kib / SMALL_LANE).max(1);
        Self { any: Lane::new(kib - small), small: Lane::new(small), largest_small_kib: small / SMALL_IMAGES }
    }

    /// Waits for this many bytes. A large image that needs more than there is
    /// takes all that is not kept for small ones, and no other large one is
    /// decoded beside it.
    pub(crate) async fn take(&self, bytes: u64) -> Result<Taken> {
        let kib = in_kib(bytes).max(1);
        if kib <= self.largest_small_kib {
            // Nobody is overtaken: what is free here, no one waits for.
            if let Some(taken) = self.any.take_now(kib) {
                return Ok(taken);
            }
            return self.small.take(kib).await;
        }
        self.any.take(kib).await
    }
}

impl Lane {
    fn new(kib: u32) -> Self {
        Self { free: Arc::new(Semaphore::new(kib as usize)), kib }
    }

    fn take_now(&self, kib: u32) -> Option<Taken> {
        self.free.clone().try_acquire_many_owned(kib).ok().map(Taken)
    }

    async fn take(&self, kib: u32) -> Result<Taken> {
        let permit = self.free.clone().acquire_many_owned(kib.min(self.kib)).await;
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

    /// 350 KiB for any image, and 50 KiB for those of up to 12 KiB.
    fn room() -> DecodingRoom {
        DecodingRoom::new(400 * KIB)
    }

    #[tokio::test]
    async fn what_does_not_fit_waits_until_there_is_room() {
        let room = room();
        let mut first = room.take(250 * KIB).await.expect("room");
        assert!(room.take(110 * KIB).now_or_never().is_none(), "250 and 110 are more than 350");
        first.shrink_to(200 * KIB);
        assert!(room.take(110 * KIB).now_or_never().is_some());
    }

    #[tokio::test]
    async fn an_image_larger_than_the_room_is_the_only_large_one_in_it() {
        let room = room();
        let large = room.take(1_000 * KIB).await.expect("room");
        assert!(room.take(13 * KIB).now_or_never().is_none());
        drop(large);
        assert!(room.take(13 * KIB).now_or_never().is_some());
    }

    #[tokio::test]
    async fn small_images_go_on_while_large_ones_wait_and_are_bounded_too() {
        let room = room();
        let _large = room.take(1_000 * KIB).await.expect("room");
        let mut waiting = std::pin::pin!(room.take(1_000 * KIB));
        assert!(waiting.as_mut().now_or_never().is_none());
        let small: Vec<Taken> =
            (0..4).map(|_| room.take(12 * KIB).now_or_never().expect("a place").expect("room")).collect();
        assert!(room.take(12 * KIB).now_or_never().is_none(), "four of them fill their part");
        drop(small);
        assert!(room.take(12 * KIB).now_or_never().is_some());
    }

    #[tokio::test]
    async fn small_images_do_not_keep_a_large_one_waiting_for_ever() {
        let room = room();
        let first = room.take(12 * KIB).await.expect("room");
        let mut large = Box::pin(room.take(350 * KIB));
        assert!(large.as_mut().now_or_never().is_none());
        // Later ones take nothing of what the large one waits for.
        let later: Vec<Taken> =
            (0..4).map(|_| room.take(12 * KIB).now_or_never().expect("a place").expect("room")).collect();
        drop(first);
        assert!(large.now_or_never().is_some());
        drop(later);
    }
}
