//! The use cases: what a person, a program or a worker may ask of Fovea.
//!
//! Every use case takes an [`Actor`] and checks its role before anything
//! else. Knows nothing of HTTP, pages, SQL or tensors.

mod accounts;
mod alerts;
mod arrivals;
mod audit;
mod background;
mod bulk;
mod checkpoints;
mod compare_now;
mod comparing;
mod continuous_deployment;
mod continuous_training;
mod datasets;
mod decoding_room;
mod deployments;
mod drift;
mod error;
mod evaluation;
mod events;
mod experiments;
mod exports;
mod fair_share;
mod feedback;
mod gauges;
mod guesses;
mod hashing;
mod holding;
mod images;
mod imports;
mod intake_checks;
mod judging;
mod light_work;
mod limits;
mod lineage;
mod listing;
mod loaded_models;
mod matching;
mod model_files;
mod models;
mod monitoring;
mod outages;
mod predict;
mod predictions;
mod pruning;
mod recomputing;
mod reference_job;
mod repeated;
mod reports;
mod retention;
mod reviews;
mod secrets;
mod serving;
mod shadow_queue;
mod shadow_replay;
mod shadows;
mod shared_answers;
mod sign_in;
mod stop_flag;
mod supervised;
mod tokens;
mod training_data;
mod training_progress;
mod training_request;
mod training_run;
mod views;
mod webhooks;
mod work;
mod worker;

pub use accounts::{SetupLink, SignedIn};
pub use alerts::SetAlert;
pub use continuous_deployment::Promotion;
pub use datasets::AssetUpload;
pub use deployments::NewDeployment;
pub use error::ServiceError;
pub use evaluation::EvaluateRequest;
pub use events::{EventStream, SequencedEvent};
pub use experiments::{ExperimentDetail, LaunchRequest};
pub use exports::{Export, ExportBoxes, ExportFormat};
pub use feedback::SetFeedback;
pub use gauges::DeploymentGauges;
pub use guesses::network;
pub use images::{ImageFile, ImageSize};
pub use imports::{ImportReport, ImportRequest};
pub use limits::Limits;
pub use monitoring::{DashboardRequest, WholeDashboard};
pub use predict::PredictOptions;
pub use pruning::AUDIT_DAYS;
pub use reports::{KeyedReport, Received};
pub use tokens::{NewToken, TokenRequest};
pub use training_data::SetTrainingData;
pub use webhooks::{Courier, Letter};
pub use work::{REFERENCE, TRAIN, TrainJob};

use domain::{
    access::{Actor, Role},
    fault::{ApiError, ErrorKind},
    ids::NewId,
    inference::PredictorLoader,
    time::{Clock, Timestamp},
    training::Trainer,
};
use std::{sync::Arc, time::Duration};
use store::Store;

/// Searches of one caller at a time: the store has three connections for them,
/// and one is left for others.
const SEARCHES_EACH: usize = 2;
/// Exports of one caller at a time: each holds some rows as long as it is read.
const EXPORTS_EACH: usize = 2;
/// Longer than a search may take by itself.
const SEARCH_PATIENCE: Duration = Duration::from_secs(10);

/// The outside world, as the use cases need it.
pub struct Parts {
    /// Rows and blobs.
    pub store: Store,
    /// Makes predictors of weights.
    pub loader: Arc<dyn PredictorLoader>,
    /// Trains; in a child process of low priority outside tests.
    pub trainer: Arc<dyn Trainer>,
    /// Says what time it is.
    pub clock: Arc<dyn Clock + Send + Sync>,
    /// Gives fresh ids.
    pub ids: Arc<dyn NewId + Send + Sync>,
    /// What is accepted.
    pub limits: Limits,
}

/// All use cases. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Parts,
    events: events::EventBus,
    models: loaded_models::LoadedModels,
    decoding: decoding_room::DecodingRoom,
    serving: serving::Serving,
    shared_answers: shared_answers::SharedAnswers,
    searches: fair_share::FairShare,
    exports: fair_share::FairShare,
    recomputed: recomputing::Recomputed,
    /// One at a time: the weights are in memory while they are tried.
    importing: tokio::sync::Mutex<()>,
    references: arrivals::References,
    shadows: shadow_queue::Shadows,
    hashing: hashing::Hashing,
    guesses: guesses::Guesses,
    repeated: repeated::Repeated,
    outages: outages::Outages,
}

/// The result of every use case.
pub type Result<T> = std::result::Result<T, ServiceError>;

impl Service {
    /// The use cases over these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let first_event = u64::try_from(parts.clock.now().0).unwrap_or(0);
        let decoding = decoding_room::DecodingRoom::new(parts.limits.decode_bytes);
        let models = loaded_models::LoadedModels::default();
        Self {
            inner: Arc::new(Inner {
                parts,
                events: events::EventBus::new(first_event),
                models,
                decoding,
                serving: serving::Serving::default(),
                shared_answers: shared_answers::SharedAnswers::default(),
                searches: fair_share::FairShare::new("searches", SEARCHES_EACH, SEARCH_PATIENCE),
                exports: fair_share::FairShare::new("exports", EXPORTS_EACH, SEARCH_PATIENCE),
                recomputed: recomputing::Recomputed::default(),
                importing: tokio::sync::Mutex::default(),
                references: arrivals::References::default(),
                shadows: shadow_queue::Shadows::default(),
                hashing: hashing::Hashing::default(),
                guesses: guesses::Guesses::default(),
                repeated: repeated::Repeated::default(),
                outages: outages::Outages::default(),
            }),
        }
    }

    /// Where rows and blobs lie; for the composition root alone.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.parts.store
    }

    /// What is accepted from outside.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.parts.limits
    }

    /// Whether `actor` may do what needs `role`, asked before anything else of
    /// a request is looked at.
    ///
    /// # Errors
    /// `Forbidden` when the role does not reach.
    pub fn allow(&self, actor: &Actor, role: Role) -> Result<()> {
        require(actor, role)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }

    pub(crate) fn new_id<T: From<uuid::Uuid>>(&self) -> T {
        T::from(self.inner.parts.ids.new_id())
    }
}

/// Refuses an actor whose role does not reach `role`.
pub(crate) fn require(actor: &Actor, role: Role) -> Result<()> {
    if actor.role >= role {
        return Ok(());
    }
    let message =
        format!("This needs the role {role}; {} has the role {}.", actor.display_name(), actor.role);
    Err(ApiError::new(ErrorKind::Forbidden, message).into())
}

/// Runs blocking work on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}
