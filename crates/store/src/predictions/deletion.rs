//! Deleting many predictions so that it can be undone: hidden at once, gone
//! for good when the time to undo it is over.

use super::{
    Predictions,
    status_counts::{self, CountChanges},
};
use crate::{
    audit::Act,
    blobs::BlobKind,
    deployments,
    entity::prediction::predictions,
    error::{Result, StoreError},
    files, monitoring,
    reviews::{locked_many, refusal},
    sql::{Arg, Fragment},
    transaction::Transaction,
};
use domain::{
    event::Event,
    ids::{DeletionId, DeploymentId, PredictionId},
    listing::Refusal,
    prediction::Status,
    time::Timestamp,
};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

/// Rows of one transaction.
const CHUNK: i64 = 200;

/// What became of predictions to be deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Those that are hidden now.
    pub hidden: Vec<PredictionId>,
    /// Those that are part of the feedback.
    pub refused: Vec<Refusal>,
}

/// Who hides, until when it can be undone, and under which word the record of
/// it counts.
struct Hiding<'a> {
    actor: &'a str,
    until: Timestamp,
    act: Act,
    counted: &'static str,
}

impl Predictions<'_> {
    /// Hides those of `ids` that are of the deployment, until somebody undoes
    /// the deletion or `until` has passed. Calls with the same deletion add
    /// to it.
    ///
    /// # Errors
    /// `Conflict` when the deletion is another deployment's.
    pub async fn hide(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
        deletion: DeletionId,
        until: Timestamp,
        act: Act,
    ) -> Result<Hidden> {
        let is_submitted = |row: &predictions::Model| row.status == Status::Submitted.as_str();
        let actor = act.by.actor.clone();
        let hiding = Hiding { actor: &actor, until, act, counted: "changed" };
        self.hide_unless(deployment, ids, deletion, hiding, is_submitted).await
    }

    /// Hides of these predictions, for good, what nobody has reviewed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
        deletion: DeletionId,
        act: Act,
    ) -> Result<Vec<PredictionId>> {
        let is_reviewed = |row: &predictions::Model| row.revision > 0;
        let hiding = Hiding { actor: "retention", until: act.by.at, act, counted: "removed" };
        Ok(self.hide_unless(deployment, ids, deletion, hiding, is_reviewed).await?.hidden)
    }

    async fn hide_unless(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
        deletion: DeletionId,
        hiding: Hiding<'_>,
        stays: impl Fn(&predictions::Model) -> bool,
    ) -> Result<Hidden> {
        let Hiding { actor, until, act, counted } = hiding;
        let tx = self.db.begin().await?;
        let rows = locked_many(&tx, deployment, ids).await?;
        let (stays, going): (Vec<_>, Vec<_>) = rows.into_iter().partition(stays);
        let why = "It was submitted to the feedback loop: take it out there first.";
        let refused = stays.iter().map(|row| refusal(row.id, why)).collect();
        let text = "INSERT INTO deletions (id, deployment_id, actor, until) VALUES (?, ?, ?, ?) \
                    ON CONFLICT (id) DO UPDATE SET until = excluded.until \
                    WHERE deletions.deployment_id = excluded.deployment_id";
        let values = [Arg::Id(deletion.0), Arg::Id(deployment.0), Arg::from(actor), Arg::Int(until.0)];
        let statement = Fragment::with(text, values).into_statement(tx.get_database_backend());
        if tx.execute_raw(statement).await?.rows_affected() == 0 {
            return Err(StoreError::conflict("this deletion is of another deployment"));
        }
        if !going.is_empty() {
            let mark = Fragment::with("UPDATE predictions SET deletion_id = ? WHERE ", [Arg::Id(deletion.0)])
                .then(Fragment::one_of("id", going.iter().map(|row| Arg::Id(row.id))));
            execute(&tx, mark).await?;
        }
        count(&tx, deployment.0, going.iter().map(|row| row.status.clone()), -1).await?;
        if going.iter().any(|row| is_reviewed(&row.status)) {
            monitoring::changed(&tx, deployment.0).await?;
        }
        for row in &going {
            tx.publish(Event::PredictionChanged { deployment_id: deployment, id: PredictionId(row.id) });
        }
        if !going.is_empty() {
            act.with(counted, json!(going.len()))
                .record(&tx, deployments::one(&tx, deployment).await?.name.as_str())
                .await?;
        }
        tx.commit().await?;
        Ok(Hidden { hidden: going.iter().map(|row| PredictionId(row.id)).collect(), refused })
    }

    /// Which deployment a deletion is of, as long as it can be undone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deletion(&self, id: DeletionId) -> Result<Option<DeploymentId>> {
        let text = "SELECT deployment_id FROM deletions WHERE id = ?";
        let statement = Fragment::with(text, [Arg::Id(id.0)]).into_statement(self.db.backend());
        let row = self.db.reader.query_one_raw(statement).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(DeploymentId))
    }

    /// Brings back what was deleted together, if `now` is not too late, and
    /// says how many.
    ///
    /// # Errors
    /// `Conflict` when it is too late or was undone already.
    pub async fn undo_deletion(&self, id: DeletionId, now: Timestamp, act: Act) -> Result<u64> {
        let tx = self.db.begin().await?;
        let text = "DELETE FROM deletions WHERE id = ? AND until >= ? RETURNING deployment_id";
        let statement = Fragment::with(text, [Arg::Id(id.0), Arg::Int(now.0)]);
        let row = tx.query_one_raw(statement.into_statement(tx.get_database_backend())).await?;
        let Some(row) = row else {
            return Err(StoreError::conflict("the deletion can no longer be undone"));
        };
        let deployment: Uuid = row.try_get_by_index(0)?;
        let text = "UPDATE predictions SET deletion_id = NULL WHERE deletion_id = ? RETURNING status";
        let statement = Fragment::with(text, [Arg::Id(id.0)]).into_statement(tx.get_database_backend());
        let statuses = tx.query_all_raw(statement).await?;
        let statuses =
            statuses.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect::<Result<Vec<String>>>()?;
        let restored = statuses.len() as u64;
        if statuses.iter().any(|status| is_reviewed(status)) {
            monitoring::changed(&tx, deployment).await?;
        }
        count(&tx, deployment, statuses.into_iter(), 1).await?;
        tx.publish(Event::DeploymentChanged { id: DeploymentId(deployment) });
        act.with("restored", json!(restored)).record(&tx, &id.to_string()).await?;
        tx.commit().await?;
        Ok(restored)
    }

    /// Removes for good some of what can no longer be undone at `now`, and
    /// says how many predictions, and whether there is more. Their images go
    /// some time later, unless something else has them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge(&self, now: Timestamp) -> Result<(u64, bool)> {
        let tx = self.db.begin().await?;
        let backend = tx.get_database_backend();
        let text = "SELECT id FROM deletions WHERE until < ? ORDER BY until LIMIT 1";
        let over = tx.query_one_raw(Fragment::with(text, [Arg::Int(now.0)]).into_statement(backend)).await?;
        let Some(over) = over else { return Ok((0, false)) };
        let deletion: Uuid = over.try_get_by_index(0)?;
        let text = "SELECT id, image FROM predictions WHERE deletion_id = ? LIMIT ?";
        let rows = Fragment::with(text, [Arg::Id(deletion), Arg::Int(CHUNK)]);
        let (mut ids, mut images): (Vec<Uuid>, Vec<Option<String>>) = (Vec::new(), Vec::new());
        for row in tx.query_all_raw(rows.into_statement(backend)).await? {
            ids.push(row.try_get_by_index(0)?);
            images.push(row.try_get_by_index(1)?);
        }
        let removed = ids.len() as u64;
        if ids.is_empty() {
            execute(&tx, Fragment::with("DELETE FROM deletions WHERE id = ?", [Arg::Id(deletion)])).await?;
        } else {
            let these = Fragment::one_of("id", ids.into_iter().map(Arg::Id));
            execute(&tx, Fragment::new("DELETE FROM predictions WHERE ").then(these)).await?;
        }
        files::release(&tx, BlobKind::Images, images.into_iter().flatten(), now).await?;
        tx.commit().await?;
        Ok((removed, true))
    }
}

/// Whether figures from reviews are made of such.
fn is_reviewed(status: &str) -> bool {
    status == Status::Reviewed.as_str() || status == Status::Submitted.as_str()
}

async fn execute(tx: &Transaction, statement: Fragment) -> Result<()> {
    tx.execute_raw(statement.into_statement(tx.get_database_backend())).await?;
    Ok(())
}

/// Moves the kept counts by one for each status.
async fn count(
    tx: &Transaction,
    deployment: Uuid,
    statuses: impl Iterator<Item = String>,
    by: i64,
) -> Result<()> {
    let mut changes = CountChanges::new();
    for status in statuses {
        *changes.entry((deployment, status)).or_default() += by;
    }
    status_counts::add(tx, changes).await
}
