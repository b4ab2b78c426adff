//! Rows as model versions.

use crate::{
    convert::{from_json, to_name, to_u32},
    entity::model::{evaluations, model_versions, models},
    error::{Result, StoreError},
    evaluations::to_evaluation,
};
use domain::{
    ids::{DatasetVersionId, ExperimentId, ModelId, ModelVersionId},
    model::{Evaluation, ModelFormat, ModelTask, ModelVersion, WeightsRef},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Adds the models' names and the evaluations: two queries for any number of
/// rows, whose order stays.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    rows: Vec<model_versions::Model>,
) -> Result<Vec<ModelVersion>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let model_ids: BTreeSet<Uuid> = rows.iter().map(|row| row.model_id).collect();
    let parents = models::Entity::find().filter(models::Column::Id.is_in(model_ids)).all(db).await?;
    let names: HashMap<Uuid, String> = parents.into_iter().map(|row| (row.id, row.name)).collect();
    let measured = evaluations::Entity::find()
        .filter(evaluations::Column::ModelVersionId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(evaluations::Column::Dataset)
        .order_by_asc(evaluations::Column::Split)
        .all(db)
        .await?;
    let mut by_version: HashMap<Uuid, Vec<Evaluation>> = HashMap::new();
    for row in measured {
        by_version.entry(row.model_version_id).or_default().push(to_evaluation(row)?);
    }
    rows.into_iter()
        .map(|row| {
            let name = names.get(&row.model_id).cloned();
            let model = name.ok_or_else(|| StoreError::corrupt(format!("model of version {}", row.id)))?;
            let evaluations = by_version.remove(&row.id).unwrap_or_default();
            to_version(row, model, evaluations)
        })
        .collect()
}

fn to_version(
    row: model_versions::Model,
    model: String,
    evaluations: Vec<Evaluation>,
) -> Result<ModelVersion> {
    let unknown = |what: &str| StoreError::corrupt(format!("{what} of model version {}", row.id));
    let task = ModelTask::parse(&row.task).ok_or_else(|| unknown("the task"))?;
    let weights = match row.weights_sha256.zip(row.weights_bytes) {
        None => None,
        Some((sha256, bytes)) => {
            let format = row.format.as_deref().and_then(ModelFormat::parse);
            Some(WeightsRef {
                sha256,
                bytes: bytes.unsigned_abs(),
                format: format.ok_or_else(|| unknown("the format"))?,
                recipe: row.recipe.map(|recipe| from_json(recipe, "the recipe of a model")).transpose()?,
            })
        }
    };
    Ok(ModelVersion {
        id: ModelVersionId(row.id),
        model_id: ModelId(row.model_id),
        model: to_name(model)?,
        number: to_u32(row.number, "the number of a model version")?,
        task,
        labels: from_json(row.labels, "labels of a model version")?,
        weights,
        trainer: row.trainer,
        experiment_id: row.experiment_id.map(ExperimentId),
        base_id: row.base_id.map(ModelVersionId),
        dataset_version_id: row.dataset_version_id.map(DatasetVersionId),
        created: Timestamp(row.created),
        evaluations,
    })
}
