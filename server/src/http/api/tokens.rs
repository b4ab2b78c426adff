//! Bearer tokens.

use super::shapes::parsed;
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    access::{Role, Token},
    ids::TokenId,
    time::Timestamp,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::TokenRequest;
use utoipa::ToSchema;
use uuid::Uuid;

/// A bearer token, without its secret.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct TokenBody {
    /// Identity.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// `admin`, `reviewer` or `viewer`.
    #[schema(value_type = String)]
    pub role: Role,
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
            role: t.role,
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
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
) -> Result<Json<TokenList>, Problem> {
    let tokens = state.service.people().tokens(&actor).await?;
    Ok(Json(TokenList { items: tokens.into_iter().map(Into::into).collect() }))
}

/// A token to be made.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTokenBody {
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
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct NewTokenAnswer {
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
pub(super) async fn create(
    State(state): State<AppState>,
    JsonBody(actor, body, _): JsonBody<Admin, NewTokenBody>,
) -> Result<(StatusCode, Json<NewTokenAnswer>), Problem> {
    let role: Role = parsed("role", &body.role)?;
    let request = TokenRequest { name: body.name, role, expires: body.expires };
    let made = state.service.people().create_token(&actor, request).await?;
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
pub(super) async fn revoke(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    state.service.people().revoke_token(&actor, TokenId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
