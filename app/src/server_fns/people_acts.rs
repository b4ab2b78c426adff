//! What an administrator does to accounts.

use crate::{error::AppError, wire::OneTimeLink};
use domain::{access::Role, ids::UserId};
use leptos::prelude::*;

/// Makes an account; its owner sets the password by the link.
#[server]
pub async fn add_user(email: String, role: Role) -> Result<OneTimeLink, AppError> {
    let (service, actor) = crate::request::admin()?;
    let (user, link) = service.people().add_user(&actor, &email, role).await?;
    Ok(OneTimeLink { email: user.email, secret: link.secret, expires: link.expires })
}

/// Keeps an account from signing in, or lets it in again.
#[server]
pub async fn disable_user(id: UserId, disabled: bool) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.people().change_user(&actor, id, None, Some(disabled)).await.map(drop)?)
}
