//! `multipart/form-data` with one image and some text fields, read within
//! limits.

use super::bounded::{AtMost, Pairs};
use crate::http::{
    AppState,
    admission::Unread,
    body::{self, FORM_TEXT_BYTES, Share, check_announced, too_large},
    problem::Problem,
};
use axum::{
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::Field},
};
use bytes::{Bytes, BytesMut};
use domain::{fault::ErrorKind, time::Timestamp};
use futures::{Stream, StreamExt};
use http::{HeaderMap, header};
use service::{As, RoleType};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

/// Parts of a form; those that are known are ten.
const PARTS: usize = 32;
/// Bytes of a part's name.
const NAME_BYTES: usize = 64;
/// Bytes between two parts, or of a part's head: after these, something must come.
const HEAD_BYTES: usize = 16 * 1024;

/// A form as it came in.
pub(super) struct Form {
    /// The part called `media` (or `image`, or `file`).
    pub media: Option<Media>,
    /// All other parts; one name may come several times.
    pub fields: Vec<(String, String)>,
    _share: Arc<Mutex<Option<Share>>>,
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
/// 413 over a limit, 400 when it is malformed, has too many parts or two
/// images.
pub(super) async fn read<R: RoleType>(state: &AppState, unread: Unread<R>) -> Result<(As<R>, Form), Problem> {
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
    let mut request = Request::new(Body::from_stream(watched.clone().stream(body)));
    *request.headers_mut() = headers;
    // The stream has its own limit.
    DefaultBodyLimit::apply(DefaultBodyLimit::disable(), &mut request);
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| Problem::invalid("body", rejection.body_text()))?;
    let (mut media, mut fields, mut text_left) = (None, Vec::new(), FORM_TEXT_BYTES);
    while let Some(field) = parts.next_field().await.map_err(|error| watched.fault(&error))? {
        watched.progressed();
        let name = field.name().unwrap_or_default().to_owned();
        if name.len() > NAME_BYTES || fields.len() + usize::from(media.is_some()) >= PARTS {
            let message =
                format!("A form has at most {PARTS} parts, with names of at most {NAME_BYTES} bytes.");
            return Err(Problem::invalid("body", message));
        }
        if matches!(name.as_str(), "media" | "image" | "file") {
            if media.is_some() {
                return Err(Problem::invalid(&name, "The form has more than one image: send one at a time."));
            }
            let filename = field.file_name().map(str::to_owned);
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

async fn read_field(mut field: Field<'_>, limit: usize, watched: &Watched) -> Result<Bytes, Problem> {
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

/// A body that is watched while it is taken apart: what has gone through is
/// counted and held in the budget, and what goes through without a part or a
/// piece of one coming of it is bounded. The parser keeps all of that, and
/// searches it from its beginning each time.
#[derive(Clone)]
struct Watched {
    limit: usize,
    share: Arc<Mutex<Option<Share>>>,
    all: Arc<AtomicUsize>,
    idle: Arc<AtomicUsize>,
    fault: Arc<Mutex<Option<Problem>>>,
}

impl Watched {
    fn new(limit: usize, share: Share) -> Self {
        let share = Arc::new(Mutex::new(Some(share)));
        Self { limit, share, all: Arc::default(), idle: Arc::default(), fault: Arc::default() }
    }

    fn progressed(&self) {
        self.idle.store(0, Ordering::Relaxed);
    }

    /// What the stream ended with, else what the parser says.
    fn fault(&self, error: &dyn std::fmt::Display) -> Problem {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
        fault.unwrap_or_else(|| body::broken_off(error))
    }

    /// Counts what came, before it is handed on.
    async fn admit(&self, chunk: &Bytes) -> Result<(), Problem> {
        let all = self.all.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
        let idle = self.idle.fetch_add(chunk.len(), Ordering::Relaxed);
        if all > self.limit {
            return Err(too_large(self.limit));
        }
        // The chunk that is handed on may be anything; those before it came to nothing.
        if idle > HEAD_BYTES {
            return Err(Problem::invalid("body", "A part of the form has a head that is too long."));
        }
        // Taken out while waiting: a lock is not held across that.
        let share = self.share.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut share) = share else { return Ok(()) };
        let held = share.hold(all).await;
        *self.share.lock().unwrap_or_else(PoisonError::into_inner) = Some(share);
        held
    }

    fn stream(self, body: Body) -> impl Stream<Item = Result<Bytes, FormFault>> + Send + 'static {
        let mut rest = false;
        let chunks = body.into_data_stream().then(move |chunk| {
            let watched = self.clone();
            async move {
                let chunk = chunk.map_err(body::broken_off);
                let admitted = match chunk {
                    Ok(chunk) => watched.admit(&chunk).await.map(|()| chunk),
                    Err(problem) => Err(problem),
                };
                admitted.map_err(|problem| {
                    *watched.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
                    FormFault
                })
            }
        });
        let mut chunks = Box::pin(chunks);
        // The parser takes whatever is ready before it looks at any of it: a
        // pause after each chunk lets it look.
        futures::stream::poll_fn(move |context| {
            if std::mem::take(&mut rest) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let next = chunks.as_mut().poll_next(context);
            rest = matches!(next, Poll::Ready(Some(Ok(_))));
            next
        })
    }
}

/// Stands for the problem that was kept aside.
#[derive(Debug, thiserror::Error)]
#[error("the form was refused")]
struct FormFault;

/// The most words or pairs in one list: far more than are ever stored, few
/// enough to be read into memory before they are counted.
const MOST_WORDS: usize = 1_000;

/// Words given as a JSON array or separated by commas.
///
/// # Errors
/// When it starts like an array and is none, or there are far too many.
pub(super) fn words(place: &str, text: &str) -> Result<Vec<String>, Problem> {
    if text.trim_start().starts_with('[') {
        let words: AtMost<String, MOST_WORDS> =
            serde_json::from_str(text).map_err(|error| Problem::invalid(place, error.to_string()))?;
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
pub(super) fn pairs(place: &str, text: &str) -> Result<BTreeMap<String, String>, Problem> {
    let pairs = serde_json::from_str(text).map_err(|error| Problem::invalid(place, error.to_string()))?;
    pairs_of(place, pairs)
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

/// A moment in RFC 3339, or in seconds since 1970, from 1970 to 2200.
///
/// # Errors
/// When it is neither, or outside of the years 1970 to 2200.
pub(super) fn moment(place: &str, text: &str) -> Result<Timestamp, Problem> {
    let refused = |why: &str| {
        let text: String = text.chars().take(64).collect();
        Problem::invalid(place, format!("{text:?} {why}"))
    };
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
