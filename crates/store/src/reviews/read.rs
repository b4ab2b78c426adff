//! Revisions and skips on their way out.

use super::{Reviews, rows};
use crate::{
    database::Database,
    entity::review::{review_skips, reviews},
    error::Result,
    labels::LabelBook,
};
use domain::{
    ids::PredictionId,
    review::{Review, RevisionInfo, Skip},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

impl Reviews<'_> {
    /// All about the latest revision but its boxes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self, id: PredictionId) -> Result<Option<RevisionInfo>> {
        latest(&self.db.reader, id).await?.map(rows::to_info).transpose()
    }

    /// The latest revision.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest(&self, id: PredictionId) -> Result<Option<Review>> {
        self.loaded(latest(&self.db.reader, id).await?).await
    }

    /// One revision.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: PredictionId, revision: u32) -> Result<Option<Review>> {
        let Ok(revision) = i32::try_from(revision) else { return Ok(None) };
        self.loaded(reviews::Entity::find_by_id((id.0, revision)).one(&self.db.reader).await?).await
    }

    /// All revisions, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history(&self, id: PredictionId) -> Result<Vec<RevisionInfo>> {
        let rows = reviews::Entity::find()
            .filter(reviews::Column::PredictionId.eq(id.0))
            .order_by_desc(reviews::Column::Revision)
            .all(&self.db.reader)
            .await?;
        rows.into_iter().map(rows::to_info).collect()
    }

    /// Why it is skipped, if it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn skip_of(&self, id: PredictionId) -> Result<Option<Skip>> {
        let row = review_skips::Entity::find_by_id(id.0).one(&self.db.reader).await?;
        Ok(row.map(|row| Skip { reason: row.reason, by: row.skipped_by, at: Timestamp(row.at) }))
    }

    async fn loaded(&self, row: Option<reviews::Model>) -> Result<Option<Review>> {
        let Some(row) = row else { return Ok(None) };
        rows::load(self.db, &self.db.reader, self.labels, row).await.map(Some)
    }
}

/// The row of the latest revision.
pub(super) async fn latest(db: &impl ConnectionTrait, id: PredictionId) -> Result<Option<reviews::Model>> {
    let query = reviews::Entity::find()
        .filter(reviews::Column::PredictionId.eq(id.0))
        .order_by_desc(reviews::Column::Revision);
    Ok(query.one(db).await?)
}

/// The latest revision, read inside a transaction.
pub(crate) async fn latest_review(
    db: &Database,
    from: &impl ConnectionTrait,
    labels: &LabelBook,
    id: PredictionId,
) -> Result<Option<Review>> {
    let Some(row) = latest(from, id).await? else { return Ok(None) };
    rows::load(db, from, labels, row).await.map(Some)
}
