//! Addresses that are told of events.

use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    ids::WebhookId,
    notice::{Delivery, Webhook},
    time::Timestamp,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::NewWebhook;
use utoipa::ToSchema;
use uuid::Uuid;

/// An address to be told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddWebhookBody {
    /// How it is told: a kind of the docs' chapter on notices; `webhook` when it
    /// is left out.
    #[serde(default)]
    pub kind: Option<String>,
    /// An address of that kind: `https://HOST/PATH`, private addresses only
    /// where the server allows them, or mailboxes with a comma between.
    pub url: String,
    /// `alert.fired`, `alert.cleared`, `drift.declared`, `drift.cleared`,
    /// `prediction.reviewed`, `continuous_training.started`,
    /// `continuous_training.finished`, `model.deployed`; none for all.
    #[serde(default)]
    pub events: Vec<String>,
}

/// An address that is told.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookBody {
    /// Identity.
    pub id: Uuid,
    /// How it is told.
    pub kind: String,
    /// Where.
    pub url: String,
    /// Which events; none for all.
    pub events: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// Of a `webhook`, only when it is made, and never again: the key of `Fovea-Signature`,
    /// which is `t=SECONDS,v1=HEX`, HMAC-SHA256 of `SECONDS.BODY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// The addresses of a deployment.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhooksBody {
    /// The oldest first.
    pub items: Vec<WebhookBody>,
}

/// What was sent.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveriesBody {
    /// The latest first, at most 100.
    pub items: Vec<DeliveryBody>,
}

/// An event on its way.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryBody {
    /// Identity, the same at every attempt.
    pub id: Uuid,
    /// Which event.
    pub event: String,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it waits.
    #[schema(value_type = String, format = DateTime)]
    pub next: Timestamp,
    /// What was answered last, or why there was no answer.
    pub answer: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

impl WebhookBody {
    fn new(webhook: Webhook, secret: Option<String>) -> Self {
        let Webhook { id, kind, url, events, created, .. } = webhook;
        let events = events.into_iter().map(|event| event.to_string()).collect();
        Self { id: id.0, kind, url, events, created, secret }
    }
}

impl From<Delivery> for DeliveryBody {
    fn from(d: Delivery) -> Self {
        Self {
            id: d.id.0,
            event: d.event.to_string(),
            state: d.state.as_str().to_owned(),
            attempts: d.attempts,
            next: d.next,
            answer: d.answer,
            created: d.created,
        }
    }
}

/// The addresses that are told of a deployment's events.
#[utoipa::path(
    get, path = "/deployments/{deployment}/webhooks", tag = "monitoring", operation_id = "list_webhooks",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The addresses", body = WebhooksBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<WebhooksBody>, Problem> {
    let webhooks = state.service.monitoring().webhooks(&actor, &deployment).await?;
    let items = webhooks.into_iter().map(|webhook| WebhookBody::new(webhook, None)).collect();
    Ok(Json(WebhooksBody { items }))
}

/// Adds an address. The secret in the answer is shown this once.
#[utoipa::path(
    post, path = "/deployments/{deployment}/webhooks", tag = "monitoring", operation_id = "add_webhook",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = AddWebhookBody,
    responses(
        (status = 200, description = "The address", body = WebhookBody),
        (status = 400, description = "No such kind or event, or no address of that kind", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn add(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, AddWebhookBody>,
) -> Result<Json<WebhookBody>, Problem> {
    let AddWebhookBody { kind, url: address, events } = body;
    let new = NewWebhook { kind, address, events };
    let (webhook, secret) = state.service.monitoring().add_webhook(&actor, &deployment, new).await?;
    Ok(Json(WebhookBody::new(webhook, secret)))
}

/// Removes an address, with what was on its way to it.
#[utoipa::path(
    delete, path = "/deployments/{deployment}/webhooks/{webhook}", tag = "monitoring", operation_id = "delete_webhook",
    params(("deployment" = String, Path, description = "Name or id"), ("webhook" = Uuid, Path)),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment or webhook", body = ProblemBody),
    )
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams((deployment, webhook)): PathParams<(String, Uuid)>,
) -> Result<StatusCode, Problem> {
    state.service.monitoring().delete_webhook(&actor, &deployment, WebhookId(webhook)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was sent to an address lately.
#[utoipa::path(
    get, path = "/deployments/{deployment}/webhooks/{webhook}/deliveries", tag = "monitoring", operation_id = "list_deliveries",
    params(("deployment" = String, Path, description = "Name or id"), ("webhook" = Uuid, Path)),
    responses(
        (status = 200, description = "The deliveries", body = DeliveriesBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment or webhook", body = ProblemBody),
    )
)]
pub(super) async fn deliveries(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams((deployment, webhook)): PathParams<(String, Uuid)>,
) -> Result<Json<DeliveriesBody>, Problem> {
    let deliveries = state.service.monitoring().deliveries(&actor, &deployment, WebhookId(webhook)).await?;
    Ok(Json(DeliveriesBody { items: deliveries.into_iter().map(Into::into).collect() }))
}
