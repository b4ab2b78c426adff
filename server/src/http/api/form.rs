//! `multipart/form-data` with one image and some text fields, read within
//! limits.

use super::{
    bounded::{AtMost, Pairs},
    filename,
    watched_form::Watched,
};
use crate::http::{
    AppState,
    admission::Unread,
    body::{FORM_TEXT_BYTES, Share, check_announced, too_large},
    json_faults,
    problem::Problem,
};
use axum::{body::Body, extract::multipart::Field};
use bytes::{Bytes, BytesMut};
use domain::{fault::ErrorKind, time::Timestamp};
use http::{HeaderMap, header};
use serde::Deserialize;
use service::{As, RoleType};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// Parts of a form; those that are known are ten.
const PARTS: usize = 32;
/// Bytes of a part's name.
const NAME_BYTES: usize = 64;

/// A form as it came in.
pub(in crate::http) struct Form {
    /// The part called `media` (or `image`, or `file`).
    pub media: Option<Media>,
    /// All other parts; one name may come several times.
    pub fields: Vec<(String, String)>,
    _share: Arc<Mutex<Option<Share>>>,
}

/// An uploaded image.
pub(in crate::http) struct Media {
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
/// 413 over a limit, 400 when it is malformed, has too many parts or two
/// images.
pub(in crate::http) async fn read<R: RoleType>(
    state: &AppState,
    unread: Unread<R>,
) -> Result<(As<R>, Form), Problem> {
    let form = read_parts(unread.headers, unread.body, state.config.image_bytes, unread.share).await?;
    Ok((unread.actor, form))
}

/// Reads a form whose image has at most `limit` bytes.
///
/// # Errors
/// Those of [`read`].
pub(super) async fn read_parts(
    headers: HeaderMap,
    body: Body,
    limit: usize,
    share: Share,
) -> Result<Form, Problem> {
    check_announced(&headers, limit + FORM_TEXT_BYTES)?;
    let watched = Watched::new(limit + FORM_TEXT_BYTES, share);
    let mut parts = watched.parts(headers, body).await?;
    let (mut media, mut fields, mut text_left) = (None, Vec::new(), FORM_TEXT_BYTES);
    while let Some(field) = parts.next_field().await.map_err(|error| watched.fault(&error))? {
        watched.progressed();
        let name = checked_name(&field, fields.len() + usize::from(media.is_some()))?;
        if matches!(name.as_str(), "media" | "image" | "file") {
            if media.is_some() {
                return Err(Problem::invalid(&name, "The form has more than one image: send one at a time."));
            }
            let filename = filename::of_part(field.headers());
            media = Some(Media { filename, bytes: read_field(field, limit, &watched).await? });
        } else {
            let bytes = read_field(field, text_left, &watched).await?;
            text_left -= bytes.len();
            let text = String::from_utf8(bytes.into())
                .map_err(|_| Problem::invalid(&name, "The field is not UTF-8 text."))?;
            fields.push((name, text));
        }
    }
    Ok(Form { media, fields, _share: watched.share })
}

/// The name of a part, if there may be one more after so many.
pub(super) fn checked_name(field: &Field<'_>, before: usize) -> Result<String, Problem> {
    let name = field.name().unwrap_or_default().to_owned();
    if name.len() > NAME_BYTES || before >= PARTS {
        let message = format!("A form has at most {PARTS} parts, with names of at most {NAME_BYTES} bytes.");
        return Err(Problem::invalid("body", message));
    }
    Ok(name)
}

pub(super) async fn read_field(
    mut field: Field<'_>,
    limit: usize,
    watched: &Watched,
) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| watched.fault(&error))? {
        watched.progressed();
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// The most words or pairs in one list: far more than are ever stored, few
/// enough to be read into memory before they are counted.
const MOST_WORDS: usize = 1_000;

/// Words given as a JSON array or separated by commas.
///
/// # Errors
/// When it starts like an array and is none, or there are far too many.
pub(in crate::http) fn words(place: &str, text: &str) -> Result<Vec<String>, Problem> {
    if text.trim_start().starts_with('[') {
        let words: AtMost<String, MOST_WORDS> = json_faults::read(place, text.as_bytes())?;
        return Ok(words.0);
    }
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let words: Vec<String> = words.take(MOST_WORDS + 1).map(str::to_owned).collect();
    if words.len() > MOST_WORDS {
        return Err(Problem::invalid(place, format!("There are more than {MOST_WORDS} words.")));
    }
    Ok(words)
}

/// Keys and values given as a JSON object. Numbers and booleans are taken as
/// their text.
///
/// # Errors
/// When it is no object, a value is nested, or there are far too many.
pub(in crate::http) fn pairs(place: &str, text: &str) -> Result<BTreeMap<String, String>, Problem> {
    pairs_of(place, json_faults::read(place, text.as_bytes())?)
}

/// The same of JSON that is already read.
///
/// # Errors
/// When a value is nested.
pub(super) fn pairs_of(place: &str, pairs: Pairs) -> Result<BTreeMap<String, String>, Problem> {
    let text = |(key, value): (String, Option<String>)| match value {
        Some(value) => Ok((key, value)),
        None => {
            let place = format!("{place}.{key}");
            Err(Problem::invalid(&place, "A value must be text, a number, true or false."))
        }
    };
    pairs.0.into_iter().map(text).collect()
}

/// A moment as JSON has it: a text, or a number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "a moment like \"2026-11-01T10:00:00Z\", or seconds or milliseconds since 1970"
)]
pub(super) enum Moment {
    /// Seconds, or finer, since 1970.
    Number(f64),
    /// RFC 3339, or such a number.
    Text(String),
}

impl Moment {
    /// The moment.
    ///
    /// # Errors
    /// As [`moment`].
    pub(super) fn read(self, place: &str) -> Result<Timestamp, Problem> {
        match self {
            Self::Number(number) => moment(place, &number.to_string()),
            Self::Text(text) => moment(place, &text),
        }
    }
}

/// Seconds since 1970 of a number that counts them, or milliseconds,
/// microseconds or nanoseconds: of one and the same number, only one lies
/// between 1973 and 2200.
fn in_seconds(number: f64) -> f64 {
    /// In seconds it is the year 5138, in milliseconds 1973.
    const LARGEST_SECONDS: f64 = 1e11;
    let units = [1.0, 1e3, 1e6, 1e9];
    let unit = units.into_iter().find(|unit| number / unit < LARGEST_SECONDS).unwrap_or(1.0);
    number / unit
}

/// A moment in RFC 3339, or in seconds or milliseconds since 1970, from 1970
/// to 2200.
///
/// # Errors
/// When it is neither, or outside of the years 1970 to 2200.
pub(in crate::http) fn moment(place: &str, text: &str) -> Result<Timestamp, Problem> {
    let refused = |why: &str| {
        let text: String = text.chars().take(64).collect();
        Problem::invalid(place, format!("{text:?} {why}"))
    };
    let far = || {
        refused("is not from 1970 to 2200: write seconds since 1970, or a moment like 2026-11-01T10:00:00Z.")
    };
    match text.parse::<f64>() {
        Ok(number) => Timestamp::from_seconds(in_seconds(number)).ok_or_else(far),
        Err(_) => {
            let moment = text.parse::<Timestamp>();
            let moment = moment.map_err(|_| match text.rsplit_once(' ') {
                // A `+` in an address stands for a blank.
                Some((_, zone)) if zone.len() == 5 && zone.contains(':') => {
                    refused("is no moment: in an address, the + before the zone is written %2B.")
                }
                _ => refused("is no moment: write it like 2026-11-01T10:00:00Z, with its zone."),
            })?;
            moment.in_range().ok_or_else(far)
        }
    }
}

/// `true` or `false`.
///
/// # Errors
/// When it is neither.
pub(in crate::http) fn flag(place: &str, text: &str) -> Result<bool, Problem> {
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
        for finer in ["1793527200000", "1793527200000000", "1793527200000000000"] {
            assert_eq!(moment("t", finer).ok(), Some(expected), "{finer}");
        }
        assert!(moment("t", "yesterday").is_err());
        let blank = moment("from", "2026-09-01T12:00:00 02:00").expect_err("a blank");
        assert!(blank.0.message.contains("%2B"), "{}", blank.0.message);
        for far in ["1e19", "-1e19", "-9223372036854774", "9223372036854774", "NaN", "inf", "-1"] {
            assert!(moment("t", far).is_err(), "{far}");
        }
        assert!(moment("t", "1969-12-31T23:59:59Z").is_err() && moment("t", "9999-01-01T00:00:00Z").is_err());
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
            "1e19",
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
