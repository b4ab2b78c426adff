//! The images of a training, frozen: what the champion was trained on, and all
//! that was submitted, each as its review had it. Rows are copied, files are
//! not.

use crate::{
    datasets::{add_in, empty_version, labels_of_version, page_in},
    entity::{
        dataset::{assets, dataset_versions},
        feedback::{feedback_sides, submissions},
        learning::frozen_feedback,
    },
    error::{Result, StoreError},
    fingerprint::ContentFingerprint,
    sql,
};
use domain::{
    dataset::{Asset, Split},
    feedback::FeedbackSide,
    ids::{AssetId, DatasetId, DatasetVersionId, DeploymentId},
    name::{Label, Name},
    time::Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Images in memory at a time.
const CHUNK: u64 = 500;

/// A snapshot to be made.
pub(super) struct SnapshotRequest {
    pub(super) deployment: DeploymentId,
    /// What receives submissions: the snapshot is a version of the same
    /// dataset.
    pub(super) target: DatasetVersionId,
    pub(super) name: Name,
    /// What the champion was trained on.
    pub(super) base: Option<DatasetVersionId>,
    /// The champion's, which come first.
    pub(super) labels: Vec<Label>,
    pub(super) created: Timestamp,
}

/// A snapshot.
pub(super) struct Frozen {
    pub(super) version: DatasetVersionId,
    pub(super) fingerprint: String,
}

/// A submitted image, and what its reviewer saw first.
#[derive(FromQueryResult)]
struct Submitted {
    id: i64,
    asset_id: Uuid,
    version_id: Uuid,
    pixel_hash: String,
    prediction_id: Uuid,
    revision: i32,
    started_from: String,
    champion: Uuid,
    shadow: Option<Uuid>,
}

const SUBMITTED: &str = "SELECT s.id, s.asset_id, s.version_id, s.pixel_hash, s.prediction_id, s.revision, \
    r.started_from, p.model_version_id AS champion, w.model_version_id AS shadow FROM submissions s \
    JOIN predictions p ON p.id = s.prediction_id \
    JOIN reviews r ON r.prediction_id = s.prediction_id AND r.revision = s.revision \
    LEFT JOIN shadow_predictions w ON w.prediction_id = s.prediction_id \
    WHERE s.deployment_id = ? AND s.id < ? ORDER BY s.id DESC LIMIT ?";

/// Whether the target's dataset has a version of this name.
pub(super) async fn is_taken(db: &impl ConnectionTrait, target: Uuid, name: &str) -> Result<bool> {
    let target = dataset_versions::Entity::find_by_id(target).one(db).await?;
    let target = target.ok_or_else(|| StoreError::corrupt("the target of a feedback loop"))?;
    let same = dataset_versions::Entity::find()
        .filter(dataset_versions::Column::DatasetId.eq(target.dataset_id))
        .filter(dataset_versions::Column::Name.eq(name));
    Ok(same.count(db).await? > 0)
}

/// Makes the snapshot, inside a transaction.
pub(super) async fn freeze(
    db: &impl ConnectionTrait,
    request: &SnapshotRequest,
    ids: &(dyn Fn() -> Uuid + Send + Sync),
) -> Result<Frozen> {
    let version = open(db, request, ids).await?;
    let mut filling = Filling { db, request, ids, version, fingerprint: ContentFingerprint::default() };
    let fed_back = filling.feedback().await?;
    filling.base(&fed_back).await?;
    let fingerprint = filling.fingerprint.finish();
    let row = dataset_versions::Entity::find_by_id(version.0).one(db).await?;
    let mut row = row.ok_or_else(|| StoreError::corrupt("a new snapshot"))?.into_active_model();
    row.open = Set(false);
    row.fingerprint = Set(fingerprint.clone());
    row.update(db).await?;
    Ok(Frozen { version, fingerprint })
}

/// An open version with the labels of all that will be in it.
async fn open(
    db: &impl ConnectionTrait,
    request: &SnapshotRequest,
    ids: &(dyn Fn() -> Uuid + Send + Sync),
) -> Result<DatasetVersionId> {
    let target = dataset_versions::Entity::find_by_id(request.target.0).one(db).await?;
    let target = target.ok_or_else(|| StoreError::corrupt("the target of a feedback loop"))?;
    let mut sources: Vec<Uuid> = submissions::Entity::find()
        .filter(submissions::Column::DeploymentId.eq(request.deployment.0))
        .select_only()
        .column(submissions::Column::VersionId)
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    sources.sort_unstable();
    sources.extend(request.base.map(|base| base.0));
    let mut labels = request.labels.clone();
    for source in sources {
        for label in labels_of_version(db, DatasetVersionId(source)).await? {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    }
    let id = DatasetVersionId(ids());
    let dataset = DatasetId(target.dataset_id);
    let row = empty_version(id, dataset, request.name.as_str(), request.created)?;
    dataset_versions::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    crate::datasets::put_labels(db, id, &labels).await?;
    Ok(id)
}

struct Filling<'a, C> {
    db: &'a C,
    request: &'a SnapshotRequest,
    ids: &'a (dyn Fn() -> Uuid + Send + Sync),
    version: DatasetVersionId,
    fingerprint: ContentFingerprint,
}

impl<C: ConnectionTrait> Filling<'_, C> {
    /// All that was submitted, the latest first; gives the images' hashes. An
    /// image that went into two versions counts as it was submitted last.
    async fn feedback(&mut self) -> Result<HashSet<String>> {
        let (mut before, mut hashes) = (i64::MAX, HashSet::new());
        loop {
            let values = vec![self.request.deployment.0.into(), before.into(), CHUNK.cast_signed().into()];
            let statement = sql::statement(self.db.get_database_backend(), SUBMITTED, values);
            let rows = Submitted::find_by_statement(statement).all(self.db).await?;
            let Some(last) = rows.last() else { return Ok(hashes) };
            before = last.id;
            let rows: Vec<Submitted> =
                rows.into_iter().filter(|row| hashes.insert(row.pixel_hash.clone())).collect();
            let learned = self.learned(&rows).await?;
            let mut assets = self.assets(&rows).await?;
            let (mut copies, mut origins) = (Vec::new(), Vec::new());
            for row in &rows {
                let damaged = || StoreError::corrupt("the image of a submission");
                let asset = self.copy(assets.remove(&row.asset_id).ok_or_else(damaged)?);
                let started_model = match row.started_from.as_str() {
                    "champion" => Some(row.champion),
                    "shadow" => row.shadow,
                    _ => None,
                };
                origins.push(
                    frozen_feedback::Model {
                        asset_id: asset.id.0,
                        version_id: self.version.0,
                        prediction_id: row.prediction_id,
                        revision: row.revision,
                        started_from: row.started_from.clone(),
                        started_model,
                        fresh: !learned.contains(&row.pixel_hash),
                    }
                    .into_active_model(),
                );
                copies.push(asset);
            }
            add_in(self.db, self.version, &copies).await?;
            frozen_feedback::Entity::insert_many(origins).exec_without_returning(self.db).await?;
        }
    }

    /// What the champion was trained on, but for what was fed back since and
    /// for what is held out.
    async fn base(&mut self, fed_back: &HashSet<String>) -> Result<()> {
        let Some(base) = self.request.base else { return Ok(()) };
        let mut after = None;
        loop {
            let page = page_in(self.db, base, after, CHUNK).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id.0);
            let held_out: Vec<String> = feedback_sides::Entity::find()
                .filter(feedback_sides::Column::PixelHash.is_in(page.iter().map(|a| a.pixel_hash.as_str())))
                .filter(feedback_sides::Column::Side.eq(FeedbackSide::Holdout.as_str()))
                .select_only()
                .column(feedback_sides::Column::PixelHash)
                .into_tuple()
                .all(self.db)
                .await?;
            let wanted = |asset: &Asset| {
                asset.split != Split::Test
                    && !fed_back.contains(&asset.pixel_hash)
                    && !held_out.contains(&asset.pixel_hash)
            };
            let assets: Vec<Asset> = page.into_iter().filter(wanted).collect();
            let copies: Vec<Asset> = assets.into_iter().map(|asset| self.copy(asset)).collect();
            if !copies.is_empty() {
                add_in(self.db, self.version, &copies).await?;
            }
        }
    }

    fn copy(&mut self, asset: Asset) -> Asset {
        let copy = Asset { id: AssetId((self.ids)()), version_id: self.version, ..asset };
        self.fingerprint.add(&copy);
        copy
    }

    /// The hashes of those that the champion was trained on.
    async fn learned(&self, rows: &[Submitted]) -> Result<HashSet<String>> {
        let Some(base) = self.request.base else { return Ok(HashSet::new()) };
        let hashes: Vec<String> = assets::Entity::find()
            .filter(assets::Column::VersionId.eq(base.0))
            .filter(assets::Column::Split.ne(Split::Test.as_str()))
            .filter(assets::Column::PixelHash.is_in(rows.iter().map(|row| row.pixel_hash.as_str())))
            .select_only()
            .column(assets::Column::PixelHash)
            .into_tuple()
            .all(self.db)
            .await?;
        Ok(hashes.into_iter().collect())
    }

    async fn assets(&self, rows: &[Submitted]) -> Result<HashMap<Uuid, Asset>> {
        let mut by_version: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for row in rows {
            by_version.entry(row.version_id).or_default().push(row.asset_id);
        }
        let mut assets = HashMap::new();
        for (version, ids) in by_version {
            for asset in crate::datasets::these_in(self.db, DatasetVersionId(version), &ids).await? {
                assets.insert(asset.id.0, asset);
            }
        }
        Ok(assets)
    }
}
