//! What happens to a prediction after it was stored.

use super::{Outlier, Predictions};
use crate::{
    audit::Act,
    blobs::BlobKind,
    entity::{
        deployment::prediction_counts,
        prediction::{idempotency_keys, predictions},
    },
    error::{Result, StoreError},
    files, monitoring,
    reviews::locked,
};
use domain::{
    event::Event,
    ids::{DeploymentId, PredictionId},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

impl Predictions<'_> {
    /// Deletes a prediction with its boxes and reviews, and says where it was.
    /// What dashboards counted stays counted. Its image goes some time after
    /// `now`, unless something else has it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(&self, id: PredictionId, act: Act) -> Result<DeploymentId> {
        let tx = self.db.begin().await?;
        let row = locked(&tx, id).await?;
        // Figures from reviews are then computed without it.
        monitoring::forget(&tx, &[id]).await?;
        predictions::Entity::delete_by_id(id.0).exec(&tx).await?;
        prediction_counts::Entity::update_many()
            .col_expr(prediction_counts::Column::Count, Expr::col(prediction_counts::Column::Count).sub(1))
            .filter(prediction_counts::Column::DeploymentId.eq(row.deployment_id))
            .filter(prediction_counts::Column::Status.eq(row.status))
            .exec(&tx)
            .await?;
        files::release(&tx, BlobKind::Images, row.image, act.by.at).await?;
        tx.publish(Event::PredictionChanged { deployment_id: DeploymentId(row.deployment_id), id });
        act.record(&tx, &id.to_string()).await?;
        tx.commit().await?;
        Ok(DeploymentId(row.deployment_id))
    }

    /// Notes how unusual the image is.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_outlier(&self, id: PredictionId, outlier: Outlier) -> Result<()> {
        if !(outlier.score.is_finite() && outlier.distance.is_finite()) {
            return Err(StoreError::conflict("an outlier score must be a finite number"));
        }
        let updated = predictions::Entity::update_many()
            .col_expr(predictions::Column::OutlierScore, Expr::value(outlier.score))
            .col_expr(predictions::Column::OutlierDistance, Expr::value(outlier.distance))
            .col_expr(
                predictions::Column::OutlierReferenceId,
                Expr::value(outlier.reference.map(|reference| reference.0)),
            )
            .filter(predictions::Column::Id.eq(id.0))
            .exec(&self.db.writer)
            .await?;
        if updated.rows_affected == 0 { Err(missing(id)) } else { Ok(()) }
    }

    /// Forgets the idempotency keys of before `before`, and says how many;
    /// from then on a repetition is stored as a new prediction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_keys(&self, before: Timestamp) -> Result<u64> {
        let old =
            idempotency_keys::Entity::delete_many().filter(idempotency_keys::Column::Created.lt(before.0));
        Ok(old.exec(&self.db.writer).await?.rows_affected)
    }
}

pub(super) fn missing(id: PredictionId) -> StoreError {
    StoreError::not_found(format!("prediction {id}"))
}
