//! Deployments, and which model versions serve in them.

mod rows;

use crate::{
    database::Database,
    entity::deployment::{deployment_models, deployments},
    error::{Result, StoreError, taken},
};
use domain::{
    deployment::Deployment,
    geometry::Score,
    ids::{DeploymentId, ModelVersionId},
    name::Name,
    time::Timestamp,
};
use rows::{load, one};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

/// What a model version does in a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeployedRole {
    /// It answers.
    Champion,
    /// It predicts the same images silently.
    Shadow,
}

impl DeployedRole {
    fn as_str(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Shadow => "shadow",
        }
    }
}

/// A stretch of time in which a model version had a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleSpan {
    /// Which.
    pub role: DeployedRole,
    /// Whose.
    pub model_version_id: ModelVersionId,
    /// Its first moment.
    pub since: Timestamp,
    /// Its end; `None` while it lasts.
    pub until: Option<Timestamp>,
}

/// A deployment to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDeployment {
    /// Identity.
    pub id: DeploymentId,
    /// Unique.
    pub name: Name,
    /// What answers.
    pub champion: ModelVersionId,
    /// What predicts silently.
    pub shadow: Option<ModelVersionId>,
    /// Of boxes that are seen and counted.
    pub threshold: Score,
    /// When.
    pub created: Timestamp,
}

/// Deployments.
#[derive(Clone, Copy, Debug)]
pub struct Deployments<'a> {
    pub(crate) db: &'a Database,
}

impl Deployments<'_> {
    /// Adds a deployment.
    ///
    /// # Errors
    /// `Conflict` when the name is taken or a model version is not there.
    pub async fn insert(&self, new: &NewDeployment) -> Result<Deployment> {
        let tx = self.db.begin().await?;
        let row = deployments::Model {
            id: new.id.0,
            name: new.name.to_string(),
            threshold: new.threshold.get(),
            created: new.created.0,
        };
        deployments::Entity::insert(row.into_active_model())
            .exec_without_returning(&tx)
            .await
            .map_err(taken(|| format!("there is already a deployment {}", new.name)))?;
        open_span(&tx, new.id, DeployedRole::Champion, new.champion, new.created).await?;
        if let Some(shadow) = new.shadow {
            open_span(&tx, new.id, DeployedRole::Shadow, shadow, new.created).await?;
        }
        let deployment = one(&tx, new.id).await?;
        tx.commit().await?;
        Ok(deployment)
    }

    /// The deployment of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: DeploymentId) -> Result<Option<Deployment>> {
        Ok(load(&self.db.reader, "WHERE d.id = ?", vec![id.0.into()]).await?.pop())
    }

    /// The deployment of this name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_by_name(&self, name: &Name) -> Result<Option<Deployment>> {
        Ok(load(&self.db.reader, "WHERE d.name = ?", vec![name.as_str().into()]).await?.pop())
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<Deployment>> {
        load(&self.db.reader, "ORDER BY d.name", vec![]).await
    }

    /// Changes the threshold of later predictions.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_threshold(&self, id: DeploymentId, threshold: Score) -> Result<Deployment> {
        let tx = self.db.begin().await?;
        deployments::Entity::update_many()
            .col_expr(deployments::Column::Threshold, Expr::value(threshold.get()))
            .filter(deployments::Column::Id.eq(id.0))
            .exec(&tx)
            .await?;
        let deployment = one(&tx, id).await?;
        tx.commit().await?;
        Ok(deployment)
    }

    /// Puts another shadow in place, or none.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when the model version is not there.
    pub async fn set_shadow(
        &self,
        id: DeploymentId,
        shadow: Option<ModelVersionId>,
        now: Timestamp,
    ) -> Result<Deployment> {
        let tx = self.db.begin().await?;
        lock(&tx, id).await?;
        close_span(&tx, id, DeployedRole::Shadow, now).await?;
        if let Some(shadow) = shadow {
            open_span(&tx, id, DeployedRole::Shadow, shadow, now).await?;
        }
        let deployment = one(&tx, id).await?;
        tx.commit().await?;
        Ok(deployment)
    }

    /// Makes a model version the champion; if it was the shadow, there is no
    /// shadow afterwards.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when it is the champion already or not there.
    pub async fn promote(
        &self,
        id: DeploymentId,
        champion: ModelVersionId,
        now: Timestamp,
    ) -> Result<Deployment> {
        let tx = self.db.begin().await?;
        lock(&tx, id).await?;
        let before = one(&tx, id).await?;
        if before.champion.id == champion {
            return Err(StoreError::conflict(format!("{} is the champion already", before.champion.name)));
        }
        close_span(&tx, id, DeployedRole::Champion, now).await?;
        if before.shadow.is_some_and(|shadow| shadow.id == champion) {
            close_span(&tx, id, DeployedRole::Shadow, now).await?;
        }
        open_span(&tx, id, DeployedRole::Champion, champion, now).await?;
        let deployment = one(&tx, id).await?;
        tx.commit().await?;
        Ok(deployment)
    }

    /// Who served when, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history(&self, id: DeploymentId) -> Result<Vec<RoleSpan>> {
        let query = deployment_models::Entity::find()
            .filter(deployment_models::Column::DeploymentId.eq(id.0))
            .order_by_asc(deployment_models::Column::Id);
        let rows = query.all(&self.db.reader).await?;
        Ok(rows
            .into_iter()
            .map(|row| RoleSpan {
                role: if row.role == DeployedRole::Champion.as_str() {
                    DeployedRole::Champion
                } else {
                    DeployedRole::Shadow
                },
                model_version_id: ModelVersionId(row.model_version_id),
                since: Timestamp(row.since),
                until: row.until.map(Timestamp),
            })
            .collect())
    }
}

async fn lock(db: &impl ConnectionTrait, id: DeploymentId) -> Result<()> {
    let row = deployments::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    row.map(|_| ()).ok_or_else(|| StoreError::not_found(format!("deployment {id}")))
}

async fn open_span(
    db: &impl ConnectionTrait,
    id: DeploymentId,
    role: DeployedRole,
    model_version_id: ModelVersionId,
    since: Timestamp,
) -> Result<()> {
    let row = deployment_models::ActiveModel {
        id: NotSet,
        deployment_id: Set(id.0),
        role: Set(role.as_str().to_owned()),
        model_version_id: Set(model_version_id.0),
        since: Set(since.0),
        until: Set(None),
        comparison_id: Set(None),
    };
    deployment_models::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

async fn close_span(
    db: &impl ConnectionTrait,
    id: DeploymentId,
    role: DeployedRole,
    until: Timestamp,
) -> Result<()> {
    deployment_models::Entity::update_many()
        .col_expr(deployment_models::Column::Until, Expr::value(until.0))
        .filter(deployment_models::Column::DeploymentId.eq(id.0))
        .filter(deployment_models::Column::Role.eq(role.as_str()))
        .filter(deployment_models::Column::Until.is_null())
        .exec(db)
        .await?;
    Ok(())
}
