//! People.

use super::shapes::parsed;
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    base_path::at,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    access::{Role, User},
    ids::UserId,
    time::Timestamp,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person who can sign in.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct UserBody {
    /// Identity.
    pub id: Uuid,
    /// Lower-case; unique.
    pub email: String,
    /// `admin`, `reviewer` or `viewer`.
    #[schema(value_type = String)]
    pub role: Role,
    /// Kept from signing in.
    pub disabled: bool,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

impl From<User> for UserBody {
    fn from(u: User) -> Self {
        Self { id: u.id.0, email: u.email, role: u.role, disabled: u.disabled, created: u.created }
    }
}

/// All people.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct UserList {
    /// By address.
    pub items: Vec<UserBody>,
}

/// Lists the people.
#[utoipa::path(
    get, path = "/users", tag = "accounts", operation_id = "list_users",
    responses(
        (status = 200, description = "All of them", body = UserList),
        (status = 403, description = "Admins only", body = ProblemBody),
    )
)]
pub(super) async fn users(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
) -> Result<Json<UserList>, Problem> {
    let users = state.service.people().users(&actor).await?;
    Ok(Json(UserList { items: users.into_iter().map(Into::into).collect() }))
}

/// A person to be invited.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUserBody {
    /// The address to sign in with.
    #[schema(example = "ada@example.org")]
    pub email: String,
    /// `admin`, `reviewer` or `viewer`.
    #[schema(example = "reviewer")]
    pub role: String,
}

/// An account with the link that sets its password.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct InvitedBody {
    /// The account.
    pub user: UserBody,
    /// Open it once to choose a password; shown only here.
    #[schema(example = "/setup?secret=…")]
    pub setup_path: String,
    /// Until when the link works.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
}

/// Invites a person.
#[utoipa::path(
    post, path = "/users", tag = "accounts", operation_id = "add_user", request_body = NewUserBody,
    responses(
        (status = 201, description = "Invited", body = InvitedBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 409, description = "The address has an account", body = ProblemBody),
    )
)]
pub(super) async fn add_user(
    State(state): State<AppState>,
    JsonBody(actor, body, _): JsonBody<Admin, NewUserBody>,
) -> Result<(StatusCode, Json<InvitedBody>), Problem> {
    let role: Role = parsed("role", &body.role)?;
    let (user, link) = state.service.people().add_user(&actor, &body.email, role).await?;
    let setup_path = at(format!("/setup?secret={}", link.secret));
    Ok((StatusCode::CREATED, Json(InvitedBody { user: user.into(), setup_path, expires: link.expires })))
}

/// What is to change of a person; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserChange {
    /// `admin`, `reviewer` or `viewer`.
    #[serde(default)]
    pub role: Option<String>,
    /// Whether they are kept from signing in.
    #[serde(default)]
    pub disabled: Option<bool>,
}

/// Changes a person's role, or keeps them from signing in.
#[utoipa::path(
    put, path = "/users/{id}", tag = "accounts", operation_id = "change_user", request_body = UserChange,
    params(("id" = Uuid, Path, description = "The person")),
    responses(
        (status = 200, description = "As it is now", body = UserBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such person", body = ProblemBody),
        (status = 409, description = "The last admin stays", body = ProblemBody),
    )
)]
pub(super) async fn change_user(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    JsonBody(actor, body, _): JsonBody<Admin, UserChange>,
) -> Result<Json<UserBody>, Problem> {
    let role = body.role.map(|role| parsed("role", &role)).transpose()?;
    let user = state.service.people().change_user(&actor, UserId(id), role, body.disabled).await?;
    Ok(Json(user.into()))
}

/// A link that sets a password, once.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ResetLinkBody {
    /// Open it once to choose a password; shown only here.
    #[schema(example = "/setup?secret=…")]
    pub setup_path: String,
    /// Until when the link works.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
}

/// Makes a new link by which a person sets their password; a former one works
/// no more.
#[utoipa::path(
    post, path = "/users/{id}/link", tag = "accounts", operation_id = "reset_link",
    params(("id" = Uuid, Path, description = "The person")),
    responses(
        (status = 201, description = "Made", body = ResetLinkBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such person", body = ProblemBody),
    )
)]
pub(super) async fn reset_link(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<(StatusCode, Json<ResetLinkBody>), Problem> {
    let link = state.service.people().reset_link(&actor, UserId(id)).await?;
    let setup_path = at(format!("/setup?secret={}", link.secret));
    Ok((StatusCode::CREATED, Json(ResetLinkBody { setup_path, expires: link.expires })))
}
