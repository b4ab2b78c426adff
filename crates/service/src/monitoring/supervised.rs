//! Figures from reviews: computed in the background when reviews changed, and
//! shown "as of". No figure is of an image that the model learned from.

use crate::{As, DeploymentRef, Monitoring, Result, ServiceError, Viewer, base::blocking};
use domain::{
    deployment::{DeployedModel, Deployment},
    ids::DeploymentId,
    monitor::supervised::{
        FiguresOf, PairedFigures, ReviewedImages, Scope, Subject, SupervisedFigures, SupervisedPair, figures,
    },
    name::Label,
};
use measures::metrics::bootstrap::Bootstrap;
use std::collections::{BTreeMap, BTreeSet};
use store::TrainingSplits;

/// Reviewed images of a model that figures are of, the latest.
const IMAGES: usize = 5_000;
/// Images whose pixels are read between two looks at everything else that is
/// due: some seconds' worth.
const READ: usize = 256;
/// Images without a fingerprint that are listed in one statement.
const LISTED: u32 = 64;

/// Figures of a deployment as they are kept.
type StoredFigures = Vec<(FiguresOf, Scope, String)>;

impl Monitoring {
    /// Figures from reviews, as they were last computed.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn supervised(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        scope: Scope,
    ) -> Result<SupervisedPair> {
        let deployment = self.base.known_deployment(deployment).await?;
        self.supervised_pair(&deployment, scope).await
    }

    pub(crate) async fn supervised_pair(
        &self,
        deployment: &Deployment,
        scope: Scope,
    ) -> Result<SupervisedPair> {
        let (changes, computed) = self.base.store().monitoring().supervised_changes(deployment.id).await?;
        let champion =
            self.figures_of(deployment.id, FiguresOf::Champion, &deployment.champion, scope).await?;
        let (mut shadow, mut paired) = (None, None);
        if let Some(model) = &deployment.shadow {
            shadow = self.figures_of(deployment.id, FiguresOf::Shadow, model, scope).await?;
            let of_champion = self
                .figures_of(deployment.id, FiguresOf::PairedChampion, &deployment.champion, scope)
                .await?;
            let of_shadow = self.figures_of(deployment.id, FiguresOf::PairedShadow, model, scope).await?;
            let pair =
                of_champion.zip(of_shadow).map(|(champion, shadow)| PairedFigures { champion, shadow });
            paired = pair.filter(|pair| is_of_something(&pair.champion));
        }
        let champion = champion.filter(is_of_something);
        let shadow = shadow.filter(is_of_something);
        Ok(SupervisedPair { champion, shadow, paired, stale: changes != computed })
    }

    /// What is kept of a model, unless it is another model's by now.
    pub(crate) async fn figures_of(
        &self,
        deployment: DeploymentId,
        of: FiguresOf,
        model: &DeployedModel,
        scope: Scope,
    ) -> Result<Option<SupervisedFigures>> {
        let Some(json) = self.base.store().monitoring().supervised(deployment, of, scope).await? else {
            return Ok(None);
        };
        let stored: SupervisedFigures = serde_json::from_str(&json)
            .map_err(|error| ServiceError::Internal(format!("kept figures cannot be read: {error}")))?;
        Ok(Some(stored).filter(|figures| figures.model == model.name))
    }

    /// Computes the figures of champion and shadow anew, if reviews or roles
    /// changed. Of two processes both may do so; they find the same.
    pub(crate) async fn compute_supervised(&self, deployment: &Deployment) -> Result<()> {
        let (changes, computed) = self.base.store().monitoring().supervised_changes(deployment.id).await?;
        if changes == 0 {
            return Ok(());
        }
        let complete = self.has_figures(deployment).await?;
        if changes == computed && complete {
            return Ok(());
        }
        let all_read = self.read_reviewed(deployment.id).await?;
        if complete && !all_read {
            // The next look reads on; figures would be of few images more.
            return Ok(());
        }
        let figures = self.measured_models(deployment).await?;
        // What is still to be read makes them stale as soon as they are made.
        let after = if all_read { changes } else { changes - 1 };
        self.base
            .store()
            .monitoring()
            .put_supervised(deployment.id, &figures, after, self.base.now())
            .await?;
        Ok(())
    }

    /// Whether there are figures, however old, of both models of now.
    async fn has_figures(&self, deployment: &Deployment) -> Result<bool> {
        let champion = Some((FiguresOf::Champion, &deployment.champion));
        let shadow = deployment.shadow.as_ref().map(|shadow| (FiguresOf::Shadow, shadow));
        for (of, model) in champion.into_iter().chain(shadow) {
            if self.figures_of(deployment.id, of, model, Scope::All).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads the pixels of reviewed images that nobody has read before; whether
    /// all are read now. What cannot be read is tried again when reviews change.
    async fn read_reviewed(&self, deployment: DeploymentId) -> Result<bool> {
        let (mut after, mut read) = (None, 0);
        loop {
            let unread = self.base.store().feedback().without_fingerprint(deployment, after, LISTED).await?;
            let Some((last, _)) = unread.last() else { return Ok(true) };
            after = Some(*last);
            let images: BTreeSet<String> = unread.into_iter().map(|(_, image)| image).collect();
            for image in images {
                if read == READ {
                    return Ok(false);
                }
                match self.images.fingerprint(&image).await {
                    Ok(_) => read += 1,
                    Err(error) => tracing::warn!(%error, image, "a reviewed image cannot be read"),
                }
            }
        }
    }

    /// The figures of both models, each on the images that count for it, and
    /// of the two on those that count for both.
    async fn measured_models(&self, deployment: &Deployment) -> Result<StoredFigures> {
        let of_champion = self.reviewed_images(deployment, &deployment.champion).await?;
        let mut all = Vec::new();
        if let Some(shadow) = &deployment.shadow {
            let of_shadow = self.reviewed_images(deployment, shadow).await?;
            let (champion_pair, shadow_pair) = of_champion.paired(&of_shadow);
            all.push((FiguresOf::Shadow, shadow, of_shadow));
            all.push((FiguresOf::PairedChampion, &deployment.champion, champion_pair));
            all.push((FiguresOf::PairedShadow, shadow, shadow_pair));
        }
        all.push((FiguresOf::Champion, &deployment.champion, of_champion));
        let mut rows = Vec::new();
        for (of, model, images) in all {
            for (scope, figures) in self.measured(deployment, model, images).await? {
                let json = serde_json::to_string(&figures)
                    .map_err(|error| ServiceError::Internal(error.to_string()))?;
                rows.push((of, scope, json));
            }
        }
        Ok(rows)
    }

    async fn reviewed_images(
        &self,
        deployment: &Deployment,
        model: &DeployedModel,
    ) -> Result<ReviewedImages> {
        let lineages = self.base.store().lineages();
        let lineage = lineages.of(&[model.id], TrainingSplits::FittedOrChosen, Some(deployment.id)).await?;
        Ok(self.base.store().monitoring().reviewed_images(deployment.id, model.id, &lineage, IMAGES).await?)
    }

    async fn measured(
        &self,
        deployment: &Deployment,
        model: &DeployedModel,
        images: ReviewedImages,
    ) -> Result<Vec<(Scope, SupervisedFigures)>> {
        let labels = self.categories(&images).await?;
        let (model, as_of, threshold) = (model.name.clone(), self.base.now(), deployment.threshold);
        // Of a model without reviewed images one entry is kept, so that it is
        // not computed again and again.
        let is_empty = images.images.is_empty() && images.excluded.is_empty();
        let scopes = Scope::ALL.into_iter().filter(move |scope| !is_empty || *scope == Scope::All);
        blocking(move || {
            let subject = |scope| Subject {
                model: model.clone(),
                scope,
                as_of,
                threshold,
                labels: labels.clone(),
                bootstrap: Bootstrap::default(),
            };
            Ok(scopes.map(|scope| (scope, figures(subject(scope), &images))).collect())
        })
        .await
    }

    /// The labels of all true and detected boxes, by number.
    async fn categories(&self, reviewed: &ReviewedImages) -> Result<BTreeMap<u32, Label>> {
        let images = || reviewed.images.iter();
        let truths = images().flat_map(|image| image.truths.iter().map(|truth| truth.category));
        let detections =
            images().flat_map(|image| image.detections.iter().map(|detection| detection.category));
        let numbers: BTreeSet<u32> = truths.chain(detections).filter_map(|n| u32::try_from(n).ok()).collect();
        let names = self.base.store().monitoring().label_names(numbers).await?;
        Ok(names.into_iter().collect())
    }
}

/// Whether anything was reviewed of the model; what is kept otherwise is not
/// shown.
fn is_of_something(figures: &SupervisedFigures) -> bool {
    figures.images + figures.left_out.total() > 0 || figures.scope != Scope::All
}
