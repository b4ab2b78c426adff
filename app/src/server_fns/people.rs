//! Who can sign in, with what tokens programs come, and what was done.

use crate::{error::AppError, packed::Packed, wire::People};
use domain::{
    access::AuditEntry,
    page::{Page, PageRequest},
};
use leptos::prelude::*;

/// Everyone and every token.
#[server]
pub async fn get_people() -> Result<Packed<People>, AppError> {
    let (service, actor) = crate::request::admin()?;
    crate::packed::packed(&People {
        users: service.people().users(&actor).await?,
        tokens: service.people().tokens(&actor).await?,
    })
}

/// A page of the audit log, newest first.
#[server]
pub async fn list_audit(page: PageRequest) -> Result<Packed<Page<AuditEntry>>, AppError> {
    let (service, actor) = crate::request::admin()?;
    crate::packed::packed(&service.people().audit(&actor, page).await?)
}
