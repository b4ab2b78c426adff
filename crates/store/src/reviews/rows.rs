//! Rows of reviews as types of `domain`.

use crate::{
    boxes::{StoredBox, origin_number},
    convert::{from_json, to_u32},
    database::Database,
    entity::{
        prediction::boxes,
        review::{review_leases, reviews},
    },
    error::{Result, StoreError},
    labels::LabelBook,
};
use domain::{
    dataset::Annotation,
    ids::PredictionId,
    prediction::Origin,
    review::{Lease, Review, RevisionInfo, SavedBox, Source},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

pub(super) fn to_info(row: reviews::Model) -> Result<RevisionInfo> {
    let what =
        |part: &str| format!("{part} of revision {} of prediction {}", row.revision, row.prediction_id);
    let damaged = |part: &str| StoreError::corrupt(what(part));
    Ok(RevisionInfo {
        revision: to_u32(row.revision, "a revision")?,
        base_revision: to_u32(row.base_revision, "a base revision")?,
        restored_from: row.restored_from.map(|number| to_u32(number, "a revision")).transpose()?,
        started_from: row.started_from.parse().map_err(|_| damaged("the start"))?,
        picked: row.picked.parse().map_err(|_| damaged("the pick"))?,
        box_count: to_u32(row.box_count, "a number of boxes")?,
        untouched: to_u32(row.untouched, "a number of boxes")?,
        statistics: row.statistics.map(|value| from_json(value, "statistics of a review")).transpose()?,
        reviewer: row.reviewer,
        at: Timestamp(row.at),
    })
}

/// A revision with its boxes.
pub(super) async fn load(
    db: &Database,
    from: &impl ConnectionTrait,
    labels: &LabelBook,
    mut row: reviews::Model,
) -> Result<Review> {
    let rows = boxes::Entity::find()
        .filter(boxes::Column::PredictionId.eq(row.prediction_id))
        .filter(boxes::Column::Origin.eq(origin_number(Origin::Review)))
        .filter(boxes::Column::Revision.eq(row.revision))
        .order_by_asc(boxes::Column::Position)
        .all(from)
        .await?;
    let sources: Vec<Option<Source>> = optional(row.sources.take(), "sources of a review")?;
    let left_as_drawn: Vec<Source> = optional(row.left_as_drawn.take(), "boxes of a review")?;
    let stored = rows.iter().map(StoredBox::of_row).collect::<Result<Vec<_>>>()?;
    let words = labels.labels(db, stored.iter().map(|one| one.class)).await?;
    let sources = sources.into_iter().chain(std::iter::repeat(None));
    let boxes = stored.iter().zip(sources).map(|(one, source)| {
        let Annotation { label, rect, ignore } = one.annotation(row.prediction_id, &words)?;
        Ok(SavedBox { label, rect, ignore, source })
    });
    let boxes = boxes.collect::<Result<Vec<_>>>()?;
    Ok(Review { info: to_info(row)?, boxes, left_as_drawn })
}

pub(super) fn to_lease(row: review_leases::Model, mine: bool) -> Result<Lease> {
    Ok(Lease {
        prediction_id: PredictionId(row.prediction_id),
        mine,
        until: Timestamp(row.until),
        picked: row.picked.parse().map_err(|_| StoreError::corrupt("the pick of a lease"))?,
        holder: row.name,
    })
}

fn optional<T: serde::de::DeserializeOwned>(value: Option<serde_json::Value>, what: &str) -> Result<Vec<T>> {
    value.map_or_else(|| Ok(Vec::new()), |value| from_json(value, what))
}
