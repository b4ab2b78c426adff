//! Models and their versions.

use super::{
    shapes::{LabelList, PageOf, PageParams, labels, name, parsed, version_ref},
    supervised_shapes::{BestThresholdBody, EstimateBody, LeftOutBody},
};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    label_ids::label_id,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    dataset::Split,
    model::{Evaluation, ModelTask, ModelVersion},
    recipe::Recipe,
    time::Timestamp,
};
use http::StatusCode;
use measures::metrics::coco::Summary;
use serde::{Deserialize, Serialize};
use service::EvaluateRequest;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// One version of a model.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ModelVersionBody {
    /// Identity.
    pub id: Uuid,
    /// `model/number`.
    #[schema(example = "cells/1")]
    pub name: String,
    /// The model it belongs to.
    pub model: String,
    /// The model's id, whatever its versions.
    #[serde(default)]
    pub model_id: Uuid,
    /// An id for each label: the same word has the same id everywhere.
    #[serde(default)]
    pub label_ids: Vec<Uuid>,
    /// 1, 2, 3 …
    pub number: u32,
    /// What it does: `detection`.
    #[serde(default = "detection")]
    #[schema(example = "detection")]
    pub task: String,
    /// `fovea` or `onnx`; null for a model served elsewhere.
    #[serde(default)]
    #[schema(example = "onnx")]
    pub format: Option<String>,
    /// Whether images can be predicted with it here.
    #[serde(default)]
    pub runs_here: bool,
    /// Whether a training here can start from it.
    #[serde(default)]
    pub trainable_here: bool,
    /// How it is fed and read; null where the format knows but one way.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub recipe: Option<Recipe>,
    /// The external trainer that goes on from it; null for the built-in one.
    #[serde(default)]
    pub trainer: Option<String>,
    /// In the order of the network's outputs.
    pub labels: Vec<String>,
    /// SHA-256 of the weights; null for a model served elsewhere.
    pub weights_sha256: Option<String>,
    /// Size of the weights.
    pub weights_bytes: Option<u64>,
    /// The experiment that made it.
    pub experiment_id: Option<Uuid>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// What it was measured to be worth.
    pub evaluations: Vec<EvaluationBody>,
}

fn detection() -> String {
    ModelTask::Detection.as_str().to_owned()
}

/// COCO figures on one split of a dataset version; −1 where undefined.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct EvaluationBody {
    /// `dataset/version`.
    pub dataset: String,
    /// `train`, `val` or `test`.
    #[schema(value_type = String)]
    pub split: Split,
    /// Images measured.
    pub images: u64,
    /// True boxes measured.
    pub boxes: u64,
    /// The twelve figures, by their COCO names.
    #[schema(value_type = BTreeMap<String, f64>)]
    pub summary: Summary,
    /// AP by label.
    pub per_label: BTreeMap<String, LabelAp>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Images of the split that were not measured, since the version learned
    /// from them; null for figures of a Fovea that did not look.
    #[serde(default)]
    pub left_out: Option<LeftOutBody>,
    /// Whether the version was fitted to this very split, or chosen by it: then
    /// all of it is measured, and the figures say how well it was learned. Null
    /// as above.
    #[serde(default)]
    pub fitted: Option<bool>,
    /// Where F1 is highest on these images; null as above, or when nothing was
    /// right at any threshold.
    #[serde(default)]
    pub best_threshold: Option<BestThresholdBody>,
    /// How sure AP is (95 %, resampled images); null for figures of before that
    /// was said.
    #[serde(default)]
    pub ap_interval: Option<EstimateBody>,
    /// The same of AP50.
    #[serde(default)]
    pub ap50_interval: Option<EstimateBody>,
}

/// AP of one label; −1 where undefined.
#[derive(Serialize, Deserialize, ToSchema)]
#[allow(non_snake_case, reason = "the field's own names, as scripts read them")]
pub struct LabelAp {
    /// Averaged over IoU 0.50:0.05:0.95.
    pub AP: f64,
    /// At IoU 0.50.
    pub AP50: f64,
}

impl From<Evaluation> for EvaluationBody {
    fn from(e: Evaluation) -> Self {
        let per_label = e.per_label.into_iter();
        Self {
            dataset: e.dataset,
            split: e.split,
            images: e.images,
            boxes: e.boxes,
            summary: e.summary,
            per_label: per_label
                .map(|(label, ap)| (label.into(), LabelAp { AP: ap.AP, AP50: ap.AP50 }))
                .collect(),
            at: e.at,
            left_out: e.left_out.map(Into::into),
            fitted: e.fitted,
            best_threshold: e.best_threshold.map(Into::into),
            ap_interval: e.intervals.and_then(|both| both.AP).map(Into::into),
            ap50_interval: e.intervals.and_then(|both| both.AP50).map(Into::into),
        }
    }
}

impl From<ModelVersion> for ModelVersionBody {
    fn from(m: ModelVersion) -> Self {
        let weights = m.weights.as_ref();
        Self {
            id: m.id.0,
            name: m.full_name(),
            number: m.number,
            task: m.task.as_str().to_owned(),
            format: weights.map(|weights| weights.format.as_str().to_owned()),
            runs_here: m.runs_here(),
            trainable_here: m.trainable_here(),
            recipe: weights.and_then(|weights| weights.recipe.clone()),
            trainer: m.trainer.clone(),
            weights_sha256: weights.map(|weights| weights.sha256.clone()),
            weights_bytes: weights.map(|weights| weights.bytes),
            model_id: m.model_id.0,
            label_ids: m.labels.iter().map(|label| label_id(label.as_str())).collect(),
            model: m.model.into(),
            labels: m.labels.into_iter().map(Into::into).collect(),
            experiment_id: m.experiment_id.map(|id| id.0),
            created: m.created,
            evaluations: m.evaluations.into_iter().map(Into::into).collect(),
        }
    }
}

/// Lists the versions of all models, newest first.
#[utoipa::path(
    get, path = "/models", tag = "models", operation_id = "list_models", params(PageParams),
    responses(
        (status = 200, description = "A page", body = PageOf<ModelVersionBody>),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Json<PageOf<ModelVersionBody>>, Problem> {
    Ok(Json(PageOf::of(state.service.catalogue().models(&actor, page.into()).await?)))
}

/// One version of a model.
#[utoipa::path(
    get, path = "/models/{model}/{number}", tag = "models", operation_id = "get_model_version",
    params(("model" = String, Path, description = "The model's name"), ("number" = String, Path, description = "The version's number")),
    responses(
        (status = 200, description = "The version", body = ModelVersionBody),
        (status = 404, description = "No such version", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams((model, number)): PathParams<(String, String)>,
) -> Result<Json<ModelVersionBody>, Problem> {
    let version = version_ref("model", &format!("{model}/{number}"))?;
    Ok(Json(state.service.catalogue().model_version(&actor, &version).await?.into()))
}

/// What to measure a model version on.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeasureBody {
    /// `dataset/version`.
    #[schema(example = "cells/v1")]
    pub dataset: String,
    /// `train`, `val` or `test`; `test` when left out.
    #[serde(default)]
    pub split: Option<String>,
}

/// Measures a model version and keeps the figures with it. The answer comes
/// when all images are done; who goes away ends it, and nothing is kept.
///
/// Images that the version learned from, or near duplicates of them, are left
/// out and counted, unless the split is one that it was fitted to or chosen by.
#[utoipa::path(
    post, path = "/models/{model}/{number}/evaluations", tag = "models", operation_id = "evaluate",
    params(("model" = String, Path, description = "The model's name"), ("number" = String, Path, description = "The version's number")),
    request_body = MeasureBody,
    responses(
        (status = 200, description = "The figures", body = EvaluationBody),
        (status = 400, description = "A field is not allowed, a split without images or without one that the version did not learn from, or a model that is served elsewhere", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such model or dataset version", body = ProblemBody),
    )
)]
pub(super) async fn measure(
    State(state): State<AppState>,
    PathParams((model, number)): PathParams<(String, String)>,
    JsonBody(actor, body, _): JsonBody<Admin, MeasureBody>,
) -> Result<Json<EvaluationBody>, Problem> {
    let request = EvaluateRequest {
        model: version_ref("model", &format!("{model}/{number}"))?,
        dataset: version_ref("dataset", &body.dataset)?,
        split: body.split.as_deref().map_or(Ok(Split::Test), |text| parsed("split", text))?,
    };
    Ok(Json(state.service.learning().evaluate(&actor, request, &mut |_, _| {}).await?.into()))
}

/// A model that is served elsewhere.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewModelBody {
    /// Letters, digits, `.`, `_`, `-`.
    #[schema(example = "cells")]
    pub name: String,
    /// Its classes.
    #[schema(value_type = Vec<String>)]
    pub labels: LabelList,
}

/// Registers a model that is served elsewhere: a version without weights,
/// whose deployment only takes reports.
#[utoipa::path(
    post, path = "/models", tag = "models", operation_id = "register_model", request_body = NewModelBody,
    responses(
        (status = 201, description = "Registered", body = ModelVersionBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
    )
)]
pub(super) async fn register(
    State(state): State<AppState>,
    JsonBody(actor, body, _): JsonBody<Admin, NewModelBody>,
) -> Result<(StatusCode, Json<ModelVersionBody>), Problem> {
    let version = state
        .service
        .catalogue()
        .register_model(&actor, name("name", &body.name)?, labels(&body.labels)?)
        .await?;
    Ok((StatusCode::CREATED, Json(version.into())))
}
