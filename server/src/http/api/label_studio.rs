//! Where Label Studio is, whose tasks are predicted below `/ml`.

use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{Problem, ProblemBody},
};
use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::LabelStudioOrigin;
use utoipa::ToSchema;

/// Where Label Studio is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelStudioBody {
    /// `https://HOST`, or `https://HOST/PATH` where it lies below a path;
    /// private addresses only where the server allows them
    /// (`--allow-private-webhooks`). Pictures are fetched from there alone.
    #[schema(example = "https://studio.example.org")]
    pub url: String,
    /// A token of an account that may see the pictures: a personal access token,
    /// or a legacy one.
    #[serde(default)]
    pub token: Option<String>,
}

/// Where Label Studio is, without the token.
#[derive(Serialize, ToSchema)]
pub(super) struct NamedLabelStudioBody {
    /// The address; null when none was named.
    pub url: Option<String>,
    /// Whether pictures are asked for with a token.
    pub has_token: bool,
}

impl From<Option<LabelStudioOrigin>> for NamedLabelStudioBody {
    fn from(origin: Option<LabelStudioOrigin>) -> Self {
        let has_token = origin.as_ref().is_some_and(|origin| origin.token.is_some());
        Self { url: origin.map(|origin| origin.url), has_token }
    }
}

/// Where Label Studio is.
#[utoipa::path(
    get, path = "/label-studio", tag = "predictions", operation_id = "get_label_studio",
    responses(
        (status = 200, description = "The address", body = NamedLabelStudioBody),
        (status = 403, description = "Admins only", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(admin): SignedIn<Admin>,
) -> Result<Json<NamedLabelStudioBody>, Problem> {
    Ok(Json(state.service.intake().label_studio(&admin).await?.into()))
}

/// Names the Label Studio whose tasks are predicted.
#[utoipa::path(
    put, path = "/label-studio", tag = "predictions", operation_id = "set_label_studio",
    request_body = LabelStudioBody,
    responses(
        (status = 200, description = "The address", body = NamedLabelStudioBody),
        (status = 400, description = "No address, or no token", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
    )
)]
pub(super) async fn set(
    State(state): State<AppState>,
    JsonBody(admin, body, _): JsonBody<Admin, LabelStudioBody>,
) -> Result<Json<NamedLabelStudioBody>, Problem> {
    let origin = LabelStudioOrigin { url: body.url, token: body.token };
    let intake = state.service.intake();
    intake.set_label_studio(&admin, Some(origin)).await?;
    Ok(Json(intake.label_studio(&admin).await?.into()))
}

/// Forgets where Label Studio is: no picture is fetched any more.
#[utoipa::path(
    delete, path = "/label-studio", tag = "predictions", operation_id = "clear_label_studio",
    responses(
        (status = 204, description = "Forgotten"),
        (status = 403, description = "Admins only", body = ProblemBody),
    )
)]
pub(super) async fn clear(
    State(state): State<AppState>,
    SignedIn(admin): SignedIn<Admin>,
) -> Result<StatusCode, Problem> {
    state.service.intake().set_label_studio(&admin, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
