//! What the models of tracked experiments saw on images of datasets, and how
//! that is measured.

use super::{
    answers::{items, missing, wrong},
    dataset_versions::version_of,
    datasets::done,
    record_kinds::EVALUATION,
    review::RectangleBody,
    sdk_body::SdkBody,
    tracked::known,
    tracked_logs::put_log,
};
use crate::http::{
    AppState,
    admission::Admin,
    api::AtMost,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{
    foreign_record::ForeignRecord,
    geometry::Score,
    ids::{AssetId, DatasetVersionId},
    prediction::PredictedBox,
};
use http::StatusCode;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use service::NewRecord;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct EvaluationsBody {
    #[serde(default)]
    evaluations: AtMost<EvaluationBody, 1_000>,
}

#[derive(Deserialize)]
struct EvaluationBody {
    asset_id: Uuid,
    #[serde(default)]
    rectangles: Option<AtMost<ScoredBody, 10_000>>,
}

#[derive(Clone, Deserialize)]
struct ScoredBody {
    #[serde(flatten)]
    rectangle: RectangleBody,
    score: f64,
}

/// What a model elsewhere saw on images of a dataset.
pub(super) async fn evaluate_images(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, EvaluationsBody>,
) -> Result<Json<Value>, Problem> {
    known(&state, &actor, id).await?;
    let catalogue = state.service.catalogue();
    for one in body.evaluations.0 {
        let asset = catalogue.asset(&actor, AssetId(one.asset_id)).await?;
        let labels = version_of(&state, &actor, asset.version_id.0).await?.labels;
        let mut boxes = Vec::new();
        for scored in one.rectangles.map(|list| list.0).unwrap_or_default() {
            let (label, rect) = scored.rectangle.checked(&labels)?;
            let score =
                Score::new(scored.score).ok_or_else(|| wrong("score", "A score lies between 0 and 1."))?;
            boxes.push(PredictedBox { label, score, rect });
        }
        let name = one.asset_id.to_string();
        if let Some(before) = catalogue.record_named(&actor, EVALUATION, id, &name).await? {
            catalogue.forget_record(&actor, before.id).await?;
        }
        let new =
            NewRecord { kind: EVALUATION, parent: id, name, body: json!({ "seen": boxes }), file: None };
        catalogue.keep_record(&actor, new).await?;
    }
    Ok(Json(json!({})))
}

pub(super) async fn evaluations(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let records = state.service.catalogue().records(&actor, EVALUATION, id).await?;
    Ok(items(records.iter().map(evaluation_shape).collect()))
}

fn evaluation_shape(record: &ForeignRecord) -> Value {
    json!({ "id": record.id, "asset_id": record.name })
}

pub(super) async fn evaluation(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(evaluation_shape(&state.service.catalogue().record(&actor, EVALUATION, id).await?)))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    let record = state.service.catalogue().record(&actor, EVALUATION, id).await?;
    state.service.catalogue().forget_record(&actor, record.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Measures what was seen against the boxes of the dataset, and logs it.
pub(super) async fn measure(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, IgnoredAny, _): SdkBody<Admin, IgnoredAny>,
) -> Result<Json<Value>, Problem> {
    known(&state, &actor, id).await?;
    let catalogue = state.service.catalogue();
    let mut by_version: BTreeMap<DatasetVersionId, Vec<(AssetId, Vec<PredictedBox>)>> = BTreeMap::new();
    for record in catalogue.records(&actor, EVALUATION, id).await? {
        let asset: AssetId = record.name.parse().map_err(|_| missing("asset"))?;
        let boxes = serde_json::from_value(record.body["seen"].clone()).unwrap_or_default();
        let version = catalogue.asset(&actor, asset).await?.version_id;
        by_version.entry(version).or_default().push((asset, boxes));
    }
    for (version, boxes) in by_version {
        let dataset = version_of(&state, &actor, version.0).await?.full_name();
        let summary = catalogue.measure_seen(&actor, version, &boxes).await?;
        put_log(&state, &actor, id, &format!("evaluation/{dataset}"), "TABLE", json!(summary)).await?;
    }
    Ok(Json(done()))
}
