//! Moving predictions from one status to another, together with the kept
//! counts and the record of who did it.

use crate::{
    audit::{self, By, NewAudit},
    entity::{prediction::predictions, review::review_leases},
    error::{Result, StoreError},
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
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

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
pub(crate) fn missing(ids: &[PredictionId], rows: &[predictions::Model]) -> BulkOutcome {
    let rows: BTreeSet<Uuid> = rows.iter().map(|row| row.id).collect();
    let wanted: BTreeSet<Uuid> = ids.iter().map(|id| id.0).collect();
    let gone = wanted.difference(&rows).map(|id| refusal(*id, "This deployment has no such prediction."));
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

/// Whoever is done with images does not hold them any more.
pub(super) async fn release(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = Uuid>,
    person: &str,
) -> Result<()> {
    review_leases::Entity::delete_many()
        .filter(review_leases::Column::PredictionId.is_in(ids))
        .filter(review_leases::Column::Person.eq(person))
        .exec(db)
        .await?;
    Ok(())
}
