//! What is in a feedback loop, for the page that shows it.

use super::{Feedback, damaged};
use crate::{
    convert::{from_json, to_u32},
    cursor,
    entity::feedback::{feedback_sides, submissions},
    error::Result,
};
use domain::{
    feedback::{FeedbackSide, FeedbackTotals, LabelFeedback, Submission, WeekFeedback, week_start},
    ids::{AssetId, DatasetVersionId, DeploymentId, ExperimentId, PredictionId},
    name::Label,
    page::{Page, PageRequest},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};
use uuid::Uuid;

impl Feedback<'_> {
    /// What a deployment has submitted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn totals(&self, id: DeploymentId) -> Result<FeedbackTotals> {
        use submissions::Column;
        let rows: Vec<(String, i64, serde_json::Value, Option<Uuid>)> = submissions::Entity::find()
            .filter(Column::DeploymentId.eq(id.0))
            .select_only()
            .columns([Column::Side, Column::At, Column::Labels, Column::ConsumedBy])
            .into_tuple()
            .all(&self.db.reader)
            .await?;
        let mut totals = FeedbackTotals::default();
        let mut labels: BTreeMap<Label, [u64; 2]> = BTreeMap::new();
        let mut weeks: BTreeMap<Timestamp, [u64; 2]> = BTreeMap::new();
        for (side, at, boxes, consumed_by) in rows {
            let side: FeedbackSide = side.parse().map_err(|_| damaged("the side"))?;
            let place = usize::from(side == FeedbackSide::Holdout);
            let boxes: BTreeMap<Label, u64> = from_json(boxes, "labels of a submission")?;
            totals.since_launch += u64::from(consumed_by.is_none());
            add(&mut weeks, week_start(Timestamp(at)), place, 1);
            for (label, count) in boxes {
                add(&mut labels, label, place, count);
            }
        }
        [totals.train, totals.holdout] = sums(weeks.values());
        totals.weeks = weeks
            .into_iter()
            .map(|(start, [train, holdout])| WeekFeedback { start, train, holdout })
            .collect();
        totals.labels = labels
            .into_iter()
            .map(|(label, [train, holdout])| LabelFeedback { label, train, holdout })
            .collect();
        totals.labels.sort_by_key(|count| Reverse(count.train + count.holdout));
        Ok(totals)
    }

    /// Images that no training has taken yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(&self, id: DeploymentId) -> Result<u64> {
        let query = submissions::Entity::find()
            .filter(submissions::Column::DeploymentId.eq(id.0))
            .filter(submissions::Column::ConsumedBy.is_null());
        Ok(query.count(&self.db.reader).await?)
    }

    /// Submissions, the latest first.
    ///
    /// # Errors
    /// `InvalidCursor`, or the database's.
    pub async fn page(&self, id: DeploymentId, request: &PageRequest) -> Result<Page<Submission>> {
        let mut query = submissions::Entity::find()
            .filter(submissions::Column::DeploymentId.eq(id.0))
            .order_by_desc(submissions::Column::Id)
            .limit(cursor::fetch(request));
        if let Some(after) = cursor::parse_number(request)? {
            query = query.filter(submissions::Column::Id.lt(after));
        }
        let rows = query.all(&self.db.reader).await?;
        let page = cursor::page(rows, request.limit(), |row| row.id.to_string());
        let items = page.items.into_iter().map(to_submission).collect::<Result<Vec<_>>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// The submission of a prediction, if it was submitted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_prediction(&self, id: PredictionId) -> Result<Option<Submission>> {
        let query = submissions::Entity::find().filter(submissions::Column::PredictionId.eq(id.0));
        query.one(&self.db.reader).await?.map(to_submission).transpose()
    }

    /// Those of these images that are held out from every training.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn held_out(&self, pixel_hashes: &[&str]) -> Result<HashSet<String>> {
        let mut hashes = HashSet::new();
        for chunk in pixel_hashes.chunks(1_000) {
            let rows: Vec<String> = feedback_sides::Entity::find()
                .filter(feedback_sides::Column::PixelHash.is_in(chunk.iter().copied()))
                .filter(feedback_sides::Column::Side.eq(FeedbackSide::Holdout.as_str()))
                .select_only()
                .column(feedback_sides::Column::PixelHash)
                .into_tuple()
                .all(&self.db.reader)
                .await?;
            hashes.extend(rows);
        }
        Ok(hashes)
    }

    /// Notes that an experiment has taken all submissions that none had, and
    /// says how many. Again for the same experiment: those that came since.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn consume(&self, id: DeploymentId, experiment: ExperimentId) -> Result<u64> {
        let updated = submissions::Entity::update_many()
            .col_expr(submissions::Column::ConsumedBy, Expr::value(experiment.0))
            .filter(submissions::Column::DeploymentId.eq(id.0))
            .filter(submissions::Column::ConsumedBy.is_null())
            .exec(&self.db.writer)
            .await?;
        Ok(updated.rows_affected)
    }
}

fn to_submission(row: submissions::Model) -> Result<Submission> {
    Ok(Submission {
        prediction_id: PredictionId(row.prediction_id),
        asset_id: AssetId(row.asset_id),
        version_id: DatasetVersionId(row.version_id),
        revision: to_u32(row.revision, "a revision")?,
        boxes: to_u32(row.boxes, "a number of boxes")?,
        side: row.side.parse().map_err(|_| damaged("the side"))?,
        reason: row.reason.parse().map_err(|_| damaged("the reason"))?,
        by: row.submitted_by,
        at: Timestamp(row.at),
        consumed: row.consumed_by.is_some(),
    })
}

fn add<K: Ord>(sums: &mut BTreeMap<K, [u64; 2]>, key: K, place: usize, count: u64) {
    if let Some(sum) = sums.entry(key).or_default().get_mut(place) {
        *sum += count;
    }
}

fn sums<'s>(all: impl Iterator<Item = &'s [u64; 2]>) -> [u64; 2] {
    all.fold([0, 0], |[train, holdout], [t, h]| [train + t, holdout + h])
}
