//! Deployments, and which model versions serve in them.

mod removal;
mod roles;
mod rows;
mod settings;

use crate::{
    audit::Act,
    database::Database,
    entity::deployment::{deployment_models, deployments},
    error::{Result, taken},
};
use domain::{
    deployment::Deployment,
    event::Event,
    geometry::Score,
    ids::{ComparisonId, DeploymentId, ModelVersionId},
    name::Name,
    time::Timestamp,
};
pub use roles::RoleChange;
use roles::open_span;
use rows::load;
pub(crate) use rows::one;
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
pub use settings::DeploymentSettings;
pub(crate) use settings::{find_in as settings_in, put_in as put_settings_in};

/// What is changed on a deployment.
#[derive(Clone, Debug, Default)]
pub struct DeploymentChange<'a> {
    /// What it is called from now on.
    pub name: Option<(Name, Act)>,
    /// Of later predictions.
    pub threshold: Option<(Score, Act)>,
    /// The shadow, or none.
    pub shadow: Option<(Option<ModelVersionId>, &'a RoleChange)>,
}

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
    /// The comparison on which it came into the role.
    pub evidence: Option<ComparisonId>,
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
    pub async fn insert(&self, new: &NewDeployment, act: Act) -> Result<Deployment> {
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
        open_span(&tx, new.id, DeployedRole::Champion, new.champion, new.created, None).await?;
        if let Some(shadow) = new.shadow {
            open_span(&tx, new.id, DeployedRole::Shadow, shadow, new.created, None).await?;
        }
        let deployment = one(&tx, new.id).await?;
        tx.publish(Event::DeploymentChanged { id: new.id });
        act.record(&tx, new.name.as_str()).await?;
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

    /// The ids of all of them, by name: those, too, that cannot be read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ids(&self) -> Result<Vec<DeploymentId>> {
        let query = deployments::Entity::find()
            .select_only()
            .column(deployments::Column::Id)
            .filter(Expr::cust("id NOT IN (SELECT deployment_id FROM removed_deployments)"))
            .order_by_asc(deployments::Column::Name);
        let ids: Vec<uuid::Uuid> = query.into_tuple().all(&self.db.reader).await?;
        Ok(ids.into_iter().map(DeploymentId).collect())
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<Deployment>> {
        load(&self.db.reader, "ORDER BY d.name", vec![]).await
    }

    /// Changes the name, the threshold of later predictions, the shadow, or
    /// all of them, in one transaction.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the name is taken, the shadow is not there,
    /// or another champion than the expected one is.
    pub async fn change(&self, id: DeploymentId, change: DeploymentChange<'_>) -> Result<Deployment> {
        let tx = self.db.begin().await?;
        roles::lock(&tx, id).await?;
        if let Some((name, act)) = change.name {
            removal::rename(&tx, id, name.as_str()).await?;
            act.record(&tx, name.as_str()).await?;
        }
        if let Some((threshold, act)) = change.threshold {
            deployments::Entity::update_many()
                .col_expr(deployments::Column::Threshold, Expr::value(threshold.get()))
                .filter(deployments::Column::Id.eq(id.0))
                .exec(&tx)
                .await?;
            tx.publish(Event::DeploymentChanged { id });
            act.record(&tx, one(&tx, id).await?.name.as_str()).await?;
        }
        if let Some((shadow, by)) = change.shadow {
            roles::set_shadow_in(&tx, id, shadow, by).await?;
        }
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
                evidence: row.comparison_id.map(ComparisonId),
            })
            .collect())
    }
}
