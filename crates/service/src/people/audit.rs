//! The record of who changed what.

use crate::{Admin, As, People, Result};
use domain::{
    access::AuditEntry,
    page::{Page, PageRequest},
};

impl People {
    /// The latest acts first.
    ///
    /// # Errors
    /// Admins only; a cursor that no page gave out.
    pub async fn audit(&self, _: &As<Admin>, page: PageRequest) -> Result<Page<AuditEntry>> {
        Ok(self.base.store().audit().page(&page).await?)
    }
}
