//! Deployments: making, listing, changing, and their figures.

use super::shapes::{name, version_ref};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    deployment::{DeployedModel, Deployment, DeploymentCard},
    time::Timestamp,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::{NewDeployment, Promotion};
use utoipa::ToSchema;
use uuid::Uuid;

/// A model version at work.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DeploymentBody {
    /// Identity.
    pub id: Uuid,
    /// Unique; usable wherever the id is.
    #[schema(example = "cells")]
    pub name: String,
    /// What answers.
    pub champion: DeployedModelBody,
    /// What predicts the same images silently.
    pub shadow: Option<DeployedModelBody>,
    /// Boxes at or above it are counted as objects.
    pub threshold: f64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// A model version in its role.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DeployedModelBody {
    /// `model/number`.
    #[schema(example = "cells/1")]
    pub model: String,
    /// Its classes.
    pub labels: Vec<String>,
    /// Whether it can predict here; if not, it only takes reports.
    pub runnable: bool,
    /// Since when it is in this role.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

impl From<DeployedModel> for DeployedModelBody {
    fn from(model: DeployedModel) -> Self {
        let labels = model.labels.into_iter().map(Into::into).collect();
        Self { model: model.name, labels, runnable: model.runnable, since: model.since }
    }
}

impl From<Deployment> for DeploymentBody {
    fn from(d: Deployment) -> Self {
        Self {
            id: d.id.0,
            name: d.name.into(),
            champion: d.champion.into(),
            shadow: d.shadow.map(Into::into),
            threshold: d.threshold.get(),
            created: d.created,
        }
    }
}

/// A deployment with its latest figures.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DeploymentCardBody {
    /// The deployment.
    #[serde(flatten)]
    pub deployment: DeploymentBody,
    /// Predictions since midnight UTC.
    pub today: u64,
    /// Predictions in all.
    pub total: u64,
    /// Predictions in each of the last 24 hours, oldest first.
    pub hourly: Vec<u64>,
    /// When the last one arrived.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_prediction: Option<Timestamp>,
}

impl From<DeploymentCard> for DeploymentCardBody {
    fn from(card: DeploymentCard) -> Self {
        Self {
            deployment: card.deployment.into(),
            today: card.today,
            total: card.total,
            hourly: card.hourly,
            last_prediction: card.last_prediction,
        }
    }
}

/// All deployments.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DeploymentList {
    /// By name.
    pub items: Vec<DeploymentCardBody>,
}

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

/// A deployment to be made.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDeploymentBody {
    /// Letters, digits, `.`, `_`, `-`.
    #[schema(example = "cells")]
    pub name: String,
    /// `model/number` that answers.
    #[schema(example = "cells/1")]
    pub model: String,
    /// `model/number` that predicts silently beside it.
    #[serde(default)]
    pub shadow: Option<String>,
    /// From 0 to 1; 0.25 when left out.
    #[serde(default)]
    pub threshold: Option<f64>,
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
    let wanted = NewDeployment {
        name: name("name", &body.name)?,
        model: version_ref("model", &body.model)?,
        shadow: body.shadow.as_deref().map(|text| version_ref("shadow", text)).transpose()?,
        threshold: body.threshold,
    };
    let deployment = state.service.catalogue().deploy(&actor, wanted).await?;
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

/// Changes the threshold or the shadow.
#[utoipa::path(
    put, path = "/deployments/{deployment}", tag = "deployments", operation_id = "change_deployment",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = DeploymentChange,
    responses(
        (status = 200, description = "As it is now", body = DeploymentBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment or model version", body = ProblemBody),
    )
)]
pub(super) async fn change(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, DeploymentChange>,
) -> Result<Json<DeploymentBody>, Problem> {
    let shadow =
        body.shadow.map(|shadow| shadow.as_deref().map(|text| version_ref("shadow", text)).transpose());
    let change = service::DeploymentChange { threshold: body.threshold, shadow: shadow.transpose()? };
    Ok(Json(state.service.catalogue().change_deployment(&actor, &deployment, change).await?.into()))
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
    let wanted =
        Promotion { model: version_ref("model", &body.model)?, force: body.force, expected_champion };
    let id = state.service.catalogue().deployment(&actor, &deployment).await?.id;
    Ok(Json(state.service.learning().promote(&actor, id, &wanted).await?.into()))
}
