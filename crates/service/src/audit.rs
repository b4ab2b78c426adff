//! The record of who changed what.

use crate::{Result, Service, require};
use domain::{
    access::{Actor, AuditEntry, Role},
    page::{Page, PageRequest},
};
use serde_json::Value;
use store::{Act, NewAudit};

impl Service {
    /// The latest acts first.
    ///
    /// # Errors
    /// Admins only; a cursor that no page gave out.
    pub async fn audit(&self, actor: &Actor, page: PageRequest) -> Result<Page<AuditEntry>> {
        require(actor, Role::Admin)?;
        Ok(self.store().audit().page(&page).await?)
    }

    /// An act as the store records it, in the transaction of its change;
    /// `action` is `area.verb`.
    pub(crate) fn act(&self, actor: &Actor, action: &str, detail: Value) -> Act {
        Act::new(self.by(actor), action, detail)
    }

    /// Records an act that changes nothing of its own. What changes something
    /// is recorded with its change: see [`Self::act`].
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
