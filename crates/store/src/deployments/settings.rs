//! Settings of deployments: a row for each group that somebody set. What a
//! group is, and what holds where nobody set one, is `domain`'s.

use super::one;
use crate::{
    audit::Act,
    convert::to_json,
    database::Database,
    entity::deployment::deployment_settings,
    error::{Result, StoreError},
};
use domain::{
    event::Event,
    ids::DeploymentId,
    settings::{SettingsGroup, from_stored},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};

/// Settings of all deployments.
#[derive(Clone, Copy, Debug)]
pub struct DeploymentSettings<'a> {
    pub(crate) db: &'a Database,
}

impl DeploymentSettings<'_> {
    /// The group `G` of a deployment; its defaults where nobody set it.
    ///
    /// # Errors
    /// `Corrupt` when what is stored cannot be read.
    pub async fn find<G: SettingsGroup>(&self, id: DeploymentId) -> Result<G> {
        find_in(&self.db.reader, id).await
    }

    /// Sets the group `G` of a deployment.
    ///
    /// # Errors
    /// `Conflict` when there is no such deployment.
    pub async fn put<G: SettingsGroup>(&self, id: DeploymentId, group: &G, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        put_in(&tx, id, group).await?;
        tx.publish(Event::DeploymentChanged { id });
        act.record(&tx, one(&tx, id).await?.name.as_str()).await?;
        Ok(tx.commit().await?)
    }

    /// The deployments of which somebody set the group `G`. Reads none of its
    /// values, so that one that is damaged keeps no other from being found.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn with<G: SettingsGroup>(&self) -> Result<Vec<DeploymentId>> {
        let ids: Vec<uuid::Uuid> = deployment_settings::Entity::find()
            .filter(deployment_settings::Column::SettingsGroup.eq(G::NAME))
            .select_only()
            .column(deployment_settings::Column::DeploymentId)
            .into_tuple()
            .all(&self.db.reader)
            .await?;
        Ok(ids.into_iter().map(DeploymentId).collect())
    }
}

pub(crate) async fn find_in<G: SettingsGroup>(db: &impl ConnectionTrait, id: DeploymentId) -> Result<G> {
    let row = deployment_settings::Entity::find_by_id((id.0, G::NAME.to_owned())).one(db).await?;
    let damaged =
        |error| StoreError::corrupt(format!("the settings {} of deployment {id}: {error}", G::NAME));
    row.map_or_else(|| Ok(G::default()), |row| from_stored(row.settings_values).map_err(damaged))
}

pub(crate) async fn put_in<G: SettingsGroup>(
    db: &impl ConnectionTrait,
    id: DeploymentId,
    group: &G,
) -> Result<()> {
    let row = deployment_settings::Model {
        deployment_id: id.0,
        settings_group: G::NAME.to_owned(),
        settings_values: to_json(group)?,
    };
    let key = [deployment_settings::Column::DeploymentId, deployment_settings::Column::SettingsGroup];
    let replace =
        OnConflict::columns(key).update_column(deployment_settings::Column::SettingsValues).to_owned();
    deployment_settings::Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(db)
        .await?;
    Ok(())
}
