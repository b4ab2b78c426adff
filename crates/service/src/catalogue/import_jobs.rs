//! Imports that a worker does: asked for with a file that was sent, watched,
//! cancelled, undone. The work itself is a job, `jobs/import_dataset`.

use crate::{Admin, As, Catalogue, Result, ServiceError, Viewer, jobs};
use domain::{
    dataset_import::{DatasetImport, ImportOrder},
    ids::WorkItemId,
    page::{Page, PageRequest},
};
use formats::{Choices, ImportFormat};
use serde_json::json;
use store::NewDatasetImport;

impl Catalogue {
    /// Queues an import, or a look at what it would find.
    ///
    /// # Errors
    /// Admins only; a format or an encoding that is none, an upload that is not theirs or
    /// not here as a whole, or that is being read already.
    pub async fn start_import(&self, actor: &As<Admin>, order: ImportOrder) -> Result<DatasetImport> {
        if let Some(word) = &order.format {
            let known = word.parse::<ImportFormat>();
            known.map_err(|error| ServiceError::invalid_at("format", error.to_string()))?;
        }
        Choices::try_from(&order.choices)
            .map_err(|error| ServiceError::invalid_at("encoding", error.to_string()))?;
        let filename = self.whole_upload(actor, order.upload).await?;
        self.renew_upload(order.upload).await?;
        let job = jobs::ImportDataset { actor: actor.actor().clone() };
        let (id, subject) = (self.base.new_id::<WorkItemId>(), order.dataset.to_string());
        let work = jobs::queued(&job, id, subject, Some(order.upload.to_string()), self.base.now())?;
        let detail = json!({ "file": filename, "check": order.check });
        let act = self.base.act(actor, "dataset.import", detail);
        let requested_by = actor.display_name();
        let new = NewDatasetImport { work, requested_by, filename, order };
        self.base.store().datasets().queue_import(&new, act).await?;
        self.known_import(id).await
    }

    /// Words of the formats that are read, each with what it is.
    #[must_use]
    pub fn import_formats(&self, _: &As<Viewer>) -> Vec<(String, String)> {
        ImportFormat::all().map(|format| (format.as_str().to_owned(), format.about().to_owned())).collect()
    }

    /// Imports by workers, the latest first.
    ///
    /// # Errors
    /// A cursor that no page gave out.
    pub async fn dataset_imports(&self, _: &As<Viewer>, page: PageRequest) -> Result<Page<DatasetImport>> {
        Ok(self.base.store().datasets().import_page(&page).await?)
    }

    /// How far an import is, and what it found.
    ///
    /// # Errors
    /// No such import.
    pub async fn dataset_import(&self, _: &As<Viewer>, id: WorkItemId) -> Result<DatasetImport> {
        self.known_import(id).await
    }

    /// Asks an import to stop: nothing of it stays.
    ///
    /// # Errors
    /// Admins only; no such import.
    pub async fn cancel_import(&self, actor: &As<Admin>, id: WorkItemId) -> Result<DatasetImport> {
        self.known_import(id).await?;
        let act = self.base.act(actor, "work.cancel", json!({ "kind": "import" }));
        self.base.store().work().cancel(id, act).await?;
        self.known_import(id).await
    }

    /// Deletes the version that an import made, as long as nothing refers to
    /// it.
    ///
    /// # Errors
    /// Admins only; no such import, one that is not over, no version of it, or
    /// one that is in use.
    pub async fn undo_import(&self, actor: &As<Admin>, id: WorkItemId) -> Result<DatasetImport> {
        let import = self.known_import(id).await?;
        if !import.state.is_final() {
            return Err(ServiceError::conflict("The import is under way: cancel it instead."));
        }
        let Some(name) = import.made else {
            return Err(ServiceError::conflict("There is no dataset version of this import."));
        };
        let act = self.base.act(actor, "dataset.undo_import", json!({ "version": name }));
        self.base.store().datasets().undo_import(id, act).await?;
        self.known_import(id).await
    }

    pub(crate) async fn known_import(&self, id: WorkItemId) -> Result<DatasetImport> {
        let import = self.base.store().datasets().find_import(id).await?;
        import.ok_or_else(|| ServiceError::not_found(format!("There is no import {id}.")))
    }
}
