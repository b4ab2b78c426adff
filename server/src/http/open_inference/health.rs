//! Whether the server lives and is ready, and what it is.

use crate::http::{AppState, problem::Problem};
use axum::{Json, extract::State};
use domain::fault::ErrorKind;
use serde_json::{Value, json};

/// The server's name.
pub(super) const NAME: &str = "fovea";
/// The server's version.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The server's name, version, and what of the protocol it takes beside the
/// least.
pub(super) async fn server() -> Json<Value> {
    Json(json!({ "name": NAME, "version": VERSION, "extensions": ["binary_tensor_data"] }))
}

pub(super) async fn live() -> Json<Value> {
    Json(json!({ "live": true }))
}

pub(super) async fn ready(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    check_ready(&state).await?;
    Ok(Json(json!({ "ready": true })))
}

/// Ready is who can store what comes, as `/readyz` has it.
///
/// # Errors
/// Says what is in the way.
pub(super) async fn check_ready(state: &AppState) -> Result<(), Problem> {
    if state.shutdown.is_cancelled() {
        return Err(Problem::new(ErrorKind::Unavailable, "The server is stopping."));
    }
    let readiness = state.store.readiness().await;
    readiness.map_err(|reason| Problem::new(ErrorKind::Unavailable, reason.to_string()))
}
