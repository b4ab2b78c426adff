//! Moving predictions from one status to another, together with the kept
//! counts and the record of who did it.

use super::{By, Reviews};
use crate::{
    audit::{self, NewAudit},
    entity::{
        prediction::predictions,
        review::{review_leases, review_skips},
    },
    error::{Result, StoreError},
    feedback, monitoring,
    predictions::status_counts::{self, CountChanges},
    transaction::Transaction,
};
use domain::{
    event::Event,
    ids::{DeploymentId, PredictionId},
    listing::Refusal,
    prediction::Status,
    review::BulkOutcome,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

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
        let tx = self.db.begin().await?;
        let found = locked_many(&tx, deployment, ids).await?;
        let mut outcome = missing(ids, &found);
        let mut moves = Moves::default();
        for row in found {
            if row.status == Status::Submitted.as_str() {
                outcome.refused.push(refusal(row.id, "It was submitted: reopen it first."));
                continue;
            }
            let skip = review_skips::Model {
                prediction_id: row.id,
                reason: reason.to_owned(),
                skipped_by: by.actor.clone(),
                at: by.at.0,
            };
            let replace = OnConflict::column(review_skips::Column::PredictionId)
                .update_columns([
                    review_skips::Column::Reason,
                    review_skips::Column::SkippedBy,
                    review_skips::Column::At,
                ])
                .to_owned();
            review_skips::Entity::insert(skip.into_active_model())
                .on_conflict(replace)
                .exec_without_returning(&tx)
                .await?;
            release(&tx, row.id, &by.person).await?;
            outcome.changed.push(PredictionId(row.id));
            moves.add(&row, Status::Skipped);
        }
        moves.write(&tx).await?;
        monitoring::forget(&tx, &outcome.changed).await?;
        record(&tx, by, "prediction.skip", deployment, &outcome.changed, json!({ "reason": reason })).await?;
        tx.commit().await?;
        Ok(outcome)
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
        let tx = self.db.begin().await?;
        let found = locked_many(&tx, deployment, ids).await?;
        let mut outcome = missing(ids, &found);
        let mut moves = Moves::default();
        let mut submitted = Vec::new();
        for row in found {
            match row.status.parse() {
                Ok(Status::ToReview) => continue,
                Ok(Status::Submitted) => submitted.push(PredictionId(row.id)),
                _ => {}
            }
            outcome.changed.push(PredictionId(row.id));
            moves.add(&row, Status::ToReview);
        }
        feedback::take_out(&tx, &submitted).await?;
        let ids: Vec<Uuid> = outcome.changed.iter().map(|id| id.0).collect();
        review_skips::Entity::delete_many()
            .filter(review_skips::Column::PredictionId.is_in(ids))
            .exec(&tx)
            .await?;
        moves.write(&tx).await?;
        monitoring::forget(&tx, &outcome.changed).await?;
        record(&tx, by, "prediction.reopen", deployment, &outcome.changed, json!({})).await?;
        tx.commit().await?;
        Ok(outcome)
    }
}

/// Status changes to be written together.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    by_status: BTreeMap<&'static str, Vec<Uuid>>,
    counts: CountChanges,
}

impl Moves {
    pub(crate) fn add(&mut self, row: &predictions::Model, to: Status) {
        if row.status == to.as_str() {
            return;
        }
        self.by_status.entry(to.as_str()).or_default().push(row.id);
        *self.counts.entry((row.deployment_id, row.status.clone())).or_default() -= 1;
        *self.counts.entry((row.deployment_id, to.as_str().to_owned())).or_default() += 1;
    }

    /// Writes the statuses and moves the counts, always in the same order, so
    /// that two processes never wait in a circle.
    pub(crate) async fn write(self, db: &impl ConnectionTrait) -> Result<()> {
        for (status, ids) in self.by_status {
            predictions::Entity::update_many()
                .col_expr(predictions::Column::Status, Expr::value(status))
                .filter(predictions::Column::Id.is_in(ids))
                .exec(db)
                .await?;
        }
        status_counts::add(db, self.counts).await
    }
}

/// The row of a prediction, locked.
pub(crate) async fn locked(db: &impl ConnectionTrait, id: PredictionId) -> Result<predictions::Model> {
    let row = predictions::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    let row = row.filter(|row| row.deletion_id.is_none());
    row.ok_or_else(|| StoreError::not_found(format!("prediction {id}")))
}

/// The rows of those that are of the deployment, locked in the order of ids.
pub(crate) async fn locked_many(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
    ids: &[PredictionId],
) -> Result<Vec<predictions::Model>> {
    let query = predictions::Entity::find()
        .filter(predictions::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .filter(predictions::Column::DeploymentId.eq(deployment.0))
        .filter(predictions::Column::DeletionId.is_null())
        .order_by_asc(predictions::Column::Id)
        .lock_exclusive();
    Ok(query.all(db).await?)
}

/// Refuses those that were asked for and are not there.
pub(crate) fn missing(ids: &[PredictionId], found: &[predictions::Model]) -> BulkOutcome {
    let found: BTreeSet<Uuid> = found.iter().map(|row| row.id).collect();
    let wanted: BTreeSet<Uuid> = ids.iter().map(|id| id.0).collect();
    let gone = wanted.difference(&found).map(|id| refusal(*id, "This deployment has no such prediction."));
    BulkOutcome { changed: Vec::new(), refused: gone.collect() }
}

pub(crate) fn refusal(id: Uuid, reason: impl Into<String>) -> Refusal {
    Refusal { id: PredictionId(id), reason: reason.into() }
}

/// One audit row for one act, on one prediction or on many.
pub(crate) async fn record(
    db: &Transaction,
    by: &By,
    action: &str,
    deployment: DeploymentId,
    changed: &[PredictionId],
    mut detail: Json,
) -> Result<()> {
    for id in changed {
        db.publish(Event::PredictionChanged { deployment_id: deployment, id: *id });
    }
    let subject = match changed {
        [] => return Ok(()),
        [one] => one.to_string(),
        _ => deployment.to_string(),
    };
    if let (Some(detail), true) = (detail.as_object_mut(), changed.len() > 1) {
        detail.insert("predictions".to_owned(), json!(changed));
    }
    let entry = NewAudit {
        at: by.at,
        actor: by.actor.clone(),
        action: action.to_owned(),
        subject,
        detail: detail.to_string(),
    };
    audit::append(db, entry).await
}

/// Whoever is done with an image does not hold it any more.
pub(super) async fn release(db: &impl ConnectionTrait, id: Uuid, person: &str) -> Result<()> {
    review_leases::Entity::delete_many()
        .filter(review_leases::Column::PredictionId.eq(id))
        .filter(review_leases::Column::Person.eq(person))
        .exec(db)
        .await?;
    Ok(())
}
