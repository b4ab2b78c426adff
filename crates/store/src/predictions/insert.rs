//! One group of predictions in one transaction.

use super::{
    Stored,
    counting::Counting,
    prepare::Prepared,
    status_counts::{self, CountChanges},
};
use crate::{
    blobs::{BlobKind, Blobs},
    database::Database,
    entity::prediction::{arrival_skew, idempotency_keys},
    error::{Result, StoreError},
    files, table,
    transaction::Transaction,
};
use domain::{
    event::Event,
    ids::{DeploymentId, PredictionId},
    prediction::Status,
};
use futures::FutureExt;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    panic::AssertUnwindSafe,
};
use uuid::Uuid;

const WIDEN_SKEWS: &str = "ON CONFLICT (deployment_id) DO UPDATE SET \
    least = CASE WHEN excluded.least < arrival_skew.least THEN excluded.least ELSE arrival_skew.least END, \
    most = CASE WHEN excluded.most > arrival_skew.most THEN excluded.most ELSE arrival_skew.most END \
    WHERE excluded.least < arrival_skew.least OR excluded.most > arrival_skew.most";

/// Stores a group and answers for each, in order. When the group fails its
/// halves are tried, down to the one that is to blame; but not when the disk
/// is full or the database away, which is nobody's fault among them.
pub(super) async fn store_batch(db: &Database, blobs: &Blobs, batch: &[Prepared]) -> Vec<Result<Stored>> {
    let mut results = Vec::with_capacity(batch.len());
    // Ranges still to be stored; the last one is next.
    let mut open = vec![batch];
    while let Some(part) = open.pop() {
        let error = match store_or_catch(db, blobs, part).await {
            Ok(stored) => {
                results.extend(stored);
                continue;
            }
            Err(error) => error,
        };
        if error.of_everything().is_some() {
            let refused = part.len() + open.iter().map(|part| part.len()).sum::<usize>();
            tracing::warn!(%error, predictions = refused, "predictions cannot be stored");
            results.extend((0..refused).map_while(|_| error.of_everything()).map(Err));
            break;
        }
        if part.len() <= 1 {
            results.push(Err(error));
        } else {
            tracing::debug!(%error, predictions = part.len(), "a group failed: trying its halves");
            let (first, second) = part.split_at(part.len() / 2);
            open.extend([second, first]);
        }
    }
    results
}

/// A panic is an error like another one: the writing task goes on. What had
/// been begun is dropped by it, which rolls it back.
async fn store_or_catch(db: &Database, blobs: &Blobs, batch: &[Prepared]) -> Result<Vec<Result<Stored>>> {
    let stored = AssertUnwindSafe(store_together(db, blobs, batch)).catch_unwind().await;
    stored.unwrap_or_else(|_| Err(StoreError::Defect("storing predictions panicked".to_owned())))
}

/// All of them or none; an `Ok` inside `Err` never happens half-way.
async fn store_together(db: &Database, blobs: &Blobs, batch: &[Prepared]) -> Result<Vec<Result<Stored>>> {
    let tx = db.begin().await?;
    let images = batch.iter().filter_map(|prepared| prepared.prediction.row.image.as_deref());
    files::require(&tx, blobs, BlobKind::Images, images).await?;
    let known = claim_keys(&tx, batch).await?;
    let is_new = |prepared: &&Prepared| match &prepared.key {
        None => true,
        Some(key) => {
            let claim = known.get(&(key.deployment_id, key.key.clone()));
            claim.is_some_and(|(id, _)| *id == prepared.id())
        }
    };
    let new: Vec<&Prepared> = batch.iter().filter(is_new).collect();
    insert_rows(&tx, &new).await?;
    publish_arrivals(&tx, &new);
    tx.commit().await?;
    Ok(batch.iter().map(|prepared| answer(prepared, &known)).collect())
}

/// One event of a deployment for the whole group: what is told of thousands of
/// predictions a second must not cost what they cost.
fn publish_arrivals(tx: &Transaction, new: &[&Prepared]) {
    let mut arrivals: BTreeMap<Uuid, (u32, PredictionId)> = BTreeMap::new();
    for prepared in new {
        let id = prepared.id();
        let (count, latest) = arrivals.entry(prepared.prediction.row.deployment_id).or_insert((0, id));
        *count += 1;
        *latest = id.max(*latest);
    }
    for (deployment, (count, latest)) in arrivals {
        tx.publish(Event::PredictionsArrived { deployment_id: DeploymentId(deployment), count, latest });
    }
}

/// Which prediction has a key, and the hash of the request that brought it.
type Claims = HashMap<(Uuid, String), (PredictionId, String)>;

/// Writes the keys that are new and reads those that were there.
async fn claim_keys(db: &impl ConnectionTrait, batch: &[Prepared]) -> Result<Claims> {
    // In the order of the keys, so that two processes never wait in a circle;
    // of two equal keys in one group the first one counts.
    let mut wanted: BTreeMap<(Uuid, &str), &idempotency_keys::Model> = BTreeMap::new();
    for key in batch.iter().filter_map(|prepared| prepared.key.as_ref()) {
        wanted.entry((key.deployment_id, key.key.as_str())).or_insert(key);
    }
    if wanted.is_empty() {
        return Ok(Claims::new());
    }
    table::insert(db, wanted.values().copied(), "ON CONFLICT (deployment_id, key) DO NOTHING").await?;
    let deployments: HashSet<Uuid> = wanted.keys().map(|(deployment_id, _)| *deployment_id).collect();
    let mut claims = Claims::new();
    for deployment_id in deployments {
        use idempotency_keys::{Column, Entity};
        let keys = wanted.keys().filter(|(id, _)| *id == deployment_id).map(|(_, key)| *key);
        let query =
            Entity::find().filter(Column::DeploymentId.eq(deployment_id)).filter(Column::Key.is_in(keys));
        for row in query.all(db).await? {
            claims.insert((deployment_id, row.key), (PredictionId(row.prediction_id), row.request_hash));
        }
    }
    Ok(claims)
}

fn answer(prepared: &Prepared, claims: &Claims) -> Result<Stored> {
    let Some(key) = &prepared.key else { return Ok(Stored { id: prepared.id(), repeated: false }) };
    let claim = claims.get(&(key.deployment_id, key.key.clone()));
    let (id, request_hash) = claim.ok_or_else(|| StoreError::corrupt("an idempotency key vanished"))?;
    if *request_hash == key.request_hash {
        Ok(Stored { id: *id, repeated: *id != prepared.id() })
    } else {
        Err(StoreError::conflict(format!(
            "the idempotency key {:?} was used for a request with another body",
            key.key
        )))
    }
}

async fn insert_rows(db: &impl ConnectionTrait, new: &[&Prepared]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    table::insert(db, new.iter().map(|one| &one.prediction), "").await?;
    table::insert(db, new.iter().flat_map(|one| &one.boxes), "").await?;
    table::insert(db, new.iter().flat_map(|one| &one.box_counts), "").await?;
    table::insert(db, new.iter().filter_map(|one| one.shadow.as_ref()), "").await?;
    table::insert(db, new.iter().flat_map(|one| &one.tags), "").await?;
    table::insert(db, new.iter().flat_map(|one| &one.metadata), "").await?;
    let mut counting = Counting::default();
    let mut arrived = CountChanges::new();
    let mut skews: BTreeMap<Uuid, arrival_skew::Model> = BTreeMap::new();
    for prepared in new {
        counting.merge(&prepared.counting);
        let deployment_id = prepared.prediction.row.deployment_id;
        *arrived.entry((deployment_id, Status::ToReview.as_str().to_owned())).or_default() += 1;
        let skew = skews.entry(deployment_id);
        let skew = skew.or_insert(arrival_skew::Model { deployment_id, least: i64::MAX, most: i64::MIN });
        (skew.least, skew.most) = (skew.least.min(prepared.skew_ms), skew.most.max(prepared.skew_ms));
    }
    table::insert(db, skews.values(), WIDEN_SKEWS).await?;
    status_counts::add(db, arrived).await?;
    counting.write(db).await
}
