//! How long what arrives is kept.

use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    retention::{Retention, StoredImages},
    review::Share,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is kept of what nobody has reviewed. Counts, reviews and what was
/// submitted stay.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RetentionBody {
    /// Predictions that nobody reviewed go after so many days (1 to 3650);
    /// `null` for never.
    #[serde(default)]
    pub days: Option<u32>,
    /// When all images have more bytes, the oldest predictions with an image
    /// that nobody reviewed go; `null` for no limit.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// The share of arriving images that is kept, from 0 to 1, beside those
    /// that are unusual; of the others the prediction only.
    #[serde(default = "all")]
    pub sample_rate: f64,
}

fn all() -> f64 {
    1.0
}

impl From<Retention> for RetentionBody {
    fn from(settings: Retention) -> Self {
        let Retention { days, bytes, sample_rate } = settings;
        Self { days, bytes, sample_rate: sample_rate.get() }
    }
}

/// What is kept, and what is there.
#[derive(Serialize, ToSchema)]
pub(super) struct RetentionNowBody {
    #[serde(flatten)]
    settings: RetentionBody,
    /// What is stored of images.
    stored: StoredImagesBody,
}

/// What is stored of images.
#[derive(Serialize, ToSchema)]
pub(super) struct StoredImagesBody {
    /// Predictions with an image.
    images: u64,
    /// Bytes of their files, without thumbnails; an image that came twice
    /// counts twice.
    bytes: u64,
}

impl From<StoredImages> for StoredImagesBody {
    fn from(StoredImages { images, bytes }: StoredImages) -> Self {
        Self { images, bytes }
    }
}

/// What a deployment keeps, and what is stored of its images.
#[utoipa::path(
    get, path = "/deployments/{deployment}/retention", tag = "deployments", operation_id = "get_retention",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The settings", body = RetentionNowBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<RetentionNowBody>, Problem> {
    let (settings, stored) = state.service.retention(&actor, &deployment).await?;
    Ok(Json(RetentionNowBody { settings: settings.into(), stored: stored.into() }))
}

/// Sets what a deployment keeps. What is too much by it goes within minutes,
/// for good.
#[utoipa::path(
    put, path = "/deployments/{deployment}/retention", tag = "deployments", operation_id = "set_retention",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = RetentionBody,
    responses(
        (status = 200, description = "As they are now", body = RetentionBody),
        (status = 400, description = "A number out of its range", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn set(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, RetentionBody>,
) -> Result<Json<RetentionBody>, Problem> {
    let rate = Share::new(body.sample_rate);
    let sample_rate = rate.map_err(|error| Problem::invalid("sample_rate", error.to_string()))?;
    let settings = Retention { days: body.days, bytes: body.bytes, sample_rate };
    Ok(Json(state.service.set_retention(&actor, &deployment, settings).await?.into()))
}
