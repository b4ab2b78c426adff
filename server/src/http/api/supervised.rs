//! Figures from reviews.

use super::supervised_shapes::{BestThresholdBody, EstimateBody, LeftOutBody, PeriodBody};
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    monitor::supervised::{Cell, CurvePoint, PairedFigures, Scope, SupervisedFigures},
    time::Timestamp,
};
use measures::{
    metrics::{coco::Figure, errors::ErrorKind, operating_point::OperatingPoint, review_changes::Changes},
    statistics::Estimate,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Of which reviews.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SupervisedParams {
    /// `random` (when left out), `all`, `blind` or `anchored`.
    pub scope: Option<String>,
}

/// Figures of champion and shadow on the reviews of one scope.
#[derive(Serialize, ToSchema)]
pub(super) struct SupervisedBody {
    /// Of which reviews.
    pub scope: String,
    /// Null before anything was reviewed.
    pub champion: Option<FiguresBody>,
    /// Null without a shadow, or before it saw a reviewed image.
    pub shadow: Option<FiguresBody>,
    /// Both on the same images; null without a shadow, or before both saw a
    /// reviewed image.
    pub paired: Option<PairedBody>,
    /// Reviews changed since: newer figures are being computed.
    pub stale: bool,
}

/// Champion and shadow on the images that both saw and neither learned from.
#[derive(Serialize, ToSchema)]
pub(super) struct PairedBody {
    /// The champion's figures.
    pub champion: FiguresBody,
    /// The shadow's, on the same images.
    pub shadow: FiguresBody,
}

impl From<PairedFigures> for PairedBody {
    fn from(pair: PairedFigures) -> Self {
        Self { champion: pair.champion.into(), shadow: pair.shadow.into() }
    }
}

/// Figures of one model.
#[derive(Serialize, ToSchema)]
pub(super) struct FiguresBody {
    /// `model/number`.
    pub model: String,
    /// Reviewed images that the figures are of.
    pub images: u64,
    /// Reviewed images of the scope that they are not of.
    pub left_out: LeftOutBody,
    /// When they were computed.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// Of the figures at one threshold.
    pub threshold: f64,
    /// `AP`, `AP50` … `AR_large`, as COCO counts them; undefined ones are left out.
    pub summary: BTreeMap<String, EstimateBody>,
    /// Of all labels together.
    pub overall: PointBody,
    /// By label.
    pub per_label: Vec<LabelFiguresBody>,
    /// Over all thresholds.
    pub curve: Vec<CurveBody>,
    /// Where F1 is highest; null when nothing was right at any threshold.
    pub best_threshold: Option<BestThresholdBody>,
    /// Precision at recall 0, 0.01 … 1 at IoU 0.5.
    pub precision_recall: Vec<f64>,
    /// In the order of arrival, stretches of equally many images.
    pub over_time: Vec<PeriodBody>,
    /// Rows true, columns predicted, by label; the last of both for nothing.
    pub confusion: Vec<Vec<u64>>,
    /// The cells that count something.
    pub cells: Vec<CellBody>,
    /// What is wrong, by kind.
    pub errors: Vec<ErrorBody>,
    /// What reviewers who began with this model's boxes did to them.
    pub changes: ChangedBody,
}

/// The figures at the threshold.
#[derive(Serialize, ToSchema)]
pub(super) struct PointBody {
    /// Detections that found a true box.
    pub right: u64,
    /// Detections that found none.
    pub wrong: u64,
    /// True boxes that nobody found.
    pub missed: u64,
    /// Share of the detections that are right.
    pub precision: Option<EstimateBody>,
    /// Share of the truth that was found.
    pub recall: Option<EstimateBody>,
    /// Harmonic mean of both.
    pub f1: Option<EstimateBody>,
}

/// The figures of a label.
#[derive(Serialize, ToSchema)]
pub(super) struct LabelFiguresBody {
    /// Which.
    pub label: String,
    /// True boxes.
    pub truths: u64,
    /// AP at IoU 0.50:0.95.
    #[serde(rename = "AP")]
    pub ap: Option<EstimateBody>,
    /// AP at IoU 0.50.
    #[serde(rename = "AP50")]
    pub ap50: Option<EstimateBody>,
    /// At the threshold.
    pub point: PointBody,
}

/// Precision, recall and F1 at one threshold.
#[derive(Serialize, ToSchema)]
pub(super) struct CurveBody {
    /// Boxes at or above it count.
    pub threshold: f64,
    /// Null without detections.
    pub precision: Option<f64>,
    /// Null without truth.
    pub recall: Option<f64>,
    /// Null with neither.
    pub f1: Option<f64>,
}

/// A cell of the confusion matrix.
#[derive(Serialize, ToSchema)]
pub(super) struct CellBody {
    /// The true label; null where nothing is.
    pub truth: Option<String>,
    /// The predicted label; null where nothing was seen.
    pub predicted: Option<String>,
    /// Boxes.
    pub count: u64,
    /// Images they are in, at most 50.
    pub images: Vec<Uuid>,
    /// Selects images in which it may occur.
    pub query: String,
}

/// How often something is wrong.
#[derive(Serialize, ToSchema)]
pub(super) struct ErrorBody {
    /// `classification`, `localisation`, `both`, `duplicate`, `background` or `missed`.
    #[schema(value_type = String)]
    pub kind: ErrorKind,
    /// How often, at or above the threshold.
    pub count: u64,
    /// How much AP50 would rise were it corrected, 0 to 1.
    pub ap50_gained: f64,
}

/// What reviewers changed.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangedBody {
    /// Reviews that began with this model's boxes.
    pub reviews: u64,
    /// Of them, those in which no box was changed.
    pub unchanged: u64,
    /// Boxes left as they were.
    pub kept: u64,
    /// Boxes moved.
    pub moved: u64,
    /// Boxes with another label.
    pub relabelled: u64,
    /// Boxes that are gone.
    pub deleted: u64,
    /// Boxes that are new.
    pub added: u64,
}

impl From<OperatingPoint> for PointBody {
    fn from(p: OperatingPoint) -> Self {
        Self {
            right: p.counts.right,
            wrong: p.counts.wrong,
            missed: p.counts.missed,
            precision: p.precision.map(Into::into),
            recall: p.recall.map(Into::into),
            f1: p.f1.map(Into::into),
        }
    }
}

impl From<CurvePoint> for CurveBody {
    fn from(p: CurvePoint) -> Self {
        Self { threshold: p.threshold, precision: p.precision, recall: p.recall, f1: p.f1 }
    }
}

impl From<Cell> for CellBody {
    fn from(c: Cell) -> Self {
        let name = |label: Option<domain::name::Label>| label.map(|label| label.to_string());
        let images = c.images.into_iter().map(|id| id.0).collect();
        Self { truth: name(c.truth), predicted: name(c.predicted), count: c.count, images, query: c.query }
    }
}

impl From<SupervisedFigures> for FiguresBody {
    fn from(f: SupervisedFigures) -> Self {
        let named = |(figure, estimate): (Figure, Estimate)| (figure.as_str().to_owned(), estimate.into());
        let labels = f.labels.iter().zip(f.coco.per_category).zip(f.per_label);
        let Changes { kept, moved, relabelled, deleted, added } = f.changes.all;
        let (reviews, unchanged) = (f.changes.reviews, f.changes.unchanged);
        Self {
            model: f.model,
            images: f.images,
            left_out: f.left_out.into(),
            as_of: f.as_of,
            threshold: f.threshold,
            summary: f.coco.summary.into_iter().map(named).collect(),
            overall: f.overall.into(),
            per_label: labels
                .map(|((label, coco), point)| LabelFiguresBody {
                    label: label.to_string(),
                    truths: coco.truths,
                    ap: coco.AP.map(Into::into),
                    ap50: coco.AP50.map(Into::into),
                    point: point.into(),
                })
                .collect(),
            curve: f.curve.into_iter().map(Into::into).collect(),
            best_threshold: f.best_threshold.map(Into::into),
            precision_recall: f.precision_recall,
            over_time: f.over_time.into_iter().map(Into::into).collect(),
            confusion: f.confusion,
            cells: f.cells.into_iter().map(Into::into).collect(),
            errors: f
                .errors
                .into_iter()
                .map(|e| ErrorBody { kind: e.kind, count: e.count, ap50_gained: e.ap50_gained })
                .collect(),
            changes: ChangedBody { reviews, unchanged, kept, moved, relabelled, deleted, added },
        }
    }
}

/// Figures from reviews: AP and AR with intervals, precision and recall over
/// thresholds, confusion, kinds of errors, what reviewers changed.
///
/// Computed in the background when reviews change; `as_of` says when. No
/// figure is of an image that the version learned from: `left_out` counts
/// those, and near duplicates of them.
#[utoipa::path(
    get, path = "/deployments/{deployment}/metrics/supervised", tag = "monitoring", operation_id = "supervised_metrics",
    params(("deployment" = String, Path, description = "Name or id"), SupervisedParams),
    responses(
        (status = 200, description = "The figures", body = SupervisedBody),
        (status = 400, description = "There is no such scope", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn supervised(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<SupervisedParams>,
) -> Result<Json<SupervisedBody>, Problem> {
    let scope = match params.scope.as_deref() {
        None => Scope::Random,
        Some(word) => word.parse().map_err(|message: String| Problem::invalid("scope", message))?,
    };
    let figures = state.service.monitoring().supervised(&actor, &deployment, scope).await?;
    Ok(Json(SupervisedBody {
        scope: scope.to_string(),
        champion: figures.champion.map(Into::into),
        shadow: figures.shadow.map(Into::into),
        paired: figures.paired.map(Into::into),
        stale: figures.stale,
    }))
}
