//! Deployments: making, listing, changing, and their figures.

use super::{
    deployment_shapes::{DeploymentBody, DeploymentList, NewDeploymentBody},
    shapes::{name, version_ref},
};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{ids::DeploymentId, time::Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::{NewDeployment, Promotion};
use utoipa::ToSchema;
use uuid::Uuid;

/// Lists the deployments.
#[utoipa::path(
    get, path = "/deployments", tag = "deployments", operation_id = "list_deployments",
    responses(
        (status = 200, description = "All of them", body = DeploymentList),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
) -> Result<Json<DeploymentList>, Problem> {
    let cards = state.service.catalogue().deployments(&actor).await?;
    Ok(Json(DeploymentList { items: cards.into_iter().map(Into::into).collect() }))
}

/// Puts a model version to work.
#[utoipa::path(
    post, path = "/deployments", tag = "deployments", operation_id = "create_deployment",
    request_body = NewDeploymentBody,
    responses(
        (status = 201, description = "At work", body = DeploymentBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such model version", body = ProblemBody),
        (status = 409, description = "The name is taken", body = ProblemBody),
    )
)]
pub(super) async fn create(
    State(state): State<AppState>,
    JsonBody(actor, body, _): JsonBody<Admin, NewDeploymentBody>,
) -> Result<(StatusCode, Json<DeploymentBody>), Problem> {
    let new = NewDeployment {
        name: name("name", &body.name)?,
        model: version_ref("model", &body.model)?,
        shadow: body.shadow.as_deref().map(|text| version_ref("shadow", text)).transpose()?,
        threshold: body.threshold,
    };
    let deployment = state.service.catalogue().deploy(&actor, new).await?;
    Ok((StatusCode::CREATED, Json(deployment.into())))
}

/// One deployment.
#[utoipa::path(
    get, path = "/deployments/{deployment}", tag = "deployments", operation_id = "get_deployment",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The deployment", body = DeploymentBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<DeploymentBody>, Problem> {
    Ok(Json(state.service.catalogue().deployment(&actor, &deployment).await?.into()))
}

/// What is to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeploymentChange {
    /// What it is called from now on.
    #[serde(default)]
    pub name: Option<String>,
    /// From 0 to 1; for later predictions.
    #[serde(default)]
    pub threshold: Option<f64>,
    /// `model/number`, or null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub shadow: Option<Option<String>>,
}

/// Tells a null from a field that is left out.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// Changes the name, the threshold or the shadow.
#[utoipa::path(
    put, path = "/deployments/{deployment}", tag = "deployments", operation_id = "change_deployment",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = DeploymentChange,
    responses(
        (status = 200, description = "As it is now", body = DeploymentBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment or model version", body = ProblemBody),
        (status = 409, description = "The name is taken", body = ProblemBody),
    )
)]
pub(super) async fn change(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, DeploymentChange>,
) -> Result<Json<DeploymentBody>, Problem> {
    let shadow =
        body.shadow.map(|shadow| shadow.as_deref().map(|text| version_ref("shadow", text)).transpose());
    let change = service::DeploymentChange {
        name: body.name.as_deref().map(|text| name("name", text)).transpose()?,
        threshold: body.threshold,
        shadow: shadow.transpose()?,
    };
    Ok(Json(state.service.catalogue().change_deployment(&actor, &deployment, change).await?.into()))
}

/// A deployment that was deleted a moment ago.
#[derive(Serialize, ToSchema)]
pub(super) struct RemovedBody {
    /// Its id, which brings it back.
    pub id: Uuid,
    /// What it was called.
    pub name: String,
    /// Until when it can be brought back.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

/// Deletes a deployment with its predictions, reviews, figures and rules.
///
/// Models, datasets and what was submitted to them stay. For some seconds it
/// can be brought back.
#[utoipa::path(
    delete, path = "/deployments/{deployment}", tag = "deployments", operation_id = "delete_deployment",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "Deleted; until when it can be brought back", body = RemovedBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SignedIn(actor): SignedIn<Admin>,
) -> Result<Json<RemovedBody>, Problem> {
    let removed = state.service.catalogue().remove_deployment(&actor, &deployment).await?;
    Ok(Json(RemovedBody { id: removed.id.0, name: removed.name.into(), until: removed.until }))
}

/// Brings a deployment back that was deleted a moment ago.
#[utoipa::path(
    post, path = "/removed-deployments/{id}/restore", tag = "deployments", operation_id = "restore_deployment",
    params(("id" = Uuid, Path, description = "The deployment")),
    responses(
        (status = 200, description = "As it was", body = DeploymentBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 409, description = "Too late, or the name is taken by now", body = ProblemBody),
    )
)]
pub(super) async fn restore(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SignedIn(actor): SignedIn<Admin>,
) -> Result<Json<DeploymentBody>, Problem> {
    Ok(Json(state.service.catalogue().restore_deployment(&actor, DeploymentId(id)).await?.into()))
}

/// What to promote.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PromotionBody {
    /// `model/number`.
    #[schema(example = "cells/2")]
    pub model: String,
    /// Even if it does not know a label that the champion knows.
    #[serde(default)]
    pub force: bool,
    /// The champion that was looked at when this was decided (`model/number`):
    /// with another one by now it is refused. Left out: whichever there is.
    #[serde(default)]
    #[schema(example = "cells/1")]
    pub expected_champion: Option<String>,
}

/// Makes a model version the champion.
#[utoipa::path(
    post, path = "/deployments/{deployment}/promote", tag = "deployments", operation_id = "promote",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = PromotionBody,
    responses(
        (status = 200, description = "As it is now", body = DeploymentBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment or model version", body = ProblemBody),
        (status = 409, description = "It is the champion already, or lacks a label of it; another champion than the expected one", body = ProblemBody),
    )
)]
pub(super) async fn promote(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, PromotionBody>,
) -> Result<Json<DeploymentBody>, Problem> {
    let expected = body.expected_champion.as_deref();
    let expected_champion = expected.map(|name| version_ref("expected_champion", name)).transpose()?;
    let promotion =
        Promotion { model: version_ref("model", &body.model)?, force: body.force, expected_champion };
    let id = state.service.catalogue().deployment(&actor, &deployment).await?.id;
    Ok(Json(state.service.learning().promote(&actor, id, &promotion).await?.into()))
}
