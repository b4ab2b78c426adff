//! Whether the server lives and is ready, and what it is.

use crate::http::{AppState, problem::Problem};
use axum::{Json, extract::State};
use domain::fault::ErrorKind;
use serde_json::{Value, json};

/// The server's name, version, and what of the protocol it takes beside the
/// least.
pub(super) async fn server() -> Json<Value> {
    let version = env!("CARGO_PKG_VERSION");
    Json(json!({ "name": "fovea", "version": version, "extensions": ["binary_tensor_data"] }))
}

pub(super) async fn live() -> Json<Value> {
    Json(json!({ "live": true }))
}

/// Ready is who can store what comes, as `/readyz` has it.
pub(super) async fn ready(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    if state.shutdown.is_cancelled() {
        return Err(Problem::new(ErrorKind::Unavailable, "The server is stopping."));
    }
    let readiness = state.store.readiness().await;
    readiness.map_err(|reason| Problem::new(ErrorKind::Unavailable, reason.to_string()))?;
    Ok(Json(json!({ "ready": true })))
}
