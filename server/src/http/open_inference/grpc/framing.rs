//! One message in, one message out: each behind five bytes, which say whether
//! it is packed and how long it is.

use super::status::{ACCEPT_ENCODING, CONTENT_TYPE, Code, Status, trailers};
use super::wire::Message;
use crate::http::{
    body::{Share, WholeBody, anything, read_whole},
    encodings,
    problem::Problem,
};
use axum::{body::Body, response::Response};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use domain::fault::ErrorKind;
use http::{HeaderMap, header};
use http_body::Frame;
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

/// Whether it is packed, and four bytes of its length.
const PREFIX_BYTES: usize = 5;

/// The one message of a request, of at most `limit` bytes, packed or not.
///
/// # Errors
/// As [`read_whole`]; when it is not one message, or packed in a way that is
/// not taken.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    share: Share,
) -> Result<WholeBody, Status> {
    let WholeBody { mut bytes, share } =
        read_whole(headers, body, PREFIX_BYTES + limit, anything, share).await?;
    let one = "One message is wanted, behind five bytes that say how long it is";
    if bytes.len() < PREFIX_BYTES {
        return Err(Problem::invalid("message", format!("{one}; {} bytes came.", bytes.len())).into());
    }
    let (packed, length) = (bytes.get_u8(), bytes.get_u32());
    if length as usize != bytes.len() {
        let message = format!("{one}; they say {length}, and {} follow.", bytes.len());
        return Err(Problem::invalid("message", message).into());
    }
    match packed {
        0 => Ok(WholeBody { bytes, share }),
        1 => unpacked(headers, bytes, limit, share).await,
        other => {
            let message = format!("A message is packed (1) or not (0); this one says {other}.");
            Err(Problem::invalid("message", message).into())
        }
    }
}

/// What comes out counts as what comes in does.
async fn unpacked(
    headers: &HeaderMap,
    packed: Bytes,
    limit: usize,
    share: Share,
) -> Result<WholeBody, Status> {
    let encoding = headers.get("grpc-encoding").and_then(|value| value.to_str().ok()).unwrap_or("identity");
    if encoding == "identity" {
        let message = "The message says that it is packed, and grpc-encoding does not say how.";
        return Err(Problem::invalid("grpc-encoding", message).into());
    }
    let Some(body) = encodings::unpacked_message(encoding, Body::from(packed)) else {
        let encoding: String = encoding.chars().take(40).collect();
        let message =
            format!("grpc-encoding {encoding} is not taken: send gzip, deflate, or messages as they are.");
        return Err(Status::new(Code::Unimplemented, message));
    };
    Ok(read_whole(&HeaderMap::new(), body, limit, anything, share).await?)
}

/// The answer that holds one message.
pub(super) fn answer(message: &Message) -> Result<Response, Status> {
    let Ok(length) = u32::try_from(message.len()) else {
        let message = "The answer is longer than a message can be.";
        return Err(Problem::new(ErrorKind::Internal, message).into());
    };
    let mut framed = BytesMut::with_capacity(PREFIX_BYTES + message.len());
    framed.put_u8(0);
    framed.put_u32(length);
    framed.put_slice(message.as_bytes());
    let unary = Unary { message: Some(framed.freeze()), trailers: Some(trailers(Code::Ok, "")) };
    let mut response = Response::new(Body::new(unary));
    response.headers_mut().insert(header::CONTENT_TYPE, CONTENT_TYPE);
    let (name, encodings) = ACCEPT_ENCODING;
    response.headers_mut().insert(name, encodings);
    Ok(response)
}

/// A message, and what stands behind it.
struct Unary {
    message: Option<Bytes>,
    trailers: Option<HeaderMap>,
}

impl http_body::Body for Unary {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let message = self.message.take().map(Frame::data);
        Poll::Ready(message.or_else(|| self.trailers.take().map(Frame::trailers)).map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body::BodyBudget;
    use http::HeaderValue;
    use std::io::Write as _;
    use uuid::Uuid;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(bytes).expect("written");
        writer.finish().expect("written")
    }

    fn framed(flag: u8, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).expect("short").to_be_bytes();
        [&[flag][..], &length, bytes].concat()
    }

    async fn of(encoding: Option<&'static str>, bytes: Vec<u8>) -> Result<Vec<u8>, Status> {
        let value = encoding.map(HeaderValue::from_static);
        let headers =
            value.map(|value| ("grpc-encoding".parse().expect("a name"), value)).into_iter().collect();
        let share = BodyBudget::new(1 << 20, 1 << 19).open(Uuid::nil());
        read(&headers, Body::from(bytes), 1_000, share).await.map(|whole| whole.bytes.to_vec())
    }

    #[track_caller]
    fn refused(outcome: Result<Vec<u8>, Status>, code: Code, says: &str) {
        let status = outcome.expect_err("refused");
        assert!(status.code == code && status.message.contains(says), "{status:?}");
    }

    #[tokio::test]
    async fn one_message_is_taken_packed_or_not() {
        assert_eq!(of(None, framed(0, b"abc")).await, Ok(b"abc".to_vec()));
        assert_eq!(of(Some("gzip"), framed(0, b"abc")).await, Ok(b"abc".to_vec()));
        assert_eq!(of(Some("gzip"), framed(1, &gzip(b"abc"))).await, Ok(b"abc".to_vec()));
        refused(of(None, framed(1, b"abc")).await, Code::InvalidArgument, "does not say how");
        refused(of(Some("gzip"), framed(1, b"abc")).await, Code::InvalidArgument, "no gzip data");
        refused(of(Some("snappy"), framed(1, b"abc")).await, Code::Unimplemented, "send gzip, deflate");
    }

    #[tokio::test]
    async fn none_two_and_halves_of_messages_are_refused() {
        refused(of(None, Vec::new()).await, Code::InvalidArgument, "0 bytes came");
        let mut two = framed(0, b"abc");
        two.extend(framed(0, b""));
        refused(of(None, two).await, Code::InvalidArgument, "they say 3, and 8 follow");
        refused(
            of(None, b"\0\0\0\0\x09abc".to_vec()).await,
            Code::InvalidArgument,
            "they say 9, and 3 follow",
        );
        refused(of(None, framed(2, b"abc")).await, Code::InvalidArgument, "this one says 2");
    }

    #[tokio::test]
    async fn a_message_has_its_limit_before_and_after_unpacking() {
        assert_eq!(of(None, framed(0, &[7; 1_000])).await, Ok(vec![7; 1_000]));
        refused(of(None, framed(0, &[7; 1_001])).await, Code::ResourceExhausted, "larger");
        refused(of(Some("gzip"), framed(1, &gzip(&[7; 100_000]))).await, Code::ResourceExhausted, "larger");
    }
}
