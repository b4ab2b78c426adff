//! What there is: models, datasets, and the deployments that they make.

mod datasets;
mod deployments;
mod foreign;
mod foreign_measures;
mod import_jobs;
pub(crate) mod imports;
mod lineage;
mod model_files;
mod model_imports;
mod model_staging;
mod models;
mod open_versions;
mod removal;
pub(crate) mod retention;
mod split_leaks;
pub(crate) mod uploads;

pub use datasets::AssetUpload;
pub use deployments::{DeploymentChange, NewDeployment};
pub use foreign::NewRecord;
pub use imports::{ImportReport, ImportRequest};
pub use model_imports::{ImportedModel, MOST_MODEL_BYTES, model_hints};
pub use model_staging::{OfferedFrom, OfferedPicture, Staged, StagedFault, Trial, WaitingModel};
pub use removal::RemovedDeployment;
pub use uploads::Upload;

use model_staging::LastLook;

use crate::{
    base::Base, base::fair_share::FairShare, base::images::Images, base::serving::ServedDeployments,
    monitoring::Monitoring,
};
use domain::inference::PredictorLoader;
use std::{sync::Arc, time::Duration};

/// How long somebody waits for the model file that they are already sending.
const SENDING_PATIENCE: Duration = Duration::from_secs(2);

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
    /// Model files that are being sent, one of a person at a time.
    uploads: Arc<FairShare>,
    last_look: Arc<LastLook>,
}

impl Catalogue {
    pub(crate) fn new(
        base: Base,
        images: Images,
        serving: ServedDeployments,
        monitoring: Monitoring,
        loader: Arc<dyn PredictorLoader>,
    ) -> Self {
        let uploads = Arc::new(FairShare::new("uploads of models", 1, SENDING_PATIENCE));
        let (importing, last_look) = (Arc::default(), Arc::default());
        Self { base, images, serving, monitoring, loader, importing, uploads, last_look }
    }
}
