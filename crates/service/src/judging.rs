//! After a training: candidate and champion measured on the same held-out
//! images, the verdict, and what the policy makes of it. Each step is written
//! down before the next, so that a killed process goes on where it was.

use crate::{
    Result, Service, ServiceError, comparing::Pair, light_work::Stopped, stop_flag::StopFlag,
    worker::payload_of,
};
use domain::{
    access::Actor,
    comparison::{StoredComparison, verdict_words},
    event::Event,
    ids::{ComparisonId, RoundId, WorkItemId},
    learning::{PolicyAct, RoundState},
    work::WorkState,
};
use measures::gate::Verdict;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Act, NewWork, OpenRound, RoleChange, StoreError};

/// The kind of a work item that judges a candidate.
pub(crate) const JUDGE: &str = "judge";

/// What a judge's worker is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JudgeJob {
    round_id: RoundId,
}

impl Service {
    /// Looks after all rounds: launches what is due, and sends the candidates
    /// of trainings that have ended to their judge. Harmless however often,
    /// and by however many.
    pub(crate) async fn look_after_learning(&self) -> Result<()> {
        self.isolated("launching what is due", &"all deployments", self.launch_due()).await;
        for open in self.store().learning().open_rounds().await? {
            self.isolated("moving on the round", &open.round.experiment, self.move_on(&open)).await;
        }
        Ok(())
    }

    async fn move_on(&self, open: &OpenRound) -> Result<()> {
        if open.round.state == RoundState::Judging {
            self.send_to_judge(open).await
        } else if open.experiment.is_final() {
            self.training_ended(open).await
        } else {
            Ok(())
        }
    }

    async fn training_ended(&self, open: &OpenRound) -> Result<()> {
        let round = &open.round;
        if open.candidate_id.is_some() {
            if self.store().learning().advance(round.id, RoundState::Training, RoundState::Judging).await? {
                self.send_to_judge(open).await?;
            }
            return Ok(());
        }
        let outcome = match (&open.error, open.experiment) {
            (Some(error), _) => format!("The training failed: {error}"),
            (None, WorkState::Cancelled) => "The training was cancelled.".to_owned(),
            (None, _) => "The training gave no model.".to_owned(),
        };
        self.end_round(open, RoundState::Failed, None, &outcome).await
    }

    async fn send_to_judge(&self, open: &OpenRound) -> Result<()> {
        let round = &open.round;
        let work = NewWork {
            id: WorkItemId(self.new_id::<RoundId>().0),
            kind: JUDGE.to_owned(),
            subject: round.experiment.clone(),
            payload: json!(JudgeJob { round_id: round.id }),
            dedupe_key: Some(round.id.to_string()),
            created: self.now(),
        };
        let enqueued = self.store().work().enqueue(&work).await?;
        if !enqueued.existed {
            self.publish(Event::WorkChanged { id: enqueued.item.id });
        }
        Ok(())
    }

    /// Judges the candidate of a round and does what the policy says. A round
    /// that has ended is left alone.
    pub(crate) async fn run_judge(&self, item: WorkItemId, job: JudgeJob, stop: StopFlag) -> Result<Stopped> {
        let open = self.store().learning().round(job.round_id).await?;
        let Some(open) = open.filter(|open| open.round.state == RoundState::Judging) else {
            return Ok(Stopped::AtItsEnd);
        };
        match self.judge_and_act(item, &open, &stop).await {
            Ok(Some((compared, outcome))) => {
                let evidence = Some((compared.id, compared.report.gate.verdict));
                self.end_round(&open, RoundState::Done, evidence, &outcome).await?;
                Ok(Stopped::AtItsEnd)
            }
            Ok(None) => {
                self.end_round(&open, RoundState::Failed, None, "The comparison was cancelled.").await?;
                Ok(Stopped::Early)
            }
            // The round waits: the item goes back to the queue.
            Err(error) if error.is_transient() => Err(error),
            Err(error) => {
                let shown = domain::fault::ApiError::from(error);
                let outcome = format!("The candidate cannot be compared: {}", shown.message);
                self.end_round(&open, RoundState::Failed, None, &outcome).await?;
                Err(shown.into())
            }
        }
    }

    /// Ends the round whose judge `item` was, after its process died again and
    /// again: another try would end the next one.
    pub(crate) async fn judge_died(&self, item: WorkItemId) -> Result<()> {
        let Some(payload) = self.store().work().payload(item).await? else { return Ok(()) };
        let job: JudgeJob = payload_of(item, payload)?;
        let Some(open) = self.store().learning().round(job.round_id).await? else { return Ok(()) };
        let outcome = "The candidate cannot be compared: the process that did so died, and not only once.";
        self.end_round(&open, RoundState::Failed, None, outcome).await
    }

    async fn judge_and_act(
        &self,
        item: WorkItemId,
        open: &OpenRound,
        stop: &StopFlag,
    ) -> Result<Option<(StoredComparison, String)>> {
        let Some(compared) = self.judge(item, open, stop).await? else { return Ok(None) };
        let outcome = self.apply_policy(open, &compared).await?;
        Ok(Some((compared, outcome)))
    }

    async fn judge(
        &self,
        item: WorkItemId,
        open: &OpenRound,
        stop: &StopFlag,
    ) -> Result<Option<StoredComparison>> {
        let candidate = open.candidate_id.ok_or_else(|| ServiceError::Internal("no candidate".to_owned()))?;
        let deployment = self.known_deployment(&open.round.deployment_id.to_string()).await?;
        // The champion of now: another may have been promoted meanwhile.
        let pair = Pair { champion: deployment.champion.id, candidate };
        if pair.champion == pair.candidate {
            return Err(ServiceError::conflict("The candidate is the champion already."));
        }
        if let Some(made) =
            self.store().learning().latest_comparison(deployment.id, Some((pair.champion, candidate))).await?
        {
            // Made before this process was killed. One that somebody asked for
            // earlier, on other images, says less than the round promises.
            let snapshot = self.store().datasets().find(open.round.snapshot).await?;
            if snapshot.is_some_and(|snapshot| snapshot.full_name() == made.subject.holdout) {
                return Ok(Some(made));
            }
        }
        self.compare_on(&deployment, pair, open.round.snapshot, item, stop).await
    }

    /// Puts the candidate where the policy wants it; says what was done.
    async fn apply_policy(&self, open: &OpenRound, compared: &StoredComparison) -> Result<String> {
        let id = open.round.deployment_id;
        let policy = self.store().deployment_settings().find::<domain::learning::ContinuousDeployment>(id).await?;
        let verdict = compared.report.gate.verdict;
        let candidate = compared.subject.candidate_id;
        let name = &compared.subject.candidate;
        let said = verdict_words(verdict);
        let deployment = self.known_deployment(&id.to_string()).await?;
        let change = RoleChange {
            evidence: Some(compared.id),
            expected: Some(compared.subject.champion_id),
            outgoing: Some(self.outgoing_deployed(&deployment).await?),
            by: self.by(&Actor::system()),
        };
        let lost = lost_labels(&deployment.champion.labels, &self.known_version(candidate).await?.labels);
        let done = match policy.act(verdict) {
            PolicyAct::Promote if !lost.is_empty() => {
                return Ok(format!("{name} is {said} but does not know {lost}: a person decides."));
            }
            PolicyAct::Promote if deployment.champion.id == candidate => Ok("was promoted"),
            PolicyAct::Promote => {
                self.predictor(candidate).await?;
                let promoted = self.store().deployments().promote(id, candidate, &change).await;
                promoted.map(|_| "was promoted")
            }
            PolicyAct::Shadow => {
                let change = RoleChange { outgoing: None, ..change };
                let set = self.store().deployments().set_shadow(id, Some(candidate), &change).await;
                set.map(|_| "became the shadow")
            }
            PolicyAct::Leave => Ok("was left for a person to decide"),
        };
        self.inner.serving.forget();
        self.announce(Event::DeploymentChanged { id });
        match done {
            Ok(done) => Ok(format!("{name} is {said} and {done}.")),
            // Somebody promoted another version meanwhile, with which the
            // candidate was never compared.
            Err(StoreError::Conflict { what }) => {
                Ok(format!("{name} is {said} but nothing was done: {what} A person decides."))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn end_round(
        &self,
        open: &OpenRound,
        state: RoundState,
        evidence: Option<(ComparisonId, Verdict)>,
        outcome: &str,
    ) -> Result<()> {
        let round = &open.round;
        let deployment = self.known_deployment(&round.deployment_id.to_string()).await?;
        let data = json!({
            "experiment": round.experiment,
            "state": state,
            "verdict": evidence.map(|(_, verdict)| verdict),
            "outcome": outcome,
        });
        let outgoing =
            self.outgoing(Some((&deployment).into()), "continuous_training.finished", data).await?;
        let detail = json!({ "state": state, "outcome": outcome });
        let act = self.act(&Actor::system(), "continuous_training.finish", detail);
        let act = Act { outgoing: Some(outgoing), ..act };
        if self.store().learning().finish(round.id, state, evidence, outcome, act).await? {
            tracing::info!(experiment = round.experiment, outcome, "a round has ended");
            self.announce(Event::DeploymentChanged { id: round.deployment_id });
        }
        self.unload_unused().await
    }
}

/// The labels of the champion that a candidate does not know, in words.
pub(crate) fn lost_labels(champion: &[domain::name::Label], candidate: &[domain::name::Label]) -> String {
    let lost = champion.iter().filter(|label| !candidate.contains(label));
    lost.map(domain::name::Label::as_str).collect::<Vec<_>>().join(", ")
}
