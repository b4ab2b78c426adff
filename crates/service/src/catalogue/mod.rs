//! What there is: models, datasets, and the deployments that they make.

mod datasets;
mod deployments;
mod imports;
mod lineage;
mod model_files;
mod models;
pub(crate) mod retention;

pub use datasets::AssetUpload;
pub use deployments::{DeploymentChange, NewDeployment};
pub use imports::{ImportReport, ImportRequest};

use crate::{base::Base, base::images::Images, base::serving::ServedDeployments, monitoring::Monitoring};
use domain::inference::PredictorLoader;
use std::sync::Arc;

/// The use cases about models, datasets and deployments. Cheap to clone.
#[derive(Clone)]
pub struct Catalogue {
    base: Base,
    images: Images,
    serving: ServedDeployments,
    monitoring: Monitoring,
    loader: Arc<dyn PredictorLoader>,
    /// One at a time: the weights are in memory while they are tried.
    importing: Arc<tokio::sync::Mutex<()>>,
}

impl Catalogue {
    pub(crate) fn new(
        base: Base,
        images: Images,
        serving: ServedDeployments,
        monitoring: Monitoring,
        loader: Arc<dyn PredictorLoader>,
    ) -> Self {
        Self { base, images, serving, monitoring, loader, importing: Arc::default() }
    }
}
