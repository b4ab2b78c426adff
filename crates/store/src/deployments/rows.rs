//! Rows of deployments as types of `domain`.

use super::DeployedRole;
use crate::{
    convert::{from_json, to_name},
    error::{Result, StoreError},
    sql,
};
use domain::{
    deployment::{DeployedModel, Deployment},
    geometry::Score,
    ids::{DeploymentId, ModelVersionId},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

/// A deployment's row, once per present role.
#[derive(FromQueryResult)]
struct Joined {
    id: Uuid,
    name: String,
    threshold: f64,
    created: i64,
    role: String,
    since: i64,
    model_version_id: Uuid,
    model: String,
    number: i32,
    labels: serde_json::Value,
    weights_sha256: Option<String>,
}

/// Deployments with their present models in one query; `champion` sorts
/// before `shadow`.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    tail: &str,
    values: Vec<Value>,
) -> Result<Vec<Deployment>> {
    let order = if tail.contains("ORDER BY") { ", p.role" } else { " ORDER BY p.role" };
    let text = format!(
        "SELECT d.id, d.name, d.threshold, d.created, p.role, p.since, p.model_version_id, \
         m.name AS model, v.number, v.labels, v.weights_sha256 \
         FROM deployments d \
         JOIN deployment_models p ON p.deployment_id = d.id AND p.until IS NULL \
         AND NOT EXISTS (SELECT 1 FROM removed_deployments r WHERE r.deployment_id = d.id) \
         JOIN model_versions v ON v.id = p.model_version_id \
         JOIN models m ON m.id = v.model_id {tail}{order}"
    );
    let statement = sql::statement(db.get_database_backend(), &text, values);
    let rows = Joined::find_by_statement(statement).all(db).await?;
    let mut deployments: Vec<Deployment> = Vec::new();
    for row in rows {
        let (id, shadow) = (DeploymentId(row.id), row.role == DeployedRole::Shadow.as_str());
        let model = to_model(&row)?;
        match deployments.last_mut().filter(|deployment| deployment.id == id) {
            Some(deployment) if shadow => deployment.shadow = Some(model),
            _ => deployments.push(Deployment {
                id,
                threshold: Score::new(row.threshold)
                    .ok_or_else(|| StoreError::corrupt(format!("threshold of deployment {}", row.name)))?,
                name: to_name(row.name)?,
                champion: model,
                shadow: None,
                created: Timestamp(row.created),
            }),
        }
    }
    Ok(deployments)
}

pub(crate) async fn one(db: &impl ConnectionTrait, id: DeploymentId) -> Result<Deployment> {
    let deployment = load(db, "WHERE d.id = ?", vec![id.0.into()]).await?.pop();
    deployment.ok_or_else(|| StoreError::not_found(format!("deployment {id}")))
}

fn to_model(row: &Joined) -> Result<DeployedModel> {
    Ok(DeployedModel {
        id: ModelVersionId(row.model_version_id),
        name: format!("{}/{}", row.model, row.number),
        labels: from_json(row.labels.clone(), "labels of a model version")?,
        runnable: row.weights_sha256.is_some(),
        since: Timestamp(row.since),
    })
}
