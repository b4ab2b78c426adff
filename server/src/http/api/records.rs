//! What was done (the audit log) and what is being done (long work).

use super::shapes::{PageOf, PageParams};
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{access::AuditEntry, ids::WorkItemId, time::Timestamp, work::WorkItem};
use serde::Serialize;
use service::Admin;
use utoipa::ToSchema;
use uuid::Uuid;

/// One act.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditBody {
    /// Rising number.
    pub id: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, as `area.verb`.
    #[schema(example = "deployment.create")]
    pub action: String,
    /// On what.
    pub subject: String,
    /// More, as JSON text.
    pub detail: String,
}

impl From<AuditEntry> for AuditBody {
    fn from(e: AuditEntry) -> Self {
        Self { id: e.id, at: e.at, actor: e.actor, action: e.action, subject: e.subject, detail: e.detail }
    }
}

/// Lists what was done, newest first.
#[utoipa::path(
    get, path = "/audit", tag = "records", operation_id = "list_audit", params(PageParams),
    responses(
        (status = 200, description = "A page", body = PageOf<AuditBody>),
        (status = 403, description = "Admins only", body = ProblemBody),
    )
)]
pub(super) async fn audit(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Json<PageOf<AuditBody>>, Problem> {
    Ok(Json(PageOf::of(state.service.people().audit(&actor, page.into()).await?)))
}

/// A piece of long work.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkBody {
    /// Identity.
    pub id: Uuid,
    /// What kind.
    #[schema(example = "train")]
    pub kind: String,
    /// On what.
    pub subject: String,
    /// `queued`, `running`, `cancelling`, `succeeded`, `failed` or `cancelled`.
    pub state: &'static str,
    /// 0 to 1.
    pub progress: f64,
    /// What it is doing, or why it failed.
    pub message: String,
    /// How often it was begun without coming further; what was given back does
    /// not count.
    pub attempts: u32,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it last moved.
    #[schema(value_type = String, format = DateTime)]
    pub updated: Timestamp,
}

impl From<WorkItem> for WorkBody {
    fn from(w: WorkItem) -> Self {
        Self {
            id: w.id.0,
            kind: w.kind,
            subject: w.subject,
            state: w.state.as_str(),
            progress: w.progress,
            message: w.message,
            attempts: w.attempts,
            created: w.created,
            updated: w.updated,
        }
    }
}

/// Lists the long work, newest first.
#[utoipa::path(
    get, path = "/work", tag = "records", operation_id = "list_work", params(PageParams),
    responses(
        (status = 200, description = "A page", body = PageOf<WorkBody>),
    )
)]
pub(super) async fn work(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Json<PageOf<WorkBody>>, Problem> {
    Ok(Json(PageOf::of(state.service.jobs().work_items(&actor, page.into()).await?)))
}

/// Asks a piece of work to stop: a queued one at once, a running one soon.
#[utoipa::path(
    post, path = "/work/{id}/cancel", tag = "records", operation_id = "cancel_work",
    params(("id" = Uuid, Path, description = "The work")),
    responses(
        (status = 200, description = "As it is now", body = WorkBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such work", body = ProblemBody),
        (status = 409, description = "It is a training: cancel the experiment", body = ProblemBody),
    )
)]
pub(super) async fn cancel_work(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<WorkBody>, Problem> {
    Ok(Json(state.service.jobs().cancel_work(&actor, WorkItemId(id)).await?.into()))
}
