//! Deployments on their way out: gone at once for everybody, and for good with
//! all that was predicted in them once that can no longer be undone.

use super::{Deployments, one, roles};
use crate::{
    audit::Act,
    blobs::BlobKind,
    error::{Result, StoreError, taken},
    files,
    sql::{Arg, Fragment, rows, run},
    transaction::Transaction,
};
use domain::{deployment::Deployment, event::Event, ids::DeploymentId, time::Timestamp};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Predictions of one transaction.
const CHUNK: i64 = 200;

impl Deployments<'_> {
    /// Removes a deployment from all lists, until somebody undoes it or `until`
    /// has passed. Its name is free at once.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove(&self, id: DeploymentId, until: Timestamp, act: Act) -> Result<Deployment> {
        let tx = self.db.begin().await?;
        roles::lock(&tx, id).await?;
        let deployment = one(&tx, id).await?;
        let text = "INSERT INTO removed_deployments (deployment_id, name, until) VALUES (?, ?, ?)";
        let values = [Arg::Id(id.0), Arg::from(deployment.name.as_str()), Arg::Int(until.0)];
        run(&tx, Fragment::with(text, values)).await?;
        rename(&tx, id, &id.to_string()).await?;
        act.record(&tx, deployment.name.as_str()).await?;
        tx.commit().await?;
        Ok(deployment)
    }

    /// Brings a removed deployment back under its name, if `now` is not too
    /// late.
    ///
    /// # Errors
    /// `Conflict` when it is too late, was undone already, or another
    /// deployment has the name by now.
    pub async fn restore(&self, id: DeploymentId, now: Timestamp, act: Act) -> Result<Deployment> {
        let tx = self.db.begin().await?;
        let text = "DELETE FROM removed_deployments WHERE deployment_id = ? AND until >= ? RETURNING name";
        let row = rows(&tx, Fragment::with(text, [Arg::Id(id.0), Arg::Int(now.0)])).await?.pop();
        let Some(row) = row else {
            return Err(StoreError::conflict("the deletion can no longer be undone"));
        };
        let name: String = row.try_get_by_index(0)?;
        rename(&tx, id, &name).await?;
        let deployment = one(&tx, id).await?;
        act.record(&tx, &name).await?;
        tx.commit().await?;
        Ok(deployment)
    }

    /// Removes for good some of what deployments hold whose removal can no
    /// longer be undone at `now`, and says how many predictions, and whether
    /// there is more. Images go some time later, unless something else has
    /// them; what was submitted to a dataset stays there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge(&self, now: Timestamp) -> Result<(u64, bool)> {
        let tx = self.db.begin().await?;
        let text = "SELECT deployment_id FROM removed_deployments WHERE until < ? ORDER BY until LIMIT 1";
        let Some(over) = rows(&tx, Fragment::with(text, [Arg::Int(now.0)])).await?.pop() else {
            return Ok((0, false));
        };
        let deployment: Uuid = over.try_get_by_index(0)?;
        let text = "SELECT id, image FROM predictions WHERE deployment_id = ? LIMIT ?";
        let (mut ids, mut images): (Vec<Uuid>, Vec<Option<String>>) = (Vec::new(), Vec::new());
        for row in rows(&tx, Fragment::with(text, [Arg::Id(deployment), Arg::Int(CHUNK)])).await? {
            ids.push(row.try_get_by_index(0)?);
            images.push(row.try_get_by_index(1)?);
        }
        let removed = ids.len() as u64;
        let these = |column: &'static str| Fragment::one_of(column, ids.iter().copied().map(Arg::Id));
        if ids.is_empty() {
            run(&tx, Fragment::with("DELETE FROM deployments WHERE id = ?", [Arg::Id(deployment)])).await?;
        } else {
            run(&tx, Fragment::new("DELETE FROM submissions WHERE ").then(these("prediction_id"))).await?;
            run(&tx, Fragment::new("DELETE FROM predictions WHERE ").then(these("id"))).await?;
        }
        files::release(&tx, BlobKind::Images, images.into_iter().flatten(), now).await?;
        tx.commit().await?;
        Ok((removed, true))
    }
}

/// Gives a deployment another name and tells open pages.
pub(super) async fn rename(tx: &Transaction, id: DeploymentId, name: &str) -> Result<()> {
    let text = "UPDATE deployments SET name = ? WHERE id = ?";
    let update = Fragment::with(text, [Arg::from(name), Arg::Id(id.0)]);
    tx.execute_raw(update.into_statement(tx.get_database_backend()))
        .await
        .map_err(taken(|| format!("there is already a deployment {name}")))?;
    tx.publish(Event::DeploymentChanged { id });
    Ok(())
}
