//! The learning loops: trainings that are due are launched, and the candidates
//! of trainings that have ended are sent to their judge.

use super::{Ended, Job, JobContext, Lane, judge, judge::Judge, queued};
use crate::{Internal, Result, jobs::Jobs};
use domain::{
    ids::{RoundId, WorkItemId},
    learning::RoundState,
    work::WorkState,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::OpenRound;

/// Moves every round on by what has happened. Harmless however often, and by
/// however many processes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct AdvanceRounds;

impl Job for AdvanceRounds {
    const KIND: &'static str = "rounds";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(1));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let service = context.service();
        service
            .base()
            .isolated("launching what is due", &"all deployments", service.learning().launch_due())
            .await;
        for id in context.store().learning().open_round_ids().await? {
            service.base().isolated("moving on a round", &id, advance(context, id)).await;
        }
        Ok(Ended::done())
    }
}

impl Jobs<'_> {
    /// Launches trainings that are due, and sends the candidates of those that
    /// have ended to their judge.
    ///
    /// # Errors
    /// When the rounds cannot be listed; what fails for one is logged.
    pub async fn advance_rounds(self, _: Internal) -> Result<()> {
        self.run_periodic(AdvanceRounds).await
    }
}

async fn advance(context: &JobContext<'_>, id: RoundId) -> Result<()> {
    // It may have ended meanwhile.
    let Some(open) = context.store().learning().round(id).await? else { return Ok(()) };
    match open.round.state {
        RoundState::Judging => send_to_judge(context, &open).await,
        RoundState::Training if open.experiment.is_final() => training_ended(context, &open).await,
        RoundState::Training | RoundState::Done | RoundState::Failed => Ok(()),
    }
}

async fn training_ended(context: &JobContext<'_>, open: &OpenRound) -> Result<()> {
    let round = &open.round;
    if open.candidate_id.is_some() {
        let learning = context.store().learning();
        if learning.advance(round.id, RoundState::Training, RoundState::Judging).await? {
            send_to_judge(context, open).await?;
        }
        return Ok(());
    }
    let outcome = match (&open.error, open.experiment) {
        (Some(error), _) => format!("The training failed: {error}"),
        (None, WorkState::Cancelled) => "The training was cancelled.".to_owned(),
        (None, _) => "The training gave no model.".to_owned(),
    };
    judge::end_round(context, open, RoundState::Failed, None, &outcome).await
}

/// Queues the judge of a round, unless it is queued already.
async fn send_to_judge(context: &JobContext<'_>, open: &OpenRound) -> Result<()> {
    let round = &open.round;
    let id = context.new_id::<WorkItemId>();
    let job = Judge { round_id: round.id };
    let work = queued(&job, id, round.experiment.clone(), Some(round.id.to_string()), context.now())?;
    context.store().work().enqueue(&work).await?;
    Ok(())
}
