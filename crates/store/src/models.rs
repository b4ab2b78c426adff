//! Models, their versions, and what was measured of them. Knows nothing of
//! weights but their hash and length.

use crate::{
    audit::Act,
    blobs::{BlobKind, Blobs},
    convert::{from_json, to_json, to_name, to_u32},
    cursor,
    database::Database,
    entity::model::{evaluations, experiments, model_versions, models},
    error::{Result, StoreError, taken},
    evaluations::to_evaluation,
    files,
};
use domain::{
    ids::{DatasetVersionId, ExperimentId, ModelId, ModelVersionId},
    model::{Evaluation, ModelVersion, WeightsRef},
    name::{Label, Name, VersionRef},
    page::{Page, PageRequest},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, SqlErr, sea_query::Expr,
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A version to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewModelVersion {
    /// Identity of the version.
    pub id: ModelVersionId,
    /// Identity of the model, should this be its first version.
    pub model_id: ModelId,
    /// The model, made when it is not there.
    pub model: Name,
    /// In the order of the network's outputs.
    pub labels: Vec<Label>,
    /// The stored weights; `None` for a model served elsewhere.
    pub weights: Option<WeightsRef>,
    /// What made it.
    pub experiment_id: Option<ExperimentId>,
    /// What its training started from.
    pub base_id: Option<ModelVersionId>,
    /// What it was trained on.
    pub dataset_version_id: Option<DatasetVersionId>,
    /// When.
    pub created: Timestamp,
}

/// Models and their versions.
#[derive(Clone, Copy, Debug)]
pub struct Models<'a> {
    pub(crate) db: &'a Database,
    pub(crate) blobs: &'a Blobs,
}

impl Models<'_> {
    /// Adds the next version of a model, and the model when it is the first.
    ///
    /// # Errors
    /// `Conflict` when something it refers to is not there; `FileRemoved` when
    /// its weights went meanwhile.
    pub async fn create_version(&self, new: NewModelVersion, act: Act) -> Result<ModelVersion> {
        let tx = self.db.begin().await?;
        let weights = new.weights.as_ref().map(|weights| weights.sha256.as_str());
        files::require(&tx, self.blobs, BlobKind::Weights, weights).await?;
        let version = create_version(&tx, new).await?;
        act.record(&tx, &version.full_name()).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// The version of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: ModelVersionId) -> Result<Option<ModelVersion>> {
        let row = model_versions::Entity::find_by_id(id.0).all(&self.db.reader).await?;
        Ok(load(&self.db.reader, row).await?.pop())
    }

    /// The version of this name and number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_by_name(&self, name: &VersionRef) -> Result<Option<ModelVersion>> {
        let Ok(number) = name.version.as_str().parse::<i32>() else { return Ok(None) };
        let model = models::Entity::find().filter(models::Column::Name.eq(name.name.as_str()));
        let Some(model) = model.one(&self.db.reader).await? else { return Ok(None) };
        let query = model_versions::Entity::find()
            .filter(model_versions::Column::ModelId.eq(model.id))
            .filter(model_versions::Column::Number.eq(number));
        Ok(load(&self.db.reader, query.all(&self.db.reader).await?).await?.pop())
    }

    /// The versions whose training started from one of these, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn started_from(&self, bases: &[ModelVersionId]) -> Result<Vec<ModelVersion>> {
        let is_child = model_versions::Column::BaseId.is_in(bases.iter().map(|base| base.0));
        let query = model_versions::Entity::find().filter(is_child).order_by_asc(model_versions::Column::Id);
        load(&self.db.reader, query.all(&self.db.reader).await?).await
    }

    /// What an experiment made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_experiment(&self, id: ExperimentId) -> Result<Option<ModelVersion>> {
        let query = model_versions::Entity::find().filter(model_versions::Column::ExperimentId.eq(id.0));
        Ok(load(&self.db.reader, query.all(&self.db.writer).await?).await?.pop())
    }

    /// Deletes a version that nothing refers to but the experiment that made
    /// it, and the model with its last version. Its weights go some time after
    /// `now`, unless another version has them.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when something refers to it.
    pub async fn delete(&self, id: ModelVersionId, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let row = model_versions::Entity::find_by_id(id.0).lock_exclusive().one(&tx).await?;
        let row = row.ok_or_else(|| StoreError::not_found(format!("model version {id}")))?;
        let name =
            load(&tx, vec![row.clone()]).await?.pop().map_or_else(|| id.to_string(), |v| v.full_name());
        experiments::Entity::update_many()
            .col_expr(experiments::Column::ModelVersionId, Expr::value(None::<Uuid>))
            .filter(experiments::Column::ModelVersionId.eq(id.0))
            .exec(&tx)
            .await?;
        model_versions::Entity::delete_by_id(id.0).exec(&tx).await.map_err(|error| {
            match error.sql_err() {
                Some(SqlErr::ForeignKeyConstraintViolation(_)) => StoreError::conflict(
                    "a deployment, a prediction, a training or a comparison refers to this version",
                ),
                _ => error.into(),
            }
        })?;
        let of_model =
            model_versions::Entity::find().filter(model_versions::Column::ModelId.eq(row.model_id));
        if of_model.count(&tx).await? == 0 {
            models::Entity::delete_by_id(row.model_id).exec(&tx).await?;
        }
        files::release(&tx, BlobKind::Weights, row.weights_sha256, act.by.at).await?;
        act.record(&tx, &name).await?;
        Ok(tx.commit().await?)
    }

    /// Versions of all models, the latest first.
    ///
    /// # Errors
    /// `InvalidCursor`, or the database's.
    pub async fn page(&self, request: &PageRequest) -> Result<Page<ModelVersion>> {
        let mut query = model_versions::Entity::find()
            .order_by_desc(model_versions::Column::Id)
            .limit(cursor::fetch(request));
        if let Some(after) = cursor::parse_id(request)? {
            query = query.filter(model_versions::Column::Id.lt(after));
        }
        let versions = load(&self.db.reader, query.all(&self.db.reader).await?).await?;
        Ok(cursor::page(versions, request.limit(), |version| version.id.to_string()))
    }
}

/// Adds the next version inside a transaction.
async fn create_version(db: &impl ConnectionTrait, new: NewModelVersion) -> Result<ModelVersion> {
    let model_id = model_id(db, &new).await?;
    let highest: Option<Option<i32>> = model_versions::Entity::find()
        .filter(model_versions::Column::ModelId.eq(model_id))
        .select_only()
        .column_as(model_versions::Column::Number.max(), "highest")
        .into_tuple()
        .one(db)
        .await?;
    let number = highest.flatten().unwrap_or(0).saturating_add(1);
    let row = model_versions::Model {
        id: new.id.0,
        model_id,
        number,
        labels: to_json(&new.labels)?,
        weights_sha256: new.weights.as_ref().map(|weights| weights.sha256.clone()),
        weights_bytes: new.weights.as_ref().map(|weights| weights.bytes.cast_signed()),
        experiment_id: new.experiment_id.map(|id| id.0),
        base_id: new.base_id.map(|id| id.0),
        dataset_version_id: new.dataset_version_id.map(|id| id.0),
        created: new.created.0,
    };
    model_versions::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(db)
        .await
        .map_err(taken(|| format!("there is already a model version {}/{number}", new.model)))?;
    let version = load(db, vec![row]).await?.pop();
    version.ok_or_else(|| StoreError::corrupt("a new model version"))
}

async fn model_id(db: &impl ConnectionTrait, new: &NewModelVersion) -> Result<Uuid> {
    let query = models::Entity::find().filter(models::Column::Name.eq(new.model.as_str()));
    if let Some(model) = query.lock_exclusive().one(db).await? {
        return Ok(model.id);
    }
    let row = models::Model { id: new.model_id.0, name: new.model.to_string(), created: new.created.0 };
    models::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await
        .map_err(taken(|| format!("model {} is just being made: try again", new.model)))?;
    Ok(new.model_id.0)
}

/// Adds the models' names and the evaluations: two queries for any number of
/// rows, whose order stays.
async fn load(db: &impl ConnectionTrait, rows: Vec<model_versions::Model>) -> Result<Vec<ModelVersion>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let model_ids: BTreeSet<Uuid> = rows.iter().map(|row| row.model_id).collect();
    let found = models::Entity::find().filter(models::Column::Id.is_in(model_ids)).all(db).await?;
    let names: HashMap<Uuid, String> = found.into_iter().map(|row| (row.id, row.name)).collect();
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
    let weights = row.weights_sha256.zip(row.weights_bytes);
    Ok(ModelVersion {
        id: ModelVersionId(row.id),
        model_id: ModelId(row.model_id),
        model: to_name(model)?,
        number: to_u32(row.number, "the number of a model version")?,
        labels: from_json(row.labels, "labels of a model version")?,
        weights: weights.map(|(sha256, bytes)| WeightsRef { sha256, bytes: bytes.unsigned_abs() }),
        experiment_id: row.experiment_id.map(ExperimentId),
        base_id: row.base_id.map(ModelVersionId),
        dataset_version_id: row.dataset_version_id.map(DatasetVersionId),
        created: Timestamp(row.created),
        evaluations,
    })
}
