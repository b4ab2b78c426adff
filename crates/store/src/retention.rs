//! What is kept of what nobody has reviewed, and what is to go.

use crate::{
    database::Database,
    error::Result,
    sql::{Arg, Fragment, rows},
};
use domain::{
    ids::{DeploymentId, PredictionId},
    retention::StoredImages,
    time::Timestamp,
};
use sea_orm::QueryResult;

/// Never reviewed by a person, and in nobody's hands.
const UNREVIEWED: &str = "p.deletion_id IS NULL AND p.revision = 0 AND NOT EXISTS \
    (SELECT 1 FROM review_leases l WHERE l.prediction_id = p.id AND l.until > ";

/// How long what arrives is kept.
#[derive(Clone, Copy, Debug)]
pub struct Retentions<'a> {
    pub(crate) db: &'a Database,
}

impl Retentions<'_> {
    /// What is stored of images. Reads all predictions of the deployment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stored_images(&self, id: DeploymentId) -> Result<StoredImages> {
        let text = "SELECT CAST(COUNT(image) AS BIGINT), CAST(COALESCE(SUM(image_bytes), 0) AS BIGINT) \
                    FROM predictions WHERE deployment_id = ? AND deletion_id IS NULL";
        let sums = rows(&self.db.reader, Fragment::with(text, [Arg::Id(id.0)])).await?;
        let Some(row) = sums.first() else { return Ok(StoredImages::default()) };
        let number = |place| row.try_get_by_index::<i64>(place).map(i64::unsigned_abs);
        Ok(StoredImages { images: number(0)?, bytes: number(1)? })
    }

    /// Predictions that arrived before `before` and that nobody reviewed or
    /// holds at `now`, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn older(
        &self,
        id: DeploymentId,
        before: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<PredictionId>> {
        let query = Fragment::new("SELECT p.id FROM predictions p WHERE p.deployment_id = ")
            .value(id.0)
            .say(" AND p.received < ")
            .value(before.0)
            .then(unreviewed(now))
            .say(" ORDER BY p.received LIMIT ")
            .value(i64::from(limit));
        let predictions = rows(&self.db.reader, query).await?;
        predictions.iter().map(|row| Ok(PredictionId(row.try_get_by_index(0)?))).collect()
    }

    /// Predictions with an image that nobody reviewed or holds at `now`, with
    /// the bytes of its file, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest_images(
        &self,
        id: DeploymentId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(PredictionId, u64)>> {
        let query = Fragment::new("SELECT p.id, p.image_bytes FROM predictions p WHERE p.deployment_id = ")
            .value(id.0)
            .say(" AND p.image_bytes IS NOT NULL")
            .then(unreviewed(now))
            .say(" ORDER BY p.received LIMIT ")
            .value(i64::from(limit));
        let images = rows(&self.db.reader, query).await?;
        let pair = |row: &QueryResult| {
            let bytes: i64 = row.try_get_by_index(1)?;
            Ok((PredictionId(row.try_get_by_index(0)?), bytes.unsigned_abs()))
        };
        images.iter().map(pair).collect()
    }
}

fn unreviewed(now: Timestamp) -> Fragment {
    Fragment::new(" AND ").say(UNREVIEWED).value(now.0).say(")")
}
