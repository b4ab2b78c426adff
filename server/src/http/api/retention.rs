//! How long what arrives is kept.

use super::settings::{SettingsBody, WithSettings};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::retention::{Retention, StoredImages};
use serde::Serialize;
use utoipa::ToSchema;

type RetentionBody = SettingsBody<Retention>;
type RetentionNow = WithSettings<Retention, RetentionNowBody>;

/// What is kept, and what is there.
#[derive(Serialize, ToSchema)]
pub(super) struct RetentionNowBody {
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
        (status = 200, description = "The settings", body = RetentionNow),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<RetentionNow>, Problem> {
    let (settings, stored) = state.service.catalogue().retention(&actor, &deployment).await?;
    Ok(Json(WithSettings { settings, more: RetentionNowBody { stored: stored.into() } }))
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
) -> Result<Json<Retention>, Problem> {
    Ok(Json(state.service.learning().set_settings(&actor, &deployment, body.settings()?).await?))
}
