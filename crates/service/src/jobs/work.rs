//! Long work as people see it.

use crate::{Admin, As, Result, ServiceError, TRAIN, Viewer, jobs::Jobs};
use domain::{
    ids::WorkItemId,
    page::{Page, PageRequest},
    work::WorkItem,
};
use serde_json::json;

impl Jobs<'_> {
    /// The latest work first.
    ///
    /// # Errors
    /// A cursor that no page gave out.
    pub async fn work_items(self, _: &As<Viewer>, page: PageRequest) -> Result<Page<WorkItem>> {
        Ok(self.service.store().work().page(&page).await?)
    }

    /// Asks a piece of work to stop: a queued one at once, a running one soon.
    /// A training is asked by its experiment.
    ///
    /// # Errors
    /// No such work, or a training.
    pub async fn cancel_work(self, actor: &As<Admin>, id: WorkItemId) -> Result<WorkItem> {
        let item = self.service.store().work().find(id).await?;
        let item = item.ok_or_else(|| ServiceError::not_found(format!("There is no work {id}.")))?;
        if item.kind == TRAIN {
            return Err(ServiceError::conflict(format!("Cancel the experiment {} instead.", item.subject)));
        }
        let act = self.service.base().act(actor, "work.cancel", json!({ "kind": item.kind }));
        Ok(self.service.store().work().cancel(id, act).await?)
    }
}
