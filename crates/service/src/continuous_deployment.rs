//! Continuous deployment: its settings, and going back.

use crate::{Result, Service, ServiceError, judging::lost_labels, require};
use domain::{
    access::{Actor, Role},
    deployment::Deployment,
    event::Event,
    ids::{DeploymentId, ModelVersionId},
    learning::{ContinuousDeployment, Policy},
    name::VersionRef,
};
use serde_json::json;
use store::{Outgoing, RoleChange};

/// What is to become the champion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// Which.
    pub model: VersionRef,
    /// Even if it does not know a label that the champion knows.
    pub force: bool,
    /// The champion that was looked at when this was decided; with another one
    /// by now it is refused. `None` for whichever there is.
    pub expected_champion: Option<VersionRef>,
}

impl Service {
    /// The settings of continuous deployment.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn continuous_deployment(
        &self,
        actor: &Actor,
        deployment: &str,
    ) -> Result<ContinuousDeployment> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        Ok(self.store().learning().deployment(deployment.id).await?)
    }

    /// Sets what becomes of the candidates of later trainings.
    ///
    /// # Errors
    /// Admins only; no such deployment, a number out of its range, a policy
    /// other than `manual` for a champion that does not run here.
    pub async fn set_continuous_deployment(
        &self,
        actor: &Actor,
        deployment: &str,
        settings: ContinuousDeployment,
    ) -> Result<ContinuousDeployment> {
        require(actor, Role::Admin)?;
        let deployment = self.known_deployment(deployment).await?;
        if settings.latency_budget_ms.is_some_and(|budget| !(1.0..=86_400_000.0).contains(&budget)) {
            let message = "It must lie between 1 and 86400000 ms.";
            return Err(ServiceError::invalid_at("latency_budget_ms", message));
        }
        if !(0.0..=1.0).contains(&settings.class_margin) {
            return Err(ServiceError::invalid_at("class_margin", "It must lie between 0 and 1."));
        }
        if settings.policy != Policy::Manual && !deployment.champion.runnable {
            let message = format!(
                "{} is served elsewhere: what becomes of a candidate is a person's decision (manual).",
                deployment.champion.name
            );
            return Err(ServiceError::invalid_at("policy", message));
        }
        self.store().learning().put_deployment(deployment.id, &settings, &self.by(actor)).await?;
        self.announce(Event::DeploymentChanged { id: deployment.id });
        Ok(settings)
    }

    /// Makes a model version the champion. Running requests end with the
    /// former one; the latest comparison of the two is kept with the act.
    ///
    /// # Errors
    /// Admins only; a model version that is not there, the champion already,
    /// cannot be loaded, or, unless forced, does not know a label that the
    /// champion knows; another champion than the expected one.
    pub async fn promote(&self, actor: &Actor, id: DeploymentId, wanted: &Promotion) -> Result<Deployment> {
        require(actor, Role::Admin)?;
        let version = self.known_model(&wanted.model).await?;
        let before = self.known_deployment(&id.to_string()).await?;
        let expected = self.expected(wanted.expected_champion.as_ref()).await?;
        let lost = lost_labels(&before.champion.labels, &version.labels);
        if !lost.is_empty() && !wanted.force {
            let message = format!(
                "{} does not know {lost}, which the champion knows. Force it to go on.",
                wanted.model
            );
            return Err(ServiceError::conflict(message));
        }
        if version.weights.is_some() {
            // What cannot be loaded must not answer.
            self.predictor(version.id).await?;
        }
        let pair = Some((before.champion.id, version.id));
        let evidence = self.store().learning().latest_comparison(id, pair).await?.map(|stored| stored.id);
        // The labels and the evidence are those of the champion of before: it
        // must still be the champion when the other one takes its place.
        let expected = Some(expected.unwrap_or(before.champion.id));
        let outgoing = Some(self.outgoing_deployed(&before).await?);
        let change = RoleChange { evidence, expected, outgoing, by: self.by(actor) };
        let deployment = self.store().deployments().promote(id, version.id, &change).await?;
        self.roles_changed(&deployment);
        Ok(deployment)
    }

    /// Makes the champion before this one the champion again. `expected` is
    /// the champion that was looked at when this was decided; with another one
    /// by now it is refused.
    ///
    /// # Errors
    /// Admins only; no such deployment, or no champion before this one; another
    /// champion than the expected one.
    pub async fn roll_back(
        &self,
        actor: &Actor,
        id: DeploymentId,
        expected: Option<&VersionRef>,
    ) -> Result<Deployment> {
        require(actor, Role::Admin)?;
        let before = self.known_deployment(&id.to_string()).await?;
        let expected = Some(self.expected(expected).await?.unwrap_or(before.champion.id));
        let outgoing = Some(self.outgoing_deployed(&before).await?);
        let change = RoleChange { evidence: None, expected, outgoing, by: self.by(actor) };
        let deployment = self.store().deployments().roll_back(id, &change).await?;
        self.roles_changed(&deployment);
        Ok(deployment)
    }

    async fn expected(&self, champion: Option<&VersionRef>) -> Result<Option<ModelVersionId>> {
        match champion {
            Some(name) => Ok(Some(self.known_model(name).await?.id)),
            None => Ok(None),
        }
    }

    /// The name of the version that [`Service::roll_back`] would bring back;
    /// `None` when there was no champion before this one.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn former_champion(&self, actor: &Actor, deployment: &str) -> Result<Option<String>> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let found = self.store().deployments().former_champion(deployment.id, deployment.champion.id).await?;
        match found {
            Some(id) => Ok(Some(self.known_version(id).await?.full_name())),
            None => Ok(None),
        }
    }

    /// For whoever asked which model answers; the change of role names it.
    pub(crate) async fn outgoing_deployed(&self, deployment: &Deployment) -> Result<Outgoing> {
        self.outgoing(Some(deployment.into()), "model.deployed", json!({})).await
    }

    pub(crate) fn roles_changed(&self, deployment: &Deployment) {
        self.inner.serving.forget();
        self.announce(Event::DeploymentChanged { id: deployment.id });
    }
}
