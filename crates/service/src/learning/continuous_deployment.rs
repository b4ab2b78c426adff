//! Continuous deployment: its settings, and going back.

use crate::{Admin, As, DeploymentRef, Learning, Result, ServiceError, Viewer, jobs::lost_labels};
use domain::{
    deployment::Deployment,
    ids::{DeploymentId, ModelVersionId},
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

impl Learning {
    /// Makes a model version the champion. Running requests end with the
    /// former one; the latest comparison of the two is kept with the act.
    ///
    /// # Errors
    /// Admins only; a model version that is not there, the champion already,
    /// cannot be loaded, or, unless forced, does not know a label that the
    /// champion knows; another champion than the expected one.
    pub async fn promote(
        &self,
        actor: &As<Admin>,
        id: DeploymentId,
        promotion: &Promotion,
    ) -> Result<Deployment> {
        let version = self.base.known_model(&promotion.model).await?;
        let before = self.base.known_deployment(id).await?;
        let expected = self.expected(promotion.expected_champion.as_ref()).await?;
        let lost = lost_labels(&before.champion.labels, &version.labels);
        if !lost.is_empty() && !promotion.force {
            let message = format!(
                "{} does not know {lost}, which the champion knows. Force it to go on.",
                promotion.model
            );
            return Err(ServiceError::conflict(message));
        }
        if version.weights.is_some() {
            // What cannot be loaded must not answer.
            self.predictors.predictor(version.id).await?;
        }
        let pair = Some((before.champion.id, version.id));
        let evidence =
            self.base.store().learning().latest_comparison(id, pair).await?.map(|stored| stored.id);
        // The labels and the evidence are those of the champion of before: it
        // must still be the champion when the other one takes its place.
        let expected = Some(expected.unwrap_or(before.champion.id));
        let outgoing = Some(self.outgoing_deployed(&before).await?);
        let change = RoleChange { evidence, expected, outgoing, by: self.base.by(actor) };
        let deployment = self.base.store().deployments().promote(id, version.id, &change).await?;
        self.serving.forget();
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
        actor: &As<Admin>,
        id: DeploymentId,
        expected: Option<&VersionRef>,
    ) -> Result<Deployment> {
        let before = self.base.known_deployment(id).await?;
        let expected = Some(self.expected(expected).await?.unwrap_or(before.champion.id));
        let outgoing = Some(self.outgoing_deployed(&before).await?);
        let change = RoleChange { evidence: None, expected, outgoing, by: self.base.by(actor) };
        let deployment = self.base.store().deployments().roll_back(id, &change).await?;
        self.serving.forget();
        Ok(deployment)
    }

    async fn expected(&self, champion: Option<&VersionRef>) -> Result<Option<ModelVersionId>> {
        match champion {
            Some(name) => Ok(Some(self.base.known_model(name).await?.id)),
            None => Ok(None),
        }
    }

    /// The name of the version that [`Self::roll_back`] would bring back;
    /// `None` when there was no champion before this one.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn former_champion(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<Option<String>> {
        let deployment = self.base.known_deployment(deployment).await?;
        let version =
            self.base.store().deployments().former_champion(deployment.id, deployment.champion.id).await?;
        match version {
            Some(id) => Ok(Some(self.base.known_version(id).await?.full_name())),
            None => Ok(None),
        }
    }

    /// For whoever asked which model answers; the change of role names it.
    pub(crate) async fn outgoing_deployed(&self, deployment: &Deployment) -> Result<Outgoing> {
        self.base
            .outgoing(Some(deployment.into()), domain::notice::NoticeKind::ModelDeployed, json!({}))
            .await
    }
}
