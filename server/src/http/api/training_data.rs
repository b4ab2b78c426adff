//! What a deployment is compared with.

use super::shapes::version_ref;
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    time::Timestamp,
    training_data::{Reference, TrainingData},
};
use http::StatusCode;
use measures::drift::DriftSettings;
use serde::{Deserialize, Serialize};
use service::SetTrainingData;
use utoipa::ToSchema;
use uuid::Uuid;

/// How a deployment is to be compared.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetTrainingDataBody {
    /// The frozen dataset version that the model was trained on, as
    /// `dataset/version`; the present one when left out.
    #[serde(default)]
    pub dataset: Option<String>,
    /// How drift is looked for; as it was when left out.
    #[serde(default)]
    pub drift: Option<DriftBody>,
    /// Look at the images again, even if that was done before.
    #[serde(default)]
    pub again: bool,
}

/// How drift is looked for.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DriftBody {
    /// Images of a window; 30 to 10,000.
    pub window: u32,
    /// Images with which a window may close when it has been open for `longest_ms`.
    pub least: u32,
    /// Of each source, one image in so many milliseconds counts.
    pub spacing_ms: i64,
    /// How long a window waits to be full.
    pub longest_ms: i64,
    /// Kolmogorov–Smirnov statistic from which a difference matters.
    pub ks_effect: f64,
    /// Jensen–Shannon distance from which a difference of labels matters.
    pub js_effect: f64,
    /// Expected share of false ones among features called different.
    pub false_discoveries: f64,
    /// Random splits of each permutation test.
    pub permutations: u32,
    /// Windows running that it takes to declare drift, or to clear it.
    pub running: u32,
}

impl Default for DriftBody {
    fn default() -> Self {
        DriftSettings::default().into()
    }
}

impl From<DriftSettings> for DriftBody {
    fn from(s: DriftSettings) -> Self {
        Self {
            window: s.window,
            least: s.least,
            spacing_ms: s.spacing_ms,
            longest_ms: s.longest_ms,
            ks_effect: s.ks_effect,
            js_effect: s.js_effect,
            false_discoveries: s.false_discoveries,
            permutations: s.permutations,
            running: s.running,
        }
    }
}

impl From<DriftBody> for DriftSettings {
    fn from(b: DriftBody) -> Self {
        Self {
            window: b.window,
            least: b.least,
            spacing_ms: b.spacing_ms,
            longest_ms: b.longest_ms,
            ks_effect: b.ks_effect,
            js_effect: b.js_effect,
            false_discoveries: b.false_discoveries,
            permutations: b.permutations,
            running: b.running,
        }
    }
}

/// What a deployment is compared with.
#[derive(Serialize, ToSchema)]
pub(super) struct TrainingDataBody {
    /// Null when it is compared with nothing.
    pub reference: Option<ReferenceBody>,
    /// How drift is looked for.
    pub drift: DriftBody,
}

/// Training data as a model sees it, frozen.
#[derive(Serialize, ToSchema)]
pub(super) struct ReferenceBody {
    /// Metrics name it.
    pub id: Uuid,
    /// `dataset/version`.
    pub dataset: String,
    /// `model/number`, whose embeddings it holds.
    pub model: String,
    /// `building`, `ready` or `failed`.
    pub state: String,
    /// What it lacks, or why it failed.
    pub message: String,
    /// Training images whose embeddings it holds.
    pub training_images: u64,
    /// Images that the model never trained on, which say what is usual.
    pub calibration_images: u64,
    /// Whether unusual images are flagged: that takes 100 calibration images.
    pub flags: bool,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

impl From<Reference> for ReferenceBody {
    fn from(r: Reference) -> Self {
        Self {
            flags: r.flags(),
            id: r.id.0,
            dataset: r.dataset,
            model: r.model,
            state: r.state.to_string(),
            message: r.message,
            training_images: r.training_images,
            calibration_images: r.calibration_images,
            created: r.created,
        }
    }
}

impl From<TrainingData> for TrainingDataBody {
    fn from(data: TrainingData) -> Self {
        Self { reference: data.reference.map(Into::into), drift: data.drift.into() }
    }
}

/// What a deployment is compared with.
#[utoipa::path(
    get, path = "/deployments/{deployment}/training-data", tag = "monitoring", operation_id = "get_training_data",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The reference, if there is one", body = TrainingDataBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<TrainingDataBody>, Problem> {
    Ok(Json(state.service.monitoring().training_data(&actor, &deployment).await?.into()))
}

/// Compares a deployment with a dataset version from now on.
///
/// What that version looks like to the champion is worked out in the
/// background, once: switching back to it costs nothing.
#[utoipa::path(
    put, path = "/deployments/{deployment}/training-data", tag = "monitoring", operation_id = "set_training_data",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = SetTrainingDataBody,
    responses(
        (status = 200, description = "The reference, which may still be in the making", body = TrainingDataBody),
        (status = 400, description = "The dataset version is open or empty, or a number is out of its range", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment or dataset version", body = ProblemBody),
    )
)]
pub(super) async fn set(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, SetTrainingDataBody>,
) -> Result<Json<TrainingDataBody>, Problem> {
    let dataset = body.dataset.as_deref().map(|name| version_ref("dataset", name)).transpose()?;
    let change = SetTrainingData { dataset, drift: body.drift.map(Into::into), again: body.again };
    Ok(Json(state.service.monitoring().set_training_data(&actor, &deployment, change).await?.into()))
}

/// Compares a deployment with nothing.
#[utoipa::path(
    delete, path = "/deployments/{deployment}/training-data", tag = "monitoring", operation_id = "clear_training_data",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 204, description = "Switched off"),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn clear(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(deployment): PathParams<String>,
) -> Result<StatusCode, Problem> {
    state.service.monitoring().clear_training_data(&actor, &deployment).await?;
    Ok(StatusCode::NO_CONTENT)
}
