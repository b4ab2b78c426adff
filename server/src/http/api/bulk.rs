//! Acts on many predictions, and undoing a deletion.

use crate::http::{
    AppState,
    admission::{JsonBody, Reviewer},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    ids::{DeletionId, PredictionId},
    listing::{BulkAct, BulkReport, BulkRequest, Selection},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use service::Admin;
use utoipa::ToSchema;
use uuid::Uuid;

/// An act on some predictions: on those of `ids`, or on all that match `q`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkBody {
    /// `tag`, `untag`, `skip`, `reopen`, `submit` or `delete`.
    #[schema(example = "tag")]
    pub act: String,
    /// Of `tag` and `untag`.
    pub tag: Option<String>,
    /// Of `skip`.
    pub reason: Option<String>,
    /// These; at most 10000.
    pub ids: Option<Vec<Uuid>>,
    /// All that match; empty for all.
    pub q: Option<String>,
    /// Of those that had arrived by then: a page's `as_of`.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub as_of: Option<Timestamp>,
    /// But not these.
    #[serde(default)]
    pub except: Vec<Uuid>,
    /// From a former answer to the same request.
    pub resume: Option<String>,
}

impl BulkBody {
    fn request(self) -> Result<BulkRequest, Problem> {
        let tag = |tag: Option<String>| tag.ok_or_else(|| Problem::invalid("tag", "Say which tag."));
        let act = match self.act.as_str() {
            "tag" => BulkAct::Tag { tag: tag(self.tag)? },
            "untag" => BulkAct::Untag { tag: tag(self.tag)? },
            "skip" => BulkAct::Skip { reason: self.reason.unwrap_or_default() },
            "reopen" => BulkAct::Reopen,
            "submit" => BulkAct::Submit,
            "delete" => BulkAct::Delete,
            other => {
                let message = format!("{other:?} is no act: use tag, untag, skip, reopen, submit or delete.");
                return Err(Problem::invalid("act", message));
            }
        };
        let all = |ids: Vec<Uuid>| ids.into_iter().map(PredictionId).collect();
        let selection = match (self.ids, self.q) {
            (Some(ids), None) => Selection::Ids { ids: all(ids) },
            (None, Some(q)) => Selection::Matching { q, as_of: self.as_of, except: all(self.except) },
            _ => return Err(Problem::invalid("ids", "Say either ids or q.")),
        };
        Ok(BulkRequest { selection, act, resume: self.resume })
    }
}

/// One that could not be changed.
#[derive(Serialize, ToSchema)]
pub(super) struct RefusalBody {
    /// Which.
    pub id: Uuid,
    /// Why.
    pub reason: String,
}

/// What became of an act, as far as one call carried it.
#[derive(Serialize, ToSchema)]
pub(super) struct BulkReportBody {
    /// So many were changed.
    pub changed: u64,
    /// So many were as asked for already.
    pub unchanged: u64,
    /// So many could not be changed.
    pub refused: u64,
    /// The first twenty of them.
    pub refusals: Vec<RefusalBody>,
    /// There is more to do: ask the same again with it. Null when done.
    pub resume: Option<String>,
    /// What undoing a deletion takes, for ten seconds.
    pub deletion: Option<Uuid>,
}

impl From<BulkReport> for BulkReportBody {
    fn from(report: BulkReport) -> Self {
        let refusals = report.refusals.into_iter();
        Self {
            changed: report.changed,
            unchanged: report.unchanged,
            refused: report.refused,
            refusals: refusals.map(|r| RefusalBody { id: r.id.0, reason: r.reason }).collect(),
            resume: report.resume,
            deletion: report.deletion.map(|id| id.0),
        }
    }
}

/// Tags, untags, skips, reopens, submits or deletes many predictions. Works
/// for about a second a call.
#[utoipa::path(
    post, path = "/deployments/{deployment}/predictions/bulk", tag = "predictions",
    operation_id = "bulk_predictions",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = BulkBody,
    responses(
        (status = 200, description = "What became of it", body = BulkReportBody),
        (status = 400, description = "Something in it is not allowed", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn bulk(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Reviewer, BulkBody>,
) -> Result<Json<BulkReportBody>, Problem> {
    Ok(Json(state.service.browsing().bulk(&actor, &deployment, body.request()?).await?.into()))
}

/// What came back.
#[derive(Serialize, ToSchema)]
pub(super) struct RestoredBody {
    /// How many predictions.
    pub restored: u64,
}

/// Brings back what was deleted together, within ten seconds.
#[utoipa::path(
    post, path = "/deletions/{deletion}/undo", tag = "predictions", operation_id = "undo_deletion",
    params(("deletion" = Uuid, Path, description = "From the answer to the deletion")),
    responses(
        (status = 200, description = "They are back", body = RestoredBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 409, description = "It is too late", body = ProblemBody),
    )
)]
pub(super) async fn undo(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(deletion): PathParams<Uuid>,
) -> Result<Json<RestoredBody>, Problem> {
    let restored = state.service.browsing().undo_delete(&actor, DeletionId(deletion)).await?;
    Ok(Json(RestoredBody { restored }))
}
