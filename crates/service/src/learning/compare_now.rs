//! Comparing a model version with the champion whenever somebody asks: on all
//! that was submitted and held out so far. Decides nothing; a person does.

use crate::{
    Admin, As, DeploymentRef, Learning, Result, ServiceError, Viewer,
    jobs::{Compare, Job, queued},
};
use domain::{
    deployment::Deployment, ids::ModelVersionId, name::VersionRef, page::PageRequest, work::WorkItem,
};
use serde_json::json;

/// Model versions that are offered.
const OFFERED: u32 = 50;

impl Learning {
    /// Compares a model version, or the shadow, with the champion on the
    /// held-out images that were submitted so far. One comparison of a
    /// deployment at a time: asked again, that one is given back.
    ///
    /// # Errors
    /// Admins only; no such deployment or model version; a model that does
    /// not run here, that is the champion, or nothing was submitted yet.
    pub async fn compare_now(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        candidate: Option<&VersionRef>,
    ) -> Result<WorkItem> {
        let deployment = self.base.known_deployment(deployment).await?;
        if let Some(item) = self.base.under_way(Compare::KIND, &deployment.name).await? {
            return Ok(item);
        }
        let candidate_id = self.comparable(&deployment, candidate).await?;
        let fresh = || self.base.new_id();
        let frozen = self.base.store().learning().freeze(deployment.id, self.base.now(), &fresh).await?;
        let snapshot = frozen.ok_or_else(|| {
            ServiceError::conflict("Nothing was submitted yet: review images and submit them first.")
        })?;
        let job = Compare { deployment_id: deployment.id, candidate_id, snapshot };
        let key = format!("compare {}", deployment.id);
        let work = queued(&job, self.base.new_id(), deployment.name.to_string(), Some(key), self.base.now())?;
        let name = self.base.known_version(candidate_id).await?.full_name();
        let detail = json!({ "candidate": name, "champion": deployment.champion.name });
        let act = self.base.act(actor, "deployment.compare", detail);
        Ok(self.base.store().work().request(&work, act).await?.item)
    }

    /// What can be compared with the champion, the latest first and the shadow
    /// before all, and the comparison that is under way.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn comparable_versions(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<(Vec<String>, Option<WorkItem>)> {
        let deployment = self.base.known_deployment(deployment).await?;
        let under_way = self.base.under_way(Compare::KIND, &deployment.name).await?;
        if !deployment.champion.runnable {
            return Ok((Vec::new(), under_way));
        }
        let latest = PageRequest { limit: Some(OFFERED), cursor: None };
        let versions = self.base.store().models().page(&latest).await?.items.into_iter();
        let mut names: Vec<_> = versions
            .filter(|version| version.weights.is_some() && version.id != deployment.champion.id)
            .filter(|version| version.labels.iter().any(|label| deployment.champion.labels.contains(label)))
            .map(|version| version.full_name())
            .collect();
        let shadow = deployment.shadow.map(|shadow| shadow.name);
        names.sort_by_key(|name| Some(name) != shadow.as_ref());
        Ok((names, under_way))
    }

    async fn comparable(
        &self,
        deployment: &Deployment,
        candidate: Option<&VersionRef>,
    ) -> Result<ModelVersionId> {
        let version = match (candidate, &deployment.shadow) {
            (Some(name), _) => self.base.known_model(name).await?,
            (None, Some(shadow)) => self.base.known_version(shadow.id).await?,
            (None, None) => {
                let message = "There is no shadow: say which model version is to be compared.";
                return Err(ServiceError::invalid_at("candidate", message));
            }
        };
        if version.id == deployment.champion.id {
            let message = format!("{} is the champion.", version.full_name());
            return Err(ServiceError::invalid_at("candidate", message));
        }
        if version.weights.is_none() || !deployment.champion.runnable {
            let message = "Both must run here: a model that is served elsewhere cannot be shown the images.";
            return Err(ServiceError::conflict(message));
        }
        Ok(version.id)
    }
}
