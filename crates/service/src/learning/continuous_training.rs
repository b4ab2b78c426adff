//! Continuous training: its settings, and launching.
//!
//! Who notices first that a training is due launches it: whoever submits, or
//! any worker's look. The store sees to it that there is one.

use crate::{Admin, As, DeploymentRef, Learning, Result, ServiceError, TRAIN, Viewer, jobs::work_of};
use domain::{
    access::Actor,
    deployment::Deployment,
    ids::{DeploymentId, ExperimentId, RoundId},
    learning::{ContinuousTraining, Round, RoundState, TrainingState, Trigger},
    model::Experiment,
    name::Name,
    training::RunParams,
};
use serde_json::json;
use store::{Launch, NewLaunch};

/// Launches that a page shows.
const SHOWN_ROUNDS: u32 = 20;

impl Learning {
    /// Continuous training of a deployment: settings, what waits, launches.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn continuous_training(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<TrainingState> {
        let deployment = self.base.known_deployment(deployment).await?;
        let settings = self.base.store().deployment_settings().find(deployment.id).await?;
        self.training_state(&deployment, settings).await
    }

    /// Sets when a training is launched, and with which parameters. What is
    /// due already is launched.
    ///
    /// # Errors
    /// Admins only; no such deployment, a number out of its range, a parameter
    /// that is none.
    pub async fn set_continuous_training(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        settings: ContinuousTraining,
    ) -> Result<TrainingState> {
        let deployment = self.base.known_deployment(deployment).await?;
        let before = self.training_state(&deployment, settings.clone()).await?;
        let settings = self.set_settings(actor, deployment.name.as_str(), settings).await?;
        // They are set: no read that fails now may say otherwise.
        Ok(self.training_state(&deployment, settings).await.unwrap_or(before))
    }

    async fn training_state(
        &self,
        deployment: &Deployment,
        settings: ContinuousTraining,
    ) -> Result<TrainingState> {
        let params = match self.params_of_next(deployment, &settings).await {
            // The page says so: what trains next can be set anew there.
            Err(ServiceError::Caller(error)) => Err(error.message),
            params => Ok(params?),
        };
        let champion = self.base.known_version(deployment.champion.id).await?;
        let starts_from_nothing = match &settings.trainer {
            None => champion.untrainable(),
            Some(_) => None,
        };
        let trainers = self.all_trainers().await?;
        let waiting = self.base.store().feedback().totals(deployment.id).await?.since_launch;
        let rounds = self.base.store().learning().rounds(deployment.id, SHOWN_ROUNDS).await?;
        Ok(TrainingState { settings, params, starts_from_nothing, trainers, waiting, rounds })
    }

    /// Launches a training on all that was submitted, whether one is due or
    /// not.
    ///
    /// # Errors
    /// Admins only; no such deployment, nothing submitted that a model may
    /// learn from, a launch that is under way.
    pub async fn launch_continuous_training(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<Round> {
        let deployment = self.base.known_deployment(deployment).await?;
        match self.launch_round(actor, &deployment, Trigger::ByHand, 0).await? {
            Launch::Launched(round) => Ok(round),
            Launch::UnderWay(round) => Err(ServiceError::conflict(format!(
                "{} is under way: wait for its end, or cancel it.",
                round.experiment
            ))),
            Launch::TooFew { .. } | Launch::NothingToLearn => Err(ServiceError::conflict(format!(
                "Nothing was submitted to the feedback loop of {} that a model may learn from.",
                deployment.name
            ))),
        }
    }

    /// Launches a training because the world was declared to have moved, where
    /// continuous training waits for that. What was declared waits until it
    /// was launched, or there is nothing to launch for it; while a training is
    /// under way it goes on waiting.
    pub(crate) async fn launch_for_drift(&self, id: DeploymentId) -> Result<()> {
        let settings: ContinuousTraining = self.base.store().deployment_settings().find(id).await?;
        if settings.enabled && settings.trigger == Trigger::Drift {
            let deployment = self.base.known_deployment(id).await?;
            let launched = self.launch_round(&Actor::system(), &deployment, Trigger::Drift, 1).await?;
            if matches!(launched, Launch::Launched(_) | Launch::UnderWay(_)) {
                return Ok(());
            }
        }
        Ok(self.base.store().monitoring().drift_looked_at(id).await?)
    }

    /// Trains again what failed, on the same data with the same parameters. Of
    /// a launch of continuous training, that one goes on with it.
    ///
    /// # Errors
    /// Admins only; no such experiment, or one that did not fail.
    pub async fn retry_experiment(&self, actor: &As<Admin>, id: ExperimentId) -> Result<Experiment> {
        let failed = self.base.known_experiment(id).await?;
        if !failed.state.is_final() || failed.model_version.is_some() {
            let message = format!(
                "{} is {}: only what ended without a model is tried again.",
                failed.name, failed.state
            );
            return Err(ServiceError::conflict(message));
        }
        let round = self.base.store().learning().round_of(id).await?;
        let round = round.filter(|open| open.round.state == RoundState::Failed).map(|open| open.round.id);
        let again = self.relaunch(actor, &failed, round).await?;
        Ok(again)
    }

    /// Launches what is due in any deployment.
    pub(crate) async fn launch_due(&self) -> Result<()> {
        for id in self.base.store().monitoring().waiting_drift().await? {
            let launching = self.launch_for_drift(id);
            self.base.isolated("launching a training for drift", &id, launching).await;
        }
        for id in self.base.store().deployment_settings().with::<ContinuousTraining>().await? {
            self.base.isolated("launching a training that is due", &id, self.launch_if_due(id)).await;
        }
        Ok(())
    }

    /// Launches a training if one is due. What made it due stands, whatever
    /// comes of it: any worker looks again.
    pub(crate) async fn try_launch_if_due(&self, id: DeploymentId) {
        if let Err(error) = self.launch_if_due(id).await {
            tracing::warn!(%error, deployment = %id, "a training that is due cannot be launched");
        }
    }

    /// Launches a training if one is due.
    pub(crate) async fn launch_if_due(&self, id: DeploymentId) -> Result<()> {
        let settings: ContinuousTraining = self.base.store().deployment_settings().find(id).await?;
        if !settings.enabled {
            return Ok(());
        }
        let waiting = self.base.store().feedback().waiting(id).await?;
        let last = self.base.store().learning().rounds(id, 1).await?.first().map(|round| round.created);
        let Some(trigger) = settings.due(waiting, last, self.base.now()) else { return Ok(()) };
        let least = if trigger == Trigger::FeedbackCount { u64::from(settings.threshold.max(1)) } else { 1 };
        let deployment = self.base.known_deployment(id).await?;
        self.launch_round(&Actor::system(), &deployment, trigger, least).await?;
        Ok(())
    }

    async fn launch_round(
        &self,
        actor: &Actor,
        deployment: &Deployment,
        trigger: Trigger,
        least: u64,
    ) -> Result<Launch> {
        let settings: ContinuousTraining =
            self.base.store().deployment_settings().find(deployment.id).await?;
        let new = NewLaunch {
            deployment: deployment.id,
            trigger,
            least,
            params: self.params_of_next(deployment, &settings).await?,
            code_version: env!("CARGO_PKG_VERSION").to_owned(),
            work_kind: TRAIN.to_owned(),
            by: self.base.by(actor),
            outgoing: Some(
                self.base
                    .outgoing(Some(deployment.into()), domain::notice::NoticeKind::TrainingStarted, json!({}))
                    .await?,
            ),
            ids: &|| self.base.new_id(),
        };
        let launched = self.base.store().learning().launch(&new).await?;
        if let Launch::Launched(round) = &launched {
            tracing::info!(
                experiment = round.experiment,
                submissions = round.submissions,
                "a training is launched"
            );
        }
        Ok(launched)
    }

    /// The parameters of the next training: see
    /// [`ContinuousTraining::params_for`].
    pub(crate) async fn params_of_next(
        &self,
        deployment: &Deployment,
        settings: &ContinuousTraining,
    ) -> Result<RunParams> {
        let champion = self.base.known_version(deployment.champion.id).await?;
        let trained = match champion.experiment_id {
            Some(id) => self.base.store().experiments().find(id).await?,
            None => None,
        };
        let trainers = if settings.trainer.is_some() { self.named_trainers().await? } else { Vec::new() };
        Ok(settings.params_for(trained.as_ref().map(|experiment| &experiment.params), &trainers)?)
    }

    /// `<name>-again`, `<name>-again-2` …
    pub(crate) async fn free_retry_name(&self, failed: &Name) -> Result<Name> {
        let stem: String = failed.as_str().chars().take(50).collect();
        let stem = stem.split("-again").next().unwrap_or_default().to_owned();
        for number in 1u32.. {
            let name = if number == 1 { format!("{stem}-again") } else { format!("{stem}-again-{number}") };
            let name = Name::new(name)?;
            if self.base.store().experiments().find_by_name(&name).await?.is_none() {
                return Ok(name);
            }
        }
        Err(ServiceError::Internal("no name is free for another try".to_owned()))
    }

    /// The same run once more, for the round that waits for it.
    async fn relaunch(
        &self,
        actor: &Actor,
        failed: &Experiment,
        round: Option<RoundId>,
    ) -> Result<Experiment> {
        let base = match &failed.base {
            Some(name) => Some(self.base.known_model(&name.parse()?).await?.id),
            None => None,
        };
        let new = store::NewExperiment {
            id: self.base.new_id(),
            name: self.free_retry_name(&failed.name).await?,
            dataset_version_id: failed.dataset_version_id,
            model: failed.model.clone(),
            base_id: base,
            params: failed.params.clone(),
            fingerprint: failed.fingerprint.clone(),
            code_version: env!("CARGO_PKG_VERSION").to_owned(),
            created: self.base.now(),
        };
        let act = self.base.act(actor, "experiment.retry", json!({ "experiment": new.name }));
        let work = work_of(&new)?;
        Ok(self.base.store().experiments().launch(&new, &work, round, (act, &failed.name)).await?)
    }
}
