//! The learning loop as rows: its settings, its launches, the evidence. Does
//! not train, measure or decide.

mod comparisons;
mod launch;
mod rounds;
mod snapshot;

pub use launch::{Launch, NewLaunch};
pub use rounds::OpenRound;
pub(crate) use rounds::reopen_in;

use crate::{
    audit::{self, NewAudit},
    convert::{from_json, to_json},
    database::Database,
    entity::learning::{frozen_feedback, learning_settings},
    error::Result,
    reviews::By,
};
use domain::{
    ids::{AssetId, DatasetVersionId, DeploymentId, ModelVersionId},
    learning::{ContinuousDeployment, ContinuousTraining},
    review::StartedFrom,
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

const TRAINING: &str = "training";
const DEPLOYMENT: &str = "deployment";

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
    /// The settings of continuous training; the defaults where nobody set any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn training(&self, id: DeploymentId) -> Result<ContinuousTraining> {
        self.setting(id, TRAINING).await
    }

    /// Sets them.
    ///
    /// # Errors
    /// `Conflict` when there is no such deployment.
    pub async fn put_training(&self, id: DeploymentId, value: &ContinuousTraining, by: &By) -> Result<()> {
        self.put(id, TRAINING, "continuous_training.settings", value, by).await
    }

    /// The settings of continuous deployment; the defaults where nobody set
    /// any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deployment(&self, id: DeploymentId) -> Result<ContinuousDeployment> {
        self.setting(id, DEPLOYMENT).await
    }

    /// Sets them.
    ///
    /// # Errors
    /// `Conflict` when there is no such deployment.
    pub async fn put_deployment(
        &self,
        id: DeploymentId,
        value: &ContinuousDeployment,
        by: &By,
    ) -> Result<()> {
        self.put(id, DEPLOYMENT, "continuous_deployment.settings", value, by).await
    }

    /// The deployments whose continuous training is on, with its settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enabled(&self) -> Result<Vec<(DeploymentId, ContinuousTraining)>> {
        let rows = learning_settings::Entity::find()
            .filter(learning_settings::Column::Kind.eq(TRAINING))
            .all(&self.db.reader)
            .await?;
        let mut enabled = Vec::new();
        for row in rows {
            let settings: ContinuousTraining = from_json(row.value, "settings of continuous training")?;
            if settings.enabled {
                enabled.push((DeploymentId(row.deployment_id), settings));
            }
        }
        Ok(enabled)
    }

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

    async fn setting<T: DeserializeOwned + Default>(&self, id: DeploymentId, kind: &str) -> Result<T> {
        let row = learning_settings::Entity::find_by_id((id.0, kind.to_owned())).one(&self.db.reader).await?;
        row.map_or_else(|| Ok(T::default()), |row| from_json(row.value, "settings of the learning loop"))
    }

    async fn put(
        &self,
        id: DeploymentId,
        kind: &str,
        action: &str,
        value: &(impl Serialize + Sync),
        by: &By,
    ) -> Result<()> {
        let value = to_json(value)?;
        let tx = self.db.begin().await?;
        let detail = value.to_string();
        let row = learning_settings::Model { deployment_id: id.0, kind: kind.to_owned(), value };
        let replace =
            OnConflict::columns([learning_settings::Column::DeploymentId, learning_settings::Column::Kind])
                .update_column(learning_settings::Column::Value)
                .to_owned();
        learning_settings::Entity::insert(row.into_active_model())
            .on_conflict(replace)
            .exec_without_returning(&tx)
            .await?;
        let entry = NewAudit {
            at: by.at,
            actor: by.actor.clone(),
            action: action.to_owned(),
            subject: id.to_string(),
            detail,
        };
        audit::append(&tx, entry).await?;
        Ok(tx.commit().await?)
    }
}
