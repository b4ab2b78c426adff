//! What happens to a prediction after it was stored.

use super::{
    Deleted, NewShadow, Outlier, Predictions,
    insert::{BOX_COUNTS, BOXES},
    prepare::{box_rows, label_counts},
    read::image_in_use,
};
use crate::{
    aggregates::{
        self,
        bins::{Bins, Counted},
    },
    entity::{
        deployment::prediction_counts,
        prediction::{idempotency_keys, predictions, shadow_predictions},
    },
    error::{Result, StoreError, taken},
    monitoring, sql,
};
use domain::{
    geometry::Score,
    ids::{DeploymentId, PredictionId},
    prediction::{Origin, PredictedBox},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

impl Predictions<'_> {
    /// Deletes a prediction with its boxes and reviews. What dashboards
    /// counted stays counted.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete(&self, id: PredictionId) -> Result<Deleted> {
        let tx = self.db.begin().await?;
        let row = locked(&tx, id).await?;
        predictions::Entity::delete_by_id(id.0).exec(&tx).await?;
        prediction_counts::Entity::update_many()
            .col_expr(prediction_counts::Column::Count, Expr::col(prediction_counts::Column::Count).sub(1))
            .filter(prediction_counts::Column::DeploymentId.eq(row.deployment_id))
            .filter(prediction_counts::Column::Status.eq(row.status))
            .exec(&tx)
            .await?;
        let image = match row.image {
            Some(image) if !image_in_use(&tx, &image).await? => Some(image),
            _ => None,
        };
        tx.commit().await?;
        Ok(Deleted { deployment_id: DeploymentId(row.deployment_id), image })
    }

    /// Adds what a shadow said, later than the champion.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when there is a shadow already.
    pub async fn attach_shadow(&self, id: PredictionId, shadow: &NewShadow) -> Result<()> {
        let ids = self.labels.ids(self.db, shadow.boxes.iter().map(|seen| &seen.label)).await?;
        let mut boxes: Vec<&PredictedBox> = shadow.boxes.iter().collect();
        boxes.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
        let tx = self.db.begin().await?;
        let row = locked(&tx, id).await?;
        let new = shadow_predictions::Model {
            prediction_id: id.0,
            model_version_id: shadow.model_version_id.map(|version| version.0),
            latency_ms: shadow.latency_ms,
        };
        shadow_predictions::Entity::insert(new.into_active_model())
            .exec_without_returning(&tx)
            .await
            .map_err(taken(|| format!("prediction {id} has a shadow already")))?;
        sql::insert_rows(&tx, BOXES, 11, "", box_rows(id, Origin::Shadow, &boxes, &ids)).await?;
        let threshold = Score::new(row.threshold)
            .ok_or_else(|| StoreError::corrupt(format!("threshold of prediction {id}")))?;
        let counts = label_counts(&boxes, threshold, &ids)
            .into_iter()
            .flat_map(|(label, count)| count.into_row(row.deployment_id, label, Origin::Shadow, id.0));
        sql::insert_rows(&tx, BOX_COUNTS, 7, "", counts.collect()).await?;
        if let Some(model_version_id) = shadow.model_version_id {
            let deployment_id = DeploymentId(row.deployment_id);
            let counted = Counted { deployment_id, model_version_id, received: Timestamp(row.received) };
            let mut bins = Bins::default();
            bins.count_shadow(counted, shadow.latency_ms);
            aggregates::add(&tx, &bins).await?;
        }
        predictions::Entity::update_many()
            .col_expr(
                predictions::Column::ShadowDisagreement,
                Expr::value(shadow.disagreement.filter(|n| n.is_finite())),
            )
            .filter(predictions::Column::Id.eq(id.0))
            .exec(&tx)
            .await?;
        monitoring::rematch(&tx, id).await?;
        Ok(tx.commit().await?)
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

async fn locked(db: &impl ConnectionTrait, id: PredictionId) -> Result<predictions::Model> {
    let row = predictions::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    row.filter(|row| row.deletion_id.is_none()).ok_or_else(|| missing(id))
}

pub(super) fn missing(id: PredictionId) -> StoreError {
    StoreError::not_found(format!("prediction {id}"))
}
