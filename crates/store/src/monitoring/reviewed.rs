//! The reviewed images of a model: those that say how good it is, and why the
//! others do not.

use super::{
    Monitoring,
    matches::{to_detections, to_truths},
};
use crate::{
    error::{Result, StoreError},
    lineage::Lineage,
    packed,
    sql::{Arg, Fragment, rows},
};
use domain::{
    ids::{DeploymentId, ModelVersionId, PredictionId},
    lineage::Exclusion,
    monitor::supervised::{ExcludedReview, ReviewedImages, SupervisedImage},
    review::StartedFrom,
};
use measures::metrics::coco::ImageMatches;
use sea_orm::QueryResult;
use std::collections::BTreeMap;

/// Rows without boxes that are looked at in one statement.
const PAGE: usize = 2_000;
/// Rows with boxes that are read in one statement.
const READ: usize = 200;

/// A reviewed image before its boxes are read.
struct Candidate {
    id: PredictionId,
    side: i16,
    excluded: Option<ExcludedReview>,
}

impl Monitoring<'_> {
    /// The reviewed images that a model predicted, as champion or as shadow:
    /// the latest `most` of them that its lineage does not exclude, in the
    /// order of their ids, and those among them that it does.
    ///
    /// # Errors
    /// `Corrupt`, or the database's.
    pub async fn reviewed_images(
        &self,
        deployment: DeploymentId,
        model: ModelVersionId,
        lineage: &Lineage,
        most: usize,
    ) -> Result<ReviewedImages> {
        let mut sides: BTreeMap<PredictionId, i16> = BTreeMap::new();
        let mut excluded: BTreeMap<PredictionId, ExcludedReview> = BTreeMap::new();
        let mut before = None;
        loop {
            let page = self.candidates(deployment, model, lineage, before).await?;
            for candidate in &page {
                if sides.len() == most {
                    break;
                }
                match candidate.excluded {
                    Some(review) => drop(excluded.insert(candidate.id, review)),
                    // A model that saw an image in both roles counts once.
                    None => {
                        let side = sides.entry(candidate.id).or_insert(candidate.side);
                        *side = candidate.side.min(*side);
                    }
                }
            }
            before = page.last().map(|candidate| candidate.id);
            if page.len() < PAGE || sides.len() == most {
                break;
            }
        }
        let images = self.with_boxes(&sides).await?;
        Ok(ReviewedImages { images, excluded: excluded.into_values().collect() })
    }

    /// Some of a model's reviewed images, the latest first.
    async fn candidates(
        &self,
        deployment: DeploymentId,
        model: ModelVersionId,
        lineage: &Lineage,
        before: Option<PredictionId>,
    ) -> Result<Vec<Candidate>> {
        let mut query = Fragment::with(
            "SELECT m.prediction_id, m.side, m.started_from, m.picked, p.image, f.pixel_hash \
             FROM supervised_matches m JOIN predictions p ON p.id = m.prediction_id \
             LEFT JOIN image_fingerprints f ON f.image = p.image \
             WHERE m.deployment_id = ? AND m.side IN (0, 1) AND m.model_version_id = ? \
             AND p.deletion_id IS NULL",
            [Arg::Id(deployment.0), Arg::Id(model.0)],
        );
        if let Some(before) = before {
            query = query.say(" AND m.prediction_id < ").value(before.0);
        }
        let page = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let query = query.say(" ORDER BY m.prediction_id DESC LIMIT ").value(page);
        let candidates = rows(&self.db.reader, query).await?;
        candidates.iter().map(|row| to_candidate(row, lineage)).collect()
    }

    async fn with_boxes(&self, sides: &BTreeMap<PredictionId, i16>) -> Result<Vec<SupervisedImage>> {
        let ids: Vec<PredictionId> = sides.keys().copied().collect();
        let mut images = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(READ) {
            let these = Fragment::one_of("m.prediction_id", chunk.iter().map(|id| Arg::Id(id.0)));
            let query = Fragment::new(
                "SELECT m.prediction_id, m.side, m.started_from, m.picked, m.threshold, m.received, \
                 m.matches, m.truths, m.detections FROM supervised_matches m WHERE ",
            );
            let query = query.then(these).say(" ORDER BY m.prediction_id");
            for row in rows(&self.db.reader, query).await? {
                let side: i16 = row.try_get_by_index(1)?;
                let id = PredictionId(row.try_get_by_index(0)?);
                if sides.get(&id) == Some(&side) {
                    images.push(to_image(&row, id, side)?);
                }
            }
        }
        Ok(images)
    }
}

fn damaged(id: PredictionId) -> StoreError {
    StoreError::corrupt(format!("the matches of prediction {id}"))
}

fn to_candidate(row: &QueryResult, lineage: &Lineage) -> Result<Candidate> {
    let id = PredictionId(row.try_get_by_index(0)?);
    let [started_from, picked]: [String; 2] = [row.try_get_by_index(2)?, row.try_get_by_index(3)?];
    let image: Option<String> = row.try_get_by_index(4)?;
    let pixel_hash: Option<String> = row.try_get_by_index(5)?;
    let why = match (image, pixel_hash) {
        // Without a picture it cannot have been trained on.
        (None, _) => None,
        (Some(_), _) if lineage.is_empty() => None,
        (Some(_), None) => Some(Exclusion::Unchecked),
        (Some(_), Some(pixel_hash)) => lineage.excludes(&pixel_hash),
    };
    let excluded = match why {
        None => None,
        Some(why) => Some(ExcludedReview {
            id,
            started_from: started_from.parse().map_err(|_| damaged(id))?,
            picked: picked.parse().map_err(|_| damaged(id))?,
            why,
        }),
    };
    Ok(Candidate { id, side: row.try_get_by_index(1)?, excluded })
}

fn to_image(row: &QueryResult, id: PredictionId, side: i16) -> Result<SupervisedImage> {
    let [started_from, picked]: [String; 2] = [row.try_get_by_index(2)?, row.try_get_by_index(3)?];
    let started_from: StartedFrom = started_from.parse().map_err(|_| damaged(id))?;
    let began_with = if side == 0 { StartedFrom::Champion } else { StartedFrom::Shadow };
    let [matches, truths, detections]: [Vec<u8>; 3] =
        [row.try_get_by_index(6)?, row.try_get_by_index(7)?, row.try_get_by_index(8)?];
    Ok(SupervisedImage {
        id,
        started_from,
        picked: picked.parse().map_err(|_| damaged(id))?,
        threshold: row.try_get_by_index(4)?,
        received: domain::time::Timestamp(row.try_get_by_index(5)?),
        shown: started_from == began_with,
        matches: ImageMatches::from_bytes(&matches).map_err(|_| damaged(id))?,
        truths: to_truths(&packed::unpack(&truths)?),
        detections: to_detections(&packed::unpack(&detections)?),
    })
}
