//! Figures from reviews: computed in the background when reviews changed, and
//! shown "as of".

use crate::{Result, Service, ServiceError, blocking, require};
use domain::{
    access::{Actor, Role},
    deployment::{DeployedModel, Deployment},
    event::Event,
    metrics::bootstrap::Bootstrap,
    monitor::supervised::{Scope, Subject, SupervisedFigures, SupervisedImage, SupervisedPair, figures},
    name::Label,
    review::Side,
};
use std::collections::{BTreeMap, BTreeSet};

/// Reviewed images of a model that figures are of, the latest.
const IMAGES: u32 = 5_000;

impl Service {
    /// Figures from reviews, as they were last computed.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn supervised(&self, actor: &Actor, deployment: &str, scope: Scope) -> Result<SupervisedPair> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        self.supervised_pair(&deployment, scope).await
    }

    pub(crate) async fn supervised_pair(
        &self,
        deployment: &Deployment,
        scope: Scope,
    ) -> Result<SupervisedPair> {
        let monitoring = self.store().monitoring();
        let (changes, computed) = monitoring.supervised_changes(deployment.id).await?;
        let champion = self.kept(deployment, Side::Champion, &deployment.champion, scope).await?;
        let shadow = match &deployment.shadow {
            Some(shadow) => self.kept(deployment, Side::Shadow, shadow, scope).await?,
            None => None,
        };
        Ok(SupervisedPair { champion, shadow, stale: changes != computed })
    }

    /// What is kept of a side, unless it is another model's by now.
    pub(crate) async fn kept(
        &self,
        deployment: &Deployment,
        side: Side,
        model: &DeployedModel,
        scope: Scope,
    ) -> Result<Option<SupervisedFigures>> {
        let Some(json) = self.store().monitoring().supervised(deployment.id, side, scope).await? else {
            return Ok(None);
        };
        let kept: SupervisedFigures = serde_json::from_str(&json)
            .map_err(|error| ServiceError::Internal(format!("kept figures cannot be read: {error}")))?;
        Ok(Some(kept).filter(|figures| figures.model == model.name))
    }

    /// Computes the figures of champion and shadow anew, if reviews changed.
    /// Of two processes both may do so; they find the same.
    pub(crate) async fn compute_supervised(&self, deployment: &Deployment) -> Result<()> {
        let monitoring = self.store().monitoring();
        let (changes, computed) = monitoring.supervised_changes(deployment.id).await?;
        let current = self.kept(deployment, Side::Champion, &deployment.champion, Scope::All).await?;
        if changes == computed && (changes == 0 || current.is_some()) {
            return Ok(());
        }
        let mut kept = Vec::new();
        let sides =
            [(Side::Champion, Some(&deployment.champion)), (Side::Shadow, deployment.shadow.as_ref())];
        for (side, model) in sides {
            let Some(model) = model else { continue };
            let images = monitoring.supervised_images(deployment.id, model.id, IMAGES).await?;
            if images.is_empty() {
                continue;
            }
            for (scope, figures) in self.measured(deployment, model, images).await? {
                let json = serde_json::to_string(&figures)
                    .map_err(|error| ServiceError::Internal(error.to_string()))?;
                kept.push((side, scope, json));
            }
        }
        monitoring.put_supervised(deployment.id, &kept, changes, self.now()).await?;
        self.publish(Event::DeploymentChanged { id: deployment.id });
        Ok(())
    }

    async fn measured(
        &self,
        deployment: &Deployment,
        model: &DeployedModel,
        images: Vec<SupervisedImage>,
    ) -> Result<Vec<(Scope, SupervisedFigures)>> {
        let labels = self.categories(&images).await?;
        let (model, as_of, threshold) = (model.name.clone(), self.now(), deployment.threshold);
        blocking(move || {
            let subject = |scope| Subject {
                model: model.clone(),
                scope,
                as_of,
                threshold,
                labels: labels.clone(),
                bootstrap: Bootstrap::default(),
            };
            Ok(Scope::ALL.map(|scope| (scope, figures(subject(scope), &images))).to_vec())
        })
        .await
    }

    /// The labels of all true and detected boxes, by number.
    async fn categories(&self, images: &[SupervisedImage]) -> Result<BTreeMap<u32, Label>> {
        let truths = images.iter().flat_map(|image| image.truths.iter().map(|truth| truth.category));
        let seen = images.iter().flat_map(|image| image.detections.iter().map(|seen| seen.category));
        let numbers: BTreeSet<u32> = truths.chain(seen).filter_map(|n| u32::try_from(n).ok()).collect();
        let names = self.store().monitoring().label_names(numbers).await?;
        Ok(names.into_iter().collect())
    }
}
