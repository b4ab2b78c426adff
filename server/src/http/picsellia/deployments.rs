//! Deployments: found, made, changed, deleted.

use super::{
    answers::{missing, wrong},
    params::{Params, Slice},
    sdk_body::SdkBody,
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
    signed::PublicAddress,
};
use axum::{Json, extract::State};
use domain::{
    deployment::Deployment,
    fault::ErrorKind,
    ids::ModelVersionId,
    name::{Name, VersionRef},
    retention::Retention,
    review::Share,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, DeploymentChange, NewDeployment, Promotion, Viewer};
use uuid::Uuid;

/// A deployment as the SDK knows it, and what else there is to tell.
pub(super) fn shape(deployment: &Deployment, address: &PublicAddress) -> Value {
    let champion = &deployment.champion;
    // Where it cannot be predicted here, there is nobody to sign in to.
    let serving = champion.runnable.then(|| address.root());
    json!({
        "id": deployment.id.0,
        "name": deployment.name,
        "type": "OBJECT_DETECTION",
        "oracle_host": address.root(),
        "serving_host": serving,
        "model_version_id": champion.id.0,
        "shadow_model_version_id": deployment.shadow.as_ref().map(|shadow| shadow.id.0),
        "review_campaign_id": null,
        "tags": [],
        "min_threshold": deployment.threshold.get(),
        "model": champion.name,
        "shadow_model": deployment.shadow.as_ref().map(|shadow| &shadow.name),
        "labels": champion.labels,
        "created_at": deployment.created,
    })
}

pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let mut all: Vec<Deployment> = state
        .service
        .catalogue()
        .deployments(&actor)
        .await?
        .into_iter()
        .map(|card| card.deployment)
        .collect();
    match params.one("order_by").unwrap_or("name") {
        "-name" => all.reverse(),
        "created_at" => all.sort_by_key(|deployment| deployment.created),
        "-created_at" => all.sort_by_key(|deployment| std::cmp::Reverse(deployment.created)),
        _ => {}
    }
    let count = all.len();
    let cut = Slice::of(&params, 1_000)?.cut(all);
    let shapes: Vec<Value> = cut.iter().map(|deployment| shape(deployment, &address)).collect();
    Ok(Json(json!({ "items": shapes, "count": count })))
}

pub(super) async fn find(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let named = params.one("id").or(params.one("name"));
    let named = named.ok_or_else(|| wrong("name", "Give a name or an id."))?;
    let deployment = state.service.catalogue().deployment(&actor, named).await?;
    Ok(Json(shape(&deployment, &address)))
}

pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.catalogue().deployment(&actor, &deployment).await?;
    Ok(Json(shape(&deployment, &address)))
}

/// What to put to work; the rest of what the SDK sends has no meaning here.
#[derive(Deserialize)]
pub(super) struct NewBody {
    #[serde(default)]
    model_version_id: Option<Uuid>,
    #[serde(default)]
    shadow_model_version_id: Option<Uuid>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    min_threshold: Option<f64>,
}

pub(super) async fn create(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(_): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, NewBody>,
) -> Result<Json<Value>, Problem> {
    let model = body.model_version_id.ok_or_else(|| wrong("model_version_id", "Say which model version."))?;
    deploy(&state, &actor, &address, model, body).await
}

/// A version put to work by its own id.
pub(super) async fn deploy_version(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, NewBody>,
) -> Result<Json<Value>, Problem> {
    deploy(&state, &actor, &address, id, body).await
}

async fn deploy(
    state: &AppState,
    actor: &As<Admin>,
    address: &PublicAddress,
    model: Uuid,
    body: NewBody,
) -> Result<Json<Value>, Problem> {
    let model = version(state, actor, model).await?;
    let shadow = match body.shadow_model_version_id {
        Some(id) => Some(version(state, actor, id).await?),
        None => None,
    };
    let name = match body.name.filter(|name| !name.is_empty()) {
        Some(name) => self::name(&name)?,
        // The model's, as far as a name has room, and what of a fresh id is random.
        None => {
            let stem: String = model.name.as_str().chars().take(50).collect();
            self::name(&format!("{stem}-{:08x}", Uuid::now_v7().as_u128() & 0xffff_ffff))?
        }
    };
    let new = NewDeployment { name, model, shadow, threshold: body.min_threshold };
    Ok(Json(shape(&state.service.catalogue().deploy(actor, new).await?, address)))
}

/// The name of a model version that is named by its id.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn version(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<VersionRef, Problem> {
    let version = state.service.catalogue().model_version_of_id(by, ModelVersionId(id)).await?;
    version.full_name().parse().map_err(|_| missing(&format!("model version {id}")))
}

/// A name as a script wrote it, as far as names may be written so here.
///
/// # Errors
/// 400 when it may not.
pub(super) fn name(text: &str) -> Result<Name, Problem> {
    Name::new(text).map_err(|error| wrong("name", error.to_string()))
}

#[derive(Deserialize)]
pub(super) struct ChangeBody {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    min_threshold: Option<f64>,
    #[serde(default)]
    sample_rate: Option<f64>,
}

pub(super) async fn change(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Admin, ChangeBody>,
) -> Result<Json<Value>, Problem> {
    let id = state.service.catalogue().deployment(&actor, &deployment).await?.id;
    if let Some(rate) = body.sample_rate {
        let rate = Share::new(rate).map_err(|error| wrong("sample_rate", error.to_string()))?;
        let settings: Retention = state.service.learning().settings(&actor, id).await?;
        state
            .service
            .learning()
            .set_settings(&actor, id, Retention { sample_rate: rate, ..settings })
            .await?;
    }
    let name = body.name.as_deref().map(self::name).transpose()?;
    let change = DeploymentChange { name, threshold: body.min_threshold, shadow: None };
    Ok(Json(shape(&state.service.catalogue().change_deployment(&actor, id, change).await?, &address)))
}

/// Whoever does not force it only deletes what nothing was predicted in.
pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(deployment): PathParams<String>,
    params: Params,
) -> Result<StatusCode, Problem> {
    let forced = params.one("force_delete").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    let id = state.service.catalogue().deployment(&actor, &deployment).await?.id;
    if !forced && state.service.browsing().count(&actor, id, None).await? > 0 {
        let message = "There are predictions in it: delete it with force_delete=True.";
        return Err(Problem::new(ErrorKind::Conflict, message));
    }
    state.service.catalogue().remove_deployment(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct VersionBody {
    model_version_id: Uuid,
}

pub(super) async fn promote(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Admin, VersionBody>,
) -> Result<Json<Value>, Problem> {
    let before = state.service.catalogue().deployment(&actor, &deployment).await?;
    if before.champion.id.0 == body.model_version_id {
        return Ok(Json(shape(&before, &address)));
    }
    let model = version(&state, &actor, body.model_version_id).await?;
    let promotion = Promotion { model, force: false, expected_champion: None };
    Ok(Json(shape(&state.service.learning().promote(&actor, before.id, &promotion).await?, &address)))
}

pub(super) async fn set_shadow(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Admin, VersionBody>,
) -> Result<Json<Value>, Problem> {
    let shadow = version(&state, &actor, body.model_version_id).await?;
    let change = DeploymentChange { shadow: Some(Some(shadow)), ..DeploymentChange::default() };
    Ok(Json(shape(
        &state.service.catalogue().change_deployment(&actor, &deployment, change).await?,
        &address,
    )))
}
