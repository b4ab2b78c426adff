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
    telemetry::Waited,
};
use axum::{Extension, Json, extract::State};
use domain::{ids::ExperimentId, work::WorkState};
use serde_json::{Value, json};
use service::{As, Viewer};
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
) -> Result<(Extension<Waited>, Json<Value>), Problem> {
    let (asked, mut waited) = (Instant::now(), Duration::ZERO);
    loop {
        let now = state_of(&state, &actor, id).await?;
        if now.is_final() || asked.elapsed() >= PATIENCE || state.shutdown.is_cancelled() {
            return Ok((Extension(Waited(waited)), Json(shape(id, now))));
        }
        let looked = Instant::now();
        tokio::select! {
            () = tokio::time::sleep(LOOKS) => {}
            () = state.shutdown.cancelled() => {}
        }
        waited += looked.elapsed();
    }
}

/// A job of the organisation as it is now: whoever looks for one does not wait
/// for its end.
pub(super) async fn find(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let id = params.id("id")?.ok_or_else(|| wrong("id", "Give an id."))?;
    Ok(Json(shape(id, state_of(&state, &actor, id).await?)))
}

async fn state_of(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<WorkState, Problem> {
    let now = state.service.learning().experiment_state(by, ExperimentId(id)).await;
    now.map_err(|_| missing(&format!("job {id}")))
}

fn shape(id: Uuid, now: WorkState) -> Value {
    json!({ "id": id, "status": job_status(now) })
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
