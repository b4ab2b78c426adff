//! Launching a training on what was submitted: one transaction freezes the
//! images, makes experiment, work and round, and takes the submissions. Two
//! servers that do it at the same time launch once.

use super::{Learning, rounds, snapshot};
use crate::{
    audit::{Act, By},
    convert::to_name,
    deployments,
    entity::{
        feedback::{feedback_loops, submissions},
        learning::learning_rounds,
        model::{experiments, model_versions},
    },
    error::{Result, StoreError},
    experiments::{NewExperiment, insert_in},
    monitoring::settle_drift,
    outgoing::Outgoing,
    transaction::Transaction,
    work::{NewWork, enqueue_in},
};
use domain::{
    deployment::Deployment,
    event::Event,
    feedback::FeedbackSide,
    ids::{DatasetVersionId, DeploymentId, ExperimentId, ModelVersionId, RoundId, WorkItemId},
    learning::{Round, RoundState, Trigger},
    model::ModelFormat,
    name::Name,
    time::Timestamp,
    training::RunParams,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

/// Of a deployment's name in that of its experiment: a name has 64 characters.
const NAME_LENGTH: usize = 50;

/// A launch that is wished for.
pub struct NewLaunch<'a> {
    /// Whose.
    pub deployment: DeploymentId,
    /// Why.
    pub trigger: Trigger,
    /// Submissions that no training has taken, at least; with fewer nothing
    /// is launched.
    pub least: u64,
    /// Who trains, and everything that shapes the run.
    pub params: RunParams,
    /// The version of the program.
    pub code_version: String,
    /// The kind of work that trains.
    pub work_kind: String,
    /// Who and when.
    pub by: By,
    /// The event that goes out with the launch, to which its experiment and
    /// the number of submissions are added.
    pub outgoing: Option<Outgoing>,
    /// Fresh ids, rising.
    pub ids: &'a (dyn Fn() -> Uuid + Send + Sync),
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Launch {
    /// It was launched.
    Launched(Round),
    /// An earlier one has not ended.
    UnderWay(Round),
    /// Too little was submitted.
    TooFew {
        /// So much was.
        waiting: u64,
    },
    /// Nothing was submitted that a model may learn from.
    NothingToLearn,
}

impl Learning<'_> {
    /// Launches a training, at most one at a time of a deployment.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when a label of an image is none of the labels.
    pub async fn launch(&self, new: &NewLaunch<'_>) -> Result<Launch> {
        let tx = self.db.begin().await?;
        let launched = launch_in(&tx, new).await?;
        if matches!(launched, Launch::Launched(_)) {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(launched)
    }

    /// Freezes what a launch would, takes no submission and launches nothing;
    /// `None` when nothing was submitted yet.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when a label of an image is none of the labels.
    pub async fn freeze(
        &self,
        id: DeploymentId,
        now: Timestamp,
        ids: &(dyn Fn() -> Uuid + Send + Sync),
    ) -> Result<Option<DatasetVersionId>> {
        let tx = self.db.begin().await?;
        let target = feedback_loops::Entity::find_by_id(id.0).lock_exclusive().one(&tx).await?;
        let deployment = deployments::one(&tx, id).await?;
        let submitted = submissions::Entity::find().filter(submissions::Column::DeploymentId.eq(id.0));
        let Some(target) = target.and_then(|row| row.version_id) else { return Ok(None) };
        if submitted.count(&tx).await? == 0 {
            return Ok(None);
        }
        let made = frozen_now(&tx, &deployment, DatasetVersionId(target), now, ids).await?;
        tx.commit().await?;
        Ok(Some(made.frozen.version))
    }
}

/// All that a launch would freeze.
struct Snapshot {
    name: Name,
    champion: model_versions::Model,
    frozen: snapshot::Frozen,
}

async fn frozen_now(
    db: &impl ConnectionTrait,
    deployment: &Deployment,
    target: DatasetVersionId,
    now: Timestamp,
    ids: &(dyn Fn() -> Uuid + Send + Sync),
) -> Result<Snapshot> {
    let champion = model_versions::Entity::find_by_id(deployment.champion.id.0).one(db).await?;
    let champion = champion.ok_or_else(|| StoreError::corrupt("the champion of a deployment"))?;
    let name = free_name(db, target.0, &deployment.name, now).await?;
    let request = snapshot::SnapshotRequest {
        deployment: deployment.id,
        target,
        name: name.clone(),
        base: champion.dataset_version_id.map(DatasetVersionId),
        labels: deployment.champion.labels.clone(),
        created: now,
    };
    let frozen = snapshot::freeze(db, &request, ids).await?;
    Ok(Snapshot { name, champion, frozen })
}

async fn launch_in(db: &Transaction, new: &NewLaunch<'_>) -> Result<Launch> {
    // Submitting takes this lock, too: what is counted is what is taken.
    let target = feedback_loops::Entity::find_by_id(new.deployment.0).lock_exclusive().one(db).await?;
    let deployment = deployments::one(db, new.deployment).await?;
    if let Some(round) = rounds::open_of(db, new.deployment).await? {
        return Ok(Launch::UnderWay(round));
    }
    let of_deployment =
        submissions::Entity::find().filter(submissions::Column::DeploymentId.eq(new.deployment.0));
    let untaken = of_deployment.clone().filter(submissions::Column::ConsumedBy.is_null());
    let waiting = untaken.clone().count(db).await?;
    if waiting < new.least {
        return Ok(Launch::TooFew { waiting });
    }
    let learnable = if new.least > 0 { untaken } else { of_deployment };
    let learnable = learnable.filter(submissions::Column::Side.eq(FeedbackSide::Train.as_str()));
    let Some(target) = target.and_then(|row| row.version_id) else { return Ok(Launch::NothingToLearn) };
    if learnable.count(db).await? == 0 {
        return Ok(Launch::NothingToLearn);
    }
    let snapshot = frozen_now(db, &deployment, DatasetVersionId(target), new.by.at, new.ids).await?;
    let experiment = insert_experiment(db, new, &deployment, &snapshot).await?;
    let Snapshot { name, champion, frozen } = snapshot;
    let taken = submissions::Entity::update_many()
        .col_expr(submissions::Column::ConsumedBy, Expr::value(experiment.0))
        .filter(submissions::Column::DeploymentId.eq(new.deployment.0))
        .filter(submissions::Column::ConsumedBy.is_null())
        .exec(db)
        .await?
        .rows_affected;
    let round = learning_rounds::Model {
        id: RoundId((new.ids)()).0,
        deployment_id: new.deployment.0,
        experiment_id: experiment.0,
        champion_id: champion.id,
        snapshot_id: frozen.version.0,
        launched_by: new.trigger.as_str().to_owned(),
        submissions: taken.cast_signed(),
        state: RoundState::Training.as_str().to_owned(),
        comparison_id: None,
        verdict: None,
        outcome: String::new(),
        created: new.by.at.0,
        finished: None,
    };
    learning_rounds::Entity::insert(round.clone().into_active_model()).exec_without_returning(db).await?;
    let detail = json!({ "experiment": name, "trigger": new.trigger, "submissions": taken });
    let outgoing = new.outgoing.clone().map(|outgoing| {
        outgoing.with("experiment", json!(name)).with("submissions", json!(taken.cast_signed()))
    });
    let act = Act { outgoing, ..Act::new(new.by.clone(), "continuous_training.launch", detail) };
    act.record(db, deployment.name.as_str()).await?;
    // Whatever launched it: it learns of what had drifted until now.
    settle_drift(db, new.deployment).await?;
    Ok(Launch::Launched(rounds::load_one(db, round).await?))
}

/// Inserts the experiment of a launch and its work, and gives its id.
async fn insert_experiment(
    db: &Transaction,
    new: &NewLaunch<'_>,
    deployment: &Deployment,
    snapshot: &Snapshot,
) -> Result<ExperimentId> {
    let Snapshot { name, champion, frozen } = snapshot;
    let id = ExperimentId((new.ids)());
    let (model, _) = deployment.champion.name.rsplit_once('/').unwrap_or((&deployment.champion.name, ""));
    let row = NewExperiment {
        id,
        name: name.clone(),
        dataset_version_id: frozen.version,
        model: to_name(model.to_owned())?,
        base_id: goes_on_from(champion, &new.params).then_some(ModelVersionId(champion.id)),
        params: new.params.clone(),
        fingerprint: frozen.fingerprint.clone(),
        code_version: new.code_version.clone(),
        created: new.by.at,
    };
    insert_in(db, &row).await?;
    let work = NewWork {
        id: WorkItemId(id.0),
        kind: new.work_kind.clone(),
        subject: name.to_string(),
        payload: json!({ "experiment_id": id }),
        dedupe_key: Some(id.to_string()),
        created: new.by.at,
    };
    enqueue_in(db, &work).await?;
    db.publish(Event::ExperimentChanged { id });
    db.publish(Event::DeploymentChanged { id: new.deployment });
    Ok(id)
}

/// Whether a training can start from the champion: the built-in trainer knows
/// its own weights alone, another one is given whatever is here.
fn goes_on_from(champion: &model_versions::Model, params: &RunParams) -> bool {
    match params {
        RunParams::BuiltIn(_) => champion.format.as_deref() == Some(ModelFormat::Fovea.as_str()),
        RunParams::Declared { .. } => champion.weights_sha256.is_some(),
    }
}

/// `<deployment>-<unix seconds>`, for experiment and snapshot alike; of the
/// next second that is free.
async fn free_name(
    db: &impl ConnectionTrait,
    target: Uuid,
    deployment: &Name,
    now: Timestamp,
) -> Result<Name> {
    let stem: String = deployment.as_str().chars().take(NAME_LENGTH).collect();
    for seconds in now.0.div_euclid(1000).. {
        let name = format!("{stem}-{seconds}");
        let taken = experiments::Entity::find().filter(experiments::Column::Name.eq(name.as_str()));
        if taken.count(db).await? == 0 && !snapshot::is_taken(db, target, &name).await? {
            return to_name(name);
        }
    }
    Err(StoreError::conflict("no second is free for the name of an experiment"))
}
