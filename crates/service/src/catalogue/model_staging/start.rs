//! What somebody begins with who imports a model: files of theirs that wait, and
//! pictures that are here already to try one on.

use crate::{Admin, As, Catalogue, Result, Viewer};
use domain::{
    ids::{AssetId, PredictionId, StagedModelId},
    page::PageRequest,
    prediction::PredictionFilter,
};
use std::collections::HashSet;

/// Pictures that are offered to try a model on, of predictions and of a
/// dataset each.
const OFFERED: u32 = 6;

/// A picture that is here already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedPicture {
    /// What it shows, for people.
    pub title: String,
    /// Where its bytes are.
    pub of: OfferedFrom,
}

/// Where an offered picture's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferedFrom {
    /// A prediction.
    Prediction(PredictionId),
    /// An image of a dataset.
    Asset(AssetId),
}

/// A file that waits, for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingModel {
    /// Identity.
    pub id: StagedModelId,
    /// As its owner's machine calls it.
    pub filename: String,
    /// Its length.
    pub bytes: u64,
}

impl Catalogue {
    /// What an administrator begins with who imports a model: their files that
    /// wait, and pictures that are here already to try one on. `None` for
    /// those who may not import.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn model_import_start(
        &self,
        actor: &As<Viewer>,
    ) -> Result<Option<(Vec<WaitingModel>, Vec<OfferedPicture>)>> {
        let Ok(admin) = As::<Admin>::check(actor) else { return Ok(None) };
        let waiting = self.staged_models(&admin).await?.into_iter();
        let waiting = waiting.map(|staged| WaitingModel {
            id: staged.id,
            filename: staged.said.filename,
            bytes: staged.bytes,
        });
        Ok(Some((waiting.collect(), self.pictures_to_try().await?)))
    }

    /// The latest predictions' pictures, and some of the latest dataset's.
    async fn pictures_to_try(&self) -> Result<Vec<OfferedPicture>> {
        let store = self.base.store();
        let few = |limit| PageRequest { limit: Some(limit), cursor: None };
        let (mut offered, mut known) = (Vec::new(), HashSet::new());
        for deployment in store.deployments().list().await? {
            let filter = PredictionFilter::default();
            let page = store.predictions().page(deployment.id, &filter, &few(OFFERED)).await?;
            for prediction in page.items.into_iter().filter(|prediction| prediction.image.is_some()) {
                if offered.len() < OFFERED as usize && known.insert(prediction.image.clone()) {
                    let name = prediction.filename.unwrap_or_else(|| "a picture".to_owned());
                    let title = format!("{name}, sent to {}", deployment.name);
                    offered.push(OfferedPicture { title, of: OfferedFrom::Prediction(prediction.id) });
                }
            }
        }
        if let Some(dataset) = store.datasets().page(&few(1)).await?.items.into_iter().next() {
            for asset in store.datasets().assets(dataset.id, None, &few(OFFERED)).await?.items {
                if known.insert(Some(asset.content_hash)) {
                    let title = format!("{} of {}", asset.filename, dataset.full_name());
                    offered.push(OfferedPicture { title, of: OfferedFrom::Asset(asset.id) });
                }
            }
        }
        Ok(offered)
    }
}
