//! Rows of reviews as types of `domain`.

use crate::{
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
    geometry::Rect,
    ids::PredictionId,
    review::{Lease, Review, RevisionInfo, SavedBox, Source},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// The number of a review's boxes among the origins.
pub(super) const REVIEW: i16 = 2;

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
    let found = boxes::Entity::find()
        .filter(boxes::Column::PredictionId.eq(row.prediction_id))
        .filter(boxes::Column::Origin.eq(REVIEW))
        .filter(boxes::Column::Revision.eq(row.revision))
        .order_by_asc(boxes::Column::Position)
        .all(from)
        .await?;
    let sources: Vec<Option<Source>> = optional(row.sources.take(), "sources of a review")?;
    let left_as_drawn: Vec<Source> = optional(row.left_as_drawn.take(), "boxes of a review")?;
    let damaged = || StoreError::corrupt(format!("a box of a review of prediction {}", row.prediction_id));
    let numbers = found.iter().map(|row| u32::try_from(row.label_id).map_err(|_| damaged()));
    let numbers = numbers.collect::<Result<Vec<u32>>>()?;
    let words = labels.labels(db, numbers.iter().copied()).await?;
    let sources = sources.into_iter().chain(std::iter::repeat(None));
    let boxes = found.iter().zip(&numbers).zip(sources).map(|((row, number), source)| {
        Ok(SavedBox {
            label: words.get(number).cloned().ok_or_else(damaged)?,
            rect: Rect::new(row.x, row.y, row.w, row.h).map_err(|_| damaged())?,
            ignore: row.ignored,
            source,
        })
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
