//! `multipart/form-data` with one image and some text fields, read within
//! limits.

use crate::http::{
    AppState,
    body::{self, announced_length, check_announced, too_large},
    problem::Problem,
};
use axum::{
    RequestExt,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::Field},
};
use bytes::{Bytes, BytesMut};
use domain::{fault::ErrorKind, time::Timestamp};
use http::{HeaderMap, header};
use std::collections::BTreeMap;
use tokio::sync::OwnedSemaphorePermit;

/// Bytes of all text fields together, and of the parts' headers.
const TEXT_BYTES: usize = 4 * 1024 * 1024;

/// A form as it came in.
pub(super) struct Form {
    /// The part called `media` (or `image`, or `file`).
    pub media: Option<Media>,
    /// All other parts; one name may come several times.
    pub fields: Vec<(String, String)>,
    _share: OwnedSemaphorePermit,
}

/// An uploaded image.
pub(super) struct Media {
    /// As the client named it.
    pub filename: Option<String>,
    /// The file.
    pub bytes: Bytes,
}

/// Whether the request is a multipart form.
#[must_use]
pub(super) fn is_multipart(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/form-data"))
}

/// The content type without its parameters.
#[must_use]
pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').next().map(str::trim)
}

/// Reads a whole form.
///
/// # Errors
/// 413 over a limit, 400 when it is malformed or has two images.
pub(super) async fn read(state: &AppState, mut request: Request) -> Result<Form, Problem> {
    let limit = state.config.image_bytes;
    check_announced(request.headers(), limit + TEXT_BYTES)?;
    let expected = announced_length(request.headers()).unwrap_or(limit + TEXT_BYTES);
    let share = state.bodies.reserve(expected).await?;
    DefaultBodyLimit::apply(DefaultBodyLimit::disable(), &mut request);
    let request = request.with_limited_body();
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| Problem::invalid("body", rejection.body_text()))?;
    let (mut media, mut fields, mut text_left) = (None, Vec::new(), TEXT_BYTES);
    while let Some(field) = parts.next_field().await.map_err(body::broken_off)? {
        let name = field.name().unwrap_or_default().to_owned();
        if matches!(name.as_str(), "media" | "image" | "file") {
            if media.is_some() {
                return Err(Problem::invalid(&name, "The form has more than one image: send one at a time."));
            }
            let filename = field.file_name().map(str::to_owned);
            media = Some(Media { filename, bytes: read_field(field, limit).await? });
        } else {
            let bytes = read_field(field, text_left).await?;
            text_left -= bytes.len();
            let text = String::from_utf8(bytes.into())
                .map_err(|_| Problem::invalid(&name, "The field is not UTF-8 text."))?;
            fields.push((name, text));
        }
    }
    Ok(Form { media, fields, _share: share })
}

async fn read_field(mut field: Field<'_>, limit: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.chunk().await.map_err(body::broken_off)? {
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Words given as a JSON array or separated by commas.
///
/// # Errors
/// When it starts like an array and is none.
pub(super) fn words(place: &str, text: &str) -> Result<Vec<String>, Problem> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(|error| Problem::invalid(place, error.to_string()));
    }
    Ok(text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect())
}

/// Keys and values given as a JSON object. Numbers and booleans are taken as
/// their text.
///
/// # Errors
/// When it is no object, or a value is nested.
pub(super) fn pairs(place: &str, text: &str) -> Result<BTreeMap<String, String>, Problem> {
    let value = serde_json::from_str(text).map_err(|error| Problem::invalid(place, error.to_string()))?;
    pairs_of(place, value)
}

/// The same of JSON that is already read.
///
/// # Errors
/// When it is no object, or a value is nested.
pub(super) fn pairs_of(
    place: &str,
    map: serde_json::Map<String, serde_json::Value>,
) -> Result<BTreeMap<String, String>, Problem> {
    use serde_json::Value;
    let text = |key: &str, value: Value| match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => {
            let place = format!("{place}.{key}");
            Err(Problem::invalid(&place, "A value must be text, a number, true or false."))
        }
    };
    map.into_iter().map(|(key, value)| text(&key, value).map(|value| (key, value))).collect()
}

/// A moment in RFC 3339, or in seconds since 1970, from 1970 to 2200.
///
/// # Errors
/// When it is neither.
pub(super) fn moment(place: &str, text: &str) -> Result<Timestamp, Problem> {
    let refused = |why: &str| Problem::invalid(place, format!("{text:?} {why}"));
    let far = || {
        refused("is not from 1970 to 2200: write seconds since 1970, or a moment like 2026-11-01T10:00:00Z.")
    };
    match text.parse::<f64>() {
        Ok(seconds) => Timestamp::from_seconds(seconds).ok_or_else(far),
        Err(_) => {
            let moment = text.parse::<Timestamp>();
            let moment = moment.map_err(|_| refused("is no moment: write it like 2026-11-01T10:00:00Z."))?;
            moment.in_range().ok_or_else(far)
        }
    }
}

/// `true` or `false`.
///
/// # Errors
/// When it is neither.
pub(super) fn flag(place: &str, text: &str) -> Result<bool, Problem> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        other => Err(Problem(
            domain::fault::ApiError::new(ErrorKind::Invalid, format!("{other:?} is neither true nor false."))
                .at(place),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_as_an_array_or_with_commas() {
        assert_eq!(words("tags", "night, rain,").ok(), Some(vec!["night".to_owned(), "rain".to_owned()]));
        assert_eq!(words("tags", r#"["a,b"]"#).ok(), Some(vec!["a,b".to_owned()]));
        assert!(words("tags", "[1").is_err());
    }

    #[test]
    fn moments_are_rfc_3339_or_seconds() {
        let expected = Timestamp(1_793_527_200_000);
        assert_eq!(moment("t", "2026-11-01T10:00:00Z").ok(), Some(expected));
        assert_eq!(moment("t", "1793527200").ok(), Some(expected));
        assert!(moment("t", "yesterday").is_err());
    }

    #[test]
    fn what_is_no_number_or_far_away_is_no_moment() {
        for text in [
            "NaN",
            "nan",
            "-NaN",
            "inf",
            "-inf",
            "infinity",
            "1e300",
            "-1",
            "1793527200000",
            "1969-12-31T23:59:59Z",
            "2200-01-01T00:00:00.001Z",
            "9999-12-31T23:59:59Z",
        ] {
            let refused = moment("timestamp", text).expect_err(text);
            assert_eq!(refused.0.place.as_deref(), Some("timestamp"), "{text}");
        }
        assert_eq!(moment("t", "0").ok(), Some(Timestamp(0)));
    }

    #[test]
    fn nested_metadata_is_refused_with_its_key() {
        let error = pairs("metadata", r#"{"a":1,"b":{"c":2}}"#).expect_err("nested");
        assert_eq!(error.0.place.as_deref(), Some("metadata.b"));
    }
}
