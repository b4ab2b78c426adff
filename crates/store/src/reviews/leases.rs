//! Who has which image on the table. Kept in the database, so that several
//! servers agree.

use super::{Reviews, rows};
use crate::{
    entity::{prediction::predictions, review::review_leases},
    error::Result,
    sql,
};
use domain::{
    ids::{DeploymentId, PredictionId},
    review::{Lease, Picked},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use uuid::Uuid;

const CLAIM: &str = "INSERT INTO review_leases (prediction_id, person, session, name, picked, blind, until) \
    SELECT id, ?, ?, ?, ?, ? AND revision = 0, ? FROM predictions WHERE id = ? AND deletion_id IS NULL AND (? OR status = 'to_review') \
    ON CONFLICT (prediction_id) DO UPDATE SET person = excluded.person, session = excluded.session, \
    name = excluded.name, until = excluded.until, picked = CASE \
    WHEN review_leases.person = excluded.person THEN review_leases.picked ELSE excluded.picked END, blind = CASE \
    WHEN review_leases.person = excluded.person THEN review_leases.blind ELSE excluded.blind END \
    WHERE review_leases.until <= ? \
    OR (review_leases.person = excluded.person AND review_leases.session = excluded.session)";

/// Who holds: two open pages of one person hold apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The account or token.
    pub person: String,
    /// The open page.
    pub session: String,
    /// As people read it.
    pub name: String,
}

/// How a lease is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// By whom.
    pub holder: Holder,
    /// How the image was picked; a lease of the same person keeps its own.
    pub picked: Picked,
    /// Now: what ended by then is free.
    pub now: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Whether an image will do that is not to be reviewed any more.
    pub any_status: bool,
}

impl Reviews<'_> {
    /// Takes or renews a lease; `false` when somebody else has it, or when
    /// the image is not to be had. Of two that ask at once, one gets it.
    /// `blind` says whether the image is in the share that is shown without
    /// boxes, which holds before the first revision only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, id: PredictionId, blind: bool, claim: &Claim) -> Result<bool> {
        let Claim { holder, picked, now, until, any_status } = claim;
        let values: Vec<Value> = vec![
            holder.person.as_str().into(),
            holder.session.as_str().into(),
            holder.name.as_str().into(),
            picked.as_str().into(),
            blind.into(),
            until.0.into(),
            id.0.into(),
            (*any_status).into(),
            now.0.into(),
        ];
        let statement = sql::statement(self.db.backend(), CLAIM, values);
        Ok(sea_orm::ConnectionTrait::execute_raw(&self.db.writer, statement).await?.rows_affected() > 0)
    }

    /// The lease on an image that holds at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lease_of(&self, id: PredictionId, holder: &Holder, now: Timestamp) -> Result<Option<Lease>> {
        Ok(self.leases_of(&[id], holder, now).await?.pop())
    }

    /// The leases on these images that hold at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leases_of(
        &self,
        ids: &[PredictionId],
        holder: &Holder,
        now: Timestamp,
    ) -> Result<Vec<Lease>> {
        let leases = review_leases::Entity::find()
            .filter(review_leases::Column::PredictionId.is_in(ids.iter().map(|id| id.0)))
            .filter(review_leases::Column::Until.gt(now.0))
            .order_by_asc(review_leases::Column::PredictionId)
            .all(&self.db.reader)
            .await?;
        let mine = |row: &review_leases::Model| row.person == holder.person && row.session == holder.session;
        leases.into_iter().map(|row| rows::to_lease(row.clone(), mine(&row))).collect()
    }

    /// How the image was picked that a person had on the table last, and
    /// whether it was shown blind, also when the lease has ended since.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shown_to(&self, id: PredictionId, person: &str) -> Result<Option<(Picked, bool)>> {
        let row = review_leases::Entity::find_by_id(id.0)
            .filter(review_leases::Column::Person.eq(person))
            .one(&self.db.reader)
            .await?;
        Ok(row.and_then(|row| Some((row.picked.parse().ok()?, row.blind))))
    }

    /// Those of `ids` that are of the deployment, in rising order, with the
    /// hashes of their images.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_deployment(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
    ) -> Result<Vec<(PredictionId, Option<String>)>> {
        let images: Vec<(Uuid, Option<String>)> = predictions::Entity::find()
            .filter(predictions::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .filter(predictions::Column::DeploymentId.eq(deployment.0))
            .filter(predictions::Column::DeletionId.is_null())
            .order_by_asc(predictions::Column::Id)
            .select_only()
            .column(predictions::Column::Id)
            .column(predictions::Column::Image)
            .into_tuple()
            .all(&self.db.reader)
            .await?;
        Ok(images.into_iter().map(|(id, image)| (PredictionId(id), image)).collect())
    }

    /// Lets go of images, as far as they are this holder's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, ids: &[PredictionId], holder: &Holder) -> Result<()> {
        let mine = Condition::all()
            .add(review_leases::Column::PredictionId.is_in(ids.iter().map(|id| id.0)))
            .add(review_leases::Column::Person.eq(holder.person.as_str()))
            .add(review_leases::Column::Session.eq(holder.session.as_str()));
        review_leases::Entity::delete_many().filter(mine).exec(&self.db.writer).await?;
        Ok(())
    }

    /// Forgets leases that ended before `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_leases(&self, before: Timestamp) -> Result<u64> {
        let old = review_leases::Entity::delete_many().filter(review_leases::Column::Until.lt(before.0));
        Ok(old.exec(&self.db.writer).await?.rows_affected)
    }
}
