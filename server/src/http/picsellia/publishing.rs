//! What becomes of tracked experiments: a model version, or a training here.

use super::{
    answers::{missing, wrong},
    catalogue_shapes::model_version,
    deployments::{name, version},
    jobs::job_status,
    models::Models,
    record_kinds::{ARTIFACT, LOG, MODEL_FILE},
    sdk_body::SdkBody,
    tracked::{attached, known},
    versioned::known as known_line,
};
use crate::http::{
    AppState,
    admission::Admin,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{
    name::{Label, Name, VersionRef},
    training::RunParams,
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};
use service::{As, LaunchRequest, NewRecord};
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct PublishBody {
    name: String,
}

/// A first version of a new model.
pub(super) async fn publish(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, PublishBody>,
) -> Result<Json<Value>, Problem> {
    publish_as(&state, &actor, id, name(&body.name)?).await
}

#[derive(Deserialize)]
pub(super) struct PublishVersionBody {
    model_id: Uuid,
}

/// The next version of a model.
pub(super) async fn publish_version(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, PublishVersionBody>,
) -> Result<Json<Value>, Problem> {
    let model = known_line::<Models>(&state, &actor, body.model_id).await?;
    publish_as(&state, &actor, id, name(&model.name)?).await
}

/// Labels are what was logged as `labelmap`; files come along.
async fn publish_as(state: &AppState, by: &As<Admin>, id: Uuid, model: Name) -> Result<Json<Value>, Problem> {
    known(state, by, id).await?;
    let catalogue = state.service.catalogue();
    let logged = catalogue.record_named(by, LOG, id, "labelmap").await?;
    let logged = logged.and_then(|log| log.body["data"].as_object().cloned()).unwrap_or_default();
    let labels = ordered(&logged)?;
    let made = catalogue.register_model(by, model, labels).await?;
    for file in catalogue.records(by, ARTIFACT, id).await? {
        let (parent, name) = (made.id.0, file.name);
        let new = NewRecord { kind: MODEL_FILE, parent, name, body: file.body, file: file.file };
        catalogue.keep_record(by, new).await?;
    }
    Ok(Json(model_version(&made)))
}

fn ordered(labels: &Map<String, Value>) -> Result<Vec<Label>, Problem> {
    let mut numbered: Vec<(u64, &str)> =
        labels.iter().filter_map(|(number, name)| Some((number.parse().ok()?, name.as_str()?))).collect();
    numbered.sort_unstable();
    if numbered.is_empty() {
        let message = "Log which labels it has first: log(\"labelmap\", {\"0\": …}, LogType.LABELMAP).";
        return Err(wrong("labelmap", message));
    }
    let one = |(_, name): (u64, &str)| Label::new(name).map_err(|error| wrong("labelmap", error.to_string()));
    numbered.into_iter().map(one).collect()
}

/// Trains here what is tracked: on the dataset attached as `train`, with the
/// logged parameters that mean something here.
pub(super) async fn launch(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, IgnoredAny, _): SdkBody<Admin, IgnoredAny>,
) -> Result<Json<Value>, Problem> {
    let record = known(&state, &actor, id).await?;
    let catalogue = state.service.catalogue();
    let train = attached(&state, &actor, id).await?.into_iter().find(|(name, _)| name == "train");
    let (_, dataset) =
        train.ok_or_else(|| wrong("datasets", "Attach a dataset version as \"train\" first."))?;
    let dataset: VersionRef = dataset.full_name().parse().map_err(|_| missing("dataset version"))?;
    let logged = catalogue.record_named(&actor, LOG, id, "parameters").await?;
    let logged = logged.and_then(|log| log.body["data"].as_object().cloned()).unwrap_or_default();
    let meant = ["epochs", "batch_size", "learning_rate", "seed"];
    let params: Map<String, Value> =
        logged.into_iter().filter(|(name, _)| meant.contains(&name.as_str())).collect();
    let params = RunParams::from_json(None, Value::Object(params))
        .map_err(|error| wrong("parameters", error.to_string()))?;
    let base = record.body["base_model_version_id"].as_str().and_then(|id| Uuid::parse_str(id).ok());
    let base = match base {
        Some(base) => Some(version(&state, &actor, base).await?),
        None => None,
    };
    let request = LaunchRequest { name: None, dataset, model: name(&record.name)?, base, params };
    let launched = state.service.learning().launch(&actor, request).await?;
    Ok(Json(json!({ "id": launched.id.0, "status": job_status(launched.state) })))
}
