//! Training runs: their state. Does not know how a training works.

mod progress;
mod rows;

pub(crate) use rows::params_of;

use crate::{
    audit::Act,
    cursor,
    database::Database,
    entity::model::experiments,
    error::{Result, StoreError, taken},
    learning::reopen_in,
    transaction::Transaction,
    work::{NewWork, enqueue_in, finish_in, settle},
};
use domain::{
    event::Event,
    ids::{DatasetVersionId, ExperimentId, ModelVersionId, RoundId, WorkItemId},
    model::Experiment,
    name::Name,
    page::{Page, PageRequest},
    time::Timestamp,
    training::RunParams,
    work::WorkState,
};
use rows::load;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

/// A run to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewExperiment {
    /// Identity.
    pub id: ExperimentId,
    /// Unique.
    pub name: Name,
    /// What it trains on.
    pub dataset_version_id: DatasetVersionId,
    /// The model that will receive the new version.
    pub model: Name,
    /// What it starts from.
    pub base_id: Option<ModelVersionId>,
    /// Who trains, and everything that shapes the run.
    pub params: RunParams,
    /// The data's fingerprint.
    pub fingerprint: String,
    /// The version of the program.
    pub code_version: String,
    /// When it was asked for.
    pub created: Timestamp,
}

/// Training runs.
#[derive(Clone, Copy, Debug)]
pub struct Experiments<'a> {
    pub(crate) db: &'a Database,
}

impl Experiments<'_> {
    /// Adds a queued run that no worker will find: see [`Self::launch`].
    ///
    /// # Errors
    /// `Conflict` when the name is taken.
    pub async fn insert(&self, new: &NewExperiment) -> Result<Experiment> {
        let row = insert_in(&self.db.writer, new).await?;
        let loaded = load(&self.db.reader, vec![row]).await?.pop();
        loaded.ok_or_else(|| StoreError::corrupt("a new experiment"))
    }

    /// Adds a queued run together with the work that it is, so that neither is
    /// ever there alone; `reopens` is the failed round that goes on with it.
    /// `act` is recorded on `subject`: the run itself, or the one it repeats.
    ///
    /// # Errors
    /// `Conflict` when the name is taken, or the round has not failed or its
    /// deployment trains already.
    pub async fn launch(
        &self,
        new: &NewExperiment,
        work: &NewWork,
        reopens: Option<RoundId>,
        (act, subject): (Act, &Name),
    ) -> Result<Experiment> {
        let tx = self.db.begin().await?;
        let launched = async {
            let row = insert_in(&tx, new).await?;
            enqueue_in(&tx, work).await?;
            tx.publish(Event::ExperimentChanged { id: new.id });
            if let Some(round) = reopens {
                reopen_in(&tx, round, new.id).await?;
            }
            act.record(&tx, subject.as_str()).await?;
            let loaded = load(&tx, vec![row]).await?.pop();
            loaded.ok_or_else(|| StoreError::corrupt("a new experiment"))
        };
        let launched = launched.await;
        settle(tx, launched).await
    }

    /// The run of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: ExperimentId) -> Result<Option<Experiment>> {
        let row = experiments::Entity::find_by_id(id.0).one(&self.db.reader).await?;
        Ok(load(&self.db.reader, row.into_iter().collect()).await?.pop())
    }

    /// The run of this name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_by_name(&self, name: &Name) -> Result<Option<Experiment>> {
        let query = experiments::Entity::find().filter(experiments::Column::Name.eq(name.as_str()));
        let row = query.one(&self.db.reader).await?;
        Ok(load(&self.db.reader, row.into_iter().collect()).await?.pop())
    }

    /// The latest first.
    ///
    /// # Errors
    /// `InvalidCursor`, or the database's.
    pub async fn page(&self, request: &PageRequest) -> Result<Page<Experiment>> {
        let mut query =
            experiments::Entity::find().order_by_desc(experiments::Column::Id).limit(cursor::fetch(request));
        if let Some(after) = cursor::parse_id(request)? {
            query = query.filter(experiments::Column::Id.lt(after));
        }
        let found = load(&self.db.reader, query.all(&self.db.reader).await?).await?;
        Ok(cursor::page(found, request.limit(), |experiment| experiment.id.to_string()))
    }

    /// Ends a run that `worker` has with the model version that it made: the
    /// run and its work in one transaction. All other moves are those of its
    /// work ([`crate::Work`]).
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when it has ended otherwise or another worker
    /// has it.
    pub async fn succeed(
        &self,
        id: ExperimentId,
        worker: &str,
        model_version_id: ModelVersionId,
        now: Timestamp,
    ) -> Result<Experiment> {
        let tx = self.db.begin().await?;
        let succeeded = succeed_in(&tx, id, worker, model_version_id, now).await;
        settle(tx, succeeded).await
    }

    /// Notes how far a run is (0 to 1) and how many seconds it may still take.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn progress(&self, id: ExperimentId, progress: f64, seconds_left: Option<f64>) -> Result<()> {
        let tx = self.db.begin().await?;
        experiments::Entity::update_many()
            .col_expr(experiments::Column::Progress, Expr::value(progress.clamp(0.0, 1.0)))
            .col_expr(experiments::Column::SecondsLeft, Expr::value(seconds_left))
            .filter(experiments::Column::Id.eq(id.0))
            .exec(&tx)
            .await?;
        tx.publish(Event::ExperimentChanged { id });
        Ok(tx.commit().await?)
    }
}

async fn succeed_in(
    db: &Transaction,
    id: ExperimentId,
    worker: &str,
    model_version_id: ModelVersionId,
    now: Timestamp,
) -> Result<Experiment> {
    finish_in(db, WorkItemId(id.0), worker, WorkState::Succeeded, "", now).await?;
    experiments::Entity::update_many()
        .col_expr(experiments::Column::ModelVersionId, Expr::value(model_version_id.0))
        .col_expr(experiments::Column::Progress, Expr::value(1.0))
        .filter(experiments::Column::Id.eq(id.0))
        .exec(db)
        .await?;
    let row = experiments::Entity::find_by_id(id.0).one(db).await?;
    let loaded = load(db, row.into_iter().collect()).await?.pop();
    loaded.ok_or_else(|| StoreError::not_found(format!("experiment {id}")))
}

/// Adds a queued run, inside a transaction.
pub(crate) async fn insert_in(db: &impl ConnectionTrait, new: &NewExperiment) -> Result<experiments::Model> {
    let row = experiments::Model {
        id: new.id.0,
        name: new.name.to_string(),
        state: WorkState::Queued.as_str().to_owned(),
        dataset_version_id: new.dataset_version_id.0,
        model: new.model.to_string(),
        base_id: new.base_id.map(|id| id.0),
        trainer: new.params.trainer().map(ToString::to_string),
        params: new.params.to_map().into(),
        fingerprint: new.fingerprint.clone(),
        code_version: new.code_version.clone(),
        model_version_id: None,
        error: None,
        created: new.created.0,
        started: None,
        finished: None,
        progress: 0.0,
        seconds_left: None,
        plan: None,
        stopped_early: false,
    };
    experiments::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(db)
        .await
        .map_err(taken(|| format!("there is already an experiment {}", new.name)))?;
    Ok(row)
}
