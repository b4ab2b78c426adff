//! What is kept of what nobody has reviewed.

use crate::{As, Catalogue, DeploymentRef, Internal, Result, Viewer};
use domain::{
    access::Actor,
    deployment::Deployment,
    ids::{DeletionId, PredictionId},
    retention::{Retention, StoredImages},
};
use measures::outlier::FLAGGED_ABOVE;
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Outlier;

const DAY_MS: i64 = 86_400_000;
/// An upload whose file was not written to for so long is over: a slow one is
/// refused long before.
const CUT_OFF_MS: i64 = 3_600_000;
/// Predictions of one transaction.
const CHUNK: u32 = 500;

impl Catalogue {
    /// What a deployment keeps, and what is stored of its images.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn retention(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<(Retention, StoredImages)> {
        let deployment = self.base.known_deployment(deployment).await?;
        let (settings, stored) = (self.base.store().deployment_settings(), self.base.store().retention());
        Ok(tokio::try_join!(settings.find(deployment.id), stored.stored_images(deployment.id))?)
    }

    /// Lets go what is too old or too much in every deployment; says how many
    /// predictions. What people have at hand is left for the next time.
    ///
    /// # Errors
    /// When the database fails; what is left goes the next time.
    pub async fn apply_retention(&self, _: Internal) -> Result<u64> {
        let gone = AtomicU64::new(0);
        self.base
            .for_each_deployment("the retention", |deployment| {
                let gone = &gone;
                async move {
                    gone.fetch_add(self.retain_in(&deployment).await?, Ordering::Relaxed);
                    Ok(())
                }
            })
            .await?;
        Ok(gone.into_inner())
    }

    async fn retain_in(&self, deployment: &Deployment) -> Result<u64> {
        let settings: Retention = self.base.store().deployment_settings().find(deployment.id).await?;
        let mut gone = 0;
        if let Some(days) = settings.days {
            gone += self.expire_old(deployment, days).await?;
        }
        if let Some(bytes) = settings.bytes {
            gone += self.expire_beyond(deployment, bytes).await?;
        }
        Ok(gone)
    }

    async fn expire_old(&self, deployment: &Deployment, days: u32) -> Result<u64> {
        let mut gone = 0;
        loop {
            let now = self.base.now();
            let before = now.plus_ms(-i64::from(days) * DAY_MS);
            let old = self.base.store().retention().older(deployment.id, before, now, CHUNK).await?;
            let went = self.expire(deployment, &old).await?;
            gone += went;
            if went == 0 || old.len() < CHUNK as usize {
                return Ok(gone);
            }
        }
    }

    async fn expire_beyond(&self, deployment: &Deployment, most: u64) -> Result<u64> {
        let stored = self.base.store().retention().stored_images(deployment.id).await?;
        let (mut over, mut gone) = (stored.bytes.saturating_sub(most), 0);
        while over > 0 {
            let oldest =
                self.base.store().retention().oldest_images(deployment.id, self.base.now(), CHUNK).await?;
            let mut going = Vec::new();
            for (id, bytes) in oldest {
                if over == 0 {
                    break;
                }
                over = over.saturating_sub(bytes);
                going.push(id);
            }
            let went = self.expire(deployment, &going).await?;
            gone += went;
            if went == 0 {
                break;
            }
        }
        Ok(gone)
    }

    async fn expire(&self, deployment: &Deployment, ids: &[PredictionId]) -> Result<u64> {
        if ids.is_empty() {
            return Ok(0);
        }
        let deletion: DeletionId = self.base.new_id();
        let act = self.base.act(&Actor::system(), "retention.remove", json!({}));
        let gone = self.base.store().predictions().expire(deployment.id, ids, deletion, act).await?;
        Ok(gone.len() as u64)
    }
}

impl Catalogue {
    /// Removes the files whose rows were deleted a while ago and that nothing
    /// else names, the dataset versions of imports that were cut off, models
    /// that nobody imported in time, and what uploads left that were cut off;
    /// says how many files.
    ///
    /// # Errors
    /// When the store fails; what is left goes the next time.
    pub async fn remove_unused_files(&self, _: Internal) -> Result<u64> {
        let now = self.base.now();
        let detail = json!({ "reason": "import cut off" });
        let act = self.base.act(&Actor::system(), "dataset.discard", detail);
        for name in self.base.store().datasets().discard_cut_off(&act).await? {
            tracing::warn!(version = name, "an import was cut off: its version is discarded");
        }
        let expired = self.base.store().staged_models().expire(now).await?;
        if expired > 0 {
            tracing::info!(expired, "models that nobody imported in time are forgotten");
        }
        let files = self.base.store().files();
        let cut_off = files.remove_interrupted(now.plus_ms(-CUT_OFF_MS)).await;
        Ok(files.sweep(now).await? + cut_off)
    }
}

/// An unusual image is kept, whatever share of images is.
pub(crate) fn is_unusual(outlier: Option<Outlier>) -> bool {
    outlier.is_some_and(|outlier| outlier.score > FLAGGED_ABOVE)
}
