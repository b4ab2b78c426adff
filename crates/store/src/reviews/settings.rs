//! How a deployment's predictions are reviewed.

use super::Reviews;
use crate::{
    audit::Act,
    deployments,
    entity::review::review_settings,
    error::{Result, StoreError},
};
use domain::{
    ids::DeploymentId,
    review::{ReviewSettings, Share},
};
use sea_orm::{EntityTrait, IntoActiveModel, sea_query::OnConflict};

impl Reviews<'_> {
    /// The settings, or what holds where nobody set any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settings(&self, id: DeploymentId) -> Result<ReviewSettings> {
        let Some(row) = review_settings::Entity::find_by_id(id.0).one(&self.db.reader).await? else {
            return Ok(ReviewSettings::default());
        };
        let blind_share = Share::new(row.blind_share);
        let blind_share = blind_share.map_err(|error| StoreError::corrupt(error.to_string()))?;
        Ok(ReviewSettings { blind_share })
    }

    /// Sets the settings.
    ///
    /// # Errors
    /// `Conflict` when there is no such deployment.
    pub async fn put_settings(&self, id: DeploymentId, settings: ReviewSettings, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let row = review_settings::Model { deployment_id: id.0, blind_share: settings.blind_share.get() };
        let replace = OnConflict::column(review_settings::Column::DeploymentId)
            .update_column(review_settings::Column::BlindShare)
            .to_owned();
        review_settings::Entity::insert(row.into_active_model())
            .on_conflict(replace)
            .exec_without_returning(&tx)
            .await?;
        act.record(&tx, deployments::one(&tx, id).await?.name.as_str()).await?;
        Ok(tx.commit().await?)
    }
}
