//! Bodies that come compressed: taken apart as they are read, so that what
//! bounds a body bounds what comes out of it, and nothing is unpacked of those
//! who may not send it.

use super::problem::Problem;
use async_compression::tokio::bufread::{GzipDecoder, ZlibDecoder, ZstdDecoder};
use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::fault::{ApiError, ErrorKind};
use futures::TryStreamExt;
use http::{HeaderMap, HeaderValue, header};
use tokio_util::io::{ReaderStream, StreamReader};

/// What is taken, as answers say it.
const TAKEN: &str = "gzip, zstd, deflate";

/// How a body comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Plain,
    Gzip,
    Zstd,
    Deflate,
}

/// The middleware that gives handlers plain bodies.
pub(super) async fn unpack_bodies(request: Request, next: Next) -> Response {
    match encoding_of(request.headers()) {
        Ok(Encoding::Plain) => next.run(request).await,
        Ok(encoding) => next.run(unpacked(request, encoding)).await,
        Err(problem) => {
            let mut response = problem.into_response();
            response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(TAKEN));
            response
        }
    }
}

fn encoding_of(headers: &HeaderMap) -> Result<Encoding, Problem> {
    let mut named = headers.get_all(header::CONTENT_ENCODING).iter();
    let text = match (named.next(), named.next()) {
        (None, _) => return Ok(Encoding::Plain),
        (Some(one), None) => one.to_str().unwrap_or("?").trim().to_ascii_lowercase(),
        (Some(_), Some(_)) => "several encodings".to_owned(),
    };
    match text.as_str() {
        "" | "identity" => Ok(Encoding::Plain),
        "gzip" | "x-gzip" => Ok(Encoding::Gzip),
        "zstd" => Ok(Encoding::Zstd),
        "deflate" => Ok(Encoding::Deflate),
        other => {
            let other: String = other.chars().take(40).collect();
            let message = format!(
                "Content-Encoding {other} is not taken: send gzip, zstd, deflate, or the bytes as they are."
            );
            Err(Problem(ApiError::new(ErrorKind::UnsupportedMedia, message).at("Content-Encoding")))
        }
    }
}

fn unpacked(request: Request, encoding: Encoding) -> Request {
    let (mut parts, body) = request.into_parts();
    // What they said holds for the packed bytes.
    parts.headers.remove(header::CONTENT_ENCODING);
    parts.headers.remove(header::CONTENT_LENGTH);
    Request::from_parts(parts, unpacked_body(body, encoding))
}

/// What comes out of a message of gRPC that is packed in the way of this name;
/// `None` for ways that it does not have, or that are not taken.
pub(super) fn unpacked_message(name: &str, packed: Body) -> Option<Body> {
    match name {
        "gzip" => Some(unpacked_body(packed, Encoding::Gzip)),
        "deflate" => Some(unpacked_body(packed, Encoding::Deflate)),
        _ => None,
    }
}

fn unpacked_body(body: Body, encoding: Encoding) -> Body {
    let packed = StreamReader::new(body.into_data_stream().map_err(std::io::Error::other));
    match encoding {
        Encoding::Plain => Body::from_stream(ReaderStream::new(packed)),
        Encoding::Gzip => {
            let mut bytes = GzipDecoder::new(packed);
            // Several that were written one after another, as loggers do.
            bytes.multiple_members(true);
            Body::from_stream(said(ReaderStream::new(bytes), "gzip"))
        }
        Encoding::Zstd => {
            let mut bytes = ZstdDecoder::new(packed);
            bytes.multiple_members(true);
            Body::from_stream(said(ReaderStream::new(bytes), "zstd"))
        }
        // In HTTP the word stands for the form of zlib (RFC 9110, 8.4.1.2).
        Encoding::Deflate => Body::from_stream(said(ReaderStream::new(ZlibDecoder::new(packed)), "deflate")),
    }
}

/// A fault of the packed bytes in words; one of the connection as it is.
fn said(
    bytes: impl futures::Stream<Item = std::io::Result<Bytes>>,
    name: &'static str,
) -> impl futures::Stream<Item = std::io::Result<Bytes>> {
    bytes.map_err(move |error| match error.kind() {
        std::io::ErrorKind::Other if error.get_ref().is_some_and(|inner| inner.is::<axum::Error>()) => error,
        std::io::ErrorKind::UnexpectedEof => std::io::Error::other(format!("the {name} data is cut short")),
        _ => std::io::Error::other(format!("this is no {name} data, though it is said to be")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &'static str) -> Option<Encoding> {
        let headers = [(header::CONTENT_ENCODING, HeaderValue::from_static(text))];
        encoding_of(&headers.into_iter().collect()).ok()
    }

    #[test]
    fn names_of_encodings_are_read_in_any_case_and_others_refused() {
        assert_eq!(encoding_of(&HeaderMap::new()).ok(), Some(Encoding::Plain));
        assert_eq!(
            [of("GZip"), of("x-gzip"), of("zstd"), of("deflate")].map(Option::unwrap),
            [Encoding::Gzip, Encoding::Gzip, Encoding::Zstd, Encoding::Deflate]
        );
        assert_eq!([of("br"), of("gzip, gzip")], [None, None]);
    }
}
