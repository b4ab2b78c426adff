//! One group of predictions in one transaction.

use super::{Stored, counting::Counting, prepare::Prepared};
use crate::{
    blobs::{BlobKind, Blobs},
    database::Database,
    entity::prediction::idempotency_keys,
    error::{Result, StoreError},
    files, sql,
    transaction::Transaction,
};
use domain::{
    event::Event,
    ids::{DeploymentId, PredictionId},
    monitor::image_measures::ImageMeasure,
    prediction::Status,
};
use futures::FutureExt;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Value};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::LazyLock,
};
use uuid::Uuid;

const PREDICTION_COLUMNS: [&str; 26] = [
    "id",
    "deployment_id",
    "model_version_id",
    "status",
    "received",
    "created",
    "objects",
    "mean_confidence",
    "min_confidence",
    "latency_ms",
    "width",
    "height",
    "threshold",
    "source",
    "filename",
    "image",
    "outlier_score",
    "outlier_distance",
    "shadow_disagreement",
    "revision",
    "reviewed_by",
    "tags",
    "metadata",
    "visible",
    "outlier_reference_id",
    "image_bytes",
];
/// With a column for each measure of an image, in the order of their table.
static PREDICTIONS: LazyLock<(String, usize)> = LazyLock::new(|| {
    let columns: Vec<&str> =
        PREDICTION_COLUMNS.into_iter().chain(ImageMeasure::all().map(ImageMeasure::name)).collect();
    (format!("INSERT INTO predictions ({})", columns.join(", ")), columns.len())
});
pub(super) const BOXES: &str = "INSERT INTO boxes (prediction_id, origin, revision, position, label_id, \
    score, x, y, w, h, ignored)";
pub(super) const BOX_COUNTS: &str = "INSERT INTO box_counts (deployment_id, label_id, origin, prediction_id, \
    visible, stored, max_score)";
const SHADOWS: &str = "INSERT INTO shadow_predictions (prediction_id, model_version_id, latency_ms)";
const TAGS: &str = "INSERT INTO prediction_tags (deployment_id, tag, prediction_id)";
const METADATA: &str = "INSERT INTO prediction_metadata (deployment_id, prediction_id, key, value, number)";
const SKEWS: &str = "INSERT INTO arrival_skew (deployment_id, least, most)";
const WIDEN_SKEWS: &str = "ON CONFLICT (deployment_id) DO UPDATE SET \
    least = CASE WHEN excluded.least < arrival_skew.least THEN excluded.least ELSE arrival_skew.least END, \
    most = CASE WHEN excluded.most > arrival_skew.most THEN excluded.most ELSE arrival_skew.most END \
    WHERE excluded.least < arrival_skew.least OR excluded.most > arrival_skew.most";
const EMBEDDINGS: &str = "INSERT INTO embeddings (prediction_id, vector)";
const KEYS: &str = "INSERT INTO idempotency_keys (deployment_id, key, prediction_id, request_hash, created)";
const COUNTS: &str = "INSERT INTO prediction_counts (deployment_id, status, count)";
const ADD_COUNTS: &str =
    "ON CONFLICT (deployment_id, status) DO UPDATE SET count = prediction_counts.count + excluded.count";

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
    let images = batch.iter().filter_map(|prepared| prepared.image.as_deref());
    files::require(&tx, blobs, BlobKind::Images, images).await?;
    let known = claim_keys(&tx, batch).await?;
    let is_new = |prepared: &&Prepared| match &prepared.key {
        None => true,
        Some(key) => {
            let claim = known.get(&(prepared.deployment_id, key.key.clone()));
            claim.is_some_and(|(id, _)| *id == prepared.id)
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
        let (count, latest) = arrivals.entry(prepared.deployment_id).or_insert((0, prepared.id));
        *count += 1;
        *latest = prepared.id.max(*latest);
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
    let mut wanted: BTreeMap<(Uuid, &str), &Prepared> = BTreeMap::new();
    for prepared in batch {
        if let Some(key) = &prepared.key {
            wanted.entry((prepared.deployment_id, key.key.as_str())).or_insert(prepared);
        }
    }
    if wanted.is_empty() {
        return Ok(Claims::new());
    }
    let rows = wanted.iter().flat_map(|((deployment_id, key), prepared)| {
        let (hash, created) =
            prepared.key.as_ref().map_or(("", 0), |key| (key.request_hash.as_str(), key.created));
        [
            Value::from(*deployment_id),
            Value::from(*key),
            prepared.id.0.into(),
            Value::from(hash),
            created.into(),
        ]
    });
    sql::insert_rows(db, KEYS, 5, "ON CONFLICT (deployment_id, key) DO NOTHING", rows.collect()).await?;
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
    let Some(key) = &prepared.key else { return Ok(Stored { id: prepared.id, repeated: false }) };
    let claim = claims.get(&(prepared.deployment_id, key.key.clone()));
    let (id, request_hash) = claim.ok_or_else(|| StoreError::corrupt("an idempotency key vanished"))?;
    if *request_hash == key.request_hash {
        Ok(Stored { id: *id, repeated: *id != prepared.id })
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
    let gather = |part: fn(&Prepared) -> &Vec<Value>| -> Vec<Value> {
        new.iter().flat_map(|prepared| part(prepared).iter().cloned()).collect()
    };
    let (predictions, columns) = &*PREDICTIONS;
    sql::insert_rows(db, predictions, *columns, "", gather(|p| &p.prediction)).await?;
    sql::insert_rows(db, BOXES, 11, "", gather(|p| &p.boxes)).await?;
    sql::insert_rows(db, BOX_COUNTS, 7, "", gather(|p| &p.box_counts)).await?;
    sql::insert_rows(db, SHADOWS, 3, "", gather(|p| &p.shadow)).await?;
    sql::insert_rows(db, TAGS, 3, "", gather(|p| &p.tags)).await?;
    sql::insert_rows(db, METADATA, 5, "", gather(|p| &p.metadata)).await?;
    sql::insert_rows(db, EMBEDDINGS, 2, "", gather(|p| &p.embedding)).await?;
    let mut counting = Counting::default();
    let mut by_deployment: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut skews: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for prepared in new {
        counting.merge(&prepared.counting);
        *by_deployment.entry(prepared.deployment_id).or_default() += 1;
        let (least, most) = skews.entry(prepared.deployment_id).or_insert((i64::MAX, i64::MIN));
        (*least, *most) = ((*least).min(prepared.skew_ms), (*most).max(prepared.skew_ms));
    }
    let skews =
        skews.into_iter().flat_map(|(id, (least, most))| [Value::from(id), least.into(), most.into()]);
    sql::insert_rows(db, SKEWS, 3, WIDEN_SKEWS, skews.collect()).await?;
    let counts = by_deployment
        .into_iter()
        .flat_map(|(id, count)| [id.into(), Status::ToReview.as_str().into(), count.into()]);
    sql::insert_rows(db, COUNTS, 3, ADD_COUNTS, counts.collect()).await?;
    counting.write(db).await
}
