//! After a training: candidate and champion measured on the same held-out
//! images, the verdict, and what the policy makes of it. Each step is written
//! down before the next, so that a killed process goes on where it was.

use super::{
    Ended, Job, JobContext, Lane,
    held_out::{Pair, compare_on},
};
use crate::{Result, ServiceError};
use domain::{
    access::Actor,
    comparison::{StoredComparison, verdict_words},
    ids::{ComparisonId, RoundId},
    learning::{ContinuousDeployment, PolicyAct, RoundState},
    name::Label,
    notice::NoticeKind,
    work::{WorkItem, WorkState},
};
use measures::gate::Verdict;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Act, OpenRound, RoleChange, StoreError};

/// Judges the candidate of a round and does what the policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Judge {
    pub(super) round_id: RoundId,
}

impl Job for Judge {
    const KIND: &'static str = "judge";
    const LANE: Lane = Lane::Short;

    /// A round that has ended is left alone.
    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let open = context.store().learning().round(self.round_id).await?;
        let Some(open) = open.filter(|open| open.round.state == RoundState::Judging) else {
            return Ok(Ended::done());
        };
        match judge_and_act(context, &open).await {
            Ok(Some((compared, outcome))) => {
                let evidence = Some((compared.id, compared.report.gate.verdict));
                end_round(context, &open, RoundState::Done, evidence, &outcome).await?;
                Ok(Ended::done())
            }
            Ok(None) => {
                end_round(context, &open, RoundState::Failed, None, "The comparison was cancelled.").await?;
                Ok(Ended::Cancelled)
            }
            // The round waits: the item goes back to the queue.
            Err(error) if error.is_transient() => Err(error),
            Err(error) => {
                let shown = domain::fault::ApiError::from(error);
                let outcome = format!("The candidate cannot be compared: {}", shown.message);
                end_round(context, &open, RoundState::Failed, None, &outcome).await?;
                Err(shown.into())
            }
        }
    }

    /// A judge that failed has ended its round, unless its process died again
    /// and again: another try would end the next one.
    async fn moved(&self, context: &JobContext<'_>, item: &WorkItem) -> Result<()> {
        if item.state != WorkState::Failed {
            return Ok(());
        }
        let Some(open) = context.store().learning().round(self.round_id).await? else { return Ok(()) };
        let outcome = "The candidate cannot be compared: the process that did so died, and not only once.";
        end_round(context, &open, RoundState::Failed, None, outcome).await
    }
}

async fn judge_and_act(
    context: &JobContext<'_>,
    open: &OpenRound,
) -> Result<Option<(StoredComparison, String)>> {
    let Some(compared) = compare(context, open).await? else { return Ok(None) };
    let outcome = apply_policy(context, open, &compared).await?;
    Ok(Some((compared, outcome)))
}

/// The comparison of candidate and champion; `None` when it was stopped.
async fn compare(context: &JobContext<'_>, open: &OpenRound) -> Result<Option<StoredComparison>> {
    let candidate = open.candidate_id.ok_or_else(|| ServiceError::Internal("no candidate".to_owned()))?;
    let deployment = context.service().base().known_deployment(open.round.deployment_id).await?;
    // The champion of now: another may have been promoted meanwhile. The
    // candidate itself was, when this process was killed before it wrote down
    // the end of the round: what it was compared with then says so.
    let is_champion = deployment.champion.id == candidate;
    let other = if is_champion {
        context.store().deployments().former_champion(deployment.id, candidate).await?
    } else {
        Some(deployment.champion.id)
    };
    let already = || ServiceError::conflict("The candidate is the champion already.");
    let pair = Pair { champion: other.ok_or_else(already)?, candidate };
    let learning = context.store().learning();
    if let Some(made) = learning.latest_comparison(deployment.id, Some((pair.champion, candidate))).await? {
        // Made before this process was killed. One that somebody asked for
        // earlier, on other images, says less than the round promises.
        let snapshot = context.store().datasets().find(open.round.snapshot).await?;
        if snapshot.is_some_and(|snapshot| snapshot.full_name() == made.subject.holdout) {
            return Ok(Some(made));
        }
    }
    if is_champion {
        return Err(already());
    }
    compare_on(context, &deployment, pair, open.round.snapshot).await
}

/// Puts the candidate where the policy wants it; says what was done.
async fn apply_policy(
    context: &JobContext<'_>,
    open: &OpenRound,
    compared: &StoredComparison,
) -> Result<String> {
    let (service, deployments) = (context.service(), context.store().deployments());
    let id = open.round.deployment_id;
    let policy = context.store().deployment_settings().find::<ContinuousDeployment>(id).await?;
    let verdict = compared.report.gate.verdict;
    let candidate = compared.subject.candidate_id;
    let name = &compared.subject.candidate;
    let words = verdict_words(verdict);
    let deployment = service.base().known_deployment(id).await?;
    let change = RoleChange {
        evidence: Some(compared.id),
        expected: Some(compared.subject.champion_id),
        outgoing: Some(service.learning().outgoing_deployed(&deployment).await?),
        by: service.base().by(&Actor::system()),
    };
    let lost =
        lost_labels(&deployment.champion.labels, &service.base().known_version(candidate).await?.labels);
    let done = match policy.act(verdict) {
        PolicyAct::Promote if !lost.is_empty() => {
            return Ok(format!("{name} is {words} but does not know {lost}: a person decides."));
        }
        PolicyAct::Promote if deployment.champion.id == candidate => Ok("was promoted"),
        PolicyAct::Promote => {
            service.inner.predictors.predictor(candidate).await?;
            deployments.promote(id, candidate, &change).await.map(|_| "was promoted")
        }
        PolicyAct::Shadow => {
            let change = RoleChange { outgoing: None, ..change };
            deployments.set_shadow(id, Some(candidate), &change).await.map(|_| "became the shadow")
        }
        PolicyAct::Leave => Ok("was left for a person to decide"),
    };
    service.inner.serving.forget();
    match done {
        Ok(done) => Ok(format!("{name} is {words} and {done}.")),
        // Somebody promoted another version meanwhile, with which the
        // candidate was never compared.
        Err(StoreError::Conflict { what }) => {
            Ok(format!("{name} is {words} but nothing was done: {what} A person decides."))
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends a round that has not ended.
pub(super) async fn end_round(
    context: &JobContext<'_>,
    open: &OpenRound,
    state: RoundState,
    evidence: Option<(ComparisonId, Verdict)>,
    outcome: &str,
) -> Result<()> {
    let (service, round) = (context.service(), &open.round);
    let deployment = service.base().known_deployment(round.deployment_id).await?;
    let data = json!({
        "experiment": round.experiment,
        "state": state,
        "verdict": evidence.map(|(_, verdict)| verdict),
        "outcome": outcome,
    });
    let outgoing =
        service.base().outgoing(Some((&deployment).into()), NoticeKind::TrainingFinished, data).await?;
    let detail = json!({ "state": state, "outcome": outcome });
    let act = service.base().act(&Actor::system(), "continuous_training.finish", detail);
    let act = Act { outgoing: Some(outgoing), ..act };
    if context.store().learning().finish(round.id, state, evidence, outcome, act).await? {
        tracing::info!(experiment = round.experiment, outcome, "a round has ended");
    }
    service.inner.predictors.unload_unused().await;
    Ok(())
}

/// The labels of the champion that a candidate does not know, in words.
pub(crate) fn lost_labels(champion: &[Label], candidate: &[Label]) -> String {
    let lost = champion.iter().filter(|label| !candidate.contains(label));
    lost.map(Label::as_str).collect::<Vec<_>>().join(", ")
}
