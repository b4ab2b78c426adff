//! Comparing a model version with the champion whenever somebody asks: on all
//! that was submitted and held out so far. Decides nothing; a person does.

use crate::{
    Result, Service, ServiceError, comparing::Pair, light_work::Stopped, require, stop_flag::StopFlag,
};
use domain::{
    access::{Actor, Role},
    deployment::Deployment,
    event::Event,
    ids::{DatasetVersionId, DeploymentId, ModelVersionId, WorkItemId},
    name::VersionRef,
    page::PageRequest,
    work::WorkItem,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::NewWork;

/// The kind of a work item that compares.
pub(crate) const COMPARE: &str = "compare";
/// Model versions that are offered.
const OFFERED: u32 = 50;

/// What a comparison's worker is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CompareJob {
    deployment_id: DeploymentId,
    candidate_id: ModelVersionId,
    snapshot: DatasetVersionId,
}

impl Service {
    /// Compares a model version, or the shadow, with the champion on the
    /// held-out images that were submitted so far. One comparison of a
    /// deployment at a time: asked again, that one is given back.
    ///
    /// # Errors
    /// Admins only; no such deployment or model version; a model that does
    /// not run here, that is the champion, or nothing was submitted yet.
    pub async fn compare_now(
        &self,
        actor: &Actor,
        deployment: &str,
        candidate: Option<&VersionRef>,
    ) -> Result<WorkItem> {
        require(actor, Role::Admin)?;
        let deployment = self.known_deployment(deployment).await?;
        if let Some(item) = self.under_way(COMPARE, &deployment.name).await? {
            return Ok(item);
        }
        let candidate_id = self.comparable(&deployment, candidate).await?;
        let parts = &self.inner.parts;
        let fresh = || parts.ids.new_id();
        let frozen = self.store().learning().freeze(deployment.id, self.now(), &fresh).await?;
        let snapshot = frozen.ok_or_else(|| {
            ServiceError::conflict("Nothing was submitted yet: review images and submit them first.")
        })?;
        let job = CompareJob { deployment_id: deployment.id, candidate_id, snapshot };
        let work = NewWork {
            id: self.new_id(),
            kind: COMPARE.to_owned(),
            subject: deployment.name.to_string(),
            payload: json!(job),
            dedupe_key: Some(format!("compare {}", deployment.id)),
            created: self.now(),
        };
        let enqueued = self.store().work().enqueue(&work).await?;
        if !enqueued.existed {
            let name = self.known_version(candidate_id).await?.full_name();
            let detail = json!({ "candidate": name, "champion": deployment.champion.name });
            self.record(actor, "deployment.compare", deployment.name.as_str(), detail).await?;
            self.publish(Event::WorkChanged { id: enqueued.item.id });
            self.publish(Event::DeploymentChanged { id: deployment.id });
        }
        Ok(enqueued.item)
    }

    /// What can be compared with the champion, the latest first and the shadow
    /// before all, and the comparison that is under way.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn comparable_versions(
        &self,
        actor: &Actor,
        deployment: &str,
    ) -> Result<(Vec<String>, Option<WorkItem>)> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let under_way = self.under_way(COMPARE, &deployment.name).await?;
        if !deployment.champion.runnable {
            return Ok((Vec::new(), under_way));
        }
        let latest = PageRequest { limit: Some(OFFERED), cursor: None };
        let versions = self.models(actor, latest).await?.items.into_iter();
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
            (Some(name), _) => self.known_model(name).await?,
            (None, Some(shadow)) => self.known_version(shadow.id).await?,
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

    /// Does a comparison.
    pub(crate) async fn run_compare(
        &self,
        item: WorkItemId,
        job: CompareJob,
        stop: StopFlag,
    ) -> Result<Stopped> {
        let deployment = self.known_deployment(&job.deployment_id.to_string()).await?;
        // The champion of now: another may have been promoted meanwhile.
        let pair = Pair { champion: deployment.champion.id, candidate: job.candidate_id };
        if pair.champion == pair.candidate {
            return Err(ServiceError::conflict("The candidate is the champion by now."));
        }
        let made = self.compare_on(&deployment, pair, job.snapshot, item, &stop).await;
        self.publish(Event::DeploymentChanged { id: deployment.id });
        self.unload_unused().await?;
        Ok(if made?.is_some() { Stopped::AtItsEnd } else { Stopped::Early })
    }
}
