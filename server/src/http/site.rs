//! The site's files, carried by the binary: WASM, JavaScript, style sheet.
//!
//! Names carry no hash, so browsers ask each time and mostly hear that
//! nothing changed (304).

use super::{AppState, problem::Problem};
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::fault::ErrorKind;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::LazyLock};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/site_files.rs"));
}

struct File {
    bytes: &'static [u8],
    etag: String,
}

static FILES: LazyLock<HashMap<&'static str, File>> = LazyLock::new(|| {
    let files = embedded::FILES.iter();
    files.map(|(name, bytes)| (*name, File { bytes, etag: format!("\"{}\"", short_hash(bytes)) })).collect()
});

fn short_hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes)).chars().take(24).collect()
}

/// `GET /pkg/…`.
pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/pkg/{*name}", get(package_file))
}

/// Whether the binary carries a site.
#[must_use]
pub fn is_embedded() -> bool {
    !embedded::FILES.is_empty()
}

async fn package_file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    file(&format!("pkg/{name}"), &headers).unwrap_or_else(|| {
        Problem::new(ErrorKind::NotFound, format!("There is no file {name:?}.")).into_response()
    })
}

/// The file called `name`, in the best encoding that the client takes.
#[must_use]
pub(super) fn file(name: &str, request: &HeaderMap) -> Option<Response> {
    let plain = FILES.get(name)?;
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let encoded = [("br", ".br"), ("gzip", ".gz")].into_iter().find_map(|(coding, suffix)| {
        let takes = accepted.split(',').any(|one| takes_coding(one, coding));
        let file = FILES.get(format!("{name}{suffix}").as_str()).filter(|_| takes)?;
        Some((coding, file))
    });
    let (coding, file) = encoded.map_or((None, plain), |(coding, file)| (Some(coding), file));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, HeaderValue::from_str(&file.etag).ok()?);
    if request.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == file.etag.as_bytes()) {
        return Some((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Some((headers, file.bytes).into_response())
}

fn takes_coding(offer: &str, coding: &str) -> bool {
    let mut parts = offer.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
    named && !parts.any(|weight| weight == "q=0")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("json" | "webmanifest") => "application/json",
        Some("html") => "text/html; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_refused_by_weight_is_not_taken() {
        assert!(takes_coding(" br", "br") && takes_coding("br;q=0.5", "br"));
        assert!(!takes_coding("br;q=0", "br") && !takes_coding("gzip", "br"));
    }

    #[test]
    fn a_file_that_is_not_carried_is_not_served() {
        assert!(file("pkg/../../etc/passwd", &HeaderMap::new()).is_none());
    }
}
