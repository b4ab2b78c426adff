//! Submitting reviewed predictions, and taking them out again.

use super::{Candidate, Feedback, damaged, sides::Arrival};
use crate::{
    audit::By,
    convert::{to_json, to_size},
    datasets::{add_in, labels_of_version, remove_in},
    entity::{
        dataset::{assets, dataset_versions},
        feedback::{feedback_loops, submissions},
        prediction::predictions,
    },
    error::Result,
    monitoring,
    reviews::{Decision, Moves, StatusChange, latest_review, locked_many, missing, record, refusal},
    transaction::Transaction,
};
use domain::{
    dataset::{Annotation, Asset},
    feedback::Fingerprint,
    ids::{AssetId, DatasetVersionId, DeploymentId, PredictionId},
    name::Label,
    prediction::Status,
    review::{BulkOutcome, Review},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

impl Feedback<'_> {
    /// Submits reviewed predictions in one transaction: each image and the
    /// boxes of its latest review become an asset of the open `version`. What
    /// cannot go is named with why; what was submitted already is left alone.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when the version is frozen; nothing is
    /// changed then.
    pub async fn submit(
        &self,
        deployment: DeploymentId,
        version: DatasetVersionId,
        candidates: &[Candidate],
        by: &By,
    ) -> Result<BulkOutcome> {
        let tx = self.db.begin().await?;
        lock_loop(&tx, deployment).await?;
        let outcome = self.submit_in(&tx, deployment, version, candidates, by).await?;
        if !outcome.changed.is_empty() {
            tx.commit().await?;
        }
        Ok(outcome)
    }

    /// Submits, as part of a transaction that holds the lock of the loop.
    pub(crate) async fn submit_in(
        &self,
        tx: &Transaction,
        deployment: DeploymentId,
        version: DatasetVersionId,
        candidates: &[Candidate],
        by: &By,
    ) -> Result<BulkOutcome> {
        let ids: Vec<PredictionId> = candidates.iter().map(|candidate| candidate.prediction_id).collect();
        let by_id: HashMap<Uuid, &Candidate> = candidates.iter().map(|c| (c.prediction_id.0, c)).collect();
        let mut locked = locked_many(tx, deployment, &ids).await?;
        let mut outcome = missing(&ids, &locked);
        // The first of a group of near duplicates is the one taken first.
        locked.sort_by_key(|row| (row.created, row.id));
        let labels = labels_of_version(tx, version).await?;
        let mut batch = Batch { moves: Moves::default(), assets: Vec::new(), rows: Vec::new() };
        let target = Target { deployment, version, labels: labels.iter().collect() };
        for row in locked {
            let Some(candidate) = by_id.get(&row.id).copied() else { continue };
            if row.status == Status::Submitted.as_str() {
                continue;
            }
            match self.checked(tx, &target, &row, candidate, &batch).await? {
                Err(reason) => outcome.refused.push(refusal(row.id, reason)),
                Ok(accepted) => {
                    batch.add(tx, &target, &row, accepted, by).await?;
                    outcome.changed.push(candidate.prediction_id);
                }
            }
        }
        if outcome.changed.is_empty() {
            return Ok(outcome);
        }
        add_in(tx, version, &batch.assets).await?;
        submissions::Entity::insert_many(batch.rows).exec_without_returning(tx).await?;
        batch.moves.write(tx).await?;
        // Sides were decided: an image may have become a near duplicate of one
        // that a model was trained on.
        monitoring::changed_everywhere(tx).await?;
        let detail = json!({ "version": version });
        record(tx, by, "prediction.submit", deployment, &outcome.changed, detail).await?;
        Ok(outcome)
    }

    /// Takes submissions out: they are `reviewed` again, and their images
    /// leave the version if it is still open. What was not submitted is
    /// named.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn unsubmit(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
        by: &By,
    ) -> Result<BulkOutcome> {
        let decide = |row: &predictions::Model| match row.status.parse() {
            Ok(Status::Submitted) => Decision::Move(Status::Reviewed),
            _ => Decision::Refuse(format!("It is {}, not submitted.", words(&row.status))),
        };
        let change = StatusChange::begin(self.db, deployment, ids, decide).await?;
        take_out(&change.tx, change.changed()).await?;
        change.finish(by, "prediction.unsubmit", json!({})).await
    }

    /// What is to be submitted, or why it cannot go.
    async fn checked<'c>(
        &self,
        db: &impl ConnectionTrait,
        target: &Target<'_>,
        row: &predictions::Model,
        candidate: &'c Candidate,
        batch: &Batch,
    ) -> Result<std::result::Result<Accepted<'c>, String>> {
        if row.status != Status::Reviewed.as_str() {
            return Ok(Err(format!("It is {}: only reviewed ones can be submitted.", words(&row.status))));
        }
        if row.image.is_none() {
            return Ok(Err("It was reported without an image.".to_owned()));
        }
        let review = latest_review(self.db, db, self.labels, PredictionId(row.id)).await?;
        let Some(review) = review else { return Ok(Err("It has no review.".to_owned())) };
        if let Some(foreign) = review.boxes.iter().find(|saved| !target.labels.contains(&saved.label)) {
            let label = foreign.label.as_str();
            return Ok(Err(format!("The dataset version that receives feedback has no label {label:?}.")));
        }
        let Some(fingerprint) = &candidate.fingerprint else {
            return Ok(Err("Its image cannot be read.".to_owned()));
        };
        let hash = fingerprint.pixel_hash.as_str();
        let here = batch.assets.iter().any(|asset| asset.pixel_hash == hash);
        let there = assets::Entity::find()
            .filter(assets::Column::PixelHash.eq(hash))
            .filter(assets::Column::VersionId.eq(target.version.0))
            .one(db);
        if here || there.await?.is_some() {
            return Ok(Err("The very same image is in the feedback already.".to_owned()));
        }
        Ok(Ok(Accepted { asset_id: candidate.asset_id, fingerprint, review }))
    }
}

/// Of a deployment, one at a time decides sides. Whoever locks predictions,
/// too, takes this lock first.
pub(crate) async fn lock_loop(db: &impl ConnectionTrait, deployment: DeploymentId) -> Result<()> {
    feedback_loops::Entity::find_by_id(deployment.0).lock_exclusive().one(db).await?;
    Ok(())
}

struct Target<'a> {
    deployment: DeploymentId,
    version: DatasetVersionId,
    labels: BTreeSet<&'a Label>,
}

/// What may go.
struct Accepted<'c> {
    asset_id: AssetId,
    fingerprint: &'c Fingerprint,
    review: Review,
}

/// What one transaction adds.
struct Batch {
    moves: Moves,
    assets: Vec<Asset>,
    rows: Vec<submissions::ActiveModel>,
}

impl Batch {
    async fn add(
        &mut self,
        db: &impl ConnectionTrait,
        target: &Target<'_>,
        row: &predictions::Model,
        accepted: Accepted<'_>,
        by: &By,
    ) -> Result<()> {
        let Accepted { asset_id, fingerprint, review } = accepted;
        let arrival = Arrival {
            deployment: target.deployment,
            fingerprint,
            source: row.source.as_deref(),
            taken: Timestamp(row.created),
            now: by.at,
        };
        let (side, reason) = arrival.side(db).await?;
        let mut labels: BTreeMap<&Label, u64> = BTreeMap::new();
        for saved in &review.boxes {
            *labels.entry(&saved.label).or_default() += 1;
        }
        self.rows.push(submissions::ActiveModel {
            id: NotSet,
            prediction_id: Set(row.id),
            deployment_id: Set(target.deployment.0),
            version_id: Set(target.version.0),
            asset_id: Set(asset_id.0),
            revision: Set(row.revision),
            pixel_hash: Set(fingerprint.pixel_hash.clone()),
            side: Set(side.as_str().to_owned()),
            reason: Set(reason.as_str().to_owned()),
            boxes: Set(i32::try_from(review.boxes.len()).unwrap_or(i32::MAX)),
            labels: Set(to_json(&labels)?),
            submitted_by: Set(by.actor.clone()),
            at: Set(by.at.0),
            consumed_by: Set(None),
        });
        let annotations = review.boxes.into_iter().map(|saved| Annotation {
            label: saved.label,
            rect: saved.rect,
            ignore: saved.ignore,
        });
        self.assets.push(Asset {
            id: asset_id,
            version_id: target.version,
            filename: row.filename.clone().unwrap_or_else(|| row.id.to_string()),
            content_hash: row.image.clone().ok_or_else(|| damaged("the image"))?,
            pixel_hash: fingerprint.pixel_hash.clone(),
            size: to_size(row.width, row.height).ok_or_else(|| damaged("the size"))?,
            split: side.split(),
            annotations: annotations.collect(),
        });
        self.moves.add(row, Status::Submitted);
        Ok(())
    }
}

/// Forgets that these were submitted, and takes their images out of the
/// versions that are still open.
pub(crate) async fn take_out(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = Uuid>) -> Result<()> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let these = submissions::Column::PredictionId.is_in(ids);
    let rows = submissions::Entity::find().filter(these.clone()).all(db).await?;
    submissions::Entity::delete_many().filter(these).exec(db).await?;
    let mut by_version: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for row in rows {
        by_version.entry(row.version_id).or_default().push(row.asset_id);
    }
    let open = dataset_versions::Entity::find()
        .filter(dataset_versions::Column::Id.is_in(by_version.keys().copied()))
        .filter(dataset_versions::Column::Open.eq(true))
        .order_by_asc(dataset_versions::Column::Id);
    for version in open.all(db).await? {
        let assets = by_version.get(&version.id).map_or(&[][..], Vec::as_slice);
        remove_in(db, DatasetVersionId(version.id), assets).await?;
    }
    Ok(())
}

/// A status as it is read in a sentence.
fn words(status: &str) -> String {
    status.replace('_', " ")
}
