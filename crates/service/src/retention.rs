//! What is kept of what nobody has reviewed.

use crate::{Result, Service, images::DecodedImage, require};
use domain::{
    access::{Actor, Role},
    deployment::Deployment,
    event::Event,
    ids::{DeletionId, PredictionId},
    retention::{Retention, StoredImages},
    review::Share,
};
use measures::outlier::FLAGGED_ABOVE;
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Outlier;

const DAY_MS: i64 = 86_400_000;
/// Predictions of one transaction.
const CHUNK: u32 = 500;

impl Service {
    /// What a deployment keeps, and what is stored of its images.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn retention(&self, actor: &Actor, deployment: &str) -> Result<(Retention, StoredImages)> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let (settings, stored) = (self.store().deployment_settings(), self.store().retention());
        Ok(tokio::try_join!(settings.find(deployment.id), stored.stored_images(deployment.id))?)
    }

    /// Whether an image on its way is in the share of which all are kept.
    pub(crate) async fn samples_image(&self, deployment: &Deployment, image: &DecodedImage) -> Result<bool> {
        let settings: Retention = self.store().deployment_settings().find(deployment.id).await?;
        Ok(settings.sample_rate == Share::ALL || settings.samples(&imaging::content_hash(&image.bytes)))
    }

    /// Lets go what is too old or too much in every deployment; says how many
    /// predictions. What people have at hand is left for the next time.
    ///
    /// # Errors
    /// When the database fails; what is left goes the next time.
    pub async fn let_go(&self) -> Result<u64> {
        let gone = AtomicU64::new(0);
        self.for_each_deployment("letting go what is too much", |deployment| {
            let gone = &gone;
            async move {
                gone.fetch_add(self.let_go_of(&deployment).await?, Ordering::Relaxed);
                Ok(())
            }
        })
        .await?;
        Ok(gone.into_inner())
    }

    async fn let_go_of(&self, deployment: &Deployment) -> Result<u64> {
        let settings: Retention = self.store().deployment_settings().find(deployment.id).await?;
        let mut gone = 0;
        if let Some(days) = settings.days {
            gone += self.let_go_old(deployment, days).await?;
        }
        if let Some(bytes) = settings.bytes {
            gone += self.let_go_much(deployment, bytes).await?;
        }
        if gone > 0 {
            let detail = json!({ "removed": gone });
            self.record(&Actor::system(), "retention.remove", deployment.name.as_str(), detail).await?;
            self.publish(Event::DeploymentChanged { id: deployment.id });
        }
        Ok(gone)
    }

    async fn let_go_old(&self, deployment: &Deployment, days: u32) -> Result<u64> {
        let mut gone = 0;
        loop {
            let now = self.now();
            let before = now.plus_ms(-i64::from(days) * DAY_MS);
            let old = self.store().retention().older(deployment.id, before, now, CHUNK).await?;
            let went = self.expire(deployment, &old).await?;
            gone += went;
            if went == 0 || old.len() < CHUNK as usize {
                return Ok(gone);
            }
        }
    }

    async fn let_go_much(&self, deployment: &Deployment, most: u64) -> Result<u64> {
        let stored = self.store().retention().stored_images(deployment.id).await?;
        let (mut over, mut gone) = (stored.bytes.saturating_sub(most), 0);
        while over > 0 {
            let oldest = self.store().retention().oldest_images(deployment.id, self.now(), CHUNK).await?;
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
        let deletion: DeletionId = self.new_id();
        let gone = self.store().predictions().expire(deployment.id, ids, deletion, self.now()).await?;
        Ok(gone.len() as u64)
    }
}

/// An unusual image is kept, whatever share of images is.
pub(crate) fn is_unusual(outlier: Option<Outlier>) -> bool {
    outlier.is_some_and(|outlier| outlier.score > FLAGGED_ABOVE)
}
