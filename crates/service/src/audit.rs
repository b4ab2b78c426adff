//! The record of who changed what.

use crate::{Result, Service, require};
use domain::{
    access::{Actor, AuditEntry, Role},
    page::{Page, PageRequest},
};
use serde_json::Value;
use store::NewAudit;

impl Service {
    /// The latest acts first.
    ///
    /// # Errors
    /// Admins only; a cursor that no page gave out.
    pub async fn audit(&self, actor: &Actor, page: PageRequest) -> Result<Page<AuditEntry>> {
        require(actor, Role::Admin)?;
        Ok(self.store().audit().page(&page).await?)
    }

    /// Records an act; `action` is `area.verb`, `subject` a name or an id.
    pub(crate) async fn record(
        &self,
        actor: &Actor,
        action: &str,
        subject: &str,
        detail: Value,
    ) -> Result<()> {
        let entry = NewAudit {
            at: self.now(),
            actor: actor.display_name(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: detail.to_string(),
        };
        Ok(self.store().audit().append(entry).await?)
    }
}
