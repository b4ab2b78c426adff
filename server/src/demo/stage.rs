//! What must be there before the demo's images arrive: a data set, a trained
//! model, a deployment. Each step is left out when a former run has done it.

mod datasets;

use anyhow::Context as _;
use domain::{
    alert::{AlertRule, Operator, Watch, WatchedFigure},
    dataset::DatasetVersion,
    fault::{ApiError, ErrorKind},
    learning::{ContinuousDeployment, ContinuousTraining, Policy, Trigger},
    name::{Name, VersionRef},
    settings::SubmissionSettings,
    training::{RunParams, TrainEvent, TrainParams},
    training_data::ReferenceState,
};
use measures::drift::DriftSettings;
use service::{
    Admin, As, Internal, LaunchRequest, NewDeployment, Service, ServiceError, SetAlert, SetFeedback,
    SetTrainingData,
};
use std::{collections::BTreeMap, time::Duration};

/// The deployment that the demo's images arrive at.
pub(crate) const DEPLOYMENT: &str = "smears";
/// How often the making of a reference is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// A prediction is compared only when it is this old.
const SETTLED: Duration = Duration::from_millis(2_500);
/// Images of a window in which drift is looked for.
const WINDOW: u32 = 30;
/// How far back the alert looks, in milliseconds.
const ALERT_WINDOW_MS: i64 = 10 * 60 * 1000;
/// Reviews that launch a training by themselves.
pub(crate) const REVIEWS_PER_TRAINING: u32 = 20;

/// How drawn pictures are learnt, in minutes and on two cores: half the channels
/// take half the time of a step and are enough for pictures as simple as these,
/// and half of the platelets keep 16 px of this input.
pub(crate) const DRAWN_TRAINING: [(&str, &str); 4] =
    [("width", "0.5"), ("input_width", "320"), ("input_height", "256"), ("flip_vertical", "0.5")];

/// How the first model is trained.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FirstTraining {
    /// How long it may take.
    pub limit: Duration,
    /// Fixes every random choice.
    pub seed: u64,
    /// Whether the pictures are drawn; those of a visitor get what their plan says.
    pub drawn: bool,
}

impl FirstTraining {
    fn params(self) -> anyhow::Result<TrainParams> {
        let mut params = TrainParams {
            time_limit_s: self.limit.as_secs(),
            evaluations: 3,
            flip_vertical: 0.5,
            seed: self.seed,
            ..TrainParams::default()
        };
        for (key, value) in DRAWN_TRAINING.into_iter().filter(|_| self.drawn) {
            params.set(key, value)?;
        }
        Ok(params)
    }
}

/// Sets up the demo.
pub(crate) struct Stage {
    service: Service,
    actor: As<Admin>,
}

impl Stage {
    /// Works through `service`, as anybody would.
    #[must_use]
    pub(crate) fn new(service: Service) -> Self {
        Self { service, actor: As::system() }
    }

    /// The first version of the model, trained when it is not there.
    ///
    /// # Errors
    /// When the training gives no model.
    pub(crate) async fn model(
        &self,
        dataset: &DatasetVersion,
        training: FirstTraining,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> anyhow::Result<VersionRef> {
        let first = VersionRef { name: dataset.dataset.clone(), version: Name::new("1")? };
        if found(self.service.catalogue().model_version(&self.actor, &first).await)?.is_some() {
            return Ok(first);
        }
        let request = LaunchRequest {
            name: None,
            dataset: dataset.full_name().parse()?,
            model: first.name.clone(),
            base: None,
            params: RunParams::BuiltIn(training.params()?),
        };
        let experiment = self.service.jobs().train_now(&self.actor, request, observe).await?;
        let version = experiment.model_version.with_context(|| {
            experiment.error.clone().unwrap_or_else(|| "the training gave no model".to_owned())
        })?;
        Ok(version.parse()?)
    }

    /// Puts the model to work, with the threshold at which it was best on what
    /// it had not trained on.
    ///
    /// # Errors
    /// When it cannot.
    pub(crate) async fn deployment(&self, name: &Name, model: VersionRef) -> anyhow::Result<()> {
        if found(self.service.catalogue().deployment(&self.actor, name.as_str()).await)?.is_some() {
            return Ok(());
        }
        let version = self.service.catalogue().model_version(&self.actor, &model).await?;
        let unseen = version.evaluations.iter().filter(|evaluation| evaluation.fitted != Some(true));
        let threshold = unseen.chain(&version.evaluations).find_map(|evaluation| evaluation.best_threshold);
        let threshold = threshold.map(|best| best.threshold.value);
        let new = NewDeployment { name: name.clone(), model, shadow: None, threshold };
        self.service.catalogue().deploy(&self.actor, new).await?;
        // A demo has minutes: small windows, and every image counts.
        let drift = DriftSettings { window: WINDOW, spacing_ms: 0, ..DriftSettings::default() };
        let change = SetTrainingData { dataset: None, drift: Some(drift), again: false };
        self.service.monitoring().set_training_data(&self.actor, name.as_str(), change).await?;
        self.alert(name).await
    }

    /// Tells of drift, on the dashboard and to whoever is to be told.
    async fn alert(&self, name: &Name) -> anyhow::Result<()> {
        let rule = AlertRule {
            watch: Watch::Metric(WatchedFigure::Drift),
            operator: Operator::AtLeast,
            limit: 1.0,
            window_ms: ALERT_WINDOW_MS,
            sustained_ms: 0,
            hysteresis: 0.0,
        };
        let alert = SetAlert { name: "New slides look different".to_owned(), rule, enabled: true };
        self.service.monitoring().set_alert(&self.actor, name.as_str(), None, alert).await?;
        Ok(())
    }

    /// Turns the loop on for a person: each review is submitted as it is
    /// saved, [`REVIEWS_PER_TRAINING`] of them launch a training with `params`,
    /// and its model becomes the shadow. Leaves a loop that is on as it is.
    ///
    /// # Errors
    /// When a setting is refused.
    pub(crate) async fn learning(&self, name: &Name, params: BTreeMap<String, String>) -> anyhow::Result<()> {
        let name = name.as_str();
        if self.service.reviews().feedback_state(&self.actor, name).await?.enabled {
            return Ok(());
        }
        let feedback = SetFeedback {
            enabled: true,
            dataset: Some(format!("{name}-feedback/v1").parse()?),
            create: true,
            submission: SubmissionSettings { submit_at_once: true },
        };
        self.service.reviews().set_feedback(&self.actor, name, feedback).await?;
        let training = ContinuousTraining {
            enabled: true,
            trigger: Trigger::FeedbackCount,
            threshold: REVIEWS_PER_TRAINING,
            params,
            ..ContinuousTraining::default()
        };
        self.service.learning().set_continuous_training(&self.actor, name, training).await?;
        let deploying =
            ContinuousDeployment { policy: Policy::Shadow, require: None, ..ContinuousDeployment::default() };
        self.service.learning().set_settings(&self.actor, name, deploying).await?;
        Ok(())
    }

    /// Waits until what arrives is compared with the training data, so that
    /// the first image is, too.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub(crate) async fn watched(&self, name: &Name) -> anyhow::Result<()> {
        loop {
            let data = self.service.monitoring().training_data(&self.actor, name.as_str()).await?;
            if data.reference.is_none_or(|reference| reference.state != ReferenceState::Building) {
                break;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(self.service.jobs().update_monitoring(Internal).await?)
    }

    /// Waits until all that arrived was compared.
    ///
    /// # Errors
    /// When it cannot be.
    pub(crate) async fn caught_up(&self) -> anyhow::Result<()> {
        tokio::time::sleep(SETTLED).await;
        Ok(self.service.jobs().update_monitoring(Internal).await?)
    }
}

/// Nothing instead of the error that there is nothing.
fn found<T>(result: Result<T, ServiceError>) -> anyhow::Result<Option<T>> {
    match result.map_err(ApiError::from) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_pictures_are_learnt_by_a_small_network_and_others_as_their_plan_says() {
        let limit = Duration::from_secs(90);
        let drawn = FirstTraining { limit, seed: 3, drawn: true }.params().expect("known parameters");
        assert!(drawn.validate().is_ok());
        assert_eq!((drawn.width, drawn.input_width, drawn.input_height), (0.5, 320, 256));
        let others = FirstTraining { limit, seed: 3, drawn: false }.params().expect("known parameters");
        assert_eq!((others.width, others.input_width, others.input_height), (1.0, 0, 0));
        assert_eq!((others.time_limit_s, others.seed), (90, 3));
    }
}
