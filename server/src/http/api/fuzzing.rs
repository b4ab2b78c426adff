//! What the server makes of bytes from strangers, without a server around it:
//! for fuzzers and for the test below.

use super::{form, ndjson, report_body};
use crate::http::{
    auth::{bearer, cookies},
    body::BodyBudget,
    forwarded,
};
use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tower_sessions::{cookie::Cookie, session::Id};
use uuid::Uuid;

/// Reports: the input as one in JSON, and each of its lines as one of NDJSON.
pub fn reports(input: &[u8]) {
    let _ = report_body::read_json(input).and_then(report_body::ReportBody::checked);
    for line in input.split(|byte| *byte == b'\n') {
        if let Ok((report, key)) = ndjson::parse(line) {
            assert!(key.is_none_or(|key| (1..=255).contains(&key.len())));
            assert!(report.boxes.iter().all(|one| one.rect.w() > 0.0 && one.rect.h() > 0.0));
        }
    }
}

/// A report as a form whose boundary is `boundary`; it arrives in pieces.
///
/// # Panics
/// When a part has more bytes than were sent, or when no runtime can be built.
pub fn form(input: &[u8]) {
    /// Bytes of an image; those of all text have a limit of their own.
    const LIMIT: usize = 64 * 1024;
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("multipart/form-data; boundary=boundary");
    headers.insert(header::CONTENT_TYPE, kind);
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
        input.chunks(97).map(|piece| Ok(piece.to_vec())).collect();
    let body = Body::from_stream(futures::stream::iter(pieces));
    let share = BodyBudget::new(4 * LIMIT, LIMIT).open(Uuid::nil());
    // Waiting for memory has a time limit, which needs a clock.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let read = runtime.expect("a runtime").block_on(form::read_parts(headers, body, LIMIT, share));
    let Ok(form) = read else { return };
    let media = form.media.as_ref().map_or(0, |media| media.bytes.len());
    let text: usize = form.fields.iter().map(|(_, text)| text.len()).sum();
    assert!(media <= LIMIT && media + text <= input.len());
    let _ = report_body::body_of_form(&form).and_then(report_body::ReportBody::checked);
}

/// The heads of a request that say who asks: each line of the input is the
/// value of all of them.
pub fn credentials(input: &[u8]) {
    for line in input.split(|byte| *byte == b'\n') {
        let Ok(value) = HeaderValue::from_bytes(line) else { continue };
        let mut headers = HeaderMap::new();
        let names = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"];
        for name in names.map(HeaderName::from_static).into_iter().chain([
            header::FORWARDED,
            header::AUTHORIZATION,
            header::COOKIE,
            header::SET_COOKIE,
        ]) {
            headers.append(name, value.clone());
        }
        let _ = (forwarded::over_tls(&headers), forwarded::client(&headers), forwarded::host(&headers));
        let secret = bearer(&headers);
        assert!(secret.is_none_or(|secret| secret.len() <= line.len() && secret.trim() == secret));
        cookies::prefix(&mut headers, &app::BasePath::default());
        for over_tls in [false, true] {
            let mut headers = headers.clone();
            cookies::accept_prefixed(&mut headers, &app::BasePath::default(), over_tls);
            let kept = headers.get(header::COOKIE).and_then(|value| value.to_str().ok());
            for cookie in Cookie::split_parse(kept.unwrap_or_default()).flatten() {
                let _ = cookie.value().parse::<Id>();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fuzzing::mutation::Mutations;

    fn run(target: fn(&[u8]), samples: &[&str]) {
        let samples: Vec<Vec<u8>> = samples.iter().map(|sample| sample.as_bytes().to_vec()).collect();
        let damaged = Mutations::new(&samples, 7).take(2_000);
        for input in samples.iter().cloned().chain(damaged) {
            let result = std::panic::catch_unwind(|| target(&input));
            assert!(result.is_ok(), "{}", input.escape_ascii());
        }
    }

    #[test]
    fn damaged_reports_are_taken_or_refused() {
        let whole = r#"{"width": 20, "height": 10, "latency_ms": 1.5, "source": "a", "tags": ["b"],
            "boxes": [{"label": "cat", "score": 0.5, "x": 1, "y": 2, "w": 3, "h": 4}],
            "shadow": {"latency_ms": 2, "boxes": []}, "timestamp": "2026-11-01T10:00:00Z",
            "metadata": {"line": 7, "night": true}, "idempotency_key": "k", "model": "m/1", "sample": false}"#;
        run(reports, &[whole, &whole.replace('\n', " "), "{\"latency_ms\": 1, \"boxes\": []}\n\n{}\n"]);
    }

    #[test]
    fn damaged_forms_are_taken_or_refused() {
        let part = |head: &str, text: &str| {
            format!("--boundary\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n")
        };
        let boxes = part(
            "name=\"boxes\"",
            "[{\"label\": \"cat\", \"score\": 0.5, \"x\": 1, \"y\": 2, \"w\": 3, \"h\": 4}]",
        );
        let size = part("name=\"width\"", "20") + &part("name=\"height\"", "10");
        let media = part("name=\"media\"; filename=\"a.jpg\"", "\u{ff}\u{d8}");
        let end = "--boundary--\r\n";
        run(form, &[&(size.clone() + &boxes + &media + end), &(part("name=\"tags\"", "a,b") + &size + end)]);
    }

    #[test]
    fn damaged_credentials_are_taken_or_refused() {
        let samples = [
            "Bearer fovea_0123456789abcdef",
            "fovea_session=0123456789abcdefABCDEF; a=b",
            "__Host-fovea_session=AAAAAAAAAAAAAAAAAAAAAA",
            "for=192.0.2.60;proto=https;by=203.0.113.43, for=\"[2001:db8::1]:80\"",
            "10.0.0.1:80, 2001:db8::1",
        ];
        run(credentials, &samples);
    }
}
