//! The learning loop as rows: its launches, and the evidence. Does not train,
//! measure or decide.

mod comparisons;
mod launch;
mod rounds;
mod snapshot;

pub use launch::{Launch, NewLaunch};
pub use rounds::OpenRound;
pub(crate) use rounds::reopen_in;

use crate::{database::Database, entity::learning::frozen_feedback, error::Result};
use domain::{
    ids::{AssetId, DatasetVersionId, ModelVersionId},
    review::StartedFrom,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The learning loop of all deployments.
#[derive(Clone, Copy, Debug)]
pub struct Learning<'a> {
    pub(crate) db: &'a Database,
}

/// What the reviewer of a frozen image saw first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrozenStart {
    /// Where the review began.
    pub from: StartedFrom,
    /// Whose boxes these were, if one of our models'.
    pub model: Option<ModelVersionId>,
}

impl Learning<'_> {
    /// The images of a snapshot that its champion had not learned from.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fresh_assets(&self, version: DatasetVersionId) -> Result<HashSet<AssetId>> {
        let rows: Vec<Uuid> = frozen_feedback::Entity::find()
            .filter(frozen_feedback::Column::VersionId.eq(version.0))
            .filter(frozen_feedback::Column::Fresh.eq(true))
            .select_only()
            .column(frozen_feedback::Column::AssetId)
            .into_tuple()
            .all(&self.db.reader)
            .await?;
        Ok(rows.into_iter().map(AssetId).collect())
    }

    /// What the reviewers of a snapshot's images saw first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn starts(&self, version: DatasetVersionId) -> Result<HashMap<AssetId, FrozenStart>> {
        let rows = frozen_feedback::Entity::find()
            .filter(frozen_feedback::Column::VersionId.eq(version.0))
            .all(&self.db.reader)
            .await?;
        rows.into_iter()
            .map(|row| {
                let damaged = || crate::StoreError::corrupt("the start of a frozen image");
                let from = row.started_from.parse().map_err(|_| damaged())?;
                let model = row.started_model.map(ModelVersionId);
                Ok((AssetId(row.asset_id), FrozenStart { from, model }))
            })
            .collect()
    }
}
