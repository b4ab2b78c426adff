//! Settings of deployments: read, checked, and set in one transaction with
//! the record of the act. The settings that there are stand in
//! `domain::settings::table`; here stands what only the rest of the
//! deployment can say about them.

use crate::{Admin, As, DeploymentRef, Learning, Result, ServiceError, Viewer};
use domain::{
    access::Actor,
    deployment::Deployment,
    ids::DeploymentId,
    learning::{ContinuousDeployment, ContinuousTraining, Policy},
    name::Name,
    retention::Retention,
    review::ReviewSettings,
    settings::{InvalidSetting, SettingsGroup, from_form, validate},
    training::BUILT_IN,
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::json;
use std::collections::BTreeMap;

/// What comes before the name of a training parameter among a form's keys.
const PARAMETER: &str = "params.";

/// A group that is set by itself: how its act is called, and what the rest of
/// the deployment has to say.
pub trait DeploymentSettings: SettingsGroup {
    /// The act's name in the log.
    const ACTION: &'static str;

    /// What no row of the table can check.
    ///
    /// # Errors
    /// Names the setting that this deployment cannot have.
    fn check<'a>(
        &'a self,
        _learning: &'a Learning,
        _deployment: &'a Deployment,
    ) -> BoxFuture<'a, Result<()>> {
        async { Ok(()) }.boxed()
    }

    /// What a form begins with that sends these texts.
    #[must_use]
    fn before_form(self, _texts: &BTreeMap<String, String>) -> Self {
        self
    }

    /// Removes what a form sends along although nobody changed it.
    ///
    /// # Errors
    /// When the database fails.
    fn drop_unchanged<'a>(
        &'a self,
        _learning: &'a Learning,
        _deployment: &'a Deployment,
        _texts: &'a mut BTreeMap<String, String>,
    ) -> BoxFuture<'a, Result<()>> {
        async { Ok(()) }.boxed()
    }

    /// Does at once what follows from the new settings. They are set whatever
    /// comes of it.
    fn apply(_learning: &Learning, _deployment: DeploymentId) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }
}

impl DeploymentSettings for ReviewSettings {
    const ACTION: &'static str = "deployment.set_review";
}

impl DeploymentSettings for Retention {
    const ACTION: &'static str = "deployment.set_retention";
}

impl DeploymentSettings for ContinuousDeployment {
    const ACTION: &'static str = "continuous_deployment.settings";

    fn check<'a>(&'a self, _learning: &'a Learning, deployment: &'a Deployment) -> BoxFuture<'a, Result<()>> {
        let refused = self.enabled && self.policy != Policy::Manual && !deployment.champion.runnable;
        let message = || {
            format!(
                "{} is served elsewhere: what becomes of a candidate is a person's decision (manual).",
                deployment.champion.name
            )
        };
        let checked = if refused { Err(ServiceError::invalid_at("policy", message())) } else { Ok(()) };
        async { checked }.boxed()
    }
}

impl DeploymentSettings for ContinuousTraining {
    const ACTION: &'static str = "continuous_training.settings";

    fn check<'a>(&'a self, learning: &'a Learning, deployment: &'a Deployment) -> BoxFuture<'a, Result<()>> {
        async { learning.params_of_next(deployment, self).await.map(drop) }.boxed()
    }

    /// Another trainer has other parameters.
    fn before_form(self, texts: &BTreeMap<String, String>) -> Self {
        match texts.get("trainer").map(|name| chosen(name)) {
            Some(chosen) if self.trainer != chosen => {
                Self { params: BTreeMap::new(), trainer: chosen, ..self }
            }
            _ => self,
        }
    }

    fn drop_unchanged<'a>(
        &'a self,
        learning: &'a Learning,
        deployment: &'a Deployment,
        texts: &'a mut BTreeMap<String, String>,
    ) -> BoxFuture<'a, Result<()>> {
        async {
            keep_params_of(self.trainer.as_ref(), texts);
            let next = learning.params_of_next(deployment, self).await?;
            let unchanged = |key: &str, text: &str| {
                let param = key.strip_prefix(PARAMETER);
                param.is_some_and(|param| next.text(param).as_deref() == Some(text.trim()))
            };
            texts.retain(|key, text| !unchanged(key, text));
            Ok(())
        }
        .boxed()
    }

    fn apply(learning: &Learning, deployment: DeploymentId) -> BoxFuture<'_, ()> {
        learning.try_launch_if_due(deployment).boxed()
    }
}

impl Learning {
    /// The settings `G` of a deployment; what holds where nobody set any.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn settings<G: SettingsGroup>(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<G> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self.base.store().deployment_settings().find(deployment.id).await?)
    }

    /// Sets the settings `G` of a deployment, all of them at once.
    ///
    /// # Errors
    /// Admins only; no such deployment, a value out of its range, or one that
    /// this deployment cannot have.
    pub async fn set_settings<G: DeploymentSettings>(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        settings: G,
    ) -> Result<G> {
        let deployment = self.base.known_deployment(deployment).await?;
        self.put_settings(actor, &deployment, settings).await
    }

    /// Sets settings as a form names them: `group` by its name, the values as
    /// texts by key. What the form has no field for stays as it is.
    ///
    /// # Errors
    /// As [`Self::set_settings`]; no such group, a text that cannot be read.
    pub async fn set_settings_by_form(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        group: &str,
        texts: BTreeMap<String, String>,
    ) -> Result<()> {
        let deployment = self.base.known_deployment(deployment).await?;
        match group {
            ReviewSettings::NAME => self.put_form::<ReviewSettings>(actor, &deployment, texts).await,
            Retention::NAME => self.put_form::<Retention>(actor, &deployment, texts).await,
            ContinuousTraining::NAME => self.put_form::<ContinuousTraining>(actor, &deployment, texts).await,
            ContinuousDeployment::NAME => {
                self.put_form::<ContinuousDeployment>(actor, &deployment, texts).await
            }
            other => Err(ServiceError::not_found(format!("There are no settings {other:?}."))),
        }
    }

    async fn put_form<G: DeploymentSettings>(
        &self,
        actor: &Actor,
        deployment: &Deployment,
        mut texts: BTreeMap<String, String>,
    ) -> Result<()> {
        let now: G = self.base.store().deployment_settings().find(deployment.id).await?;
        let now = now.before_form(&texts);
        now.drop_unchanged(self, deployment, &mut texts).await?;
        let settings = from_form(&now, &texts).map_err(invalid)?;
        self.put_settings(actor, deployment, settings).await.map(drop)
    }

    async fn put_settings<G: DeploymentSettings>(
        &self,
        actor: &Actor,
        deployment: &Deployment,
        settings: G,
    ) -> Result<G> {
        validate(&settings).map_err(invalid)?;
        settings.check(self, deployment).await?;
        let act = self.base.act(actor, G::ACTION, json!(settings));
        self.base.store().deployment_settings().put(deployment.id, &settings, act).await?;
        G::apply(self, deployment.id).await;
        Ok(settings)
    }
}

/// The trainer that a form's field names: the built-in one is no name.
fn chosen(text: &str) -> Option<Name> {
    let text = text.trim();
    if text == BUILT_IN { None } else { Name::new(text).ok() }
}

/// A form has fields for the parameters of every trainer, `params.TRAINER:KEY`
/// each: those of the chosen one become `params.KEY`, the others go.
fn keep_params_of(trainer: Option<&Name>, texts: &mut BTreeMap<String, String>) {
    let own = trainer.map_or(BUILT_IN, Name::as_str);
    let all = std::mem::take(texts).into_iter();
    texts.extend(all.filter_map(|(key, text)| {
        let Some((of, name)) = key.strip_prefix(PARAMETER).and_then(|rest| rest.split_once(':')) else {
            return Some((key, text));
        };
        (of == own).then(|| (format!("{PARAMETER}{name}"), text))
    }));
}

/// A setting that cannot be set, as the use cases tell it.
pub(crate) fn invalid(error: InvalidSetting) -> ServiceError {
    ServiceError::invalid_at(&error.key, error.message)
}
