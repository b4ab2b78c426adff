//! Who asks and where: one organisation, whatever a script calls it.

use super::{ids, params::Params};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    body::{anything, read_whole},
    json_faults,
    problem::{PathParams, Problem},
};
use axum::{
    Json,
    extract::{Request, State},
};
use domain::access::Actor;
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{Anyone, As, Viewer};
use uuid::Uuid;

/// Bytes of a sign-in.
const LOGIN_BYTES: usize = 4 * 1024;

/// Whether it is where programs sign in by a token in the body: no browser
/// sends one for another site.
pub(in crate::http) fn is_login(uri: &Uri) -> bool {
    matches!(uri.path(), "/api/auth/login" | "/api/login")
}

/// Who it is, and where they are at home.
pub(super) async fn ping(SignedIn(actor): SignedIn) -> Json<Value> {
    Json(json!({
        // A version above the package's own would be told as an update.
        "sdk_version": "0.0.0",
        "username": actor.display_name(),
        "default_organization": ids::organization(),
    }))
}

/// The one organisation, by whatever name a script knows its own.
pub(super) async fn find_organization(_: SignedIn, params: Params) -> Json<Value> {
    Json(organization_named(params.one("name").unwrap_or(ids::NAME)))
}

pub(super) async fn organization(
    _: SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    if id == ids::organization() {
        return Ok(Json(organization_named(ids::NAME)));
    }
    Err(super::answers::missing(&format!("organisation {id}")))
}

fn organization_named(name: &str) -> Value {
    json!({ "id": ids::organization(), "name": name, "default_connector_id": ids::connector() })
}

/// Where files go: to this server.
pub(super) async fn connector(_: SignedIn, PathParams(_): PathParams<String>) -> Json<Value> {
    Json(json!({ "id": ids::connector(), "client_type": "azure", "bucket_name": ids::NAME }))
}

/// The people; there is no list of them for each thing.
pub(super) async fn users(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams((_, _)): PathParams<(String, String)>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let people = state.service.people().users(&actor).await?;
    let mut users: Vec<Value> =
        people.into_iter().map(|user| json!({ "id": user.id.0, "username": user.email })).collect();
    if users.is_empty() {
        users.push(person(&actor));
    }
    if let Some(name) = params.one("username") {
        users.retain(|user| user["username"] == name);
    }
    Ok(Json(json!({ "users": users })))
}

fn person(actor: &Actor) -> Value {
    json!({ "id": actor.who.id().unwrap_or_else(ids::organization), "username": actor.display_name() })
}

#[derive(Deserialize)]
struct Login {
    api_token: String,
    #[serde(default)]
    deployment_id: Option<String>,
}

/// Gives the same token back: there is no second secret to lose.
pub(super) async fn log_in(State(state): State<AppState>, request: Request) -> Result<Json<Value>, Problem> {
    let (parts, body) = request.into_parts();
    let share = state.bodies.open(Uuid::nil());
    let whole = read_whole(&parts.headers, body, LOGIN_BYTES, anything, share).await?;
    let login: Login = json_faults::read("body", &whole.bytes)?;
    let actor = state.service.people().authenticate_token(Anyone, &login.api_token).await?;
    if let Some(deployment) = &login.deployment_id {
        let viewer = As::<Viewer>::check(&actor)?;
        state.service.intake().check_deployment(&viewer, deployment.as_str()).await?;
    }
    Ok(Json(json!({ "jwt": login.api_token, "expires": null })))
}
