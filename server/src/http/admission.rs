//! Who may send what: role, then existence, then body. No handler can get at
//! a body without saying which role it needs, since only these extractors give
//! bodies out.

use super::{
    AppState,
    auth::SignedIn,
    body::{self, Beginning, Share, WholeBody, anything, read_whole},
    json_faults,
    problem::Problem,
};
use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, MatchedPath, RawPathParams, Request},
};
use bytes::Bytes;
use domain::{
    access::Actor,
    fault::ErrorKind,
    ids::{DatasetVersionId, PredictionId},
};
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use http::{HeaderMap, header, request::Parts};
use serde::de::DeserializeOwned;
pub(super) use service::{Admin, Reviewer, Viewer};
use service::{As, RoleType, ServiceError};
use uuid::Uuid;

/// Bytes of a JSON body: a review of ten thousand boxes has half of that.
const JSON_BYTES: usize = 2 << 20;

/// Who asks, once it was seen that the role reaches, and that what the path
/// names is there.
pub(super) struct Allowed<R: RoleType>(pub As<R>);

impl<R: RoleType> FromRequestParts<AppState> for Allowed<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let SignedIn(viewer) = SignedIn::<Viewer>::from_request_parts(parts, state).await?;
        let actor = As::check(&viewer)?;
        check_existence(parts, state, &viewer).await?;
        Ok(Self(actor))
    }
}

/// Looks for what a path names and bodies are sent to. A part of a path that
/// does not even parse is left to the handler, which says what is wrong with it.
async fn check_existence(parts: &mut Parts, state: &AppState, actor: &As<Viewer>) -> Result<(), Problem> {
    let route = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.as_deref().unwrap_or_default();
    let Ok(params) = RawPathParams::from_request_parts(parts, state).await else { return Ok(()) };
    for (name, value) in &params {
        match (name, value.parse::<Uuid>()) {
            ("deployment", _) => state.service.intake().check_deployment(actor, value).await?,
            ("id", Ok(id)) if route.starts_with("/api/v1/predictions/") => {
                state.service.browsing().check_prediction(actor, PredictionId(id)).await?;
            }
            ("id", Ok(id)) if route.starts_with("/api/v1/dataset-versions/") => {
                state.service.catalogue().check_version(actor, DatasetVersionId(id)).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A request of somebody who is allowed to send it; nothing of its body was
/// read yet.
pub(super) struct Unread<R: RoleType> {
    /// Who asks.
    pub(super) actor: As<R>,
    /// The request's headers.
    pub(super) headers: HeaderMap,
    /// What was not read.
    pub(super) body: Body,
    /// The place of the body in the budget.
    pub(super) share: Share,
}

impl<R: RoleType> FromRequest<AppState> for Unread<R> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Allowed(actor) = Allowed::<R>::from_request_parts(&mut parts, state).await?;
        let share = state.bodies.open(caller_key(actor.actor()));
        Ok(Self { actor, headers: parts.headers, body, share })
    }
}

impl<R: RoleType> Unread<R> {
    /// The whole body, of at most `limit` bytes whose first ones please
    /// `beginning`.
    ///
    /// # Errors
    /// As [`read_whole`].
    pub(super) async fn whole(
        self,
        limit: usize,
        beginning: Beginning,
    ) -> Result<(As<R>, WholeBody), Problem> {
        let whole = read_whole(&self.headers, self.body, limit, beginning, self.share).await?;
        Ok((self.actor, whole))
    }

    /// The body piece by piece, to be counted by whoever reads it.
    pub(super) fn into_pieces(self) -> (As<R>, BoxStream<'static, service::Result<Bytes>>) {
        let pieces =
            self.body.into_data_stream().map_err(|error| ServiceError::from(body::broken_off(error).0));
        (self.actor, pieces.boxed())
    }

    /// The body in a file, instead of in memory.
    ///
    /// # Errors
    /// As [`body::read_into`].
    pub(super) async fn into_file(
        self,
        file: &mut tokio::fs::File,
        limit: usize,
        beginning: Beginning,
    ) -> Result<As<R>, Problem> {
        body::read_into(file, &self.headers, self.body, limit, beginning).await?;
        Ok(self.actor)
    }
}

/// By whom bodies are counted.
pub(super) fn caller_key(actor: &Actor) -> Uuid {
    actor.who.id().unwrap_or_default()
}

/// How much more memory values take than their text, at most: where one could
/// take more, its type counts while it is read.
const PARSED: usize = 4;

/// Who asks, and what was sent as JSON, whose faults become problems.
pub(super) struct JsonBody<R: RoleType, T>(
    pub As<R>,
    pub T,
    #[allow(dead_code, reason = "held for its destructor")] pub Parsed,
);

/// Counts what was parsed as long as it is worked with.
pub(super) struct Parsed {
    _share: Share,
}

impl<R: RoleType, T: DeserializeOwned> FromRequest<AppState> for JsonBody<R, T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let unread = Unread::<R>::from_request(request, state).await?;
        if !is_json(&unread.headers) {
            let message = "Send JSON, with the header Content-Type: application/json.";
            return Err(Problem(
                domain::fault::ApiError::new(ErrorKind::UnsupportedMedia, message).at("body"),
            ));
        }
        let (actor, WholeBody { bytes, mut share }) = unread.whole(JSON_BYTES, anything).await?;
        share.hold(PARSED * bytes.len()).await?;
        let value = json_faults::read("body", &bytes)?;
        Ok(Self(actor, value, Parsed { _share: share }))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}
