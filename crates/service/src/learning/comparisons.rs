//! Comparisons of two model versions as people read them.

use super::comparison_report::comparison_markdown;
use crate::{As, DeploymentRef, Learning, Result, Reviewer, ServiceError, Viewer};
use domain::{comparison::StoredComparison, geometry::Size, ids::AssetId, name::VersionRef};
use std::collections::BTreeSet;

impl Learning {
    /// The latest comparison of a deployment: of this candidate with the
    /// champion, or of any.
    ///
    /// # Errors
    /// No such deployment, model version or comparison.
    pub async fn comparison(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        candidate: Option<&VersionRef>,
    ) -> Result<StoredComparison> {
        let deployment = self.base.known_deployment(deployment).await?;
        let pair = match candidate {
            Some(name) => Some((deployment.champion.id, self.base.known_model(name).await?.id)),
            None => None,
        };
        let stored = self.base.store().learning().latest_comparison(deployment.id, pair).await?;
        stored.ok_or_else(|| {
            let message = format!(
                "{} has no such comparison yet: one is made after a training, and when somebody asks.",
                deployment.name
            );
            ServiceError::not_found(message)
        })
    }

    /// The same with every figure made anew from the stored boxes, now or
    /// within the last minute.
    ///
    /// # Errors
    /// As [`Self::comparison`].
    pub async fn recomputed_comparison(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        candidate: Option<&VersionRef>,
    ) -> Result<StoredComparison> {
        let stored = self.comparison(actor, deployment, candidate).await?;
        let report = self.recomputed(&stored).await?;
        Ok(StoredComparison { report, ..stored })
    }

    /// The latest comparison of a deployment, if there is one.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn latest_comparison(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<Option<StoredComparison>> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self.base.store().learning().latest_comparison(deployment.id, None).await?)
    }

    /// The same with the sizes of the images that it shows.
    ///
    /// # Errors
    /// As there.
    pub async fn pictured_comparison(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<Option<(StoredComparison, Vec<(AssetId, Size)>)>> {
        let Some(stored) = self.latest_comparison(actor, deployment).await? else { return Ok(None) };
        let report = &stored.report;
        let shown = [&report.better, &report.worse, &report.worst].into_iter().flatten();
        let ids: BTreeSet<AssetId> = shown.map(|change| change.image.asset_id).collect();
        let sizes = self.base.store().learning().image_sizes(ids).await?;
        Ok(Some((stored, sizes)))
    }

    /// The same as Markdown.
    ///
    /// # Errors
    /// As there.
    pub async fn comparison_report(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        candidate: Option<&VersionRef>,
    ) -> Result<String> {
        Ok(comparison_markdown(&self.comparison(actor, deployment, candidate).await?))
    }
}
