//! On which side of the training an image stands. Decided the first time it
//! is submitted, and never again.

use super::damaged;
use crate::{entity::feedback::feedback_sides, error::Result, sql};
use domain::{
    feedback::{FeedbackSide, Fingerprint, Look, NEAR_MS, SideReason},
    ids::DeploymentId,
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Value,
    sea_query::OnConflict,
};

/// An image that a model has seen in training, for fitting or for choosing
/// between weights.
const LINEAGE: &str = "SELECT 1 AS seen FROM assets WHERE pixel_hash = ? AND split IN ('train', 'val') AND \
    (EXISTS (SELECT 1 FROM experiments WHERE experiments.dataset_version_id = assets.version_id) OR \
    EXISTS (SELECT 1 FROM model_versions WHERE model_versions.dataset_version_id = assets.version_id)) LIMIT 1";

/// An image whose side is asked for.
pub(super) struct Arrival<'a> {
    pub(super) deployment: DeploymentId,
    pub(super) fingerprint: &'a Fingerprint,
    pub(super) source: Option<&'a str>,
    pub(super) taken: Timestamp,
    pub(super) now: Timestamp,
}

impl Arrival<'_> {
    /// The side it has, or the one it gets now.
    pub(super) async fn side(&self, db: &impl ConnectionTrait) -> Result<(FeedbackSide, SideReason)> {
        if let Some(row) = self.decided(db).await? {
            return of_row(&row);
        }
        let (side, reason, follows) = self.decide(db).await?;
        let row = feedback_sides::Model {
            pixel_hash: self.fingerprint.pixel_hash.clone(),
            side: side.as_str().to_owned(),
            reason: reason.as_str().to_owned(),
            follows,
            deployment_id: self.deployment.0,
            source: self.source.map(str::to_owned),
            taken: self.taken.0,
            perceptual_hash: self.fingerprint.perceptual_hash.cast_signed(),
            decided: self.now.0,
        };
        let nothing = OnConflict::column(feedback_sides::Column::PixelHash).do_nothing().to_owned();
        feedback_sides::Entity::insert(row.into_active_model())
            .on_conflict(nothing)
            .exec_without_returning(db)
            .await?;
        // Another deployment may have decided it in this very moment.
        self.decided(db).await?.as_ref().map_or(Ok((side, reason)), of_row)
    }

    async fn decided(&self, db: &impl ConnectionTrait) -> Result<Option<feedback_sides::Model>> {
        Ok(feedback_sides::Entity::find_by_id(self.fingerprint.pixel_hash.as_str()).one(db).await?)
    }

    async fn decide(&self, db: &impl ConnectionTrait) -> Result<(FeedbackSide, SideReason, Option<String>)> {
        let values: Vec<Value> = vec![self.fingerprint.pixel_hash.as_str().into()];
        let learned = sql::statement(db.get_database_backend(), LINEAGE, values);
        if db.query_one_raw(learned).await?.is_some() {
            return Ok((FeedbackSide::Train, SideReason::Lineage, None));
        }
        if let Some(first) = self.first_of_group(db).await? {
            let (side, _) = of_row(&first)?;
            return Ok((side, SideReason::Duplicate, Some(first.follows.unwrap_or(first.pixel_hash))));
        }
        let side = FeedbackSide::of_hash(&self.fingerprint.pixel_hash).ok_or_else(|| damaged("the hash"))?;
        Ok((side, SideReason::Hash, None))
    }

    /// The near duplicate that was decided first. Images without a source are
    /// of one source within their deployment.
    async fn first_of_group(&self, db: &impl ConnectionTrait) -> Result<Option<feedback_sides::Model>> {
        use feedback_sides::Column;
        let same_source = match self.source {
            Some(source) => Condition::all().add(Column::Source.eq(source)),
            None => {
                Condition::all().add(Column::Source.is_null()).add(Column::DeploymentId.eq(self.deployment.0))
            }
        };
        let around = self.taken.0.saturating_sub(NEAR_MS)..=self.taken.0.saturating_add(NEAR_MS);
        let rows = feedback_sides::Entity::find()
            .filter(same_source)
            .filter(Column::Taken.between(*around.start(), *around.end()))
            .order_by_asc(Column::Decided)
            .order_by_asc(Column::Taken)
            .order_by_asc(Column::PixelHash)
            .all(db)
            .await?;
        let perceptual_hash = self.fingerprint.perceptual_hash;
        let look = Look { perceptual_hash, source: self.source, taken: self.taken };
        let near = |row: &feedback_sides::Model| {
            let perceptual_hash = row.perceptual_hash.cast_unsigned();
            let taken = Timestamp(row.taken);
            look.is_near(&Look { perceptual_hash, source: row.source.as_deref(), taken })
        };
        Ok(rows.into_iter().find(near))
    }
}

fn of_row(row: &feedback_sides::Model) -> Result<(FeedbackSide, SideReason)> {
    Ok((
        row.side.parse().map_err(|_| damaged("the side"))?,
        row.reason.parse().map_err(|_| damaged("the reason"))?,
    ))
}
