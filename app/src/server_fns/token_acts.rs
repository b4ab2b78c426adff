//! What an administrator does to tokens.

use crate::{error::AppError, wire::IssuedToken};
use domain::{access::Role, ids::TokenId};
use leptos::prelude::*;

/// Makes a token that works for `expires` (`90d`; empty for ever); its secret
/// is told this once.
#[server]
pub async fn create_token(
    name: String,
    role: Role,
    #[server(default)] expires: String,
) -> Result<IssuedToken, AppError> {
    let (service, actor) = crate::request::admin()?;
    let request =
        service::TokenRequest { name, role, expires: Some(expires).filter(|text| !text.is_empty()) };
    let service::NewToken { token, secret } = service.people().create_token(&actor, request).await?;
    Ok(IssuedToken { token, secret })
}

/// Ends a token.
#[server]
pub async fn revoke_token(id: TokenId) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.people().revoke_token(&actor, id).await.map(drop)?)
}
