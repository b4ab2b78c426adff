//! A service on a folder of its own.

use crate::{
    actors::admin,
    reports::label,
    world::{ColourModels, FreshIds, NoModels, ScriptedTrainer, SystemClock, TestClock},
};
use domain::{
    deployment::Deployment,
    ids::{DatasetVersionId, NewId},
    inference::PredictorLoader,
    model::WeightsRef,
    name::Name,
    prediction::Report,
    time::Clock,
};
use service::{KeyedReport, Limits, NewDeployment, Parts, Received, Service};
use std::sync::Arc;
use store::{BlobKind, NewModelVersion, Store, StoreOptions};
use tempfile::TempDir;

/// A service, its clock, and the folder that ends with it.
pub struct TestService {
    /// The use cases.
    pub service: Service,
    /// What time it is; stands still unless turned. Without effect where the
    /// real clock was asked for.
    pub clock: Arc<TestClock>,
    _folder: TempDir,
}

impl TestService {
    /// At noon, where every training fails.
    pub async fn new() -> Self {
        Self::training(ScriptedTrainer::failing()).await
    }

    /// At noon, with a trainer of the test's.
    pub async fn training(trainer: ScriptedTrainer) -> Self {
        let clock = Arc::new(TestClock::default());
        Self::with(trainer, clock.clone(), clock, Arc::new(NoModels)).await
    }

    /// At the present moment.
    pub async fn now() -> Self {
        Self::with(ScriptedTrainer::failing(), Arc::new(SystemClock), Arc::default(), Arc::new(NoModels))
            .await
    }

    /// At noon, where every model is one of [`ColourModels`].
    pub async fn colours() -> Self {
        let clock = Arc::new(TestClock::default());
        Self::with(ScriptedTrainer::failing(), clock.clone(), clock, Arc::new(ColourModels)).await
    }

    async fn with(
        trainer: ScriptedTrainer,
        clock: Arc<dyn Clock + Send + Sync>,
        turned: Arc<TestClock>,
        loader: Arc<dyn PredictorLoader>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(StoreOptions::in_folder(folder.path())).await.expect("a store");
        let parts = Parts {
            store,
            loader,
            trainer: Arc::new(trainer),
            clock,
            ids: Arc::new(FreshIds),
            limits: Limits::default(),
        };
        Self { service: Service::new(parts), clock: turned, _folder: folder }
    }

    /// A deployment `cells` (threshold 0.5) of a model `cells/1` that is served
    /// elsewhere and has these labels.
    pub async fn deploy(&self, labels: &[&str]) -> Deployment {
        let labels = labels.iter().map(|text| label(text)).collect();
        let name = Name::new("cells").expect("a name");
        let version = self.service.register_model(&admin(), name.clone(), labels).await.expect("registers");
        let model = version.full_name().parse().expect("a reference");
        let new = NewDeployment { name, model, shadow: None, threshold: Some(0.5) };
        self.service.deploy(&admin(), new).await.expect("deploys")
    }

    /// A deployment `cells` (threshold 0.5) of a model `cells/1` that runs
    /// here, knows `car`, and was trained on this dataset version.
    pub async fn deploy_runnable(&self, dataset: Option<DatasetVersionId>) -> Deployment {
        let model = self.runnable(dataset).await;
        let name = Name::new("cells").expect("a name");
        let new = NewDeployment { name, model, shadow: None, threshold: Some(0.5) };
        self.service.deploy(&admin(), new).await.expect("deploys")
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
            weights: Some(WeightsRef { sha256, bytes: length }),
            experiment_id: None,
            base_id: None,
            dataset_version_id: dataset,
            created: SystemClock.now(),
        };
        let version = store.models().create_version(version).await.expect("a version");
        version.full_name().parse().expect("a reference")
    }

    /// Reports to `cells`.
    pub async fn report(&self, report: Report) -> Received {
        let keyed = KeyedReport { report, idempotency_key: None };
        self.service.report(&admin(), "cells", keyed, None).await.expect("stores")
    }
}
