//! What a model version learned from: the training splits of the dataset
//! versions in its line, found again among images by the hash of their pixels
//! and by near duplicates. Rows only: no image is read here.
//!
//! Dataset versions that a model version names are frozen and never deleted
//! (a foreign key holds them), so a lineage never forgets and never grows.

use crate::{
    database::Database,
    entity::model::{experiments, model_versions},
    error::{Result, StoreError},
    experiments::params_of,
    sql::{Arg, Fragment, rows},
};
use domain::{
    dataset::Split,
    ids::{AssetId, DatasetVersionId, DeploymentId, ModelVersionId},
    lineage::{Exclusion, Occurrence, near_duplicates},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryResult};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// Which splits of a lineage exclude an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrainingSplits {
    /// `train` and `val`: what weights were fitted to, and what they were
    /// chosen by. For figures that say how good a version is.
    FittedOrChosen,
    /// `train`, and `val` where the training fitted that, too. For images that
    /// say what is usual, which a choice between weights does not spoil.
    Fitted,
}

/// What a model version came from, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The experiment that made it.
    pub experiment: Option<String>,
    /// What it was trained on, `dataset/version`.
    pub dataset: Option<String>,
}

/// What one model version, or several together, learned from.
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    /// Dataset versions whose `train` split is part of it.
    train: BTreeSet<Uuid>,
    /// Dataset versions whose `val` split is part of it.
    val: BTreeSet<Uuid>,
    /// Of the images that people reviewed or submitted, those that are part.
    trained_on: HashSet<String>,
    /// Of the same, near duplicates of such.
    near: HashSet<String>,
}

impl Lineage {
    /// Whether nothing is known that it learned from: then every image counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.train.is_empty()
    }

    /// Whether this split of this dataset version is one that it was fitted to
    /// or chosen by.
    #[must_use]
    pub fn includes(&self, dataset: DatasetVersionId, split: Split) -> bool {
        match split {
            Split::Train => self.train.contains(&dataset.0),
            Split::Val => self.val.contains(&dataset.0),
            Split::Test => false,
        }
    }

    /// Why a reviewed image with these pixels does not count, if it does not.
    pub(crate) fn excludes(&self, pixel_hash: &str) -> Option<Exclusion> {
        if self.trained_on.contains(pixel_hash) {
            Some(Exclusion::TrainedOn)
        } else {
            self.near.contains(pixel_hash).then_some(Exclusion::NearDuplicate)
        }
    }

    /// Whether the asset `a` is in a training split.
    fn holds(&self) -> Fragment {
        let of = |versions: &BTreeSet<Uuid>, split: &str| {
            let versions = Fragment::one_of("a.version_id", versions.iter().map(|id| Arg::Id(*id)));
            Fragment::all([versions, Fragment::with("a.split = ?", [Arg::from(split)])])
        };
        Fragment::any([of(&self.train, Split::Train.as_str()), of(&self.val, Split::Val.as_str())])
    }

    /// 1 where pixels of this hash are in a training split, else 0.
    fn has_pixels(&self, column: &str) -> Fragment {
        Fragment::new("CASE WHEN EXISTS (SELECT 1 FROM assets a WHERE a.pixel_hash = ")
            .say(column)
            .say(" AND ")
            .then(self.holds())
            .say(") THEN 1 ELSE 0 END")
    }
}

/// The lineages of model versions.
#[derive(Clone, Copy, Debug)]
pub struct Lineages<'a> {
    pub(crate) db: &'a Database,
}

impl Lineages<'_> {
    /// What these versions came from.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn origins(
        &self,
        versions: impl IntoIterator<Item = ModelVersionId>,
    ) -> Result<HashMap<ModelVersionId, Origin>> {
        let text = "SELECT v.id, e.name, d.name, s.name FROM model_versions v \
                    LEFT JOIN experiments e ON e.id = v.experiment_id \
                    LEFT JOIN dataset_versions s ON s.id = v.dataset_version_id \
                    LEFT JOIN datasets d ON d.id = s.dataset_id WHERE ";
        let these = Fragment::one_of("v.id", versions.into_iter().map(|id| Arg::Id(id.0)));
        let origins = rows(&self.db.reader, Fragment::new(text).then(these)).await?;
        origins
            .iter()
            .map(|row| {
                let dataset: Option<String> = row.try_get_by_index(2)?;
                let version: Option<String> = row.try_get_by_index(3)?;
                let dataset = dataset.zip(version).map(|(dataset, version)| format!("{dataset}/{version}"));
                let origin = Origin { experiment: row.try_get_by_index(1)?, dataset };
                Ok((ModelVersionId(row.try_get_by_index(0)?), origin))
            })
            .collect()
    }

    /// What these versions and those they came from learned from. Near
    /// duplicates are looked for among what any deployment submitted and what
    /// was reviewed in `deployment` (in all of them when `None`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(
        &self,
        versions: &[ModelVersionId],
        splits: TrainingSplits,
        deployment: Option<DeploymentId>,
    ) -> Result<Lineage> {
        let mut lineage = self.line(versions, splits).await?;
        if lineage.is_empty() {
            return Ok(lineage);
        }
        let mut occurrences = self.submitted(&lineage).await?;
        occurrences.extend(self.reviewed(&lineage, deployment).await?);
        // Ten thousand images of one camera and day are compared in a fraction
        // of a second, during which this thread would answer nobody.
        let compared = tokio::task::spawn_blocking(move || {
            lineage.near = near_duplicates(&occurrences);
            let trained_on = occurrences.into_iter().filter(|occurrence| occurrence.trained_on);
            lineage.trained_on = trained_on.map(|occurrence| occurrence.pixel_hash).collect();
            lineage
        });
        // It fails only when the program ends.
        compared.await.map_err(|_| StoreError::Closed)
    }

    /// The images of a dataset version (of one split, or of all) that a lineage
    /// excludes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn excluded_assets(
        &self,
        lineage: &Lineage,
        dataset: DatasetVersionId,
        split: Option<Split>,
    ) -> Result<HashMap<AssetId, Exclusion>> {
        if lineage.is_empty() {
            return Ok(HashMap::new());
        }
        let mut query = Fragment::new("SELECT b.id, b.pixel_hash, ")
            .then(lineage.has_pixels("b.pixel_hash"))
            .say(" FROM assets b WHERE b.version_id = ")
            .value(dataset.0);
        if let Some(split) = split {
            query = query.say(" AND b.split = ").value(split.as_str());
        }
        let mut excluded = HashMap::new();
        for row in rows(&self.db.reader, query).await? {
            let pixel_hash: String = row.try_get_by_index(1)?;
            let why = if is_set(&row, 2)? {
                Some(Exclusion::TrainedOn)
            } else {
                lineage.near.contains(&pixel_hash).then_some(Exclusion::NearDuplicate)
            };
            if let Some(why) = why {
                excluded.insert(AssetId(row.try_get_by_index(0)?), why);
            }
        }
        Ok(excluded)
    }

    /// The dataset versions of the whole line. Weights that came in as a file
    /// say nothing of their training, but the same weights made here do.
    async fn line(&self, versions: &[ModelVersionId], splits: TrainingSplits) -> Result<Lineage> {
        let mut lineage = Lineage::default();
        let mut known: HashSet<Uuid> = versions.iter().map(|id| id.0).collect();
        let mut waiting: Vec<Uuid> = known.iter().copied().collect();
        while let Some(id) = waiting.pop() {
            let row = model_versions::Entity::find_by_id(id).one(&self.db.reader).await?;
            let Some(row) = row else { continue };
            if let Some(dataset) = row.dataset_version_id {
                lineage.train.insert(dataset);
                if splits == TrainingSplits::FittedOrChosen || self.fits_val(row.experiment_id).await? {
                    lineage.val.insert(dataset);
                }
            }
            let mut next: Vec<Uuid> = row.base_id.into_iter().collect();
            if row.dataset_version_id.is_none() && row.base_id.is_none() {
                next.extend(self.same_weights(row.weights_sha256.as_deref()).await?);
            }
            waiting.extend(next.into_iter().filter(|id| known.insert(*id)));
        }
        Ok(lineage)
    }

    async fn fits_val(&self, experiment: Option<Uuid>) -> Result<bool> {
        let Some(id) = experiment else { return Ok(false) };
        let Some(row) = experiments::Entity::find_by_id(id).one(&self.db.reader).await? else {
            return Ok(false);
        };
        Ok(params_of(row.id, row.trainer, row.params)?.fits_val())
    }

    async fn same_weights(&self, sha256: Option<&str>) -> Result<Vec<Uuid>> {
        let Some(sha256) = sha256 else { return Ok(Vec::new()) };
        let same = model_versions::Entity::find()
            .filter(model_versions::Column::WeightsSha256.eq(sha256))
            .all(&self.db.reader)
            .await?;
        Ok(same.into_iter().map(|row| row.id).collect())
    }

    /// Every image that was ever submitted, as it was taken.
    async fn submitted(&self, lineage: &Lineage) -> Result<Vec<Occurrence>> {
        let query =
            Fragment::new("SELECT s.pixel_hash, s.perceptual_hash, s.deployment_id, s.source, s.taken, ")
                .then(lineage.has_pixels("s.pixel_hash"))
                .say(", COALESCE(s.follows, s.pixel_hash) FROM feedback_sides s");
        let occurrences = rows(&self.db.reader, query).await?;
        occurrences.iter().map(|row| occurrence(row, Some(row.try_get_by_index(6)?))).collect()
    }

    /// Every reviewed image whose pixels were read. The reviews come first in
    /// the join: many predictions may be of one image, few are reviewed.
    async fn reviewed(&self, lineage: &Lineage, deployment: Option<DeploymentId>) -> Result<Vec<Occurrence>> {
        let mut query =
            Fragment::new("SELECT f.pixel_hash, f.perceptual_hash, p.deployment_id, p.source, p.created, ")
                .then(lineage.has_pixels("f.pixel_hash"))
                .say(
                    " FROM supervised_matches m CROSS JOIN predictions p CROSS JOIN image_fingerprints f \
             WHERE m.side = 0 AND p.id = m.prediction_id AND p.deletion_id IS NULL AND f.image = p.image",
                );
        if let Some(deployment) = deployment {
            query = query.say(" AND m.deployment_id = ").value(deployment.0);
        }
        let occurrences = rows(&self.db.reader, query).await?;
        occurrences.iter().map(|row| occurrence(row, None)).collect()
    }
}

fn occurrence(row: &QueryResult, group: Option<String>) -> Result<Occurrence> {
    let perceptual_hash: i64 = row.try_get_by_index(1)?;
    Ok(Occurrence {
        pixel_hash: row.try_get_by_index(0)?,
        perceptual_hash: perceptual_hash.cast_unsigned(),
        deployment: DeploymentId(row.try_get_by_index(2)?),
        source: row.try_get_by_index(3)?,
        taken: Timestamp(row.try_get_by_index(4)?),
        trained_on: is_set(row, 5)?,
        group,
    })
}

fn is_set(row: &QueryResult, column: usize) -> Result<bool> {
    Ok(row.try_get_by_index::<i32>(column)? != 0)
}
