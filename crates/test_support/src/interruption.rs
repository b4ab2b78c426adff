//! Ending a use case anywhere, as a killed process does.

use std::{future::Future, pin::pin, task::Poll};

/// Polls a future so often and then drops it. Every wait for the database is
/// at least one poll: with rising numbers it ends between any two statements,
/// and so between any two transactions. Gives what came out when it came to its
/// end before.
pub async fn ended_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut left, mut future) = (polls, pin!(future));
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}
