//! Jobs: what was launched by [`super::publishing::launch`], a training of its
//! own.

use super::{
    answers::{missing, wrong},
    params::Params,
};
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{ids::ExperimentId, work::WorkState};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long an answer waits for the end of a job. The SDK asks twenty times, a
/// second apart, and gives up then: without this no training of minutes would
/// be waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks at a job.
const LOOKS: Duration = Duration::from_millis(500);

/// A job once it has ended, or as it is after ten seconds.
pub(super) async fn job(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let asked = Instant::now();
    loop {
        let detail = state.service.learning().experiment(&actor, ExperimentId(id)).await;
        let now = detail.map_err(|_| missing(&format!("job {id}")))?.experiment.state;
        if now.is_final() || asked.elapsed() >= PATIENCE || state.shutdown.is_cancelled() {
            return Ok(Json(json!({ "id": id, "status": job_status(now) })));
        }
        tokio::select! {
            () = tokio::time::sleep(LOOKS) => {}
            () = state.shutdown.cancelled() => {}
        }
    }
}

/// The same, of those that the organisation has.
pub(super) async fn find(
    state: State<AppState>,
    by: SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let id = params.id("id")?.ok_or_else(|| wrong("id", "Give an id."))?;
    job(state, by, PathParams(id)).await
}

/// How far a job is, in words of the SDK.
pub(super) fn job_status(state: WorkState) -> &'static str {
    match state {
        WorkState::Queued => "QUEUED",
        WorkState::Running | WorkState::Cancelling => "RUNNING",
        WorkState::Succeeded => "SUCCEEDED",
        WorkState::Failed => "FAILED",
        WorkState::Cancelled => "KILLED",
    }
}
