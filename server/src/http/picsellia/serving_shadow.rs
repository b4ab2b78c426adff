//! One image that the shadow is asked about now.

use super::{predict::detections, sent::Sent};
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
    Sent(actor, body, _): Sent<Reviewer, AskBody>,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.catalogue().deployment(&actor, &deployment).await?;
    let store = body.monitor.unwrap_or(true);
    let id = PredictionId(body.prediction_id);
    let seen = state.service.intake().ask_shadow(&actor, id, store).await?;
    let labels = deployment.shadow.map(|shadow| shadow.labels).unwrap_or_default();
    let boxes: Vec<_> = seen.boxes.iter().filter(|found| found.score >= deployment.threshold).collect();
    let mut answer = detections(&boxes, &labels);
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("id".to_owned(), json!(body.prediction_id));
        answer.insert("model".to_owned(), json!(seen.model));
        answer.insert("latency".to_owned(), json!(seen.latency_ms / 1e3));
        answer.insert("is_shadow".to_owned(), json!(true));
    }
    Ok(Json(answer))
}
