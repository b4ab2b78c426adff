//! Predictions of one deployment that change their status together: one
//! transaction moves statuses and kept counts and records who did it.

use super::status::{Moves, locked_many, missing, record, refusal};
use crate::{
    audit::By, database::Database, entity::prediction::predictions, error::Result, monitoring,
    transaction::Transaction,
};
use domain::{
    ids::{DeploymentId, PredictionId},
    prediction::Status,
    review::BulkOutcome,
};
use serde_json::Value as Json;
use uuid::Uuid;

/// What becomes of a prediction.
pub(crate) enum Decision {
    /// It gets this status, which it may have already.
    Move(Status),
    /// It is as it should be.
    Leave,
    /// It stays as it is, for this reason.
    Refuse(String),
}

/// A change that was decided and not written yet.
pub(crate) struct StatusChange {
    /// Holds the locks of the predictions; for what goes with the change.
    pub(crate) tx: Transaction,
    deployment: DeploymentId,
    outcome: BulkOutcome,
    moves: Moves,
    /// Those that are reviewed no more: they say nothing of models any longer.
    unreviewed: Vec<PredictionId>,
}

impl StatusChange {
    /// Locks the predictions and decides what becomes of each. Those that are
    /// not of the deployment are refused.
    pub(crate) async fn begin(
        db: &Database,
        deployment: DeploymentId,
        ids: &[PredictionId],
        mut decide: impl FnMut(&predictions::Model) -> Decision,
    ) -> Result<Self> {
        let tx = db.begin().await?;
        let rows = locked_many(&tx, deployment, ids).await?;
        let mut outcome = missing(ids, &rows);
        let (mut moves, mut unreviewed) = (Moves::default(), Vec::new());
        for row in rows {
            match decide(&row) {
                Decision::Move(to) => {
                    moves.add(&row, to);
                    outcome.changed.push(PredictionId(row.id));
                    if !matches!(to, Status::Reviewed | Status::Submitted) {
                        unreviewed.push(PredictionId(row.id));
                    }
                }
                Decision::Leave => {}
                Decision::Refuse(reason) => outcome.refused.push(refusal(row.id, reason)),
            }
        }
        Ok(Self { tx, deployment, outcome, moves, unreviewed })
    }

    /// Those that change.
    pub(crate) fn changed(&self) -> impl Iterator<Item = Uuid> {
        self.outcome.changed.iter().map(|id| id.0)
    }

    /// Writes the change and its record, and commits.
    pub(crate) async fn finish(self, by: &By, action: &str, detail: Json) -> Result<BulkOutcome> {
        let Self { tx, deployment, outcome, moves, unreviewed } = self;
        moves.write(&tx).await?;
        monitoring::forget(&tx, &unreviewed).await?;
        record(&tx, by, action, deployment, &outcome.changed, detail).await?;
        tx.commit().await?;
        Ok(outcome)
    }
}
