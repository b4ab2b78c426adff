//! Bodies of the SDK: JSON whatever the content type says, or none at all.

use crate::http::{
    AppState,
    admission::Unread,
    body::{Share, WholeBody, anything},
    json_faults,
    problem::Problem,
};
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use service::{As, RoleType};

/// Bytes of a body without an image.
const JSON_BYTES: usize = 2 << 20;
/// How much more memory values take than their text, at most.
const PARSED: usize = 4;

/// Who sends, whose role was checked before anything was read, and what.
pub(super) struct SdkBody<R: RoleType, T>(
    pub(super) As<R>,
    pub(super) T,
    #[allow(dead_code, reason = "held for its destructor")] pub(super) Held,
);

/// Counts what was parsed as long as it is worked with.
pub(super) struct Held {
    _share: Share,
}

impl<R: RoleType, T: DeserializeOwned> FromRequest<AppState> for SdkBody<R, T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let unread = Unread::<R>::from_request(request, state).await?;
        let (actor, WholeBody { bytes, mut share }) = unread.whole(JSON_BYTES, anything).await?;
        share.hold(PARSED * bytes.len()).await?;
        let text: &[u8] = if bytes.trim_ascii().is_empty() { b"{}" } else { &bytes };
        Ok(Self(actor, json_faults::read("body", text)?, Held { _share: share }))
    }
}
