//! Setting predictions aside, and putting them back to be reviewed.

use super::{
    Reviews,
    change::{Decision, StatusChange},
    status::release,
};
use crate::{
    audit::By,
    entity::{prediction::predictions, review::review_skips},
    error::Result,
    feedback,
};
use domain::{
    ids::{DeploymentId, PredictionId},
    prediction::Status,
    review::BulkOutcome,
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict};
use serde_json::json;

impl Reviews<'_> {
    /// Sets predictions aside, in one transaction; those that are aside
    /// already get the new reason. One that was submitted is refused, one
    /// that is not of the deployment too.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn skip(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
        reason: &str,
        by: &By,
    ) -> Result<BulkOutcome> {
        let decide = |row: &predictions::Model| match row.status.parse() {
            Ok(Status::Submitted) => Decision::Refuse("It was submitted: reopen it first.".to_owned()),
            _ => Decision::Move(Status::Skipped),
        };
        let change = StatusChange::begin(self.db, deployment, ids, decide).await?;
        let skips = change.changed().map(|id| {
            let at = by.at.0;
            let (reason, skipped_by) = (reason.to_owned(), by.actor.clone());
            review_skips::Model { prediction_id: id, reason, skipped_by, at }.into_active_model()
        });
        let replace = OnConflict::column(review_skips::Column::PredictionId)
            .update_columns([
                review_skips::Column::Reason,
                review_skips::Column::SkippedBy,
                review_skips::Column::At,
            ])
            .to_owned();
        review_skips::Entity::insert_many(skips)
            .on_conflict(replace)
            .exec_without_returning(&change.tx)
            .await?;
        release(&change.tx, change.changed(), &by.person).await?;
        change.finish(by, "prediction.skip", json!({ "reason": reason })).await
    }

    /// Puts predictions back to be reviewed, in one transaction. Their
    /// revisions stay; one that was submitted leaves the dataset version that
    /// took it, if that is still open.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn reopen(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
        by: &By,
    ) -> Result<BulkOutcome> {
        let mut submitted = Vec::new();
        let decide = |row: &predictions::Model| match row.status.parse() {
            Ok(Status::ToReview) => Decision::Leave,
            Ok(Status::Submitted) => {
                submitted.push(row.id);
                Decision::Move(Status::ToReview)
            }
            _ => Decision::Move(Status::ToReview),
        };
        let change = StatusChange::begin(self.db, deployment, ids, decide).await?;
        feedback::take_out(&change.tx, submitted).await?;
        review_skips::Entity::delete_many()
            .filter(review_skips::Column::PredictionId.is_in(change.changed()))
            .exec(&change.tx)
            .await?;
        change.finish(by, "prediction.reopen", json!({})).await
    }
}
