//! Forms of several parts, as the server takes them apart.

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
};
use futures::executor::block_on;

/// Bytes between the parts.
const BOUNDARY: &str = "boundary";

/// A body whose boundary is known; it arrives in pieces.
pub(crate) fn form(input: &[u8]) {
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
        input.chunks(97).map(|piece| Ok(piece.to_vec())).collect();
    let request = Request::builder()
        .method("POST")
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(Body::from_stream(futures::stream::iter(pieces)))
        .expect("a request");
    block_on(async {
        let Ok(mut parts) = Multipart::from_request(request, &()).await else { return };
        let mut length = 0;
        while let Ok(Some(mut part)) = parts.next_field().await {
            let _ = (part.name().map(str::len), part.file_name().map(str::len), part.content_type());
            while let Ok(Some(chunk)) = part.chunk().await {
                length += chunk.len();
            }
        }
        assert!(length <= input.len(), "no part has bytes that were not sent");
    });
}

/// Heads of parts are copied.
pub(crate) fn memory_bytes(input: usize) -> usize {
    (1 << 20) + 64 * input
}
