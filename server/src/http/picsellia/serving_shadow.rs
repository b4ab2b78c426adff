//! One image that the shadow is asked about now.

use super::{predict::detections, sdk_body::SdkBody};
use crate::http::{
    AppState,
    admission::Reviewer,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::ids::PredictionId;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct AskBody {
    prediction_id: Uuid,
    #[serde(default)]
    monitor: Option<bool>,
}

pub(super) async fn predict(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Reviewer, AskBody>,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.catalogue().deployment(&actor, &deployment).await?;
    let store = body.monitor.unwrap_or(true);
    let id = PredictionId(body.prediction_id);
    let prediction = state.service.intake().ask_shadow(&actor, id, store).await?;
    let labels = deployment.shadow.map(|shadow| shadow.labels).unwrap_or_default();
    let boxes: Vec<_> =
        prediction.boxes.iter().filter(|predicted| predicted.score >= deployment.threshold).collect();
    let mut answer = detections(&boxes, &labels);
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("id".to_owned(), json!(body.prediction_id));
        answer.insert("model".to_owned(), json!(prediction.model));
        answer.insert("latency".to_owned(), json!(prediction.latency_ms / 1e3));
        answer.insert("is_shadow".to_owned(), json!(true));
    }
    Ok(Json(answer))
}
