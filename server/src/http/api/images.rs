//! Images of predictions and of datasets, as they may be shown: never
//! sniffed, never run, kept by the browser.

use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::ids::{AssetId, PredictionId};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use service::{ImageFile, ImageSize};
use utoipa::{IntoParams, IntoResponses};
use uuid::Uuid;

/// Which size of an image.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImageParams {
    /// `full` (default, as it was sent), `thumb` (a small JPEG) or `plain`
    /// (as the model saw it: the file as it was sent, or an upright PNG
    /// without transparency where programs would show something else).
    pub size: Option<String>,
}

impl ImageParams {
    fn size(&self) -> Result<ImageSize, Problem> {
        match self.size.as_deref() {
            None | Some("full") => Ok(ImageSize::Full),
            Some("thumb") => Ok(ImageSize::Thumb),
            Some("plain") => Ok(ImageSize::Plain),
            Some(other) => {
                Err(Problem::invalid("size", format!("{other:?} is no size: use thumb, plain or full.")))
            }
        }
    }
}

/// How an image is answered, whatever it belongs to.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "describes the answers for OpenAPI")]
enum ImageAnswer {
    /// The image
    #[response(status = 200, content_type = "image/jpeg")]
    Whole(Vec<u8>),
    /// Not changed
    #[response(status = 304)]
    NotChanged,
    /// A size that is none
    #[response(status = 400)]
    Invalid(ProblemBody),
    /// Nothing of this id, or it came without an image
    #[response(status = 404)]
    Missing(ProblemBody),
}

/// The image of a prediction.
#[utoipa::path(
    get, path = "/predictions/{id}/image", tag = "predictions", operation_id = "get_prediction_image",
    params(("id" = Uuid, Path, description = "The prediction"), ImageParams),
    responses(ImageAnswer)
)]
pub(super) async fn of_prediction(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    QueryParams(params): QueryParams<ImageParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let image = state.service.browsing().prediction_image(&actor, PredictionId(id), params.size()?).await?;
    Ok(image_response(image, &headers))
}

/// The image of a dataset's asset.
#[utoipa::path(
    get, path = "/assets/{id}/image", tag = "datasets", operation_id = "get_asset_image",
    params(("id" = Uuid, Path, description = "The asset"), ImageParams),
    responses(ImageAnswer)
)]
pub(super) async fn of_asset(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    QueryParams(params): QueryParams<ImageParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let image = state.service.catalogue().asset_image(&actor, AssetId(id), params.size()?).await?;
    Ok(image_response(image, &headers))
}

/// The image of an id does not change, but who may see it does: the browser
/// keeps it for the hour in which somebody looks at it again and again.
fn image_response(image: ImageFile, request: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", image.etag.trim_matches('"'));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(image.media_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let sandbox = HeaderValue::from_static("sandbox; default-src 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, sandbox);
    let caching = HeaderValue::from_static("private, max-age=3600");
    headers.insert(header::CACHE_CONTROL, caching);
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    let known = request.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(image.size));
    (headers, Body::from_stream(image.stream)).into_response()
}
