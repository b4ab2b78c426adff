//! Plays the reviewer of the demo: it knows the true boxes and draws them on
//! an empty canvas, submits, waits for the training that follows, lets its
//! candidate run as the shadow, and promotes it if the figures say so. Every
//! step is one that a person could take.

use anyhow::Context as _;
use domain::{
    comparison::{StoredComparison, verdict_words},
    dataset::{Annotation, DatasetVersion, Split},
    deployment::ShadowState,
    ids::PredictionId,
    learning::{ContinuousDeployment, ContinuousTraining, Policy, Round, Trigger},
    model::Evaluation,
    name::{Name, VersionRef},
    review::{NextRequest, ReviewSettings, SaveReview, SavedBox, Share, StartedFrom},
    settings::SubmissionSettings,
    work::WorkState,
};
use measures::gate::Verdict;
use service::{Admin, As, EvaluateRequest, Promotion, Service, SetFeedback};
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    time::Duration,
};

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Images asked for at a time: as they arrive one by one, this is more than wait.
const TAKEN: u32 = 3;

/// What is asked of the loop.
pub(crate) struct Plan {
    /// Where the images arrive.
    pub deployment: Name,
    /// Images that will arrive; nine of ten of them launch the training.
    pub arrivals: u64,
    /// Parameters of the training that follows.
    pub params: BTreeMap<String, String>,
    /// What both models are measured on besides, on images that no part of
    /// the loop has seen.
    pub test: DatasetVersion,
}

/// The reviewer.
pub(crate) struct Reviewer {
    service: Service,
    actor: As<Admin>,
    plan: Plan,
    /// The true boxes of images that were not given out to be reviewed yet.
    truths: HashMap<PredictionId, Vec<Annotation>>,
    reviewed: Vec<PredictionId>,
}

impl Reviewer {
    /// Turns the learning loop on, as the plan has it.
    ///
    /// # Errors
    /// When a setting is refused.
    pub(crate) async fn begin(service: Service, plan: Plan) -> anyhow::Result<Self> {
        let actor = As::system();
        let name = plan.deployment.as_str();
        let target = format!("{name}-feedback/v1").parse()?;
        let feedback = SetFeedback {
            enabled: true,
            dataset: Some(target),
            create: true,
            submission: SubmissionSettings::default(),
        };
        service.reviews().set_feedback(&actor, name, feedback).await?;
        let threshold = u32::try_from(plan.arrivals * 9 / 10).unwrap_or(u32::MAX).max(1);
        let training = ContinuousTraining {
            enabled: true,
            trigger: Trigger::FeedbackCount,
            threshold,
            params: plan.params.clone(),
            ..ContinuousTraining::default()
        };
        service.learning().set_continuous_training(&actor, name, training).await?;
        let deploying =
            ContinuousDeployment { policy: Policy::Shadow, require: None, ..ContinuousDeployment::default() };
        service.learning().set_settings(&actor, name, deploying).await?;
        // It draws on an empty canvas, whatever image it is given: so all are
        // to be reviewed blind, and the server knows that they are.
        service.learning().set_settings(&actor, name, ReviewSettings { blind_share: Share::ALL }).await?;
        Ok(Self { service, actor, plan, truths: HashMap::new(), reviewed: Vec::new() })
    }

    /// Learns what is truly to be seen in a prediction's image, and reviews
    /// what there is to review, each from an empty canvas: in the order of
    /// arrival, as a person does who opens the review page.
    ///
    /// # Errors
    /// When a review is refused.
    pub(crate) async fn review(&mut self, id: PredictionId, truth: Vec<Annotation>) -> anyhow::Result<()> {
        self.truths.insert(id, truth);
        let next = NextRequest { count: TAKEN, session: "auto-review".to_owned(), ..NextRequest::default() };
        let name = self.plan.deployment.as_str();
        for lease in self.service.reviews().next(&self.actor, name, next).await? {
            // Images without known boxes stay for a person.
            let Some(truth) = self.truths.remove(&lease.prediction_id) else { continue };
            let boxes = truth.into_iter().map(|annotation| SavedBox {
                label: annotation.label,
                rect: annotation.rect,
                ignore: annotation.ignore,
                source: None,
            });
            let save =
                SaveReview { started_from: Some(StartedFrom::Empty), ..SaveReview::bare(0, boxes.collect()) };
            self.service.reviews().save(&self.actor, lease.prediction_id, save).await?;
            self.reviewed.push(lease.prediction_id);
        }
        Ok(())
    }

    /// Submits what was reviewed, and waits for the end of the training and
    /// the comparison that follow; `told` hears how far they are.
    ///
    /// # Errors
    /// When nothing was launched, or the training or the comparison failed.
    pub(crate) async fn submit_and_wait(&self, told: &mut (dyn FnMut(&str) + Send)) -> anyhow::Result<Round> {
        let name = self.plan.deployment.as_str();
        let outcome = self.service.reviews().submit(&self.actor, name, self.reviewed.clone()).await?;
        told(&format!(
            "{} reviews were submitted, {} refused.",
            outcome.changed.len(),
            outcome.refused.len()
        ));
        let state = self.service.reviews().feedback_state(&self.actor, name).await?;
        told(&format!(
            "{} of them are for training, {} are held out to measure by.",
            state.totals.train, state.totals.holdout
        ));
        let mut said = String::new();
        loop {
            let state = self.service.learning().continuous_training(&self.actor, name).await?;
            let round = state.rounds.into_iter().next();
            let round = round.context("too little was submitted: no training was launched")?;
            let experiment =
                self.service.learning().experiment(&self.actor, &round.experiment).await?.experiment;
            let tenths = (experiment.progress * 10.0).floor();
            let now = format!("{}: {}, {:.0} %", round.experiment, round.state.as_str(), tenths * 10.0);
            if now != said {
                told(&now);
                said = now;
            }
            if round.state.is_final() {
                anyhow::ensure!(round.verdict.is_some(), "{}", round.outcome);
                told(&round.outcome);
                return Ok(round);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Lets the shadow see all that arrived, and waits.
    ///
    /// # Errors
    /// When it fails.
    pub(crate) async fn replay(&self) -> anyhow::Result<Option<ShadowState>> {
        let name = self.plan.deployment.as_str();
        let last = u32::try_from(self.plan.arrivals).unwrap_or(u32::MAX).max(1);
        let item = self.service.learning().replay_shadow(&self.actor, name, last).await?;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let page = self.service.jobs().work_items(&self.actor, Default::default()).await?;
            match page.items.iter().find(|other| other.id == item.id) {
                Some(item) if !item.state.is_final() => {}
                Some(item) if item.state == WorkState::Succeeded => {
                    return Ok(self.service.learning().shadow_state(&self.actor, name).await?);
                }
                Some(item) => anyhow::bail!("the replay failed: {}", item.message),
                None => anyhow::bail!("the replay is gone"),
            }
        }
    }

    /// Promotes the candidate if its verdict is `better`, and writes down what
    /// happened.
    ///
    /// # Errors
    /// When there is no comparison, or the promotion is refused.
    pub(crate) async fn conclude(
        &self,
        round: &Round,
        shadow: Option<&ShadowState>,
    ) -> anyhow::Result<String> {
        let name = self.plan.deployment.as_str();
        let compared = self.service.learning().comparison(&self.actor, name, None).await?;
        let candidate: VersionRef = compared.subject.candidate.parse()?;
        let champion: VersionRef = compared.subject.champion.parse()?;
        let better = compared.report.gate.verdict == Verdict::Better;
        if better {
            let id = self.service.catalogue().deployment(&self.actor, name).await?.id;
            let expected_champion = Some(champion.clone());
            let wanted = Promotion { model: candidate.clone(), force: false, expected_champion };
            self.service.learning().promote(&self.actor, id, &wanted).await?;
        }
        let before = self.on_test(&champion).await?;
        let after = self.on_test(&candidate).await?;
        self.report(round, shadow, &compared, before.zip(after))
    }

    async fn on_test(&self, model: &VersionRef) -> anyhow::Result<Option<Evaluation>> {
        let test = &self.plan.test;
        if test.counts.by_split.get(&Split::Test).is_none_or(|images| *images == 0) {
            return Ok(None);
        }
        let dataset = VersionRef { name: test.dataset.clone(), version: test.name.clone() };
        let request = EvaluateRequest { model: model.clone(), dataset, split: Split::Test };
        Ok(Some(self.service.learning().evaluate(&self.actor, request, &mut |_, _| {}).await?))
    }

    fn report(
        &self,
        round: &Round,
        shadow: Option<&ShadowState>,
        compared: &StoredComparison,
        test: Option<(Evaluation, Evaluation)>,
    ) -> anyhow::Result<String> {
        let (better, said) =
            (compared.report.gate.verdict == Verdict::Better, verdict_words(compared.report.gate.verdict));
        let mut text = String::from("# What the loop did\n\n| step | what |\n|---|---|\n");
        writeln!(text, "| predictions | {} |", self.plan.arrivals)?;
        writeln!(text, "| reviews, blind | {} |", self.reviewed.len())?;
        writeln!(text, "| submissions that were trained on or held out | {} |", round.submissions)?;
        writeln!(text, "| experiment, launched by itself | {} |", round.experiment)?;
        if let Some(shadow) = shadow {
            writeln!(text, "| shadow | {}, replayed over what had arrived |", shadow.model.name)?;
        }
        writeln!(text, "| verdict | {said} |")?;
        let act = if better { "promoted" } else { "not promoted" };
        writeln!(text, "| {} | {act} |", compared.subject.candidate)?;
        if let Some((before, after)) = test {
            writeln!(
                text,
                "| AP, AP50 on {} images that nobody had seen | {:.3}, {:.3} → {:.3}, {:.3} |",
                before.images, before.summary.AP, before.summary.AP50, after.summary.AP, after.summary.AP50
            )?;
        }
        write!(text, "\n{}", service::comparison_markdown(compared).replacen("# ", "## ", 1))?;
        Ok(text)
    }
}
