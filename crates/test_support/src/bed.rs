//! A service on a folder of its own.

use crate::{
    QueueCheck,
    actors::{act, admin},
    reports::label,
    world::{ColourModels, FreshIds, NoModels, ScriptedTrainer, SystemClock, TestClock},
};
use bytes::Bytes;
use domain::{
    deployment::Deployment,
    ids::{DatasetVersionId, NewId},
    inference::PredictorLoader,
    model::{ModelVersion, WeightsRef},
    name::Name,
    prediction::Report,
    time::{Clock, Timestamp},
    training::{NoTrainers, Trainer, Trainers},
};
use service::{KeyedReport, Limits, NewDeployment, Parts, Received, Service};
use std::sync::Arc;
use store::{BlobKind, NewModelVersion, Store, StoreOptions};

/// A service, its clock, and the folder that ends with it. A test that leaves
/// work in the queue says so: see [`Self::leaves`].
pub struct TestService {
    /// The use cases.
    pub service: Service,
    /// What time it is; stands still unless turned. Without effect where the
    /// real clock was asked for.
    pub clock: Arc<TestClock>,
    queue: Arc<QueueCheck>,
}

impl TestService {
    /// At noon, where every training fails.
    pub async fn new() -> Self {
        Self::training(ScriptedTrainer::failing()).await
    }

    /// At noon, with a trainer of the test's.
    pub async fn training(trainer: ScriptedTrainer) -> Self {
        Self::of(Arc::new(trainer), Arc::new(NoModels), Limits::default()).await
    }

    /// At noon, with a trainer, models and limits of the test's.
    pub async fn of(trainer: Arc<dyn Trainer>, loader: Arc<dyn PredictorLoader>, limits: Limits) -> Self {
        let clock = Arc::new(TestClock::default());
        Self::with(trainer, loader, limits, clock.clone(), clock).await
    }

    /// At the present moment.
    pub async fn now() -> Self {
        let trainer = Arc::new(ScriptedTrainer::failing());
        Self::with(trainer, Arc::new(NoModels), Limits::default(), Arc::new(SystemClock), Arc::default())
            .await
    }

    /// At noon, where every model is one of [`ColourModels`].
    pub async fn colours() -> Self {
        Self::of(Arc::new(ScriptedTrainer::failing()), Arc::new(ColourModels), Limits::default()).await
    }

    async fn with(
        trainer: Arc<dyn Trainer>,
        loader: Arc<dyn PredictorLoader>,
        limits: Limits,
        clock: Arc<dyn Clock + Send + Sync>,
        turned: Arc<TestClock>,
    ) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let options = StoreOptions::in_folder(folder.path());
        let queue = Arc::new(QueueCheck::new(options.clone(), folder));
        Self::stored(options, queue, (trainer, loader, limits), (clock, turned), Arc::new(NoTrainers)).await
    }

    /// At noon, with trainers that an operator named.
    pub async fn with_trainers(trainers: Arc<dyn Trainers>, loader: Arc<dyn PredictorLoader>) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let options = StoreOptions::in_folder(folder.path());
        let queue = Arc::new(QueueCheck::new(options.clone(), folder));
        let clock = Arc::new(TestClock::default());
        let models: (Arc<dyn Trainer>, _, _) =
            (Arc::new(ScriptedTrainer::failing()), loader, Limits::default());
        Self::stored(options, queue, models, (clock.clone(), clock), trainers).await
    }

    /// Two services on one database, as two processes have them: one clock,
    /// one trainer.
    pub async fn pair(
        database_url: &str,
        trainer: Arc<dyn Trainer>,
        loader: Arc<dyn PredictorLoader>,
    ) -> (Self, Self) {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let clock = Arc::new(TestClock::default());
        let in_folder = StoreOptions::in_folder(folder.path());
        let options = StoreOptions { database_url: database_url.to_owned(), ..in_folder };
        let queue = Arc::new(QueueCheck::new(options.clone(), folder));
        let one = || {
            let models = (trainer.clone(), loader.clone(), Limits::default());
            Self::stored(
                options.clone(),
                queue.clone(),
                models,
                (clock.clone(), clock.clone()),
                Arc::new(NoTrainers),
            )
        };
        (one().await, one().await)
    }

    async fn stored(
        options: StoreOptions,
        queue: Arc<QueueCheck>,
        (trainer, loader, limits): (Arc<dyn Trainer>, Arc<dyn PredictorLoader>, Limits),
        (clock, turned): (Arc<dyn Clock + Send + Sync>, Arc<TestClock>),
        trainers: Arc<dyn Trainers>,
    ) -> Self {
        let store = Store::open(options).await.expect("a store");
        let parts = Parts { store, loader, trainer, trainers, clock, ids: Arc::new(FreshIds), limits };
        Self { service: Service::new(parts), clock: turned, queue }
    }

    /// A deployment `cells` (threshold 0.5) of a model `cells/1` that is served
    /// elsewhere and has these labels.
    pub async fn deploy(&self, labels: &[&str]) -> Deployment {
        let labels = labels.iter().map(|text| label(text)).collect();
        let name = Name::new("cells").expect("a name");
        let version =
            self.service.catalogue().register_model(&admin(), name.clone(), labels).await.expect("registers");
        let model = version.full_name().parse().expect("a reference");
        let new = NewDeployment { name, model, shadow: None, threshold: Some(0.5) };
        self.service.catalogue().deploy(&admin(), new).await.expect("deploys")
    }

    /// A deployment `cells` (threshold 0.5) of a model `cells/1` that runs
    /// here, knows `car`, and was trained on this dataset version.
    pub async fn deploy_runnable(&self, dataset: Option<DatasetVersionId>) -> Deployment {
        let model = self.runnable(dataset).await;
        let name = Name::new("cells").expect("a name");
        let new = NewDeployment { name, model, shadow: None, threshold: Some(0.5) };
        self.service.catalogue().deploy(&admin(), new).await.expect("deploys")
    }

    /// One more version of the model `cells` that runs here.
    pub async fn runnable(&self, dataset: Option<DatasetVersionId>) -> domain::name::VersionRef {
        let store = self.service.store();
        let weights = bytes::Bytes::from_static(b"weights of no network");
        let length = weights.len() as u64;
        let sha256 = store.blobs().put(BlobKind::Weights, weights).await.expect("stored");
        let version = NewModelVersion {
            id: FreshIds.new_id().into(),
            model_id: FreshIds.new_id().into(),
            model: Name::new("cells").expect("a name"),
            labels: vec![label("car")],
            weights: Some(WeightsRef::fovea(sha256, length)),
            trainer: None,
            experiment_id: None,
            base_id: None,
            dataset_version_id: dataset,
            created: SystemClock.now(),
        };
        let version = store.models().create_version(version, act()).await.expect("a version");
        version.full_name().parse().expect("a reference")
    }

    /// The next version of the model `cells` that runs here, from these
    /// weights.
    pub async fn version(&self, weights: &str, labels: &[&str]) -> ModelVersion {
        let new = self.version_parts(weights, labels).await;
        self.service.store().models().create_version(new, act()).await.expect("a version")
    }

    /// The same, not made yet; the weights are stored.
    pub async fn version_parts(&self, weights: &str, labels: &[&str]) -> NewModelVersion {
        let bytes = Bytes::from(weights.to_owned());
        let length = bytes.len() as u64;
        let blobs = self.service.store().blobs();
        let sha256 = blobs.put(BlobKind::Weights, bytes).await.expect("stored");
        NewModelVersion {
            id: FreshIds.new_id().into(),
            model_id: FreshIds.new_id().into(),
            model: Name::new("cells").expect("a name"),
            labels: labels.iter().map(|text| label(text)).collect(),
            weights: Some(WeightsRef::fovea(sha256, length)),
            trainer: None,
            experiment_id: None,
            base_id: None,
            dataset_version_id: None,
            created: self.clock_now(),
        }
    }

    /// Work of this kind may be left in the queue at the end of the test.
    pub fn leaves(&self, kind: &str) {
        self.queue.leaves(kind);
    }

    /// What the clock shows.
    #[must_use]
    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A deployment `cells` of a version that runs here, perhaps with a shadow.
    pub async fn serve(&self, champion: &ModelVersion, shadow: Option<&ModelVersion>) -> Deployment {
        let reference = |version: &ModelVersion| version.full_name().parse().expect("a reference");
        let name = Name::new("cells").expect("a name");
        let shadow = shadow.map(reference);
        let new = NewDeployment { name, model: reference(champion), shadow, threshold: Some(0.5) };
        self.service.catalogue().deploy(&admin(), new).await.expect("deploys")
    }

    /// Reports to `cells`.
    pub async fn report(&self, report: Report) -> Received {
        let keyed = KeyedReport { report, idempotency_key: None };
        self.service.intake().report(&admin(), "cells", keyed, None).await.expect("stores")
    }
}
