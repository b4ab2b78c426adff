//! Versions of models: registered, deleted, and what they come from.

use super::{
    answers::{missing, wrong},
    catalogue_shapes::model_version,
    deployments::name,
    models::{Models, remove_version},
    params::Params,
    sdk_body::SdkBody,
    versioned::{known, versions_of},
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    ids::{ModelId, ModelVersionId},
    name::Label,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) async fn find_version(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let found = versions_of::<Models>(&state, &actor, id).await?;
    let word = params.one("version").or(params.one("name")).unwrap_or_default();
    let found = match word {
        "latest" => found.first(),
        word => found.iter().find(|version| version.number.to_string() == word),
    };
    Ok(Json(model_version(found.ok_or_else(|| missing(&format!("version {word:?} of this model")))?)))
}

pub(super) async fn find_version_anywhere(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let id = params.id("id")?.ok_or_else(|| wrong("id", "Give an id."))?;
    let version = state.service.catalogue().model_version_of_id(&actor, ModelVersionId(id)).await?;
    Ok(Json(model_version(&version)))
}

pub(super) async fn version(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let version = state.service.catalogue().model_version_of_id(&actor, ModelVersionId(id)).await?;
    Ok(Json(model_version(&version)))
}

#[derive(Deserialize)]
pub(super) struct VersionBody {
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

impl VersionBody {
    /// The labels in the order of their numbers, which count from 0.
    fn ordered(&self) -> Result<Option<Vec<Label>>, Problem> {
        let Some(labels) = &self.labels else { return Ok(None) };
        let mut numbered = Vec::with_capacity(labels.len());
        for (number, name) in labels {
            let number: usize = number.parse().map_err(|_| wrong("labels", "Labels are numbered from 0."))?;
            let label = Label::new(name.as_str()).map_err(|error| wrong("labels", error.to_string()))?;
            numbered.push((number, label));
        }
        numbered.sort_by_key(|(number, _)| *number);
        if numbered.iter().enumerate().any(|(place, (number, _))| place != *number) {
            return Err(wrong("labels", "Labels are numbered from 0, without a gap."));
        }
        Ok(Some(numbered.into_iter().map(|(_, label)| label).collect()))
    }

    fn check_kind(&self) -> Result<(), Problem> {
        match self.kind.as_deref() {
            None | Some("OBJECT_DETECTION" | "NOT_CONFIGURED") => Ok(()),
            Some(_) => Err(wrong("type", "Fovea has detectors only: OBJECT_DETECTION.")),
        }
    }
}

/// A version that runs elsewhere: it has labels, and files if some are stored.
pub(super) async fn create_version(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, VersionBody>,
) -> Result<Json<Value>, Problem> {
    body.check_kind()?;
    let known = known::<Models>(&state, &actor, id).await?;
    let message = "Say which labels it has: {\"0\": \"red cell\", …}. A deployment needs them.";
    let labels =
        body.ordered()?.filter(|labels| !labels.is_empty()).ok_or_else(|| wrong("labels", message))?;
    let made = state
        .service
        .catalogue()
        .register_model_as(&actor, Some(ModelId(known.id)), name(&known.name)?, labels)
        .await?;
    Ok(Json(model_version(&made)))
}

/// What a version predicts is told by its labels: they never change.
pub(super) async fn change_version(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, VersionBody>,
) -> Result<Json<Value>, Problem> {
    body.check_kind()?;
    let version = state.service.catalogue().model_version_of_id(&actor, ModelVersionId(id)).await?;
    if body.ordered()?.is_some_and(|labels| labels != version.labels) {
        return Err(wrong("labels", "The labels of a version never change: make the next version."));
    }
    Ok(Json(model_version(&version)))
}

pub(super) async fn delete_version(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    let version = state.service.catalogue().model_version_of_id(&actor, ModelVersionId(id)).await?;
    remove_version(&state, &actor, &version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a version was trained on, and how.
pub(super) async fn context(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Response, Problem> {
    let version = state.service.catalogue().model_version_of_id(&actor, ModelVersionId(id)).await?;
    let mut datas = Vec::new();
    if let Some(dataset) = version.dataset_version_id {
        let dataset = state.service.catalogue().dataset_version(&actor, dataset).await?;
        let repartition: BTreeMap<_, _> =
            dataset.counts.by_label.iter().map(|(label, count)| (label.to_string(), *count)).collect();
        datas.push(json!({ "name": "train", "version_id": dataset.id.0, "repartition": repartition }));
    }
    let mut parameters = json!({});
    if let Some(experiment) = version.experiment_id {
        let detail = state.service.learning().experiment(&actor, experiment).await?;
        parameters = json!(detail.experiment.params.to_map());
    }
    let context = json!({
        "id": version.id.0,
        "experiment_id": version.experiment_id.map(|experiment| experiment.0),
        "datas": datas,
        "parameters": parameters,
    });
    Ok(Json(context).into_response())
}
