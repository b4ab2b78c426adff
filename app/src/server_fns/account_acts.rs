//! What an administrator changes about an account.

use crate::{error::AppError, wire::OneTimeLink};
use domain::{access::Role, ids::UserId};
use leptos::prelude::*;

/// Changes what a person may do.
#[server]
pub async fn set_role(id: UserId, role: Role) -> Result<(), AppError> {
    let (service, actor) = crate::request::admin()?;
    Ok(service.people().change_user(&actor, id, Some(role), None).await.map(drop)?)
}

/// Makes a new link by which the person of `email` sets a password.
#[server]
pub async fn reset_link(id: UserId, email: String) -> Result<OneTimeLink, AppError> {
    let (service, actor) = crate::request::admin()?;
    let link = service.people().reset_link(&actor, id).await?;
    Ok(OneTimeLink { email, secret: link.secret, expires: link.expires })
}
