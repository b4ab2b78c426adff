//! Continuous training: its settings, and launching.
//!
//! Who notices first that a training is due launches it: whoever submits, or
//! any worker's look. The store sees to it that there is one.

use crate::{Result, Service, ServiceError, TRAIN, experiments::work_of, require};
use domain::{
    access::{Actor, Role},
    deployment::Deployment,
    event::Event,
    ids::{DeploymentId, ExperimentId, RoundId},
    learning::{ContinuousTraining, Round, RoundState, TrainingState, Trigger},
    model::Experiment,
    name::Name,
    training::TrainParams,
};
use serde_json::json;
use store::{Launch, NewLaunch};

/// Launches that a page shows.
const SHOWN_ROUNDS: u32 = 20;
const LARGEST_THRESHOLD: u32 = 1_000_000;
const LONGEST_SCHEDULE_H: u32 = 366 * 24;

impl Service {
    /// Continuous training of a deployment: settings, what waits, launches.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn continuous_training(&self, actor: &Actor, deployment: &str) -> Result<TrainingState> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let settings = self.store().learning().training(deployment.id).await?;
        let params = self.params_of_next(&deployment, &settings).await?;
        let waiting = self.store().feedback().totals(deployment.id).await?.since_launch;
        let rounds = self.store().learning().rounds(deployment.id, SHOWN_ROUNDS).await?;
        Ok(TrainingState { settings, params, waiting, rounds })
    }

    /// Sets when a training is launched, and with which parameters. What is
    /// due already is launched.
    ///
    /// # Errors
    /// Admins only; no such deployment, a number out of its range, a parameter
    /// that is none.
    pub async fn set_continuous_training(
        &self,
        actor: &Actor,
        deployment: &str,
        settings: ContinuousTraining,
    ) -> Result<TrainingState> {
        require(actor, Role::Admin)?;
        let deployment = self.known_deployment(deployment).await?;
        if !(1..=LARGEST_THRESHOLD).contains(&settings.threshold) {
            let message = format!("It must lie between 1 and {LARGEST_THRESHOLD}.");
            return Err(ServiceError::invalid_at("threshold", message));
        }
        if !(1..=LONGEST_SCHEDULE_H).contains(&settings.every_hours) {
            let message = format!("It must lie between 1 and {LONGEST_SCHEDULE_H}.");
            return Err(ServiceError::invalid_at("every_hours", message));
        }
        self.params_of_next(&deployment, &settings).await?;
        self.store().learning().put_training(deployment.id, &settings, &self.by(actor)).await?;
        self.announce(Event::DeploymentChanged { id: deployment.id });
        self.launch_if_due(deployment.id).await?;
        self.continuous_training(actor, deployment.name.as_str()).await
    }

    /// Launches a training on all that was submitted, whether one is due or
    /// not.
    ///
    /// # Errors
    /// Admins only; no such deployment, nothing submitted that a model may
    /// learn from, a launch that is under way.
    pub async fn launch_continuous_training(&self, actor: &Actor, deployment: &str) -> Result<Round> {
        require(actor, Role::Admin)?;
        let deployment = self.known_deployment(deployment).await?;
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
        let settings = self.store().learning().training(id).await?;
        if settings.enabled && settings.trigger == Trigger::Drift {
            let deployment = self.known_deployment(&id.to_string()).await?;
            let launched = self.launch_round(&Actor::system(), &deployment, Trigger::Drift, 1).await?;
            if matches!(launched, Launch::Launched(_) | Launch::UnderWay(_)) {
                return Ok(());
            }
        }
        Ok(self.store().monitoring().drift_looked_at(id).await?)
    }

    /// Trains again what failed, on the same data with the same parameters. Of
    /// a launch of continuous training, that one goes on with it.
    ///
    /// # Errors
    /// Admins only; no such experiment, or one that did not fail.
    pub async fn retry_experiment(&self, actor: &Actor, id: ExperimentId) -> Result<Experiment> {
        require(actor, Role::Admin)?;
        let failed = self.known_experiment(&id.to_string()).await?;
        if !failed.state.is_final() || failed.model_version.is_some() {
            let message = format!(
                "{} is {}: only what ended without a model is tried again.",
                failed.name, failed.state
            );
            return Err(ServiceError::conflict(message));
        }
        let round = self.store().learning().round_of(id).await?;
        let round = round.filter(|open| open.round.state == RoundState::Failed).map(|open| open.round.id);
        let again = self.relaunch(actor, &failed, round).await?;
        self.announce(Event::ExperimentChanged { id: again.id });
        Ok(again)
    }

    /// Launches what is due in any deployment.
    pub(crate) async fn launch_due(&self) -> Result<()> {
        for id in self.store().monitoring().waiting_drift().await? {
            if let Err(error) = self.launch_for_drift(id).await {
                tracing::warn!(%error, deployment = %id, "drift launches no training yet");
            }
        }
        for (id, _) in self.store().learning().enabled().await? {
            self.isolated("launching a training that is due", &id, self.launch_if_due(id)).await;
        }
        Ok(())
    }

    /// Launches a training if one is due.
    pub(crate) async fn launch_if_due(&self, id: DeploymentId) -> Result<()> {
        let settings = self.store().learning().training(id).await?;
        if !settings.enabled {
            return Ok(());
        }
        let waiting = self.store().feedback().waiting(id).await?;
        let last = self.store().learning().rounds(id, 1).await?.first().map(|round| round.created);
        let Some(trigger) = settings.due(waiting, last, self.now()) else { return Ok(()) };
        let least = if trigger == Trigger::FeedbackCount { u64::from(settings.threshold.max(1)) } else { 1 };
        let deployment = self.known_deployment(&id.to_string()).await?;
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
        let settings = self.store().learning().training(deployment.id).await?;
        let parts = &self.inner.parts;
        let new = NewLaunch {
            deployment: deployment.id,
            trigger,
            least,
            params: self.params_of_next(deployment, &settings).await?,
            code_version: env!("CARGO_PKG_VERSION").to_owned(),
            work_kind: TRAIN.to_owned(),
            by: self.by(actor),
            outgoing: Some(
                self.outgoing(Some(deployment.into()), "continuous_training.started", json!({})).await?,
            ),
            ids: &|| parts.ids.new_id(),
        };
        let launched = self.store().learning().launch(&new).await?;
        if let Launch::Launched(round) = &launched {
            tracing::info!(
                experiment = round.experiment,
                submissions = round.submissions,
                "a training is launched"
            );
            self.announce(Event::ExperimentChanged { id: round.experiment_id });
            self.announce(Event::DeploymentChanged { id: deployment.id });
        }
        Ok(launched)
    }

    /// The parameters of the next training: see
    /// [`ContinuousTraining::params_for`].
    async fn params_of_next(
        &self,
        deployment: &Deployment,
        settings: &ContinuousTraining,
    ) -> Result<TrainParams> {
        let champion = self.known_version(deployment.champion.id).await?;
        let trained = match champion.experiment_id {
            Some(id) => self.store().experiments().find(id).await?,
            None => None,
        };
        Ok(settings.params_for(trained.as_ref().map(|experiment| &experiment.params))?)
    }

    /// `<name>-again`, `<name>-again-2` …
    pub(crate) async fn free_retry_name(&self, failed: &Name) -> Result<Name> {
        let stem: String = failed.as_str().chars().take(50).collect();
        let stem = stem.split("-again").next().unwrap_or_default().to_owned();
        for number in 1u32.. {
            let name = if number == 1 { format!("{stem}-again") } else { format!("{stem}-again-{number}") };
            let name = Name::new(name)?;
            if self.store().experiments().find_by_name(&name).await?.is_none() {
                return Ok(name);
            }
        }
        Err(ServiceError::Internal("no name is free for another try".to_owned()))
    }

    /// Tells open pages of a change.
    pub(crate) fn announce(&self, event: Event) {
        self.publish(event);
    }

    /// The same run once more, for the round that waits for it.
    async fn relaunch(
        &self,
        actor: &Actor,
        failed: &Experiment,
        round: Option<RoundId>,
    ) -> Result<Experiment> {
        let base = match &failed.base {
            Some(name) => Some(self.known_model(&name.parse()?).await?.id),
            None => None,
        };
        let new = store::NewExperiment {
            id: self.new_id(),
            name: self.free_retry_name(&failed.name).await?,
            dataset_version_id: failed.dataset_version_id,
            model: failed.model.clone(),
            base_id: base,
            params: failed.params.clone(),
            fingerprint: failed.fingerprint.clone(),
            code_version: env!("CARGO_PKG_VERSION").to_owned(),
            created: self.now(),
        };
        let again = self.store().experiments().launch(&new, &work_of(&new), round).await?;
        let detail = json!({ "experiment": again.name });
        self.record(actor, "experiment.retry", failed.name.as_str(), detail).await?;
        Ok(again)
    }
}
