//! Single predictions, pages of them, and their number.

use super::{Predictions, rows::to_prediction};
use crate::{
    boxes::{StoredBox, origin_number},
    cursor,
    database::Database,
    entity::{
        deployment::prediction_counts,
        prediction::{boxes, idempotency_keys, predictions, shadow_predictions},
    },
    error::Result,
    sql,
};
use domain::{
    ids::{DeploymentId, ModelVersionId, PredictionId},
    page::{Page, PageRequest},
    prediction::{Origin, PredictedBox, Prediction, PredictionFilter, ShadowPrediction, Sort, Status},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashSet;

/// What stands for the model of a shadow that is not one of ours.
const FOREIGN_MODEL: &str = "external";
/// Ids in one statement.
const KNOWN_AT_A_TIME: usize = 500;

impl Predictions<'_> {
    /// The prediction of this id with all its boxes and its shadow.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: PredictionId) -> Result<Option<Prediction>> {
        let row = predictions::Entity::find_by_id(id.0).one(&self.db.reader).await?;
        let Some(row) = row.filter(|row| row.deletion_id.is_none()) else { return Ok(None) };
        let rows = boxes::Entity::find()
            .filter(boxes::Column::PredictionId.eq(id.0))
            .filter(boxes::Column::Origin.is_in([Origin::Champion, Origin::Shadow].map(origin_number)))
            .order_by_asc(boxes::Column::Origin)
            .order_by_asc(boxes::Column::Position)
            .all(&self.db.reader)
            .await?;
        let stored = rows.iter().map(StoredBox::of_row).collect::<Result<Vec<_>>>()?;
        let labels = self.labels.labels(self.db, stored.iter().map(|one| one.class)).await?;
        let of = |origin: Origin| -> Result<Vec<PredictedBox>> {
            let of_origin = rows.iter().zip(&stored).filter(|(row, _)| row.origin == origin_number(origin));
            of_origin.map(|(_, one)| one.predicted(id.0, &labels)).collect()
        };
        let version = ModelVersionId(row.model_version_id);
        let names = self.names.of(self.db, [version]).await?;
        let mut prediction = to_prediction(row, of(Origin::Champion)?, &names)?;
        if let Some((model, latency_ms)) = self.shadow_of(id).await? {
            let boxes = of(Origin::Shadow)?;
            prediction.shadow = Some(ShadowPrediction { model, latency_ms, boxes });
        }
        Ok(Some(prediction))
    }

    async fn shadow_of(&self, id: PredictionId) -> Result<Option<(String, f64)>> {
        let row = shadow_predictions::Entity::find_by_id(id.0).one(&self.db.reader).await?;
        let Some(row) = row else { return Ok(None) };
        let version = row.model_version_id.map(ModelVersionId);
        let name = match version {
            Some(version) => self.names.of(self.db, [version]).await?.remove(&version),
            None => None,
        };
        Ok(Some((name.unwrap_or_else(|| FOREIGN_MODEL.to_owned()), row.latency_ms)))
    }

    /// The hash of a prediction's image, `None` inside when it came without
    /// one; nothing else is read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn image(&self, id: PredictionId) -> Result<Option<Option<String>>> {
        let only = predictions::Entity::find_by_id(id.0).select_only().column(predictions::Column::Image);
        Ok(only.into_tuple::<Option<String>>().one(&self.db.reader).await?)
    }

    /// A page of a deployment's predictions, each with the boxes at or above
    /// its threshold only and without its shadow: one query for any number.
    ///
    /// # Errors
    /// `InvalidCursor`, or the database's.
    pub async fn page(
        &self,
        id: DeploymentId,
        filter: &PredictionFilter,
        request: &PageRequest,
    ) -> Result<Page<Prediction>> {
        use predictions::Column;
        let mut query = predictions::Entity::find()
            .filter(Column::DeploymentId.eq(id.0))
            .filter(Column::DeletionId.is_null())
            .limit(cursor::fetch(request));
        if let Some(status) = filter.status {
            query = query.filter(Column::Status.eq(status.as_str()));
        }
        let after = cursor::parse_id(request)?;
        query = match filter.sort {
            Sort::Newest => query.order_by_desc(Column::Id),
            Sort::Oldest => query.order_by_asc(Column::Id),
        };
        query = match (after, filter.sort) {
            (None, _) => query,
            (Some(after), Sort::Newest) => query.filter(Column::Id.lt(after)),
            (Some(after), Sort::Oldest) => query.filter(Column::Id.gt(after)),
        };
        let rows = query.all(&self.db.reader).await?;
        let page = cursor::page(rows, request.limit(), |row| row.id.to_string());
        let items = self.with_visible_boxes(page.items).await?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// How many there are, from kept counts: nothing is scanned.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self, id: DeploymentId, filter: &PredictionFilter) -> Result<u64> {
        count(self.db, id, filter.status).await
    }

    /// How many there are in all deployments.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_all(&self) -> Result<u64> {
        Ok(total(&prediction_counts::Entity::find().all(&self.db.reader).await?))
    }

    /// The prediction that a sender's key stored, and the hash of the request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_key(&self, id: DeploymentId, key: &str) -> Result<Option<(PredictionId, String)>> {
        let row = idempotency_keys::Entity::find_by_id((id.0, key.to_owned())).one(&self.db.reader).await?;
        Ok(row.map(|row| (PredictionId(row.prediction_id), row.request_hash)))
    }

    /// Which of these predictions there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(&self, ids: &[PredictionId]) -> Result<HashSet<PredictionId>> {
        let mut known = HashSet::new();
        for ids in ids.chunks(KNOWN_AT_A_TIME) {
            let ids_there = predictions::Entity::find()
                .select_only()
                .column(predictions::Column::Id)
                .filter(predictions::Column::Id.is_in(ids.iter().map(|id| id.0)))
                .into_tuple::<uuid::Uuid>()
                .all(&self.db.reader)
                .await?;
            known.extend(ids_there.into_iter().map(PredictionId));
        }
        Ok(known)
    }

    /// Whether a prediction or a dataset has the image of this hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn image_in_use(&self, image: &str) -> Result<bool> {
        image_in_use(&self.db.reader, image).await
    }
}

/// The kept count of one status or of all.
pub(crate) async fn count(db: &Database, id: DeploymentId, status: Option<Status>) -> Result<u64> {
    use prediction_counts::{Column, Entity};
    let mut query = Entity::find().filter(Column::DeploymentId.eq(id.0));
    if let Some(status) = status {
        query = query.filter(Column::Status.eq(status.as_str()));
    }
    Ok(total(&query.all(&db.reader).await?))
}

fn total(counts: &[prediction_counts::Model]) -> u64 {
    counts.iter().map(|row| row.count.unsigned_abs()).sum()
}

pub(super) async fn image_in_use(db: &impl ConnectionTrait, image: &str) -> Result<bool> {
    let text = "SELECT 1 AS used FROM predictions WHERE image = ? \
                UNION ALL SELECT 1 AS used FROM assets WHERE content_hash = ? LIMIT 1";
    let statement = sql::statement(db.get_database_backend(), text, vec![image.into(), image.into()]);
    Ok(db.query_one_raw(statement).await?.is_some())
}
