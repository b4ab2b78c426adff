//! Rows of experiments as types of `domain`.

use crate::{
    convert::{from_json, to_name},
    entity::{
        dataset::{dataset_versions, datasets},
        model::{experiments, model_versions, models},
    },
    error::{Result, StoreError},
};
use domain::{
    ids::{DatasetVersionId, ExperimentId},
    model::Experiment,
    time::Timestamp,
    training::RunParams,
    work::WorkState,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

fn state_of(row: &experiments::Model) -> Result<WorkState> {
    WorkState::parse(&row.state)
        .ok_or_else(|| StoreError::corrupt(format!("state {:?} of experiment {}", row.state, row.id)))
}

/// Who trains, and with which parameters.
pub(crate) fn params_of(id: Uuid, trainer: Option<String>, params: serde_json::Value) -> Result<RunParams> {
    let trainer = trainer.map(to_name).transpose()?;
    RunParams::from_json(trainer, params)
        .map_err(|error| StoreError::corrupt(format!("parameters of experiment {id}: {error}")))
}

/// Adds the names of datasets and model versions: four queries for any number
/// of rows, whose order stays.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    rows: Vec<experiments::Model>,
) -> Result<Vec<Experiment>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let datasets = dataset_names(db, rows.iter().map(|row| row.dataset_version_id).collect()).await?;
    let version_ids = rows.iter().flat_map(|row| [row.base_id, row.model_version_id]).flatten().collect();
    let versions = model_version_names(db, version_ids).await?;
    rows.into_iter().map(|row| to_experiment(row, &datasets, &versions)).collect()
}

fn to_experiment(
    row: experiments::Model,
    datasets: &HashMap<Uuid, String>,
    versions: &HashMap<Uuid, String>,
) -> Result<Experiment> {
    let dataset = datasets.get(&row.dataset_version_id).cloned();
    Ok(Experiment {
        id: ExperimentId(row.id),
        state: state_of(&row)?,
        dataset: dataset.ok_or_else(|| StoreError::corrupt(format!("dataset of experiment {}", row.id)))?,
        dataset_version_id: DatasetVersionId(row.dataset_version_id),
        base: row.base_id.and_then(|id| versions.get(&id).cloned()),
        model_version: row.model_version_id.and_then(|id| versions.get(&id).cloned()),
        name: to_name(row.name)?,
        model: to_name(row.model)?,
        params: params_of(row.id, row.trainer, row.params)?,
        fingerprint: row.fingerprint,
        code_version: row.code_version,
        error: row.error,
        created: Timestamp(row.created),
        started: row.started.map(Timestamp),
        finished: row.finished.map(Timestamp),
        progress: row.progress,
        seconds_left: row.seconds_left,
        plan: row.plan.map(|json| from_json(json, "the plan of an experiment")).transpose()?,
        stopped_early: row.stopped_early,
    })
}

/// `dataset/version` of each id.
async fn dataset_names(db: &impl ConnectionTrait, ids: BTreeSet<Uuid>) -> Result<HashMap<Uuid, String>> {
    let versions = dataset_versions::Entity::find().filter(dataset_versions::Column::Id.is_in(ids));
    let versions = versions.all(db).await?;
    let dataset_ids: BTreeSet<Uuid> = versions.iter().map(|row| row.dataset_id).collect();
    let parents = datasets::Entity::find().filter(datasets::Column::Id.is_in(dataset_ids)).all(db).await?;
    let names: HashMap<Uuid, String> = parents.into_iter().map(|row| (row.id, row.name)).collect();
    let full = |row: &dataset_versions::Model| Some(format!("{}/{}", names.get(&row.dataset_id)?, row.name));
    Ok(versions.iter().filter_map(|row| Some((row.id, full(row)?))).collect())
}

/// `model/number` of each id.
async fn model_version_names(
    db: &impl ConnectionTrait,
    ids: BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let versions = model_versions::Entity::find().filter(model_versions::Column::Id.is_in(ids));
    let versions = versions.all(db).await?;
    let model_ids: BTreeSet<Uuid> = versions.iter().map(|row| row.model_id).collect();
    let parents = models::Entity::find().filter(models::Column::Id.is_in(model_ids)).all(db).await?;
    let names: HashMap<Uuid, String> = parents.into_iter().map(|row| (row.id, row.name)).collect();
    let full = |row: &model_versions::Model| Some(format!("{}/{}", names.get(&row.model_id)?, row.number));
    Ok(versions.iter().filter_map(|row| Some((row.id, full(row)?))).collect())
}
