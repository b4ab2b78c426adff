//! What was done.

use crate::{error::AppError, packed::Packed};
use domain::{
    access::AuditEntry,
    page::{Page, PageRequest},
};
use leptos::prelude::*;

/// A page of the audit log, newest first.
#[server]
pub async fn list_audit(page: PageRequest) -> Result<Packed<Page<AuditEntry>>, AppError> {
    let (service, actor) = crate::request::admin()?;
    crate::packed::packed(&service.people().audit(&actor, page).await?)
}
