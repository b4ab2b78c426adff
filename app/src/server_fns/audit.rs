//! What was done.

use crate::error::AppError;
use domain::{
    access::AuditEntry,
    page::{Page, PageRequest},
};
use leptos::prelude::*;

/// A page of the audit log, newest first.
#[server]
pub async fn list_audit(page: PageRequest) -> Result<Page<AuditEntry>, AppError> {
    let (service, actor) = crate::request::asked()?;
    Ok(service.audit(&actor, page).await?)
}
