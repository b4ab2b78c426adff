//! The use cases: what a person, a program or a worker may ask of Fovea.
//!
//! They come in areas, each with what it needs and no more: [`People`],
//! [`Catalogue`], [`Intake`], [`Browsing`], [`Reviews`], [`Monitoring`],
//! [`Learning`], [`Exports`], [`Jobs`]. Every use case takes the role that it needs as a
//! value, which only a check makes ([`As`]). Knows nothing of HTTP, pages, SQL
//! or tensors.

mod access;
mod base;
mod browsing;
mod catalogue;
mod channels;
mod exports;
mod intake;
mod jobs;
mod learning;
mod monitoring;
mod people;
mod reviews;

pub use access::{Admin, Anyone, As, Internal, Reviewer, RoleType, Viewer};
pub use base::event_bus::{EventStream, SequencedEvent};
pub use base::{
    error::ServiceError,
    images::{ImageFile, ImageSize},
    limits::Limits,
    refs::{DeploymentRef, ExperimentRef},
};
pub use browsing::Browsing;
pub use catalogue::{
    AssetUpload, Catalogue, DeploymentChange, ImportReport, ImportRequest, ImportedModel, MOST_MODEL_BYTES,
    NewDeployment, NewRecord, OfferedFrom, OfferedPicture, RemovedDeployment, Staged, StagedFault, Trial,
    Upload, WaitingModel, model_hints,
};
pub use channels::{Mail, Message, MessageSender};
pub use exports::{Export, ExportBoxes, ExportFormat, Exports};
pub use intake::{
    FileFetcher, FileRequest, Intake, KeyedReport, LabelStudioOrigin, Picture, PredictOptions, Predicted,
    Received, TaskPicture,
};
pub use jobs::{AUDIT_DAYS, BackgroundTask, JobSettings, Jobs, Lane, TRAIN, TrainerTrial, within_wrappings};
pub use learning::{
    DeploymentSettings, EvaluateRequest, ExperimentDetail, LaunchRequest, Learning, Promotion,
    comparison_markdown,
};
pub use monitoring::{
    DashboardRequest, DeploymentGauges, Monitoring, MonitoringPage, NewWebhook, SetAlert, SetTrainingData,
    WholeDashboard,
};
pub use people::{LinkAct, LinkQuery, NewToken, People, SetupLink, SignedIn, TokenRequest, network};
pub use reviews::{Reviews, SetFeedback};

use base::{
    Base, arrivals::References, fair_share::FairShare, images::Images, loaded_models::Predictors,
    serving::ServedDeployments, shadow_queue::ShadowRunner,
};
use domain::{
    deployment::ShadowQueue,
    ids::NewId,
    inference::{InferenceCounters, PredictorLoader},
    time::Clock,
    training::{Trainer, Trainers},
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
    /// The trainers that the operator named beside it.
    pub trainers: Arc<dyn Trainers>,
    /// Says what time it is.
    pub clock: Arc<dyn Clock + Send + Sync>,
    /// Gives fresh ids.
    pub ids: Arc<dyn NewId + Send + Sync>,
    /// What is accepted.
    pub limits: Limits,
}

/// All use cases, by area. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Arc<Parts>,
    base: Base,
    images: Images,
    predictors: Predictors,
    serving: ServedDeployments,
    references: References,
    shadows: ShadowRunner,
    people: People,
    learning: Learning,
    monitoring: Monitoring,
    catalogue: Catalogue,
    reviews: Reviews,
    browsing: Browsing,
    exports: Exports,
    intake: Intake,
}

/// The result of every use case.
pub type Result<T> = std::result::Result<T, ServiceError>;

impl Service {
    /// The use cases over these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let parts = Arc::new(parts);
        let base = Base::new(parts.clone());
        let searches = Arc::new(FairShare::new("searches", SEARCHES_EACH, SEARCH_PATIENCE));
        let running = Arc::new(FairShare::new("exports", EXPORTS_EACH, SEARCH_PATIENCE));
        // Each area is given those that it stands on, and no others: there is
        // no way back.
        let images = Images::new(base.clone());
        let predictors = Predictors::new(base.clone(), parts.loader.clone());
        let serving = ServedDeployments::new(base.clone());
        let references = References::new(base.clone(), predictors.clone());
        let shadows = ShadowRunner::new(base.clone(), images.clone(), predictors.clone());
        let learning =
            Learning::new(base.clone(), images.clone(), predictors.clone(), serving.clone(), shadows.clone());
        let monitoring = Monitoring::new(base.clone(), images.clone(), references.clone(), learning.clone());
        let loader = parts.loader.clone();
        let catalogue =
            Catalogue::new(base.clone(), images.clone(), serving.clone(), monitoring.clone(), loader);
        let reviews = Reviews::new(base.clone(), images.clone(), catalogue.clone(), learning.clone());
        let browsing = Browsing::new(base.clone(), images.clone(), reviews.clone(), searches.clone());
        let people = People::new(base.clone());
        let exports =
            Exports::new(base.clone(), images.clone(), browsing.clone(), people.clone(), searches, running);
        let intake = Intake::new(
            base.clone(),
            images.clone(),
            predictors.clone(),
            serving.clone(),
            references.clone(),
            shadows.clone(),
        );
        Self {
            inner: Arc::new(Inner {
                parts,
                base,
                images,
                predictors,
                serving,
                references,
                shadows,
                people,
                learning,
                monitoring,
                catalogue,
                reviews,
                browsing,
                exports,
                intake,
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

    /// People, their sessions and tokens.
    #[must_use]
    pub fn people(&self) -> &People {
        &self.inner.people
    }

    /// Models, datasets and deployments.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.inner.catalogue
    }

    /// Images and predictions on their way in.
    #[must_use]
    pub fn intake(&self) -> &Intake {
        &self.inner.intake
    }

    /// Lists of predictions, and acts on many.
    #[must_use]
    pub fn browsing(&self) -> &Browsing {
        &self.inner.browsing
    }

    /// Reviews, and the feedback that they become.
    #[must_use]
    pub fn reviews(&self) -> &Reviews {
        &self.inner.reviews
    }

    /// Figures, drift, alerts, and what deployments are compared with.
    #[must_use]
    pub fn monitoring(&self) -> &Monitoring {
        &self.inner.monitoring
    }

    /// Experiments, evaluations, continuous training and deployment.
    #[must_use]
    pub fn learning(&self) -> &Learning {
        &self.inner.learning
    }

    /// Predictions on their way out, as files.
    #[must_use]
    pub fn exports(&self) -> &Exports {
        &self.inner.exports
    }

    /// Work that takes its time, and who does it.
    #[must_use]
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs::new(self)
    }

    /// What all areas stand on.
    pub(crate) fn base(&self) -> &Base {
        &self.inner.base
    }

    /// What each loaded model has done so far, by `model/number`.
    #[must_use]
    pub fn inference_counters(&self, _: Internal) -> Vec<(String, InferenceCounters)> {
        self.inner.predictors.inference_counters()
    }

    /// What shadows have done since this process began.
    #[must_use]
    pub fn shadow_queue(&self, _: Internal) -> ShadowQueue {
        self.inner.shadows.counts()
    }
}
