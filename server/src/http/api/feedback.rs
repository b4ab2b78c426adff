//! The feedback loop: what goes in, what is in, and where it goes.

use super::{
    datasets::DatasetVersionBody,
    review_shapes::ChangesBody,
    settings::{SettingsBodyWith, WithSettings},
    shapes::{PageOf, PageParams, version_ref},
};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody, Reviewer},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    feedback::{FeedbackState, Submission},
    ids::PredictionId,
    settings::SubmissionSettings,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use service::SetFeedback;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which predictions of the deployment: `ids` or `q`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChoiceBody {
    /// These.
    #[serde(default)]
    pub ids: Option<Vec<Uuid>>,
    /// All that match, in the query language.
    #[serde(default)]
    pub q: Option<String>,
}

enum Choice {
    These(Vec<PredictionId>),
    Matching(String),
}

impl ChoiceBody {
    fn choice(self) -> Result<Choice, Problem> {
        match (self.ids, self.q) {
            (Some(ids), None) => Ok(Choice::These(ids.into_iter().map(PredictionId).collect())),
            (None, Some(q)) => Ok(Choice::Matching(q)),
            _ => Err(Problem::invalid("ids", "Give ids, or q for all that match.")),
        }
    }
}

/// Submits reviewed predictions to the feedback loop.
///
/// The image and the boxes of its latest review become an image of the loop's
/// dataset version. What cannot go is named with why.
#[utoipa::path(
    post, path = "/deployments/{deployment}/submit", tag = "feedback", operation_id = "submit",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = ChoiceBody,
    responses(
        (status = 200, description = "What became of each", body = ChangesBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
        (status = 409, description = "The loop is off, or its dataset version was frozen", body = ProblemBody),
    )
)]
pub(super) async fn submit(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Reviewer, ChoiceBody>,
) -> Result<Json<ChangesBody>, Problem> {
    let outcome = match body.choice()? {
        Choice::These(ids) => state.service.reviews().submit(&actor, &deployment, ids).await?,
        Choice::Matching(q) => state.service.reviews().submit_matching(&actor, &deployment, &q).await?,
    };
    Ok(Json(outcome.into()))
}

/// Takes submissions out of the feedback loop again.
#[utoipa::path(
    post, path = "/deployments/{deployment}/unsubmit", tag = "feedback", operation_id = "unsubmit",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = ChoiceBody,
    responses(
        (status = 200, description = "What became of each", body = ChangesBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn unsubmit(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Reviewer, ChoiceBody>,
) -> Result<Json<ChangesBody>, Problem> {
    let outcome = match body.choice()? {
        Choice::These(ids) => state.service.reviews().unsubmit(&actor, &deployment, ids).await?,
        Choice::Matching(q) => state.service.reviews().unsubmit_matching(&actor, &deployment, &q).await?,
    };
    Ok(Json(outcome.into()))
}

type FeedbackNow = WithSettings<SubmissionSettings, FeedbackBody>;
type FeedbackChange = SettingsBodyWith<SubmissionSettings, FeedbackSettingsBody>;

/// A deployment's feedback loop.
#[derive(Serialize, ToSchema)]
pub(super) struct FeedbackBody {
    /// Whether submitting is allowed.
    pub enabled: bool,
    /// What receives the images.
    pub dataset: Option<DatasetVersionBody>,
    /// Reviewed and not submitted yet.
    pub waiting: u64,
    /// Images that models learn from.
    pub train: u64,
    /// Images that models are only measured by.
    pub holdout: u64,
    /// The holdout's share; null without any image.
    pub holdout_share: Option<f64>,
    /// The holdout's share has left 10 to 35 %, of 20 images or more.
    pub unbalanced: bool,
    /// Images that no training has taken yet.
    pub since_launch: u64,
    /// True boxes by label, most first.
    pub labels: Vec<LabelBody>,
    /// Images by week of submitting, oldest first, empty weeks left out.
    pub weeks: Vec<WeekBody>,
}

/// True boxes of one label.
#[derive(Serialize, ToSchema)]
pub(super) struct LabelBody {
    /// The label.
    pub label: String,
    /// On the training side.
    pub train: u64,
    /// Held out.
    pub holdout: u64,
}

/// Images of one week.
#[derive(Serialize, ToSchema)]
pub(super) struct WeekBody {
    /// Its Monday, 00:00 UTC.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// On the training side.
    pub train: u64,
    /// Held out.
    pub holdout: u64,
}

impl From<FeedbackState> for FeedbackNow {
    fn from(state: FeedbackState) -> Self {
        let FeedbackState { enabled, target, submission, waiting, totals } = state;
        let more = FeedbackBody {
            enabled,
            dataset: target.map(Into::into),
            waiting,
            holdout_share: totals.holdout_share(),
            unbalanced: totals.is_unbalanced(),
            train: totals.train,
            holdout: totals.holdout,
            since_launch: totals.since_launch,
            labels: totals
                .labels
                .into_iter()
                .map(|l| LabelBody { label: l.label.into(), train: l.train, holdout: l.holdout })
                .collect(),
            weeks: totals
                .weeks
                .into_iter()
                .map(|w| WeekBody { start: w.start, train: w.train, holdout: w.holdout })
                .collect(),
        };
        Self { settings: submission, more }
    }
}

/// The feedback loop of a deployment: settings, and what is in it.
#[utoipa::path(
    get, path = "/deployments/{deployment}/feedback-loop", tag = "feedback", operation_id = "get_feedback_loop",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The loop", body = FeedbackNow),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<FeedbackNow>, Problem> {
    Ok(Json(state.service.reviews().feedback_state(&actor, &deployment).await?.into()))
}

/// How the loop is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedbackSettingsBody {
    /// Whether submitting is allowed.
    pub enabled: bool,
    /// `dataset/version`, open, with all labels of the deployment; null for none.
    #[serde(default)]
    #[schema(example = "cells-feedback/v1")]
    pub dataset: Option<String>,
    /// Make the version when it is not there.
    #[serde(default)]
    pub create: bool,
}

/// Sets where submissions go, and whether they may.
#[utoipa::path(
    put, path = "/deployments/{deployment}/feedback-loop", tag = "feedback", operation_id = "set_feedback_loop",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = FeedbackChange,
    responses(
        (status = 200, description = "As it is now", body = FeedbackNow),
        (status = 400, description = "The dataset version is frozen, or lacks a label", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment or dataset version", body = ProblemBody),
    )
)]
pub(super) async fn set(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, FeedbackChange>,
) -> Result<Json<FeedbackNow>, Problem> {
    let (submission, body): (_, FeedbackSettingsBody) = body.parts()?;
    let dataset = body.dataset.as_deref().map(|text| version_ref("dataset", text)).transpose()?;
    let change = SetFeedback { enabled: body.enabled, dataset, create: body.create, submission };
    Ok(Json(state.service.reviews().set_feedback(&actor, &deployment, change).await?.into()))
}

/// One submitted image.
#[derive(Serialize, ToSchema)]
pub(super) struct SubmissionBody {
    /// Where the image came from.
    pub prediction_id: Uuid,
    /// The image in the dataset.
    pub asset_id: Uuid,
    /// The dataset version that received it.
    pub dataset_version_id: Uuid,
    /// The review whose boxes went along.
    pub revision: u32,
    /// Number of boxes.
    pub boxes: u32,
    /// `train` or `holdout`; for ever.
    #[schema(example = "train")]
    pub side: &'static str,
    /// Why it stands there: `hash`, `duplicate` (it follows a near duplicate)
    /// or `lineage` (a model has learned from it already).
    #[schema(example = "hash")]
    pub reason: &'static str,
    /// Who.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Whether a training has taken it since.
    pub consumed: bool,
}

impl From<Submission> for SubmissionBody {
    fn from(s: Submission) -> Self {
        Self {
            prediction_id: s.prediction_id.0,
            asset_id: s.asset_id.0,
            dataset_version_id: s.version_id.0,
            revision: s.revision,
            boxes: s.boxes,
            side: s.side.as_str(),
            reason: s.reason.as_str(),
            by: s.by,
            at: s.at,
            consumed: s.consumed,
        }
    }
}

/// Lists what was submitted, the latest first.
#[utoipa::path(
    get, path = "/deployments/{deployment}/submissions", tag = "feedback", operation_id = "list_submissions",
    params(("deployment" = String, Path, description = "Name or id"), PageParams),
    responses(
        (status = 200, description = "A page", body = PageOf<SubmissionBody>),
        (status = 400, description = "A parameter is not allowed", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn submissions(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<PageParams>,
) -> Result<Json<PageOf<SubmissionBody>>, Problem> {
    Ok(Json(PageOf::of(state.service.reviews().submissions(&actor, &deployment, params.into()).await?)))
}
