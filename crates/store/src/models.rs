//! Models, their versions, and what was measured of them. Knows nothing of
//! weights but their hash and length.

mod rows;

use crate::{
    audit::Act,
    blobs::{BlobKind, Blobs},
    convert::to_json,
    cursor,
    database::Database,
    entity::model::{experiments, model_files, model_versions, models},
    error::{Result, StoreError, taken},
    files,
    sql::{self, Fragment},
};
use domain::{
    ids::{DatasetVersionId, ExperimentId, ModelId, ModelVersionId},
    model::{ModelTask, ModelVersion, WeightsRef},
    name::{Label, Name, VersionRef},
    page::{Page, PageRequest},
    time::Timestamp,
};
use rows::load;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, SqlErr, sea_query::Expr,
};
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
    /// The external trainer that goes on from it; `None` for the built-in one.
    pub trainer: Option<String>,
    /// What made it.
    pub experiment_id: Option<ExperimentId>,
    /// What its training started from.
    pub base_id: Option<ModelVersionId>,
    /// What it was trained on.
    pub dataset_version_id: Option<DatasetVersionId>,
    /// When.
    pub created: Timestamp,
}

/// A file beside the weights of a version: what its trainer wants to find
/// there the next time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFile {
    /// As the trainer called it; no path.
    pub name: String,
    /// Of the stored bytes; also their key.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
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
        self.create_version_with(new, &[], act).await
    }

    /// The same with files that its trainer wants kept beside the weights.
    ///
    /// # Errors
    /// As [`Self::create_version`]; `FileRemoved` also for one of these files.
    pub async fn create_version_with(
        &self,
        new: NewModelVersion,
        kept: &[KeptFile],
        act: Act,
    ) -> Result<ModelVersion> {
        let tx = self.db.begin().await?;
        let weights = new.weights.iter().map(|weights| weights.sha256.as_str());
        let hashes = weights.chain(kept.iter().map(|file| file.sha256.as_str()));
        files::require(&tx, self.blobs, BlobKind::Weights, hashes).await?;
        let version = create_version(&tx, new).await?;
        if !kept.is_empty() {
            let rows = kept.iter().map(|file| {
                let (name, sha256) = (file.name.clone(), file.sha256.clone());
                let bytes = file.bytes.cast_signed();
                model_files::Model { model_version_id: version.id.0, name, sha256, bytes }.into_active_model()
            });
            model_files::Entity::insert_many(rows).exec_without_returning(&tx).await?;
        }
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

    /// What its trainer wanted kept beside the weights of a version, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kept_files(&self, id: ModelVersionId) -> Result<Vec<KeptFile>> {
        let rows = model_files::Entity::find()
            .filter(model_files::Column::ModelVersionId.eq(id.0))
            .order_by_asc(model_files::Column::Name)
            .all(&self.db.reader)
            .await?;
        let file = |row: model_files::Model| KeptFile {
            name: row.name,
            sha256: row.sha256,
            bytes: row.bytes.unsigned_abs(),
        };
        Ok(rows.into_iter().map(file).collect())
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
        let kept = model_files::Entity::find().filter(model_files::Column::ModelVersionId.eq(id.0));
        let kept = kept.all(&tx).await?.into_iter().map(|file| file.sha256);
        let released: Vec<String> = row.weights_sha256.into_iter().chain(kept).collect();
        model_files::Entity::delete_many()
            .filter(model_files::Column::ModelVersionId.eq(id.0))
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
        files::release(&tx, BlobKind::Weights, released, act.by.at).await?;
        act.record(&tx, &name).await?;
        Ok(tx.commit().await?)
    }

    /// The versions of one model, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions_of(&self, id: ModelId) -> Result<Vec<ModelVersion>> {
        let query = model_versions::Entity::find()
            .filter(model_versions::Column::ModelId.eq(id.0))
            .order_by_desc(model_versions::Column::Id);
        load(&self.db.reader, query.all(&self.db.reader).await?).await
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
pub(crate) async fn create_version(db: &impl ConnectionTrait, new: NewModelVersion) -> Result<ModelVersion> {
    let model_id = model_id(db, &new).await?;
    let number = next_number(db, &new.model).await?;
    let recipe = new.weights.as_ref().and_then(|weights| weights.recipe.as_ref());
    let row = model_versions::Model {
        id: new.id.0,
        model_id,
        number,
        labels: to_json(&new.labels)?,
        weights_sha256: new.weights.as_ref().map(|weights| weights.sha256.clone()),
        weights_bytes: new.weights.as_ref().map(|weights| weights.bytes.cast_signed()),
        task: ModelTask::Detection.as_str().to_owned(),
        format: new.weights.as_ref().map(|weights| weights.format.as_str().to_owned()),
        recipe: recipe.map(to_json).transpose()?,
        trainer: new.trainer.clone(),
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

/// The next number of a model: one that no version of this name ever had.
async fn next_number(db: &impl ConnectionTrait, model: &Name) -> Result<i32> {
    let next = Fragment::new("INSERT INTO model_numbers (name, last) VALUES (")
        .value(model.as_str())
        .say(", 1) ON CONFLICT (name) DO UPDATE SET last = model_numbers.last + 1 RETURNING last");
    let row = sql::row(db, next).await?;
    let row = row.ok_or_else(|| StoreError::corrupt("the number of a new model version"))?;
    i32::try_from(row.try_get_by_index::<i64>(0)?)
        .map_err(|_| StoreError::conflict("this model has too many versions"))
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
