//! Launches and what became of them.

use super::Learning;
use crate::{
    audit::Act,
    entity::{
        learning::learning_rounds,
        model::{experiments, model_versions, models},
    },
    error::{Result, StoreError},
};
use domain::{
    event::Event,
    ids::{ComparisonId, DatasetVersionId, DeploymentId, ExperimentId, ModelVersionId, RoundId},
    learning::{Round, RoundState, Trigger},
    time::Timestamp,
    work::WorkState,
};
use measures::gate::Verdict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use std::collections::HashMap;
use uuid::Uuid;

/// A round that has not ended, and how far its training is.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenRound {
    /// The round.
    pub round: Round,
    /// What it was launched from.
    pub champion_id: ModelVersionId,
    /// What its training made.
    pub candidate_id: Option<ModelVersionId>,
    /// Of its experiment.
    pub experiment: WorkState,
    /// Why that failed.
    pub error: Option<String>,
}

impl Learning<'_> {
    /// The latest launches of a deployment, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rounds(&self, id: DeploymentId, limit: u32) -> Result<Vec<Round>> {
        let rows = learning_rounds::Entity::find()
            .filter(learning_rounds::Column::DeploymentId.eq(id.0))
            .order_by_desc(learning_rounds::Column::Id)
            .limit(u64::from(limit))
            .all(&self.db.reader)
            .await?;
        load(&self.db.reader, rows).await
    }

    /// One round, and how far its training is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn round(&self, id: RoundId) -> Result<Option<OpenRound>> {
        let row = learning_rounds::Entity::find_by_id(id.0).one(&self.db.reader).await?;
        Ok(self.with_experiments(row.into_iter().collect()).await?.pop())
    }

    /// The round of an experiment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn round_of(&self, experiment: ExperimentId) -> Result<Option<OpenRound>> {
        let row = learning_rounds::Entity::find()
            .filter(learning_rounds::Column::ExperimentId.eq(experiment.0))
            .one(&self.db.reader)
            .await?;
        Ok(self.with_experiments(row.into_iter().collect()).await?.pop())
    }

    /// The rounds that have not ended, of all deployments. Only their ids: one
    /// that cannot be read keeps nobody from the others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_round_ids(&self) -> Result<Vec<RoundId>> {
        let ids: Vec<Uuid> = learning_rounds::Entity::find()
            .filter(open())
            .order_by_asc(learning_rounds::Column::Id)
            .select_only()
            .column(learning_rounds::Column::Id)
            .into_tuple()
            .all(&self.db.reader)
            .await?;
        Ok(ids.into_iter().map(RoundId).collect())
    }

    /// Moves a round from `from` on; `false` when it was not there any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn advance(&self, id: RoundId, from: RoundState, to: RoundState) -> Result<bool> {
        let tx = self.db.begin().await?;
        let moved = learning_rounds::Entity::update_many()
            .col_expr(learning_rounds::Column::State, Expr::value(to.as_str()))
            .filter(learning_rounds::Column::Id.eq(id.0))
            .filter(learning_rounds::Column::State.eq(from.as_str()))
            .exec(&tx)
            .await?;
        if let Some(row) = learning_rounds::Entity::find_by_id(id.0).one(&tx).await? {
            tx.publish(Event::DeploymentChanged { id: DeploymentId(row.deployment_id) });
        }
        tx.commit().await?;
        Ok(moved.rows_affected > 0)
    }

    /// Ends a round that has not ended; `false` when it had.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(
        &self,
        id: RoundId,
        to: RoundState,
        evidence: Option<(ComparisonId, Verdict)>,
        outcome: &str,
        act: Act,
    ) -> Result<bool> {
        let tx = self.db.begin().await?;
        let (comparison, verdict) = evidence.unzip();
        let moved = learning_rounds::Entity::update_many()
            .col_expr(learning_rounds::Column::State, Expr::value(to.as_str()))
            .col_expr(learning_rounds::Column::ComparisonId, Expr::value(comparison.map(|id| id.0)))
            .col_expr(learning_rounds::Column::Verdict, Expr::value(verdict.map(verdict_word)))
            .col_expr(learning_rounds::Column::Outcome, Expr::value(outcome))
            .col_expr(learning_rounds::Column::Finished, Expr::value(act.by.at.0))
            .filter(learning_rounds::Column::Id.eq(id.0))
            .filter(open())
            .exec(&tx)
            .await?;
        if moved.rows_affected == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let row = learning_rounds::Entity::find_by_id(id.0).one(&tx).await?;
        let row = row.ok_or_else(|| StoreError::corrupt("a round that has just ended"))?;
        let experiment = experiments::Entity::find_by_id(row.experiment_id).one(&tx).await?;
        tx.publish(Event::DeploymentChanged { id: DeploymentId(row.deployment_id) });
        act.record(&tx, &experiment.map_or_else(|| id.to_string(), |experiment| experiment.name)).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn with_experiments(&self, rows: Vec<learning_rounds::Model>) -> Result<Vec<OpenRound>> {
        let champions: Vec<Uuid> = rows.iter().map(|row| row.champion_id).collect();
        let wanted = experiments::Column::Id.is_in(rows.iter().map(|row| row.experiment_id));
        let runs = experiments::Entity::find().filter(wanted).all(&self.db.reader).await?;
        let runs: HashMap<Uuid, experiments::Model> = runs.into_iter().map(|row| (row.id, row)).collect();
        let rounds = load(&self.db.reader, rows).await?;
        rounds
            .into_iter()
            .zip(champions)
            .map(|(round, champion)| {
                let damaged = || StoreError::corrupt(format!("the experiment of round {}", round.id));
                let row = runs.get(&round.experiment_id.0).ok_or_else(damaged)?;
                Ok(OpenRound {
                    champion_id: ModelVersionId(champion),
                    candidate_id: row.model_version_id.map(ModelVersionId),
                    experiment: WorkState::parse(&row.state).ok_or_else(damaged)?,
                    error: row.error.clone(),
                    round,
                })
            })
            .collect()
    }
}

/// Opens a failed round again with another experiment on its snapshot.
pub(crate) async fn reopen_in(
    db: &impl ConnectionTrait,
    id: RoundId,
    experiment: ExperimentId,
) -> Result<()> {
    let moved = learning_rounds::Entity::update_many()
        .col_expr(learning_rounds::Column::State, Expr::value(RoundState::Training.as_str()))
        .col_expr(learning_rounds::Column::ExperimentId, Expr::value(experiment.0))
        .col_expr(learning_rounds::Column::Outcome, Expr::value(""))
        .col_expr(learning_rounds::Column::Finished, Expr::value(None::<i64>))
        .filter(learning_rounds::Column::Id.eq(id.0))
        .filter(learning_rounds::Column::State.eq(RoundState::Failed.as_str()))
        .exec(db)
        .await
        .map_err(crate::error::taken(|| "another training of the deployment is under way".to_owned()))?;
    if moved.rows_affected == 0 {
        return Err(StoreError::conflict("only a launch that failed is tried again"));
    }
    Ok(())
}

fn open() -> sea_orm::Condition {
    let states = [RoundState::Training, RoundState::Judging].map(RoundState::as_str);
    sea_orm::Condition::all().add(learning_rounds::Column::State.is_in(states))
}

/// The round of a deployment that has not ended.
pub(super) async fn open_of(db: &impl ConnectionTrait, id: DeploymentId) -> Result<Option<Round>> {
    let row = learning_rounds::Entity::find()
        .filter(learning_rounds::Column::DeploymentId.eq(id.0))
        .filter(open())
        .one(db)
        .await?;
    Ok(load(db, row.into_iter().collect()).await?.pop())
}

pub(super) async fn load_one(db: &impl ConnectionTrait, row: learning_rounds::Model) -> Result<Round> {
    load(db, vec![row]).await?.pop().ok_or_else(|| StoreError::corrupt("a new round"))
}

/// Adds the names of experiments and model versions: three queries for any
/// number of rows, whose order stays.
async fn load(db: &impl ConnectionTrait, rows: Vec<learning_rounds::Model>) -> Result<Vec<Round>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = experiments::Column::Id.is_in(rows.iter().map(|row| row.experiment_id));
    let experiment_rows = experiments::Entity::find().filter(wanted).all(db).await?;
    let runs: HashMap<Uuid, experiments::Model> =
        experiment_rows.into_iter().map(|row| (row.id, row)).collect();
    let made = runs.values().filter_map(|run| run.model_version_id);
    let versions: Vec<Uuid> = rows.iter().map(|row| row.champion_id).chain(made).collect();
    let names = version_names(db, &versions).await?;
    rows.iter().map(|row| to_round(row, &runs, &names)).collect()
}

/// `model/number` of each id.
pub(super) async fn version_names(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let wanted = model_versions::Column::Id.is_in(ids.iter().copied());
    let versions = model_versions::Entity::find().filter(wanted).all(db).await?;
    let wanted = models::Column::Id.is_in(versions.iter().map(|row| row.model_id));
    let names: HashMap<Uuid, String> = models::Entity::find()
        .filter(wanted)
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row.name))
        .collect();
    let full =
        |row: &model_versions::Model| Some((row.id, format!("{}/{}", names.get(&row.model_id)?, row.number)));
    Ok(versions.iter().filter_map(full).collect())
}

fn to_round(
    row: &learning_rounds::Model,
    runs: &HashMap<Uuid, experiments::Model>,
    names: &HashMap<Uuid, String>,
) -> Result<Round> {
    let damaged = |what: &str| StoreError::corrupt(format!("{what} of round {}", row.id));
    let run = runs.get(&row.experiment_id).ok_or_else(|| damaged("the experiment"))?;
    Ok(Round {
        id: RoundId(row.id),
        deployment_id: DeploymentId(row.deployment_id),
        experiment_id: ExperimentId(row.experiment_id),
        experiment: run.name.clone(),
        champion: names.get(&row.champion_id).cloned().ok_or_else(|| damaged("the champion"))?,
        candidate: run.model_version_id.and_then(|id| names.get(&id).cloned()),
        trigger: Trigger::parse(&row.launched_by).ok_or_else(|| damaged("the trigger"))?,
        snapshot: DatasetVersionId(row.snapshot_id),
        submissions: row.submissions.unsigned_abs(),
        state: RoundState::parse(&row.state).ok_or_else(|| damaged("the state"))?,
        comparison: row.comparison_id.map(ComparisonId),
        verdict: row
            .verdict
            .as_deref()
            .map(|word| parse_verdict(word).ok_or_else(|| damaged("the verdict")))
            .transpose()?,
        outcome: row.outcome.clone(),
        created: Timestamp(row.created),
        finished: row.finished.map(Timestamp),
    })
}

pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Undecided => "undecided",
        Verdict::UndecidedAnchored => "undecided_anchored",
    }
}

fn parse_verdict(word: &str) -> Option<Verdict> {
    [Verdict::Better, Verdict::Worse, Verdict::Undecided, Verdict::UndecidedAnchored]
        .into_iter()
        .find(|verdict| verdict_word(*verdict) == word)
}
