//! Training runs as people see them: launched, followed, cancelled.

use crate::{
    Admin, As, ExperimentRef, Learning, Result, ServiceError, Viewer,
    jobs::{remove_checkpoints, work_of},
    learning::trainers::check_base,
};
use domain::{
    access::Actor,
    ids::ExperimentId,
    model::{CurvePoint, Experiment, ModelVersion},
    name::{Name, VersionRef},
    page::{Page, PageRequest},
    time::Timestamp,
    training::RunParams,
    work::WorkState,
};
use serde_json::{Value, json};
use store::{NewExperiment, StoreError};

/// How many lines of a log are shown.
const LOG_LINES: u32 = 1_000;
/// Of a model's name in that of its experiment: a name has 64 characters.
const NAME_LENGTH: usize = 50;
/// Runs beside each other.
const COMPARED: usize = 8;

/// What to train.
#[derive(Clone, Debug)]
pub struct LaunchRequest {
    /// Unique; `None` for `<model>-<unix seconds>`, of the next second that is free.
    pub name: Option<Name>,
    /// What to train on; it must be frozen.
    pub dataset: VersionRef,
    /// The model that receives the new version; made when it is not there.
    pub model: Name,
    /// What to start from; `None` for nothing.
    pub base: Option<VersionRef>,
    /// Who trains, and everything that shapes the run; of a trainer that the
    /// operator named, what differs from its defaults.
    pub params: RunParams,
}

/// An experiment with its curves and its log.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ExperimentDetail {
    /// The run.
    pub experiment: Experiment,
    /// At most 2,000 points a curve.
    pub curves: Vec<CurvePoint>,
    /// The last 1,000 lines, the oldest first.
    pub log: Vec<(Timestamp, String)>,
}

impl Learning {
    /// Queues a training.
    ///
    /// # Errors
    /// Admins only; a trainer that is not there or cannot be used now;
    /// parameters out of their range; a dataset version that is
    /// open or has no training image; a base that is not there or cannot run
    /// here; a name that is taken.
    pub async fn launch(&self, actor: &As<Admin>, request: LaunchRequest) -> Result<Experiment> {
        let experiment = self.new_experiment(actor, request).await?;
        Ok(experiment)
    }

    /// What a training on a dataset version will lack for want of data, to be
    /// said before it begins: sentences for people.
    ///
    /// # Errors
    /// No such version.
    pub async fn training_notes(&self, _: &As<Viewer>, dataset: &VersionRef) -> Result<Vec<String>> {
        Ok(self.base.known_dataset(dataset).await?.training_notes())
    }

    pub(crate) async fn new_experiment(&self, actor: &Actor, request: LaunchRequest) -> Result<Experiment> {
        let params = self.checked_params(request.params).await?;
        let dataset = self.base.known_dataset(&request.dataset).await?;
        if dataset.open {
            let message = format!("{} is still open: freeze it first.", dataset.full_name());
            return Err(ServiceError::conflict(message));
        }
        if dataset.counts.by_split.get(&domain::dataset::Split::Train).is_none_or(|images| *images == 0) {
            let message = format!("{} has no image in its train split.", dataset.full_name());
            return Err(ServiceError::invalid_at("dataset", message));
        }
        if dataset.counts.boxes == 0 {
            let message = format!("{} has no box: there is nothing to learn from it.", dataset.full_name());
            return Err(ServiceError::invalid_at("dataset", message));
        }
        let base = match &request.base {
            None => None,
            Some(name) => {
                let version = self.base.known_model(name).await?;
                check_base(&version, &params)?;
                Some(version.id)
            }
        };
        let created = self.base.now();
        let name = match &request.name {
            Some(name) => name.clone(),
            None => self.free_name(&request.model, created).await?,
        };
        let detail = json!({
            "dataset": dataset.full_name(),
            "model": request.model,
            "base": request.base.as_ref().map(ToString::to_string),
            "trainer": params.trainer(),
        });
        let new = NewExperiment {
            id: self.base.new_id(),
            name,
            dataset_version_id: dataset.id,
            model: request.model,
            base_id: base,
            params,
            fingerprint: dataset.fingerprint,
            code_version: env!("CARGO_PKG_VERSION").to_owned(),
            created,
        };
        self.launch_named(actor, new, detail, request.name.is_some()).await
    }

    /// Launches under the name that it has, or under the next that is free where
    /// nobody chose it and another launch took it meanwhile.
    async fn launch_named(
        &self,
        actor: &Actor,
        mut new: NewExperiment,
        detail: Value,
        is_chosen: bool,
    ) -> Result<Experiment> {
        loop {
            let work = work_of(&new)?;
            let act = self.base.act(actor, "experiment.launch", detail.clone());
            let launched = self.base.store().experiments().launch(&new, &work, None, (act, &new.name)).await;
            let is_taken = !is_chosen
                && matches!(launched, Err(StoreError::Conflict { .. }))
                && self.base.store().experiments().find_by_name(&new.name).await?.is_some();
            if !is_taken {
                return Ok(launched?);
            }
            new.name = self.free_name(&new.model, new.created).await?;
        }
    }

    /// `<model>-<unix seconds>`, of the next second that is free.
    async fn free_name(&self, model: &Name, now: Timestamp) -> Result<Name> {
        let stem: String = model.as_str().chars().take(NAME_LENGTH).collect();
        for seconds in now.0.div_euclid(1_000).. {
            let name = Name::new(format!("{stem}-{seconds}"))?;
            if self.base.store().experiments().find_by_name(&name).await?.is_none() {
                return Ok(name);
            }
        }
        Err(ServiceError::Internal("no second is free for the name of an experiment".to_owned()))
    }

    /// The latest first.
    ///
    /// # Errors
    /// A cursor that no page gave out.
    pub async fn experiments(&self, _: &As<Viewer>, page: PageRequest) -> Result<Page<Experiment>> {
        Ok(self.base.store().experiments().page(&page).await?)
    }

    /// One run with its curves and its log, by name or id.
    ///
    /// # Errors
    /// When there is none.
    pub async fn experiment(
        &self,
        _: &As<Viewer>,
        name_or_id: impl Into<ExperimentRef>,
    ) -> Result<ExperimentDetail> {
        let experiment = self.base.known_experiment(name_or_id).await?;
        let curves = self.base.store().experiments().points(experiment.id).await?;
        let log = self.base.store().experiments().log(experiment.id, LOG_LINES).await?;
        Ok(ExperimentDetail { experiment, curves, log })
    }

    /// How far a run is, for those who ask again and again.
    ///
    /// # Errors
    /// When there is none.
    pub async fn experiment_state(
        &self,
        _: &As<Viewer>,
        name_or_id: impl Into<ExperimentRef>,
    ) -> Result<WorkState> {
        Ok(self.base.known_experiment(name_or_id).await?.state)
    }

    /// Some runs beside each other, each with the version that it made; at
    /// most eight.
    ///
    /// # Errors
    /// When there is none of a name, or there are too many.
    pub async fn compare_experiments(
        &self,
        actor: &As<Viewer>,
        names: &[String],
    ) -> Result<Vec<(ExperimentDetail, Option<ModelVersion>)>> {
        if names.len() > COMPARED {
            let message = format!("At most {COMPARED} experiments are shown beside each other.");
            return Err(ServiceError::invalid_at("experiment", message));
        }
        let mut compared = Vec::new();
        for name in names {
            let detail = self.experiment(actor, name).await?;
            let made = self.base.store().models().of_experiment(detail.experiment.id).await?;
            compared.push((detail, made));
        }
        Ok(compared)
    }

    /// Asks a run to stop: a queued one at once, a running one soon, and then
    /// what it has learnt so far becomes its model version.
    ///
    /// # Errors
    /// Admins only; no such run.
    pub async fn cancel_experiment(&self, actor: &As<Admin>, id: ExperimentId) -> Result<Experiment> {
        let experiment = self.base.known_experiment(id).await?;
        if experiment.state.is_final() {
            return Ok(experiment);
        }
        let act = self.base.act(actor, "experiment.cancel", json!({}));
        let work = self.base.store().work().cancel(domain::ids::WorkItemId(id.0), act).await?;
        if work.state.is_final() {
            remove_checkpoints(&self.base, id).await;
        }
        // It was asked to stop: that it cannot be read now says nothing else.
        let cancelling = Experiment { state: work.state, ..experiment };
        Ok(self.base.known_experiment(id).await.unwrap_or(cancelling))
    }
}
