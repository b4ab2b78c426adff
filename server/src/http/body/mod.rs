//! Reading request bodies without ever holding more than allowed, and without
//! waiting for those that do not come.

mod budget;
mod pace;

pub(super) use budget::{BodyBudget, Share};
pub(super) use pace::{BodyWatch, Drains, pace_bodies, paced, too_slow_words};
pub use pace::{Drain, Pace};

use super::problem::Problem;
use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use domain::fault::{ApiError, ErrorKind};
use futures::StreamExt;
use http::{HeaderMap, header};
use tokio::io::AsyncWriteExt as _;

const KIB: usize = 1024;
/// Bytes of all text fields of a form together, and of what lies between them.
pub(super) const FORM_TEXT_BYTES: usize = 4 * KIB * KIB + 64 * KIB;
/// Bytes that tell what a body is.
pub(super) const BEGINNING: usize = 16;

/// A body within its limit, and its share of the budget.
pub(super) struct WholeBody {
    /// What was sent.
    pub bytes: Bytes,
    /// Counts it; to be kept as long as the bytes.
    pub share: Share,
}

/// The announced length of a body, if there is one.
#[must_use]
pub(super) fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Refuses at once when the announced length is over `limit`.
///
/// # Errors
/// 413.
pub(super) fn check_announced(headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
    match announced_length(headers) {
        Some(length) if length > limit => Err(too_large(limit)),
        _ => Ok(()),
    }
}

/// What the first bytes of a body must be like.
pub(super) type Beginning = fn(&[u8]) -> Result<(), Problem>;

/// Any bytes at all.
///
/// # Errors
/// None.
pub(super) fn anything(_: &[u8]) -> Result<(), Problem> {
    Ok(())
}

/// Reads a body of at most `limit` bytes whose first ones please `beginning`.
///
/// # Errors
/// 413 when it is longer, 400 when it breaks off, what `beginning` says, as
/// soon as enough bytes are there to say it, and those of the budget.
pub(super) async fn read_whole(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    beginning: Beginning,
    mut share: Share,
) -> Result<WholeBody, Problem> {
    check_announced(headers, limit)?;
    let most = announced_length(headers).unwrap_or(limit).min(limit);
    let mut bytes = Vec::new();
    let mut stream = body.into_data_stream();
    let mut begun = false;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(broken_off)?;
        let length = bytes.len() + chunk.len();
        if length > limit {
            return Err(too_large(limit));
        }
        if length > bytes.capacity() {
            // A quarter more each time, and what is taken is counted: doubling
            // would hold up to twice of what was sent.
            let wanted = (length + length / 4).min(most).max(length);
            share.hold(wanted).await?;
            bytes.reserve_exact(wanted - bytes.len());
        }
        bytes.extend_from_slice(&chunk);
        if !begun && bytes.len() >= BEGINNING {
            beginning(&bytes)?;
            begun = true;
        }
    }
    Ok(WholeBody { bytes: bytes.into(), share })
}

/// Writes a body of at most `limit` bytes, whose first ones please
/// `beginning`, into a file: no more of it is in memory than a piece.
///
/// # Errors
/// As [`read_whole`]; 500 when the file cannot be written.
pub(super) async fn read_into(
    file: &mut tokio::fs::File,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    beginning: Beginning,
) -> Result<(), Problem> {
    check_announced(headers, limit)?;
    let (mut length, mut first) = (0, Vec::new());
    let mut stream: BodyDataStream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(broken_off)?;
        length += chunk.len();
        if length > limit {
            return Err(too_large(limit));
        }
        if first.len() < BEGINNING {
            first.extend(chunk.iter().take(BEGINNING - first.len()));
            if first.len() == BEGINNING {
                beginning(&first)?;
            }
        }
        file.write_all(&chunk).await.map_err(|error| unwritable(&error))?;
    }
    file.flush().await.map_err(|error| unwritable(&error))
}

/// 500, with what happened in the log.
pub(super) fn unwritable(error: &std::io::Error) -> Problem {
    tracing::error!(%error, "a temporary file cannot be used");
    Problem::new(ErrorKind::Internal, "The server cannot write a temporary file; its log has the details.")
}

/// 413 with the limit in words.
#[must_use]
pub(super) fn too_large(limit: usize) -> Problem {
    let message = format!("The body is larger than {}, the most that is accepted here.", in_words(limit));
    Problem(ApiError::new(ErrorKind::TooLarge, message).at("body"))
}

pub(super) fn broken_off(error: impl std::fmt::Display) -> Problem {
    Problem::invalid("body", format!("The body broke off or is malformed: {error}."))
}

fn in_words(bytes: usize) -> String {
    if bytes >= KIB * KIB { format!("{} MiB", bytes / (KIB * KIB)) } else { format!("{} KiB", bytes / KIB) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use std::convert::Infallible;
    use uuid::Uuid;

    fn long() -> Body {
        let chunk = Bytes::from(vec![7_u8; 64 * KIB]);
        Body::from_stream(stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone())).take(64))
    }

    fn share(budget: &BodyBudget) -> Share {
        budget.open(Uuid::nil())
    }

    #[tokio::test]
    async fn a_body_without_length_is_refused_once_it_passes_the_limit() {
        let budget = BodyBudget::new(1 << 20, 1 << 19);
        let answer = read_whole(&HeaderMap::new(), long(), 100 * KIB, anything, share(&budget)).await;
        assert_eq!(answer.err().map(|problem| problem.0.kind), Some(ErrorKind::TooLarge));
    }

    #[tokio::test]
    async fn an_announced_length_over_the_limit_is_refused_without_reading() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, http::HeaderValue::from_static("104857600"));
        let budget = BodyBudget::new(1 << 20, 1 << 19);
        let answer = read_whole(&headers, Body::empty(), 100 * KIB, anything, share(&budget)).await;
        assert_eq!(answer.err().map(|problem| problem.0.kind), Some(ErrorKind::TooLarge));
    }

    #[tokio::test]
    async fn a_wrong_beginning_is_refused_before_the_end() {
        let refuse = |_: &[u8]| Err(Problem::new(ErrorKind::UnsupportedMedia, "sevens"));
        let budget = BodyBudget::new(1 << 20, 1 << 19);
        let answer = read_whole(&HeaderMap::new(), long(), 100 << 20, refuse, share(&budget)).await;
        assert_eq!(answer.err().map(|problem| problem.0.kind), Some(ErrorKind::UnsupportedMedia));
    }

    #[tokio::test]
    async fn what_a_body_holds_is_counted_and_comes_back_when_it_is_dropped() {
        let budget = BodyBudget::new(64 * KIB * KIB, KIB * KIB);
        let body = read_whole(&HeaderMap::new(), long(), 100 << 20, anything, share(&budget)).await;
        let body = body.unwrap_or_else(|problem| panic!("{:?}", problem.0));
        assert_eq!(body.bytes.len(), 64 * 64 * KIB);
        assert!((body.bytes.len()..=body.bytes.len() * 5 / 4 + 64 * KIB).contains(&budget.held()));
        drop(body);
        assert_eq!(budget.held(), 0);
    }
}
