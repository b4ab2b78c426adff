//! Experiments: those that were trained here, and those that a script tracks,
//! in one list. There is one project, whatever a script calls it.

use super::{
    answers::{items, missing, wrong},
    catalogue_shapes::dataset_version,
    dataset_versions::version_of,
    files, ids,
    params::{Params, Slice},
    record_kinds::{ARTIFACT, EXPERIMENT},
    tracked, tracked_logs,
};
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem},
    signed::PublicAddress,
};
use axum::{Json, extract::State};
use domain::{
    ids::ExperimentId,
    model::{Experiment, Series},
    page::PageRequest,
    work::WorkState,
};
use serde_json::{Map, Value, json};
use service::{As, ExperimentDetail, Viewer};
use uuid::Uuid;

/// How far an experiment is, in words of the SDK.
pub(super) fn status(state: WorkState) -> &'static str {
    match state {
        WorkState::Queued => "WAITING",
        WorkState::Running | WorkState::Cancelling => "RUNNING",
        WorkState::Succeeded => "SUCCESS",
        WorkState::Failed => "FAILED",
        WorkState::Cancelled => "CANCELED",
    }
}

async fn shape(state: &AppState, by: &As<Viewer>, experiment: &Experiment) -> Result<Value, Problem> {
    let base = match experiment.base.as_ref().and_then(|base| base.parse().ok()) {
        Some(base) => Some(state.service.catalogue().model_version(by, &base).await?.id.0),
        None => None,
    };
    Ok(json!({
        "id": experiment.id.0,
        "name": experiment.name,
        "project_id": ids::project(),
        "status": status(experiment.state),
        "base_model_version_id": base,
        "base_experiment_id": null,
        "description": experiment.dataset,
        "created_at": experiment.created,
    }))
}

pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let mut shapes = Vec::new();
    let mut request = PageRequest { limit: Some(200), cursor: None };
    loop {
        let page = state.service.learning().experiments(&actor, request).await?;
        for experiment in &page.items {
            shapes.push(shape(&state, &actor, experiment).await?);
        }
        let Some(cursor) = page.next_cursor else { break };
        request = PageRequest { limit: Some(200), cursor: Some(cursor) };
    }
    let tracked = state.service.catalogue().records(&actor, EXPERIMENT, ids::project()).await?;
    shapes.extend(tracked.iter().map(tracked::shape));
    Ok(items(Slice::of(&params, 1_000)?.cut(shapes)))
}

pub(super) async fn find(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    if let Some(id) = params.id("id")? {
        return one(&state, &actor, id).await.map(Json);
    }
    let name = params.one("name").ok_or_else(|| wrong("name", "Give a name or an id."))?;
    let catalogue = state.service.catalogue();
    if let Some(tracked) = catalogue.record_named(&actor, EXPERIMENT, ids::project(), name).await? {
        return Ok(Json(tracked::shape(&tracked)));
    }
    let detail = state.service.learning().experiment(&actor, name).await?;
    Ok(Json(shape(&state, &actor, &detail.experiment).await?))
}

pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    one(&state, &actor, id).await.map(Json)
}

pub(super) async fn one(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Value, Problem> {
    if let Ok(tracked) = state.service.catalogue().record(by, EXPERIMENT, id).await {
        return Ok(tracked::shape(&tracked));
    }
    let detail = state.service.learning().experiment(by, ExperimentId(id)).await?;
    shape(state, by, &detail.experiment).await
}

/// What was trained here; `None` for what a script tracks.
async fn trained(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Option<ExperimentDetail>, Problem> {
    if state.service.catalogue().record(by, EXPERIMENT, id).await.is_ok() {
        return Ok(None);
    }
    Ok(Some(state.service.learning().experiment(by, ExperimentId(id)).await?))
}

/// The curves, parameters and labels of a training, as logs.
async fn logs_of(
    state: &AppState,
    by: &As<Viewer>,
    detail: &ExperimentDetail,
) -> Result<Vec<Value>, Problem> {
    let experiment = &detail.experiment;
    let log = |place: usize, name: &str, kind: &str, data: Value| json!({ "id": log_id(experiment.id, place), "name": name, "type": kind, "data": data });
    let mut logs = vec![log(0, "parameters", "TABLE", json!(experiment.params.to_map()))];
    let dataset = version_of(state, by, experiment.dataset_version_id.0).await?;
    let labels: Map<String, Value> =
        dataset.labels.iter().enumerate().map(|(index, label)| (index.to_string(), json!(label))).collect();
    logs.push(log(1, "labelmap", "LABELMAP", Value::Object(labels)));
    for (place, series) in (2..).zip(Series::ALL) {
        let points = detail.curves.iter().filter(|point| point.series == series);
        let values: Vec<f64> = points.map(|point| point.value).collect();
        if !values.is_empty() {
            logs.push(log(place, series.as_str(), "LINE", json!(values)));
        }
    }
    Ok(logs)
}

/// Logs of a training here, at most.
const MOST_LOGS: usize = 64;

/// The id of a log of a training here: the training's with the log's place in
/// it, so that it leads back.
fn log_id(experiment: ExperimentId, place: usize) -> Uuid {
    // The version of a training's id (7) becomes one that no training has (8).
    Uuid::from_u128(experiment.0.as_u128() ^ (0xf << 76) ^ place as u128)
}

/// A log by its id, whoever keeps it.
pub(super) async fn log(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    if let Some(tracked) = tracked_logs::log(&state, &actor, id).await {
        return Ok(Json(tracked));
    }
    let unknown = || missing(&format!("log {id}"));
    for place in 0..MOST_LOGS {
        let experiment = ExperimentId(log_id(ExperimentId(id), place));
        let Ok(detail) = state.service.learning().experiment(&actor, experiment).await else { continue };
        let logs = logs_of(&state, &actor, &detail).await?;
        return logs.into_iter().find(|log| log["id"] == json!(id)).map(Json).ok_or_else(unknown);
    }
    Err(unknown())
}

async fn all_logs(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Vec<Value>, Problem> {
    match trained(state, by, id).await? {
        Some(detail) => logs_of(state, by, &detail).await,
        None => tracked_logs::logs(state, by, id).await,
    }
}

pub(super) async fn logs(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(items(all_logs(&state, &actor, id).await?))
}

pub(super) async fn find_log(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    files::named(all_logs(&state, &actor, id).await?, &params)
}

/// The weights that a training made, or what a script stored.
async fn all_artifacts(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    id: Uuid,
) -> Result<Vec<Value>, Problem> {
    let Some(detail) = trained(state, by, id).await? else {
        return files::kept(state, by, address, ARTIFACT, id).await;
    };
    let Some(made) = detail.experiment.model_version.as_ref().and_then(|name| name.parse().ok()) else {
        return Ok(Vec::new());
    };
    let version = state.service.catalogue().model_version(by, &made).await?;
    Ok(files::weights(state, by, address, version.id.0).await?.into_iter().collect())
}

pub(super) async fn artifacts(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(items(all_artifacts(&state, &actor, &address, id).await?))
}

pub(super) async fn find_artifact(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    files::named(all_artifacts(&state, &actor, &address, id).await?, &params)
}

/// What a training learned from, by what it was for.
async fn all_datasets(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Vec<Value>, Problem> {
    let Some(detail) = trained(state, by, id).await? else {
        return tracked::datasets(state, by, id).await;
    };
    let version = version_of(state, by, detail.experiment.dataset_version_id.0).await?;
    Ok(vec![json!({ "name": "train", "dataset_version": dataset_version(&version) })])
}

pub(super) async fn datasets(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(items(all_datasets(&state, &actor, id).await?))
}

pub(super) async fn find_dataset(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    files::named(all_datasets(&state, &actor, id).await?, &params)
}
