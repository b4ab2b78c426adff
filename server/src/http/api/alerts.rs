//! Alerts: rules, and what they said.

use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    alert::{AlertRule, Operator, UnknownWatchedFigure, Watch, WatchedFigure},
    ids::AlertRuleId,
    notice::{AlertEvent, KeptRule},
    time::Timestamp,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::{Reviewer, SetAlert};
use utoipa::{
    ToSchema,
    openapi::schema::{Object, ObjectBuilder, Type},
};
use uuid::Uuid;

/// A rule as it is set: `metric` or `query`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertRuleBody {
    /// 1 to 80 characters, unique within the deployment.
    pub name: String,
    /// A figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = watched_figures)]
    pub metric: Option<String>,
    /// Instead: how many predictions of the window match this query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// `>`, `>=`, `<` or `<=`.
    pub operator: String,
    /// In the figure's own unit.
    pub limit: f64,
    /// Over how long it is measured, in seconds.
    pub window_s: i64,
    /// How long it must hold before the alert fires, in seconds.
    #[serde(default)]
    pub sustained_s: i64,
    /// How far back behind the limit it must come before the alert clears.
    #[serde(default)]
    pub hysteresis: f64,
    /// Whether it is looked at.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

fn watched_figures() -> Object {
    let help = "A figure of what arrived; or `drift`, the number of features that drift; or of reviews of randomly \
                picked images: `AP`, `AP50`, or `reviewed`, their number";
    let names = WatchedFigure::all().map(WatchedFigure::name);
    ObjectBuilder::new().schema_type(Type::String).description(Some(help)).enum_values(Some(names)).build()
}

/// A rule of a deployment.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertBody {
    /// Identity.
    pub id: Uuid,
    /// `supervised` or `unsupervised`: whether it needs reviews.
    pub group: String,
    /// The rule.
    #[serde(flatten)]
    pub rule: AlertRuleBody,
    /// Since when it fires; null when it does not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub firing_since: Option<Timestamp>,
    /// Since when nothing arrives: a figure has no value then, and its alert
    /// neither fires nor clears. Null while something does, or when nothing ever
    /// did.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub silent_since: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// A firing or a clearing.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertEventBody {
    /// Identity.
    pub id: Uuid,
    /// Of which rule, which may be gone.
    pub alert_id: Uuid,
    /// Its name then.
    pub name: String,
    /// `fired` or `cleared`.
    pub event: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The figure that made it.
    pub value: f64,
    /// Selects the predictions behind it.
    pub query: String,
    /// When somebody took note.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub read: Option<Timestamp>,
}

/// Rules and inbox.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertsBody {
    /// By name.
    pub rules: Vec<AlertBody>,
    /// The latest first, at most 100.
    pub events: Vec<AlertEventBody>,
}

/// How many were new.
#[derive(Serialize, ToSchema)]
pub(super) struct ReadBody {
    /// Firings and clearings that nobody had taken note of.
    pub read: u64,
}

impl AlertRuleBody {
    fn change(self) -> Result<SetAlert, Problem> {
        let watch = match (self.metric, self.query) {
            (Some(name), None) => {
                let figure = name.parse().map_err(|error: UnknownWatchedFigure| {
                    Problem::invalid("rule.watch", error.to_string())
                })?;
                Watch::Metric(figure)
            }
            (None, Some(q)) => Watch::QueryCount(q),
            _ => return Err(Problem::invalid("metric", "Give metric, or query.")),
        };
        let operator = Operator::parse(&self.operator).ok_or_else(|| {
            let message = format!("{:?} is no operator: use >, >=, < or <=.", self.operator);
            Problem::invalid("operator", message)
        })?;
        let rule = AlertRule {
            watch,
            operator,
            limit: self.limit,
            window_ms: self.window_s.saturating_mul(1_000),
            sustained_ms: self.sustained_s.saturating_mul(1_000),
            hysteresis: self.hysteresis,
        };
        Ok(SetAlert { name: self.name, rule, enabled: self.enabled })
    }
}

impl From<KeptRule> for AlertBody {
    fn from(stored: KeptRule) -> Self {
        let supervised = stored.rule.watch.needs_reviews();
        let (metric, query) = match stored.rule.watch {
            Watch::Metric(figure) => (Some(figure.name().to_owned()), None),
            Watch::QueryCount(q) => (None, Some(q)),
        };
        Self {
            id: stored.id.0,
            group: if supervised { "supervised" } else { "unsupervised" }.to_owned(),
            rule: AlertRuleBody {
                name: stored.name,
                metric,
                query,
                operator: stored.rule.operator.as_str().to_owned(),
                limit: stored.rule.limit,
                window_s: stored.rule.window_ms / 1_000,
                sustained_s: stored.rule.sustained_ms / 1_000,
                hysteresis: stored.rule.hysteresis,
                enabled: stored.enabled,
            },
            firing_since: stored.firing_since,
            silent_since: stored.silent_since,
            created: stored.created,
        }
    }
}

impl From<AlertEvent> for AlertEventBody {
    fn from(event: AlertEvent) -> Self {
        Self {
            id: event.id.0,
            alert_id: event.rule_id.0,
            name: event.name,
            event: if event.fired { "fired" } else { "cleared" }.to_owned(),
            at: event.at,
            value: event.value,
            query: event.query,
            read: event.read,
        }
    }
}

/// The alerts of a deployment, and what they said.
#[utoipa::path(
    get, path = "/deployments/{deployment}/alerts", tag = "monitoring", operation_id = "list_alerts",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "Rules and inbox", body = AlertsBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<AlertsBody>, Problem> {
    let (rules, events) = state.service.monitoring().alerts(&actor, &deployment).await?;
    Ok(Json(AlertsBody {
        rules: rules.into_iter().map(Into::into).collect(),
        events: events.into_iter().map(Into::into).collect(),
    }))
}

/// Adds an alert.
#[utoipa::path(
    post, path = "/deployments/{deployment}/alerts", tag = "monitoring", operation_id = "add_alert",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = AlertRuleBody,
    responses(
        (status = 200, description = "The alert", body = AlertBody),
        (status = 400, description = "Something in it is not allowed", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
        (status = 409, description = "The name is taken", body = ProblemBody),
    )
)]
pub(super) async fn add(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, AlertRuleBody>,
) -> Result<Json<AlertBody>, Problem> {
    let rule = state.service.monitoring().set_alert(&actor, &deployment, None, body.change()?).await?;
    Ok(Json(rule.into()))
}

/// Changes an alert, which then begins anew.
#[utoipa::path(
    put, path = "/deployments/{deployment}/alerts/{alert}", tag = "monitoring", operation_id = "change_alert",
    params(("deployment" = String, Path, description = "Name or id"), ("alert" = Uuid, Path)),
    request_body = AlertRuleBody,
    responses(
        (status = 200, description = "The alert", body = AlertBody),
        (status = 400, description = "Something in it is not allowed", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment or alert", body = ProblemBody),
        (status = 409, description = "The name is taken", body = ProblemBody),
    )
)]
pub(super) async fn change(
    State(state): State<AppState>,
    PathParams((deployment, alert)): PathParams<(String, Uuid)>,
    JsonBody(actor, body, _): JsonBody<Admin, AlertRuleBody>,
) -> Result<Json<AlertBody>, Problem> {
    let id = Some(AlertRuleId(alert));
    Ok(Json(state.service.monitoring().set_alert(&actor, &deployment, id, body.change()?).await?.into()))
}

/// Removes an alert; what it said stays.
#[utoipa::path(
    delete, path = "/deployments/{deployment}/alerts/{alert}", tag = "monitoring", operation_id = "delete_alert",
    params(("deployment" = String, Path, description = "Name or id"), ("alert" = Uuid, Path)),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment or alert", body = ProblemBody),
    )
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams((deployment, alert)): PathParams<(String, Uuid)>,
) -> Result<StatusCode, Problem> {
    state.service.monitoring().delete_alert(&actor, &deployment, AlertRuleId(alert)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes note of what the alerts said so far.
#[utoipa::path(
    post, path = "/deployments/{deployment}/alerts/read", tag = "monitoring", operation_id = "read_alerts",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "How many were new", body = ReadBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn read(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Reviewer>,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<ReadBody>, Problem> {
    Ok(Json(ReadBody { read: state.service.monitoring().read_alerts(&actor, &deployment).await? }))
}
