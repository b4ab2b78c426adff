//! Which model version comes into which role: each change is one transaction,
//! with its audit row and what it rests on.

use super::{DeployedRole, Deployments, one};
use crate::{
    audit::{Act, By},
    entity::deployment::{deployment_models, deployments},
    error::{Result, StoreError},
    outgoing::Outgoing,
    transaction::Transaction,
};
use domain::{
    deployment::{DeployedModel, Deployment},
    event::Event,
    ids::{ComparisonId, DeploymentId, ModelVersionId},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;

/// Why a model version comes into a role, and who says so.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleChange {
    /// What it rests on.
    pub evidence: Option<ComparisonId>,
    /// The champion that was looked at when this was decided: with another
    /// one by now the change is refused. `None` where it does not matter.
    pub expected: Option<ModelVersionId>,
    /// The event that goes out with a new champion, whose name is added.
    pub outgoing: Option<Outgoing>,
    /// Who and when.
    pub by: By,
}

impl RoleChange {
    async fn record(
        &self,
        db: &Transaction,
        action: &str,
        deployment: &Deployment,
        detail: &serde_json::Value,
    ) -> Result<()> {
        let outgoing = self.outgoing.clone();
        let act = Act {
            by: self.by.clone(),
            action: action.to_owned(),
            detail: detail.clone(),
            outgoing: outgoing.map(|outgoing| outgoing.with("model", json!(deployment.champion.name))),
        };
        db.publish(Event::DeploymentChanged { id: deployment.id });
        act.record(db, deployment.name.as_str()).await
    }

    fn check(&self, champion: &DeployedModel) -> Result<()> {
        if self.expected.is_none_or(|expected| expected == champion.id) {
            return Ok(());
        }
        Err(StoreError::conflict(format!(
            "{} is the champion by now: it was promoted since this was decided. Look at the two again.",
            champion.name
        )))
    }
}

impl Deployments<'_> {
    /// Puts another shadow in place, or none.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the model version is not there, or another
    /// champion than the expected one is.
    pub async fn set_shadow(
        &self,
        id: DeploymentId,
        shadow: Option<ModelVersionId>,
        change: &RoleChange,
    ) -> Result<Deployment> {
        let tx = self.db.begin().await?;
        lock(&tx, id).await?;
        let deployment = set_shadow_in(&tx, id, shadow, change).await?;
        tx.commit().await?;
        Ok(deployment)
    }

    /// Makes a model version the champion; if it was the shadow, there is no
    /// shadow afterwards.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it is the champion already or not there, or
    /// another champion than the expected one is.
    pub async fn promote(
        &self,
        id: DeploymentId,
        champion: ModelVersionId,
        change: &RoleChange,
    ) -> Result<Deployment> {
        let tx = self.db.begin().await?;
        lock(&tx, id).await?;
        let deployment = enthrone(&tx, id, champion, "deployment.promote", change).await?;
        tx.commit().await?;
        Ok(deployment)
    }

    /// Which version a rollback would make the champion; `None` for none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn former_champion(
        &self,
        id: DeploymentId,
        present: ModelVersionId,
    ) -> Result<Option<ModelVersionId>> {
        former(&self.db.reader, id, present).await
    }

    /// Makes the champion before this one the champion again.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when there was none before, or another champion
    /// than the expected one is.
    pub async fn roll_back(&self, id: DeploymentId, change: &RoleChange) -> Result<Deployment> {
        let tx = self.db.begin().await?;
        lock(&tx, id).await?;
        let present = one(&tx, id).await?.champion;
        let former = former(&tx, id, present.id).await?.ok_or_else(|| {
            StoreError::conflict(format!(
                "{} is the first champion: there is none to go back to",
                present.name
            ))
        })?;
        let deployment = enthrone(&tx, id, former, "deployment.rollback", change).await?;
        tx.commit().await?;
        Ok(deployment)
    }
}

/// The champion before the present one, if there was one.
async fn former(
    db: &impl ConnectionTrait,
    id: DeploymentId,
    present: ModelVersionId,
) -> Result<Option<ModelVersionId>> {
    let row = deployment_models::Entity::find()
        .filter(deployment_models::Column::DeploymentId.eq(id.0))
        .filter(deployment_models::Column::Role.eq(DeployedRole::Champion.as_str()))
        .filter(deployment_models::Column::ModelVersionId.ne(present.0))
        .order_by_desc(deployment_models::Column::Id)
        .one(db)
        .await?;
    Ok(row.map(|row| ModelVersionId(row.model_version_id)))
}

pub(super) async fn lock(db: &impl ConnectionTrait, id: DeploymentId) -> Result<()> {
    let row = deployments::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    row.map(|_| ()).ok_or_else(|| StoreError::not_found(format!("deployment {id}")))
}

/// Changes the shadow, inside a transaction that holds the lock.
pub(super) async fn set_shadow_in(
    db: &Transaction,
    id: DeploymentId,
    shadow: Option<ModelVersionId>,
    change: &RoleChange,
) -> Result<Deployment> {
    change.check(&one(db, id).await?.champion)?;
    close_span(db, id, DeployedRole::Shadow, change.by.at).await?;
    if let Some(shadow) = shadow {
        open_span(db, id, DeployedRole::Shadow, shadow, change.by.at, change.evidence).await?;
    }
    let deployment = one(db, id).await?;
    let detail = json!({
        "shadow": deployment.shadow.as_ref().map(|shadow| &shadow.name), "evidence": change.evidence,
    });
    change.record(db, "deployment.set_shadow", &deployment, &detail).await?;
    Ok(deployment)
}

/// Changes the champion, inside a transaction that holds the lock.
async fn enthrone(
    db: &Transaction,
    id: DeploymentId,
    champion: ModelVersionId,
    action: &str,
    change: &RoleChange,
) -> Result<Deployment> {
    let (before, now) = (one(db, id).await?, change.by.at);
    change.check(&before.champion)?;
    if before.champion.id == champion {
        return Err(StoreError::conflict(format!("{} is the champion already", before.champion.name)));
    }
    close_span(db, id, DeployedRole::Champion, now).await?;
    if before.shadow.is_some_and(|shadow| shadow.id == champion) {
        close_span(db, id, DeployedRole::Shadow, now).await?;
    }
    open_span(db, id, DeployedRole::Champion, champion, now, change.evidence).await?;
    let deployment = one(db, id).await?;
    let detail = json!({
        "from": before.champion.name, "to": deployment.champion.name, "evidence": change.evidence,
    });
    change.record(db, action, &deployment, &detail).await?;
    Ok(deployment)
}

pub(super) async fn open_span(
    db: &impl ConnectionTrait,
    id: DeploymentId,
    role: DeployedRole,
    model_version_id: ModelVersionId,
    since: Timestamp,
    evidence: Option<ComparisonId>,
) -> Result<()> {
    let row = deployment_models::ActiveModel {
        id: NotSet,
        deployment_id: Set(id.0),
        role: Set(role.as_str().to_owned()),
        model_version_id: Set(model_version_id.0),
        since: Set(since.0),
        until: Set(None),
        comparison_id: Set(evidence.map(|id| id.0)),
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
