//! How far the stream of images was cut into windows, and what came of each.

use super::Monitoring;
use crate::{
    convert::{from_json_text, to_json_text},
    error::Result,
    outgoing::{Outgoing, enqueue},
    sql::{self, Arg, Fragment, row, rows, run},
};
use domain::{
    drift::{DriftState, DriftWindow},
    event::Event,
    ids::{DeploymentId, DriftWindowId, PredictionId, ReferenceId},
    monitor::Range,
    time::Timestamp,
};
use measures::drift::windows::Windowing;
use sea_orm::{ConnectionTrait, QueryResult, Value};

/// Where looking for drift is. The numbers of a step are kept together, so
/// that a killed process goes on where it was.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftStep {
    /// Against what.
    pub reference_id: ReferenceId,
    /// Rises with every step, and with every beginning after the first, which is 0.
    pub version: i64,
    /// The window that is filling.
    pub windowing: Windowing<PredictionId>,
    /// What is declared.
    pub state: DriftState,
    /// The last prediction that was looked at.
    pub last_id: Option<PredictionId>,
}

const COLUMNS: &str = "SELECT id, reference_id, taken_from, taken_to, images, thinned, first_id, last_id, \
    features, declared, cleared, closed FROM drift_windows ";

impl Monitoring<'_> {
    /// Where looking for drift is; `None` before a reference was ready.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drift_step(&self, id: DeploymentId) -> Result<Option<DriftStep>> {
        let text = "SELECT reference_id, version, windowing, state, last_id FROM drift_progress \
                    WHERE deployment_id = ?";
        let step = row(&self.db.reader, Fragment::with(text, [Arg::Id(id.0)])).await?;
        let Some(step) = step else { return Ok(None) };
        let [windowing, state]: [String; 2] = [step.try_get_by_index(2)?, step.try_get_by_index(3)?];
        let last: Option<uuid::Uuid> = step.try_get_by_index(4)?;
        Ok(Some(DriftStep {
            reference_id: ReferenceId(step.try_get_by_index(0)?),
            version: step.try_get_by_index(1)?,
            windowing: from_json_text(&windowing, "a window that is filling")?,
            state: from_json_text(&state, "the state of drift")?,
            last_id: last.map(PredictionId),
        }))
    }

    /// Begins to look for drift against the reference that the deployment is
    /// compared with, where that is ready and was not begun with. What makes
    /// a reference ready or the present one begins with it: this is for
    /// databases of before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_drift(&self, id: DeploymentId) -> Result<()> {
        begin_in(&self.db.writer, id).await
    }

    /// Takes a step and stores the windows that it closed, with the events
    /// that tell of them, in one transaction. What a window declares waits
    /// from then on to be looked at ([`Monitoring::waiting_drift`]). `false`:
    /// another process took a step since `step.version`, and nothing was
    /// stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_drift_step(
        &self,
        id: DeploymentId,
        step: &DriftStep,
        closed: &[DriftWindow],
        told: &[Outgoing],
    ) -> Result<bool> {
        let tx = self.db.begin().await?;
        let text = "INSERT INTO drift_progress (deployment_id, reference_id, version, windowing, state, last_id) \
                    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (deployment_id) DO UPDATE SET \
                    reference_id = excluded.reference_id, version = excluded.version, \
                    windowing = excluded.windowing, state = excluded.state, last_id = excluded.last_id \
                    WHERE drift_progress.version = excluded.version - 1";
        let values: Vec<Value> = vec![
            id.0.into(),
            step.reference_id.0.into(),
            step.version.saturating_add(1).into(),
            to_json_text(&step.windowing)?.into(),
            to_json_text(&step.state)?.into(),
            step.last_id.map(|id| id.0).into(),
        ];
        let taken = tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
        if taken.rows_affected() == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        for window in closed {
            run(&tx, window_row(id, window)?).await?;
        }
        if !closed.is_empty() {
            tx.publish(Event::DeploymentChanged { id });
        }
        for outgoing in told {
            enqueue(&tx, outgoing).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The deployments with drift of which nobody has looked yet whether it
    /// launches a training.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_drift(&self) -> Result<Vec<DeploymentId>> {
        let text = "SELECT DISTINCT deployment_id FROM drift_windows WHERE waiting";
        let deployments = rows(&self.db.reader, Fragment::new(text)).await?;
        deployments.iter().map(|row| Ok(DeploymentId(row.try_get_by_index(0)?))).collect()
    }

    /// Notes that somebody looked at the drift of a deployment, and launched
    /// nothing. A launch notes it itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drift_looked_at(&self, id: DeploymentId) -> Result<()> {
        settle_drift(&self.db.writer, id).await
    }

    /// Windows that were compared in a range of time, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drift_windows(&self, id: DeploymentId, range: Range, most: u32) -> Result<Vec<DriftWindow>> {
        let text = Fragment::new(COLUMNS)
            .say("WHERE deployment_id = ")
            .value(id.0)
            .say(" AND closed >= ")
            .value(range.from.0)
            .say(" AND closed < ")
            .value(range.to.0)
            .say(" ORDER BY closed DESC, id DESC LIMIT ")
            .value(i64::from(most));
        rows(&self.db.reader, text).await?.iter().map(to_window).collect()
    }

    /// The windows with which a feature was declared to drift, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn declaring_windows(
        &self,
        id: DeploymentId,
        reference: ReferenceId,
        most: u32,
    ) -> Result<Vec<DriftWindow>> {
        let text = Fragment::new(COLUMNS)
            .say("WHERE deployment_id = ")
            .value(id.0)
            .say(" AND reference_id = ")
            .value(reference.0)
            .say(" AND declared <> '[]' ORDER BY closed DESC, id DESC LIMIT ")
            .value(i64::from(most));
        rows(&self.db.reader, text).await?.iter().map(to_window).collect()
    }

    /// The last window that was compared with a reference.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_drift_window(
        &self,
        id: DeploymentId,
        reference: ReferenceId,
    ) -> Result<Option<DriftWindow>> {
        let text = Fragment::new(COLUMNS)
            .say("WHERE deployment_id = ")
            .value(id.0)
            .say(" AND reference_id = ")
            .value(reference.0)
            .say(" ORDER BY closed DESC, id DESC LIMIT 1");
        row(&self.db.reader, text).await?.map(|window| to_window(&window)).transpose()
    }
}

/// Of what arrives from now on, all is looked at against the reference that
/// the deployment is compared with. Nothing is done where that is not ready,
/// or where looking at it goes on. Inside the transaction that makes it ready
/// or the present one, so that no arrival falls between the two.
pub(super) async fn begin_in(db: &impl ConnectionTrait, id: DeploymentId) -> Result<()> {
    let text = "INSERT INTO drift_progress (deployment_id, reference_id, version, windowing, state, last_id) \
                SELECT t.deployment_id, t.reference_id, 0, ?, ?, (SELECT p.id FROM predictions p \
                WHERE p.deployment_id = t.deployment_id ORDER BY p.id DESC LIMIT 1) \
                FROM training_data t JOIN training_references r ON r.id = t.reference_id \
                WHERE t.deployment_id = ? AND r.state = 'ready' \
                ON CONFLICT (deployment_id) DO UPDATE SET reference_id = excluded.reference_id, \
                version = drift_progress.version + 1, windowing = excluded.windowing, \
                state = excluded.state, last_id = excluded.last_id \
                WHERE drift_progress.reference_id <> excluded.reference_id";
    let values = [
        Arg::Text(to_json_text(&Windowing::<PredictionId>::default())?),
        Arg::Text(to_json_text(&DriftState::default())?),
        Arg::Id(id.0),
    ];
    run(db, Fragment::with(text, values)).await?;
    Ok(())
}

/// What was declared of a deployment waits no longer.
pub(crate) async fn settle_drift(db: &impl ConnectionTrait, id: DeploymentId) -> Result<()> {
    let text = "UPDATE drift_windows SET waiting = FALSE WHERE deployment_id = ? AND waiting";
    run(db, Fragment::with(text, [Arg::Id(id.0)])).await?;
    Ok(())
}

fn window_row(id: DeploymentId, window: &DriftWindow) -> Result<Fragment> {
    let text = "INSERT INTO drift_windows (id, deployment_id, reference_id, taken_from, taken_to, images, \
                thinned, first_id, last_id, features, declared, cleared, closed, waiting) \
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? = 1)";
    let (first, last) = window.span;
    let values = [
        Arg::Id(window.id.0),
        Arg::Id(id.0),
        Arg::Id(window.reference_id.0),
        Arg::Int(window.from.0),
        Arg::Int(window.to.0),
        Arg::Int(i64::from(window.images)),
        Arg::Int(i64::from(window.thinned)),
        Arg::Id(first.0),
        Arg::Id(last.0),
        Arg::Text(to_json_text(&window.features)?),
        Arg::Text(to_json_text(&window.declared)?),
        Arg::Text(to_json_text(&window.cleared)?),
        Arg::Int(window.closed.0),
        Arg::Int(i64::from(!window.declared.is_empty())),
    ];
    Ok(Fragment::with(text, values))
}

fn to_window(row: &QueryResult) -> Result<DriftWindow> {
    let text = |place: usize| -> Result<String> { Ok(row.try_get_by_index(place)?) };
    let count = |place: usize| -> Result<u32> {
        let number: i32 = row.try_get_by_index(place)?;
        crate::convert::to_u32(number, "images of a window")
    };
    Ok(DriftWindow {
        id: DriftWindowId(row.try_get_by_index(0)?),
        reference_id: ReferenceId(row.try_get_by_index(1)?),
        from: Timestamp(row.try_get_by_index(2)?),
        to: Timestamp(row.try_get_by_index(3)?),
        images: count(4)?,
        thinned: count(5)?,
        span: (PredictionId(row.try_get_by_index(6)?), PredictionId(row.try_get_by_index(7)?)),
        features: from_json_text(&text(8)?, "the features of a window")?,
        declared: from_json_text(&text(9)?, "what a window declared")?,
        cleared: from_json_text(&text(10)?, "what a window cleared")?,
        closed: Timestamp(row.try_get_by_index(11)?),
    })
}
