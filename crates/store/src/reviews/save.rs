//! A revision's way in: stored once, and never over another one.

use super::{
    NewRevision, NewSubmission, Reviews,
    read::latest,
    rows,
    status::{Moves, locked, record, release},
};
use crate::{
    audit::By,
    boxes::{BoxOwner, StoredBox},
    convert::to_json,
    datasets::require_open,
    entity::{
        prediction::predictions,
        review::{review_skips, reviews},
    },
    error::{Result, StoreError},
    feedback::{Feedback, lock_loop},
    monitoring,
    outgoing::enqueue,
    transaction::Transaction,
};
use domain::{
    ids::DeploymentId,
    name::Label,
    prediction::{Origin, Status},
    review::{Saved, SavedBox},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::Expr,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

impl Reviews<'_> {
    /// Stores a revision, if the one it was made from is still the latest.
    /// The very same save by the same person again, its answer having been
    /// lost, gives what it gave, whatever happened since.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it was submitted.
    pub async fn save(&self, new: NewRevision) -> Result<Saved> {
        // Before the transaction: a new label is stored by the one writer.
        let numbers = self.labels.ids(self.db, new.boxes.iter().map(|saved| &saved.label)).await?;
        let hash = content_hash(&new.boxes)?;
        let tx = self.db.begin().await?;
        if let Some(submission) = &new.submission {
            lock_loop(&tx, submission.deployment).await?;
        }
        let prediction = locked(&tx, new.prediction_id).await?;
        let base = i32::try_from(new.base_revision).unwrap_or(i32::MAX);
        if prediction.revision != base {
            return self.repeated_or_stale(tx, &new, &prediction, &hash).await;
        }
        if prediction.status == Status::Submitted.as_str() {
            return Err(StoreError::conflict(
                "it was submitted to the feedback loop: reopen it before changing its review",
            ));
        }
        let row = revision_row(&new, base, hash)?;
        reviews::Entity::insert(row.clone().into_active_model()).exec_without_returning(&tx).await?;
        write_boxes(&tx, &prediction, row.revision, &new.boxes, &numbers).await?;
        settle(&tx, &prediction, &row, &new).await?;
        monitoring::rematch(&tx, new.prediction_id).await?;
        let not_submitted = match &new.submission {
            Some(submission) => self.submit_saved(&tx, submission, &new.by).await?,
            None => None,
        };
        let review = rows::load(self.db, &tx, self.labels, row).await?;
        tx.commit().await?;
        Ok(Saved::Stored { review, repeated: false, not_submitted })
    }

    /// Submits what was just saved, or says why not. A loop that cannot take it
    /// keeps nobody from reviewing: the review is saved, and waits to be
    /// submitted.
    async fn submit_saved(
        &self,
        tx: &Transaction,
        submission: &NewSubmission,
        by: &By,
    ) -> Result<Option<String>> {
        let NewSubmission { deployment, version, candidate } = submission;
        match require_open(tx, *version).await {
            Ok(()) => {}
            Err(StoreError::NotFound { .. } | StoreError::Conflict { .. }) => {
                let reason =
                    "The dataset version that receives feedback was frozen: an admin chooses another one.";
                return Ok(Some(reason.to_owned()));
            }
            Err(error) => return Err(error),
        }
        let feedback = Feedback { db: self.db, labels: self.labels };
        let candidates = std::slice::from_ref(candidate);
        let outcome = feedback.submit_in(tx, *deployment, *version, candidates, by).await?;
        Ok(outcome.refused.into_iter().next().map(|refusal| refusal.reason))
    }

    async fn repeated_or_stale(
        &self,
        tx: Transaction,
        new: &NewRevision,
        prediction: &predictions::Model,
        hash: &str,
    ) -> Result<Saved> {
        let base = i32::try_from(new.base_revision).unwrap_or(i32::MAX);
        let same = reviews::Entity::find()
            .filter(reviews::Column::PredictionId.eq(new.prediction_id.0))
            .filter(reviews::Column::BaseRevision.eq(base))
            .filter(reviews::Column::Reviewer.eq(new.by.actor.as_str()))
            .filter(reviews::Column::ContentHash.eq(hash))
            .order_by_desc(reviews::Column::Revision);
        if let Some(row) = same.one(&tx).await? {
            let review = rows::load(self.db, &tx, self.labels, row).await?;
            // Why not was said then, and is not kept.
            let waits = new.submission.is_some() && prediction.status == Status::Reviewed.as_str();
            let not_submitted = waits.then(|| "It was not submitted when it was saved.".to_owned());
            return Ok(Saved::Stored { review, repeated: true, not_submitted });
        }
        let Some(row) = latest(&tx, new.prediction_id).await? else {
            return Err(StoreError::conflict(format!(
                "there is no revision {base} to be made from: nobody has saved a review yet"
            )));
        };
        Ok(Saved::Stale { current: rows::load(self.db, &tx, self.labels, row).await? })
    }
}

fn revision_row(new: &NewRevision, base: i32, content_hash: String) -> Result<reviews::Model> {
    let sources: Vec<_> = new.boxes.iter().map(|saved| saved.source).collect();
    let sources = if sources.iter().any(Option::is_some) { Some(to_json(&sources)?) } else { None };
    Ok(reviews::Model {
        prediction_id: new.prediction_id.0,
        revision: base.saturating_add(1),
        base_revision: base,
        reviewer: new.by.actor.clone(),
        at: new.by.at.0,
        started_from: new.started_from.as_str().to_owned(),
        untouched: number(new.left_as_drawn.len()),
        picked: new.picked.as_str().to_owned(),
        content_hash,
        box_count: number(new.boxes.len()),
        restored_from: new.restored_from.map(|revision| i32::try_from(revision).unwrap_or(i32::MAX)),
        statistics: new.statistics.as_ref().map(to_json).transpose()?,
        sources,
        left_as_drawn: Some(to_json(&new.left_as_drawn)?),
    })
}

/// The boxes of the revision, and what queries for boxes start from.
async fn write_boxes(
    db: &impl ConnectionTrait,
    prediction: &predictions::Model,
    revision: i32,
    boxes: &[SavedBox],
    numbers: &HashMap<Label, u32>,
) -> Result<()> {
    let owner = BoxOwner {
        deployment_id: prediction.deployment_id,
        prediction_id: prediction.id,
        origin: Origin::Review,
        revision,
    };
    let drawn = boxes.iter().map(|one| StoredBox::drawn(&one.label, &one.rect, one.ignore, numbers));
    let stored = drawn.collect::<Result<Vec<_>>>()?;
    owner.clear_counts(db).await?;
    owner.write(db, &stored, prediction.threshold).await
}

/// All that follows from a revision: status, counts, skip, lease, record.
async fn settle(
    db: &Transaction,
    prediction: &predictions::Model,
    row: &reviews::Model,
    new: &NewRevision,
) -> Result<()> {
    predictions::Entity::update_many()
        .col_expr(predictions::Column::Revision, Expr::value(row.revision))
        .col_expr(predictions::Column::ReviewedBy, Expr::value(new.by.actor.as_str()))
        .filter(predictions::Column::Id.eq(prediction.id))
        .exec(db)
        .await?;
    let mut moves = Moves::default();
    moves.add(prediction, Status::Reviewed);
    moves.write(db).await?;
    review_skips::Entity::delete_by_id(prediction.id).exec(db).await?;
    release(db, [prediction.id], &new.by.person).await?;
    let mut detail = json!({ "revision": row.revision, "boxes": row.box_count });
    if let (Some(restored), Some(detail)) = (row.restored_from, detail.as_object_mut()) {
        detail.insert("restored_from".to_owned(), json!(restored));
    }
    let deployment = DeploymentId(prediction.deployment_id);
    record(db, &new.by, "prediction.review", deployment, &[new.prediction_id], detail).await?;
    if let Some(outgoing) = &new.outgoing {
        enqueue(db, outgoing).await?;
    }
    Ok(())
}

fn content_hash(boxes: &[SavedBox]) -> Result<String> {
    Ok(hex::encode(Sha256::digest(to_json(&boxes)?.to_string().as_bytes())))
}

fn number(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
