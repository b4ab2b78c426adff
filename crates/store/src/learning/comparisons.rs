//! Comparisons and what they rest on, box by box, exactly as it was measured.

use super::{Learning, rounds::verdict_word};
use crate::{
    boxes::StoredBox,
    convert::{from_json, to_json, to_size},
    entity::learning::{comparison_images, comparisons},
    error::{Result, StoreError},
    packed,
    sql::{Arg, Fragment, rows},
};
use domain::{
    comparison::{EvidenceImage, StoredComparison},
    event::Event,
    geometry::Size,
    ids::{AssetId, ComparisonId, DeploymentId, ModelVersionId},
    time::Timestamp,
};
use measures::{
    gate::Start,
    metrics::coco::{DetectedBox, TruthBox},
};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// Rows of one INSERT: 10 columns each.
const INSERTED: usize = 500;

impl Learning<'_> {
    /// Keeps a comparison with its evidence, all or nothing.
    ///
    /// # Errors
    /// `Conflict` when something it refers to is not there.
    pub async fn put_comparison(
        &self,
        deployment: DeploymentId,
        stored: &StoredComparison,
        images: &[EvidenceImage],
    ) -> Result<()> {
        let row = comparisons::Model {
            id: stored.id.0,
            deployment_id: deployment.0,
            champion_id: stored.subject.champion_id.0,
            candidate_id: stored.subject.candidate_id.0,
            holdout: stored.subject.holdout_fingerprint.clone(),
            subject: to_json(&stored.subject)?,
            report: to_json(&stored.report)?,
            verdict: verdict_word(stored.report.gate.verdict).to_owned(),
            images: i64::try_from(images.len()).unwrap_or(i64::MAX),
            at: stored.at.0,
        };
        let tx = self.db.begin().await?;
        comparisons::Entity::insert(row.into_active_model()).exec_without_returning(&tx).await?;
        let mut position = 0;
        for chunk in images.chunks(INSERTED) {
            let rows = chunk.iter().map(|image| {
                position += 1;
                to_row(stored.id, position, image).map(IntoActiveModel::into_active_model)
            });
            let rows = rows.collect::<Result<Vec<comparison_images::ActiveModel>>>()?;
            comparison_images::Entity::insert_many(rows).exec_without_returning(&tx).await?;
        }
        tx.publish(Event::DeploymentChanged { id: deployment });
        Ok(tx.commit().await?)
    }

    /// The comparison of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn comparison(&self, id: ComparisonId) -> Result<Option<StoredComparison>> {
        comparisons::Entity::find_by_id(id.0).one(&self.db.reader).await?.map(to_stored).transpose()
    }

    /// The sizes of these images of datasets, those that were deleted since
    /// left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn image_sizes(&self, ids: impl IntoIterator<Item = AssetId>) -> Result<Vec<(AssetId, Size)>> {
        let these = Fragment::one_of("id", ids.into_iter().map(|id| Arg::Id(id.0)));
        let text =
            Fragment::new("SELECT id, width, height FROM assets WHERE ").then(these).say(" ORDER BY id");
        let sizes = rows(&self.db.reader, text).await?;
        sizes
            .iter()
            .map(|row| {
                let size = to_size(row.try_get_by_index(1)?, row.try_get_by_index(2)?);
                let size = size.ok_or_else(|| StoreError::corrupt("the size of an image"))?;
                Ok((AssetId(row.try_get_by_index(0)?), size))
            })
            .collect()
    }

    /// The latest comparison of a deployment; with a candidate, the latest of
    /// that against the champion.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_comparison(
        &self,
        deployment: DeploymentId,
        pair: Option<(ModelVersionId, ModelVersionId)>,
    ) -> Result<Option<StoredComparison>> {
        let mut query = comparisons::Entity::find()
            .filter(comparisons::Column::DeploymentId.eq(deployment.0))
            .order_by_desc(comparisons::Column::Id)
            .limit(1);
        if let Some((champion, candidate)) = pair {
            query = query
                .filter(comparisons::Column::ChampionId.eq(champion.0))
                .filter(comparisons::Column::CandidateId.eq(candidate.0));
        }
        query.one(&self.db.reader).await?.map(to_stored).transpose()
    }

    /// How many comparisons of a deployment used these very images.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn uses(&self, deployment: DeploymentId, holdout: &str) -> Result<u64> {
        let query = comparisons::Entity::find()
            .filter(comparisons::Column::DeploymentId.eq(deployment.0))
            .filter(comparisons::Column::Holdout.eq(holdout));
        Ok(query.count(&self.db.reader).await?)
    }

    /// What a comparison rests on, in the order it was measured.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn evidence(&self, id: ComparisonId) -> Result<Vec<EvidenceImage>> {
        let rows = comparison_images::Entity::find()
            .filter(comparison_images::Column::ComparisonId.eq(id.0))
            .order_by_asc(comparison_images::Column::Position)
            .all(&self.db.reader)
            .await?;
        rows.into_iter().map(to_image).collect()
    }
}

fn to_stored(row: comparisons::Model) -> Result<StoredComparison> {
    Ok(StoredComparison {
        id: ComparisonId(row.id),
        subject: from_json(row.subject, "the subject of a comparison")?,
        report: from_json(row.report, "the report of a comparison")?,
        at: Timestamp(row.at),
    })
}

fn to_row(id: ComparisonId, position: i32, image: &EvidenceImage) -> Result<comparison_images::Model> {
    let class = |category: usize| {
        u32::try_from(category).map_err(|_| StoreError::conflict("a category is too large"))
    };
    let detections = |boxes: &[DetectedBox]| -> Result<Vec<u8>> {
        let pack = |predicted: &DetectedBox| {
            Ok(StoredBox {
                class: class(predicted.category)?,
                ignored: false,
                score: Some(predicted.score),
                rect: predicted.bbox,
            })
        };
        Ok(packed::pack(&boxes.iter().map(pack).collect::<Result<Vec<_>>>()?))
    };
    let truth = |truth: &TruthBox| {
        Ok(StoredBox { class: class(truth.category)?, ignored: truth.crowd, score: None, rect: truth.bbox })
    };
    Ok(comparison_images::Model {
        comparison_id: id.0,
        position,
        asset_id: image.asset_id.0,
        filename: image.filename.clone(),
        start: start_word(image.start).to_owned(),
        truths: packed::pack(&image.truths.iter().map(truth).collect::<Result<Vec<_>>>()?),
        champion: detections(&image.champion)?,
        candidate: detections(&image.candidate)?,
        champion_ms: image.champion_ms,
        candidate_ms: image.candidate_ms,
    })
}

fn to_image(row: comparison_images::Model) -> Result<EvidenceImage> {
    let damaged = |what: &str| StoreError::corrupt(format!("{what} of comparison {}", row.comparison_id));
    let category = |class: u32| usize::try_from(class).map_err(|_| damaged("a class"));
    let detections = |bytes: &[u8]| -> Result<Vec<DetectedBox>> {
        let unpacked = packed::unpack(bytes)?.into_iter().map(|stored_box| {
            let score = stored_box.score.ok_or_else(|| damaged("a score"))?;
            Ok(DetectedBox { category: category(stored_box.class)?, bbox: stored_box.rect, score })
        });
        unpacked.collect()
    };
    let truth = |packed: StoredBox| {
        let [_, _, w, h] = packed.rect;
        let (category, bbox) = (category(packed.class)?, packed.rect);
        Ok(TruthBox { category, bbox, area: w * h, crowd: packed.ignored, hollow: false })
    };
    Ok(EvidenceImage {
        truths: packed::unpack(&row.truths)?.into_iter().map(truth).collect::<Result<_>>()?,
        champion: detections(&row.champion)?,
        candidate: detections(&row.candidate)?,
        start: parse_start(&row.start).ok_or_else(|| damaged("a start"))?,
        asset_id: AssetId(row.asset_id),
        filename: row.filename,
        champion_ms: row.champion_ms,
        candidate_ms: row.candidate_ms,
    })
}

fn start_word(start: Start) -> &'static str {
    match start {
        Start::Empty => "empty",
        Start::Champion => "champion",
        Start::Candidate => "candidate",
    }
}

fn parse_start(word: &str) -> Option<Start> {
    [Start::Empty, Start::Champion, Start::Candidate].into_iter().find(|start| start_word(*start) == word)
}
