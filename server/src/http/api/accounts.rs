//! People and tokens.

use super::shapes::parsed;
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    access::{Role, Token, User},
    ids::{TokenId, UserId},
    time::Timestamp,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::TokenRequest;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person who can sign in.
#[derive(Serialize, ToSchema)]
pub(super) struct UserBody {
    /// Identity.
    pub id: Uuid,
    /// Lower-case; unique.
    pub email: String,
    /// `admin`, `reviewer` or `viewer`.
    pub role: &'static str,
    /// Kept from signing in.
    pub disabled: bool,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

impl From<User> for UserBody {
    fn from(u: User) -> Self {
        Self { id: u.id.0, email: u.email, role: u.role.as_str(), disabled: u.disabled, created: u.created }
    }
}

/// All people.
#[derive(Serialize, ToSchema)]
pub(super) struct UserList {
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
    SignedIn(actor): SignedIn,
) -> Result<Json<UserList>, Problem> {
    let users = state.service.users(&actor).await?;
    Ok(Json(UserList { items: users.into_iter().map(Into::into).collect() }))
}

/// A person to be invited.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUserBody {
    /// The address to sign in with.
    #[schema(example = "ada@example.org")]
    pub email: String,
    /// `admin`, `reviewer` or `viewer`.
    #[schema(example = "reviewer")]
    pub role: String,
}

/// An account with the link that sets its password.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitedBody {
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
    let (user, link) = state.service.add_user(&actor, &body.email, role).await?;
    let setup_path = format!("/setup?secret={}", link.secret);
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
    let mut changed = None;
    if let Some(role) = body.role {
        changed = Some(state.service.set_role(&actor, UserId(id), parsed("role", &role)?).await?);
    }
    if let Some(disabled) = body.disabled {
        changed = Some(state.service.disable_user(&actor, UserId(id), disabled).await?);
    }
    let user =
        changed.ok_or_else(|| Problem::invalid("body", "Nothing to change: give role or disabled."))?;
    Ok(Json(user.into()))
}

/// A link that sets a password, once.
#[derive(Serialize, ToSchema)]
pub(super) struct ResetLinkBody {
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
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<(StatusCode, Json<ResetLinkBody>), Problem> {
    let link = state.service.reset_link(&actor, UserId(id)).await?;
    let setup_path = format!("/setup?secret={}", link.secret);
    Ok((StatusCode::CREATED, Json(ResetLinkBody { setup_path, expires: link.expires })))
}

/// A bearer token, without its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenBody {
    /// Identity.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// `admin`, `reviewer` or `viewer`.
    pub role: &'static str,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used: Option<Timestamp>,
    /// The address of whoever made it: it is refused once that account is
    /// disabled or may do less than it. Absent for one of the command line.
    pub owner: Option<String>,
    /// From then on it is refused; absent for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires: Option<Timestamp>,
}

impl From<Token> for TokenBody {
    fn from(t: Token) -> Self {
        Self {
            id: t.id.0,
            name: t.name,
            role: t.role.as_str(),
            created: t.created,
            last_used: t.last_used,
            owner: t.owner.map(|owner| owner.email),
            expires: t.expires,
        }
    }
}

/// All tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenList {
    /// Newest first.
    pub items: Vec<TokenBody>,
}

/// Lists the tokens.
#[utoipa::path(
    get, path = "/tokens", tag = "accounts", operation_id = "list_tokens",
    responses(
        (status = 200, description = "All of them", body = TokenList),
        (status = 403, description = "Admins only", body = ProblemBody),
    )
)]
pub(super) async fn tokens(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
) -> Result<Json<TokenList>, Problem> {
    let tokens = state.service.tokens(&actor).await?;
    Ok(Json(TokenList { items: tokens.into_iter().map(Into::into).collect() }))
}

/// A token to be made.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTokenBody {
    /// What it is for.
    #[schema(example = "camera 3")]
    pub name: String,
    /// `admin`, `reviewer` or `viewer`.
    #[schema(example = "reviewer")]
    pub role: String,
    /// How long it works (`90d`, `12h`), or until when (RFC 3339). Left out: for
    /// ever, as long as its owner may do what it may.
    #[serde(default)]
    #[schema(example = "90d")]
    pub expires: Option<String>,
}

/// A new token with its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct NewTokenAnswer {
    /// The token.
    pub token: TokenBody,
    /// For `Authorization: Bearer …`; shown only here.
    pub secret: String,
}

/// Makes a token.
#[utoipa::path(
    post, path = "/tokens", tag = "accounts", operation_id = "create_token", request_body = NewTokenBody,
    responses(
        (status = 201, description = "Made", body = NewTokenAnswer),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
    )
)]
pub(super) async fn create_token(
    State(state): State<AppState>,
    JsonBody(actor, body, _): JsonBody<Admin, NewTokenBody>,
) -> Result<(StatusCode, Json<NewTokenAnswer>), Problem> {
    let role: Role = parsed("role", &body.role)?;
    let request = TokenRequest { name: body.name, role, expires: body.expires };
    let made = state.service.create_token(&actor, request).await?;
    Ok((StatusCode::CREATED, Json(NewTokenAnswer { token: made.token.into(), secret: made.secret })))
}

/// Revokes a token.
#[utoipa::path(
    delete, path = "/tokens/{id}", tag = "accounts", operation_id = "revoke_token",
    params(("id" = Uuid, Path, description = "The token")),
    responses(
        (status = 204, description = "Revoked"),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such token", body = ProblemBody),
    )
)]
pub(super) async fn revoke_token(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    state.service.revoke_token(&actor, TokenId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
