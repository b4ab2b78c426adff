//! The loop: reviewed images launch one training, its candidate is measured
//! against the champion on what was held out, and the policy acts.

use bytes::Bytes;
use domain::{
    drift::{DriftState, DriftWindow, Feature},
    fault::{ApiError, ErrorKind},
    ids::{DriftWindowId, NewId, PredictionId, ReferenceId},
    inference::{
        ImportHints, InferenceCounters, ModelError, ModelFile, Pixels, Predictor, PredictorLoader, Reply,
    },
    learning::{ContinuousDeployment, ContinuousTraining, Policy, Requirement, Round, RoundState, Trigger},
    name::{Label, Name},
    page::PageRequest,
    prediction::{Provenance, Status},
    review::{ReviewSettings, SaveReview, Saved, Share},
    settings::SubmissionSettings,
    training::TrainError,
    work::WorkState,
};
use measures::{drift::windows::Windowing, gate::Verdict};
use service::{DeploymentChange, Internal, Lane, Limits, PredictOptions, Promotion, SetFeedback};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
    mpsc,
};
use store::{DriftStep, NewReference, QueuePool};
use test_support::{
    FreshIds, Skill, SkilledModels, SkilledTrainer, TestService, act, admin, ended_after, picture,
    review_blind, run_background_task, viewer,
};

const LABELS: [&str; 2] = ["red", "white"];
const THRESHOLD: u32 = 20;

struct Loop {
    test: TestService,
    trainer: Arc<SkilledTrainer>,
    next: u64,
}

impl Loop {
    /// A champion that finds half, a loop that trains at twenty submissions,
    /// and a trainer that gives this skill.
    async fn new(gives: Skill, policy: Policy) -> Self {
        let trainer = Arc::new(SkilledTrainer::giving(gives));
        let test = TestService::of(trainer.clone(), Arc::new(SkilledModels), Limits::default()).await;
        Self::on(test, trainer, policy).await
    }

    async fn on(test: TestService, trainer: Arc<SkilledTrainer>, policy: Policy) -> Self {
        let champion = test.version(&Skill::finding(0.5).weights(), &LABELS).await;
        test.serve(&champion, None).await;
        let blind = ReviewSettings { blind_share: Share::ALL };
        test.service.learning().set_settings(&admin(), "cells", blind).await.expect("set");
        let feedback = SetFeedback {
            enabled: true,
            dataset: Some("fed/v1".parse().expect("a name")),
            create: true,
            submission: SubmissionSettings::default(),
        };
        test.service.reviews().set_feedback(&admin(), "cells", feedback).await.expect("set");
        let training = ContinuousTraining { enabled: true, threshold: THRESHOLD, ..Default::default() };
        test.service.learning().set_continuous_training(&admin(), "cells", training).await.expect("set");
        let deploying = ContinuousDeployment {
            policy,
            require: Some(Requirement::Better),
            ..ContinuousDeployment::default()
        };
        test.service.learning().set_settings(&admin(), "cells", deploying).await.expect("set");
        Self { test, trainer, next: 0 }
    }

    /// Predicts and reviews that many new images, blind.
    async fn reviewed(&mut self, images: u64) -> Vec<PredictionId> {
        let mut ids = Vec::new();
        for number in self.next..self.next + images {
            // Each from a camera of its own: none follows another's side.
            let provenance = Provenance { source: Some(format!("camera {number}")), ..Provenance::default() };
            let bytes = Bytes::from(picture(number));
            let service = &self.test.service;
            let id = service
                .intake()
                .predict(&admin(), "cells", bytes, provenance, PredictOptions::default())
                .await
                .expect("predicts")
                .id;
            review_blind(service, id, number).await;
            ids.push(id);
        }
        self.next += images;
        ids
    }

    async fn submitted(&mut self, images: u64) {
        let ids = self.reviewed(images).await;
        let outcome = self.test.service.reviews().submit(&admin(), "cells", ids).await.expect("submits");
        assert_eq!((outcome.changed.len() as u64, outcome.refused.len()), (images, 0));
    }

    /// Trains and judges whatever there is.
    async fn work(&self) {
        self.test.service.jobs().run_all_queued(Internal, "w").await.expect("works");
    }

    async fn rounds(&self) -> Vec<Round> {
        self.test.service.learning().continuous_training(&admin(), "cells").await.expect("reads").rounds
    }

    async fn sound(&self) {
        assert_eq!(self.test.service.store().inconsistencies().await.expect("reads"), Vec::<String>::new());
    }

    async fn roles(&self) -> (String, Option<String>) {
        let deployment = self.test.service.catalogue().deployment(&admin(), "cells").await.expect("there");
        (deployment.champion.name, deployment.shadow.map(|shadow| shadow.name))
    }
}

#[tokio::test]
async fn whoever_saves_a_review_hears_why_it_was_not_submitted_at_once() {
    let feed = Loop::new(Skill::finding(0.9), Policy::Manual).await;
    let service = feed.test.service.clone();
    let at_once = SetFeedback {
        enabled: true,
        dataset: Some("fed/v1".parse().expect("a name")),
        create: false,
        submission: SubmissionSettings { submit_at_once: true },
    };
    service.reviews().set_feedback(&admin(), "cells", at_once).await.expect("set");
    let mut told = Vec::new();
    for _ in 0..2 {
        let bytes = Bytes::from(picture(7));
        let options = PredictOptions::default();
        let predicted =
            service.intake().predict(&admin(), "cells", bytes, Provenance::default(), options).await;
        let id = predicted.expect("predicts").id;
        let saved =
            service.reviews().save(&admin(), id, SaveReview::bare(0, Vec::new())).await.expect("saves");
        let Saved::Stored { not_submitted, .. } = saved else { panic!("{saved:?}") };
        let now = service.browsing().prediction(&viewer(), id).await.expect("there").status;
        told.push((now, not_submitted));
    }
    let twin = Some("The very same image is in the feedback already.".to_owned());
    assert_eq!(told, [(Status::Submitted, None), (Status::Reviewed, twin)]);
}

#[tokio::test]
async fn the_threshold_launches_one_training_and_a_better_candidate_is_promoted_with_its_evidence() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Champion).await;
    let threshold = 200;
    let training = ContinuousTraining { enabled: true, threshold, ..Default::default() };
    learning.test.service.learning().set_continuous_training(&admin(), "cells", training).await.expect("set");
    learning.submitted(199).await;
    learning.work().await;
    assert_eq!(learning.rounds().await, []);
    learning.submitted(3).await;
    learning.submitted(2).await;
    let rounds = learning.rounds().await;
    assert_eq!(rounds.len(), 1);
    assert_eq!((rounds[0].state, rounds[0].trigger), (RoundState::Training, Trigger::FeedbackCount));
    assert_eq!((rounds[0].submissions, rounds[0].champion.as_str()), (202, "cells/1"));
    let seconds = test_support::NOON.0 / 1000;
    assert_eq!(rounds[0].experiment, format!("cells-{seconds}"));
    learning.sound().await;
    learning.work().await;
    let rounds = learning.rounds().await;
    assert_eq!((rounds.len(), rounds[0].state), (1, RoundState::Done), "{:?}", rounds[0].outcome);
    assert_eq!(rounds[0].verdict, Some(Verdict::Better));
    assert_eq!(learning.roles().await, ("cells/2".to_owned(), None));

    let service = &learning.test.service;
    let compared = service.learning().comparison(&admin(), "cells", None).await.expect("there");
    let again = service.learning().recomputed_comparison(&admin(), "cells", None).await.expect("recomputed");
    assert!(compared == again, "the stored boxes give the same figures, to the last bit");
    assert!(compared.report.gate.difference.expect("measured").low > 0.0);
    assert_eq!(compared.report.gate.images, compared.report.gate.blind_images);
    let text = service.learning().comparison_report(&admin(), "cells", None).await.expect("written");
    assert!(text.contains("**Verdict: better.**") && text.contains("| red |"), "{text}");

    let id = service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
    let history = service.store().deployments().history(id).await.expect("reads");
    assert_eq!(history.last().expect("a champion").evidence, Some(compared.id));
    let asked = learning.trainer.asked.lock().expect("asked").last().cloned().expect("trained");
    assert!(asked.base.is_some(), "it starts from the champion");
    let held_out = asked.images.iter().filter(|image| image.split == domain::dataset::Split::Test).count();
    assert_eq!(held_out, 0, "nothing held out is shown to a training");
    learning.sound().await;
}

#[tokio::test]
async fn the_next_training_knows_what_the_champion_has_learned_and_replays_it() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Manual).await;
    learning.submitted(20).await;
    learning.work().await;
    let id = learning.test.service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
    let wanted =
        Promotion { model: "cells/2".parse().expect("a name"), force: false, expected_champion: None };
    learning.test.service.learning().promote(&admin(), id, &wanted).await.expect("promotes");
    learning.test.clock.advance_ms(5_000);
    learning.submitted(100).await;
    learning.work().await;
    let rounds = learning.rounds().await;
    assert_eq!((rounds.len(), rounds[0].champion.as_str(), rounds[0].submissions), (2, "cells/2", 100));
    let asked = learning.trainer.asked.lock().expect("asked").clone();
    let [first, second] = [&asked[0], &asked[1]].map(|request| request.images.clone());
    let seen: Vec<_> = first.iter().map(|image| &image.path).collect();
    let old = second.iter().filter(|image| seen.contains(&&image.path)).count();
    assert!(old >= second.len() - old, "{old} of {} are old ones", second.len());
    assert_eq!(old % first.len(), 0, "each old one as often as the others");
    learning.sound().await;
}

#[tokio::test]
async fn who_asks_gets_any_version_compared_on_what_was_submitted_so_far() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Champion).await;
    let training = ContinuousTraining { enabled: false, threshold: 9, ..Default::default() };
    learning.test.service.learning().set_continuous_training(&admin(), "cells", training).await.expect("set");
    let weak = learning.test.version(&Skill::finding(0.2).weights(), &LABELS).await.full_name();
    let strong = learning.test.version(&Skill::finding(0.97).weights(), &LABELS).await.full_name();
    let ask = async |learning: &Loop, name: &str| {
        let candidate = name.parse().expect("a reference");
        learning.test.service.learning().compare_now(&admin(), "cells", Some(&candidate)).await
    };
    let kind = |refused| ApiError::from(refused).kind;
    assert_eq!(kind(ask(&learning, &weak).await.expect_err("nothing to compare on")), ErrorKind::Conflict);
    learning.submitted(200).await;
    assert_eq!(kind(ask(&learning, "cells/1").await.expect_err("the champion")), ErrorKind::Invalid);
    let without = learning.test.service.learning().compare_now(&admin(), "cells", None).await;
    assert_eq!(kind(without.expect_err("no shadow")), ErrorKind::Invalid);
    let (offered, under_way) =
        learning.test.service.learning().comparable_versions(&admin(), "cells").await.expect("reads");
    assert_eq!(
        (offered.contains(&weak), offered.contains(&"cells/1".to_owned()), under_way),
        (true, false, None)
    );
    for (name, verdict) in [(&weak, Verdict::Worse), (&strong, Verdict::Better)] {
        let item = ask(&learning, name).await.expect("asked");
        assert_eq!(ask(&learning, &strong).await.expect("asked again").id, item.id, "one at a time");
        learning.work().await;
        let made = learning.test.service.learning().comparison(&admin(), "cells", None).await.expect("made");
        assert_eq!((&made.subject.candidate, made.report.gate.verdict), (name, verdict));
    }
    assert_eq!(learning.roles().await, ("cells/1".to_owned(), None), "a person decides");
    assert_eq!(learning.rounds().await, []);
    let state = learning.test.service.learning().continuous_training(&admin(), "cells").await.expect("reads");
    assert_eq!(state.waiting, 200, "no submission was taken");
    learning.sound().await;
}

#[tokio::test]
async fn a_candidate_that_is_worse_is_not_promoted_by_any_gated_policy() {
    for policy in [Policy::Champion, Policy::Shadow] {
        let mut learning = Loop::new(Skill::finding(0.1), policy).await;
        let training = ContinuousTraining { enabled: true, threshold: 200, ..Default::default() };
        learning
            .test
            .service
            .learning()
            .set_continuous_training(&admin(), "cells", training)
            .await
            .expect("set");
        learning.submitted(200).await;
        learning.work().await;
        let rounds = learning.rounds().await;
        assert_eq!((rounds[0].state, rounds[0].verdict), (RoundState::Done, Some(Verdict::Worse)));
        assert_eq!(learning.roles().await, ("cells/1".to_owned(), None), "{policy:?}");
    }
}

#[tokio::test]
async fn too_few_held_out_images_decide_nothing_and_make_a_shadow_under_a_gated_champion() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Champion).await;
    learning.submitted(40).await;
    learning.work().await;
    let rounds = learning.rounds().await;
    assert_eq!((rounds[0].state, rounds[0].verdict), (RoundState::Done, Some(Verdict::Undecided)));
    assert!(rounds[0].outcome.contains("became the shadow"), "{}", rounds[0].outcome);
    assert_eq!(learning.roles().await, ("cells/1".to_owned(), Some("cells/2".to_owned())));
    let compared = learning.test.service.learning().comparison(&admin(), "cells", None).await.expect("there");
    assert!(compared.report.gate.more_reviews.is_some(), "it says how many more would decide");
}

#[tokio::test]
async fn a_failed_training_keeps_its_snapshot_and_is_tried_again_on_it() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Shadow).await;
    *learning.trainer.skill.lock().expect("free") = Err(TrainError::Diverged { step: 3 });
    learning.submitted(20).await;
    learning.work().await;
    let failed = learning.rounds().await.remove(0);
    assert_eq!((failed.state, failed.verdict), (RoundState::Failed, None));
    assert!(failed.outcome.contains("step 3"), "{}", failed.outcome);
    assert_eq!(learning.rounds().await.len(), 1, "it took its submissions: no second launch by itself");
    learning.sound().await;
    *learning.trainer.skill.lock().expect("free") = Ok(Skill::finding(0.97));
    let service = &learning.test.service;
    let again = service.learning().retry_experiment(&admin(), failed.experiment_id).await.expect("queued");
    assert_eq!(
        (again.state, again.name.as_str()),
        (WorkState::Queued, format!("{}-again", failed.experiment).as_str())
    );
    learning.work().await;
    let rounds = learning.rounds().await;
    assert_eq!((rounds.len(), rounds[0].state, rounds[0].snapshot), (1, RoundState::Done, failed.snapshot));
    assert_eq!(rounds[0].candidate.as_deref(), Some("cells/2"));
    learning.sound().await;
}

#[tokio::test]
async fn launching_by_hand_needs_something_to_learn_and_no_launch_under_way() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Manual).await;
    let refused = learning.test.service.learning().launch_continuous_training(&admin(), "cells").await;
    assert_eq!(ApiError::from(refused.expect_err("nothing")).kind, ErrorKind::Conflict);
    learning.submitted(6).await;
    assert_eq!(learning.rounds().await, [], "below the threshold");
    let round = learning
        .test
        .service
        .learning()
        .launch_continuous_training(&admin(), "cells")
        .await
        .expect("launched");
    assert_eq!((round.trigger, round.submissions), (Trigger::ByHand, 6));
    let refused = learning.test.service.learning().launch_continuous_training(&admin(), "cells").await;
    assert_eq!(ApiError::from(refused.expect_err("one is under way")).kind, ErrorKind::Conflict);
    learning.submitted(30).await;
    assert_eq!(learning.rounds().await.len(), 1, "the threshold waits for the end of the first");
    learning.work().await;
    assert_eq!(learning.rounds().await.len(), 2, "and launches then");
    learning.sound().await;
}

/// Models of which one stops at its next image, once, until it may go on.
struct GatedModels(Arc<Gate>);

struct Gate {
    is_armed: AtomicBool,
    reached: Mutex<mpsc::Sender<()>>,
    open: Mutex<mpsc::Receiver<()>>,
}

struct Gated {
    model: Arc<dyn Predictor>,
    gate: Arc<Gate>,
}

impl PredictorLoader for GatedModels {
    fn load(&self, file: ModelFile<'_>) -> Result<Arc<dyn Predictor>, ModelError> {
        Ok(Arc::new(Gated { model: SkilledModels.load(file)?, gate: self.0.clone() }))
    }
}

impl Predictor for Gated {
    fn labels(&self) -> &[Label] {
        self.model.labels()
    }

    fn predict(&self, image: Pixels, reply: Reply) {
        if self.gate.is_armed.swap(false, Ordering::SeqCst) {
            self.gate.reached.lock().expect("whole").send(()).expect("the test waits");
            self.gate.open.lock().expect("whole").recv().expect("the test opens");
        }
        self.model.predict(image, reply);
    }

    fn counters(&self) -> InferenceCounters {
        self.model.counters()
    }
}

/// A gate, not armed yet; what is sent when somebody is at it, and what opens
/// it.
fn gate() -> (Arc<Gate>, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (reached, arrival) = mpsc::channel();
    let (open, opened) = mpsc::channel();
    let gate =
        Gate { is_armed: AtomicBool::new(false), reached: Mutex::new(reached), open: Mutex::new(opened) };
    (Arc::new(gate), arrival, open)
}

/// When the worker of the only item under way last said that it lives.
async fn last_heartbeat(test: &TestService) -> i64 {
    let QueuePool::Sqlite(pool) = test.service.store().queue_pool() else { panic!("not SQLite") };
    let heartbeat = sqlx::query_scalar("SELECT heartbeat FROM work_items WHERE state = 'running'");
    heartbeat.fetch_one(&pool).await.expect("one item")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_lets_nothing_else_be_polled_is_not_taken_from_its_worker() {
    let (gate, arrival, open) = gate();
    let trainer = Arc::new(SkilledTrainer::giving(Skill::finding(0.97)));
    let models = Arc::new(GatedModels(gate.clone()));
    let test = TestService::of(trainer.clone(), models, Limits::default()).await;
    let mut learning = Loop::on(test, trainer, Policy::Manual).await;
    learning.submitted(30).await;
    while learning.test.service.jobs().run_next(Internal, Lane::Train, "w").await.expect("trains") {}
    learning.test.service.jobs().advance_rounds(Internal).await.expect("sends to the judge");
    gate.is_armed.store(true, Ordering::SeqCst);
    let (service, runtime) = (learning.test.service.clone(), tokio::runtime::Handle::current());
    let judging = tokio::task::spawn_blocking(move || {
        runtime.block_on(async { service.jobs().run_next(Internal, Lane::Short, "blocked").await })
    });
    tokio::task::spawn_blocking(move || arrival.recv().expect("the judge compares")).await.expect("waits");
    // Whoever is silent for so long is taken for dead.
    learning.test.clock.advance_ms(20_000);
    while last_heartbeat(&learning.test).await < learning.test.clock_now().0 {
        tokio::task::yield_now().await;
    }
    let service = &learning.test.service;
    assert!(!service.jobs().run_next(Internal, Lane::Short, "other").await.expect("looks"), "it is at work");
    open.send(()).expect("the model waits");
    assert!(judging.await.expect("ended").expect("judges"));
    assert_eq!(learning.rounds().await.remove(0).state, RoundState::Done);
    learning.sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_champion_that_came_meanwhile_is_not_replaced_by_what_was_never_compared_with_it() {
    let (gate, arrival, open) = gate();
    let trainer = Arc::new(SkilledTrainer::giving(Skill::finding(0.97)));
    let models = Arc::new(GatedModels(gate.clone()));
    let test = TestService::of(trainer.clone(), models, Limits::default()).await;
    let mut learning = Loop::on(test, trainer, Policy::Champion).await;
    let whatever = ContinuousDeployment { policy: Policy::Champion, require: None, ..Default::default() };
    learning.test.service.learning().set_settings(&admin(), "cells", whatever).await.expect("set");
    let rival = learning.test.version(&Skill::finding(0.6).weights(), &LABELS).await.full_name();
    learning.submitted(40).await;
    while learning.test.service.jobs().run_next(Internal, Lane::Train, "w").await.expect("trains") {}

    gate.is_armed.store(true, Ordering::SeqCst);
    let service = learning.test.service.clone();
    let judging = tokio::spawn(async move { service.jobs().run_all_queued(Internal, "w").await });
    tokio::task::spawn_blocking(move || arrival.recv().expect("the judge compares")).await.expect("waits");
    // The first image is with the model: the champion it is compared with is settled.
    let id = learning.test.service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
    let wanted = Promotion { model: rival.parse().expect("a name"), force: false, expected_champion: None };
    learning.test.service.learning().promote(&admin(), id, &wanted).await.expect("a person promotes");
    open.send(()).expect("the model waits");
    assert!(judging.await.expect("ended").expect("judges"));

    assert_eq!(learning.roles().await, (rival.clone(), None));
    let round = learning.rounds().await.remove(0);
    assert_eq!(round.state, RoundState::Done);
    assert!(
        round.outcome.contains("nothing was done") && round.outcome.contains(&rival),
        "{}",
        round.outcome
    );
    learning.sound().await;
}

/// A loop that trains when drift is declared, with something to learn from, and
/// all that a process wrote that declared drift and was killed.
async fn declared() -> Loop {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Manual).await;
    let service = learning.test.service.clone();
    let by_drift = ContinuousTraining { enabled: true, trigger: Trigger::Drift, ..Default::default() };
    service.learning().set_continuous_training(&admin(), "cells", by_drift).await.expect("set");
    learning.submitted(20).await;
    learning.work().await;
    assert_eq!(learning.rounds().await, [], "nothing has drifted");

    let deployment = service.catalogue().deployment(&admin(), "cells").await.expect("there");
    let dataset =
        service.catalogue().dataset(&admin(), &"fed/v1".parse().expect("a name")).await.expect("there");
    let now = learning.test.clock_now();
    let reference_id = ReferenceId(FreshIds.new_id());
    let reference = NewReference {
        id: reference_id,
        deployment_id: deployment.id,
        dataset_version_id: dataset.id,
        model_version_id: deployment.champion.id,
        created: now,
    };
    let monitoring = service.store().monitoring();
    monitoring.insert_reference(&reference).await.expect("stored");
    let step = DriftStep {
        reference_id,
        version: 0,
        windowing: Windowing::default(),
        state: DriftState::default(),
        last_id: None,
    };
    let image = PredictionId(FreshIds.new_id());
    let window = DriftWindow {
        id: DriftWindowId(FreshIds.new_id()),
        reference_id,
        from: now,
        to: now,
        images: 30,
        thinned: 0,
        span: (image, image),
        features: vec![],
        declared: vec![Feature::Confidence],
        cleared: vec![],
        closed: now,
    };
    assert!(monitoring.take_drift_step(deployment.id, &step, &[window], &[]).await.expect("taken"));
    assert_eq!(monitoring.waiting_drift().await.expect("reads"), [deployment.id]);
    learning
}

/// Whoever looks next launches one training, however often it looks.
async fn launched_for_drift_once(learning: &Loop) {
    learning.work().await;
    let rounds = learning.rounds().await;
    assert_eq!(rounds.iter().map(|round| round.trigger).collect::<Vec<_>>(), [Trigger::Drift]);
    let monitoring = learning.test.service.store().monitoring();
    assert_eq!(monitoring.waiting_drift().await.expect("reads"), []);
    learning.work().await;
    assert_eq!(learning.rounds().await.len(), 1, "once");
}

#[tokio::test]
async fn drift_that_a_killed_process_declared_still_launches_its_training() {
    let learning = declared().await;
    launched_for_drift_once(&learning).await;
}

#[tokio::test]
async fn wherever_a_process_ends_declared_drift_launches_one_training() {
    // Steps that grow: each takes a loop of its own.
    for polls in squares() {
        let learning = declared().await;
        // The reference of this test is never made: the check says so from the beginning.
        let found = async || learning.test.service.store().inconsistencies().await.expect("reads");
        let before = found().await;
        let launching = learning.test.service.jobs();
        let ended = ended_after(polls, launching.advance_rounds(Internal)).await;
        assert_eq!(found().await, before, "after {polls} polls");
        launched_for_drift_once(&learning).await;
        assert_eq!(found().await, before, "after {polls} polls");
        if ended.is_some() {
            break;
        }
    }
}

#[tokio::test]
async fn promotion_asks_before_a_label_is_lost_and_a_rollback_brings_the_former_one_back() {
    let test = TestService::of(
        Arc::new(SkilledTrainer::giving(Skill::default())),
        Arc::new(SkilledModels),
        Limits::default(),
    )
    .await;
    let champion = test.version(&Skill::finding(0.5).weights(), &LABELS).await;
    let narrow = test.version(&Skill::finding(0.6).weights(), &["red"]).await;
    let deployment = test.serve(&champion, None).await;
    let promotion = |force| Promotion {
        model: narrow.full_name().parse().expect("a name"),
        force,
        expected_champion: None,
    };
    let refused =
        test.service.learning().promote(&admin(), deployment.id, &promotion(false)).await.expect_err("asks");
    let refused = ApiError::from(refused);
    assert_eq!(refused.kind, ErrorKind::Conflict);
    assert!(refused.message.contains("white"), "{refused}");
    let promoted =
        test.service.learning().promote(&admin(), deployment.id, &promotion(true)).await.expect("forced");
    assert_eq!(promoted.champion.name, "cells/2");
    let first = Some("cells/1".parse().expect("a name"));
    let stale =
        test.service.learning().roll_back(&admin(), deployment.id, first.as_ref()).await.expect_err("stale");
    assert_eq!(ApiError::from(stale).kind, ErrorKind::Conflict);
    let stale =
        Promotion { expected_champion: first, model: "cells/1".parse().expect("a name"), force: true };
    let stale = ApiError::from(
        test.service.learning().promote(&admin(), deployment.id, &stale).await.expect_err("stale"),
    );
    assert!(stale.kind == ErrorKind::Conflict && stale.message.contains("cells/2"), "{stale}");
    let back = test.service.learning().roll_back(&admin(), deployment.id, None).await.expect("goes back");
    assert_eq!((back.champion.name.as_str(), back.shadow), ("cells/1", None));
    let log = test.service.people().audit(&admin(), Default::default()).await.expect("reads");
    let acts: Vec<&str> = log.items.iter().map(|entry| entry.action.as_str()).take(2).collect();
    assert_eq!(acts, ["deployment.rollback", "deployment.promote"]);
    let broken = test.version("no weights at all", &LABELS).await;
    let wanted = Promotion {
        model: broken.full_name().parse().expect("a name"),
        force: false,
        expected_champion: None,
    };
    assert!(
        test.service.learning().promote(&admin(), deployment.id, &wanted).await.is_err(),
        "it cannot be loaded"
    );
    assert_eq!(
        test.service.catalogue().deployment(&admin(), "cells").await.expect("there").champion.name,
        "cells/1"
    );
    let other = service::NewDeployment {
        name: Name::new("other").expect("a name"),
        model: champion.full_name().parse().expect("a name"),
        shadow: None,
        threshold: None,
    };
    let first = test.service.catalogue().deploy(&admin(), other).await.expect("deployed");
    let refused = test.service.learning().roll_back(&admin(), first.id, None).await.expect_err("none before");
    assert_eq!(ApiError::from(refused).kind, ErrorKind::Conflict);
}

#[tokio::test]
async fn a_worker_that_dies_between_the_model_and_the_end_makes_no_second_model() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Manual).await;
    learning.submitted(20).await;
    let round = learning.rounds().await.remove(0);
    let store = learning.test.service.store();
    // What the dead worker left: the item in its hands, and the model.
    store.work().claim("train", "dead", learning.test.clock_now()).await.expect("claims");
    let mut made = learning.test.version_parts(&Skill::finding(0.9).weights(), &LABELS).await;
    made.experiment_id = Some(round.experiment_id);
    made.dataset_version_id = Some(round.snapshot);
    let made = store.models().create_version(made, act()).await.expect("made");
    learning.test.clock.advance_ms(60_000);
    learning.work().await;
    let round = learning.rounds().await.remove(0);
    assert_eq!((round.state, round.candidate), (RoundState::Done, Some(made.full_name())));
    assert_eq!(learning.trainer.asked.lock().expect("asked").len(), 0, "nothing was trained again");
    learning.sound().await;
}

#[tokio::test]
async fn exported_weights_come_back_as_the_same_model_and_what_is_used_is_not_deleted() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Manual).await;
    learning.submitted(20).await;
    learning.work().await;
    let service = &learning.test.service;
    let trained = "cells/2".parse().expect("a name");
    let weights = service.catalogue().model_weights(&viewer(), &trained).await.expect("read");
    let card = service.catalogue().model_card(&viewer(), &trained).await.expect("written");
    for part in ["# cells/2", "red, white", "| started from | cells/1 |", "learning_rate"] {
        assert!(card.contains(part), "{part}: {card}");
    }
    let name = Name::new("elsewhere").expect("a name");
    let folder = tempfile::tempdir().expect("a folder");
    let (file, nonsense) = (folder.path().join("weights"), folder.path().join("nonsense"));
    std::fs::write(&file, &weights).expect("written");
    std::fs::write(&nonsense, "nonsense").expect("written");
    let hints = ImportHints::default;
    let refused = service.catalogue().import_model(&admin(), name.clone(), &nonsense, hints()).await;
    assert_eq!(ApiError::from(refused.expect_err("no weights")).kind, ErrorKind::Invalid);
    let imported = service.catalogue().import_model(&admin(), name, &file, hints()).await.expect("imported");
    let imported = imported.version;
    assert_eq!((imported.full_name().as_str(), imported.labels.len()), ("elsewhere/1", 2));
    // The candidate was compared, the champion serves: both must stay.
    for used in ["cells/1", "cells/2"] {
        let refused = service
            .catalogue()
            .delete_model(&admin(), &used.parse().expect("a name"))
            .await
            .expect_err("used");
        assert_eq!(ApiError::from(refused).kind, ErrorKind::Conflict, "{used}");
    }
    let copy = "elsewhere/1".parse().expect("a name");
    service.catalogue().delete_model(&admin(), &copy).await.expect("deleted");
    assert!(service.catalogue().model_version(&admin(), &copy).await.is_err());
    let kept = service.catalogue().model_weights(&admin(), &trained).await.expect("others have them, too");
    assert_eq!(kept, weights);
    learning.sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_launch_one_training_and_its_promotion_reaches_both() {
    let Some(url) = test_postgres::fresh_database().await else { return };
    let trainer = Arc::new(SkilledTrainer::giving(Skill::finding(0.97)));
    let (one, other) = TestService::pair(&url, trainer.clone(), Arc::new(SkilledModels)).await;
    let mut learning = Loop::on(one, trainer, Policy::Champion).await;
    let training = ContinuousTraining { enabled: true, threshold: 200, ..Default::default() };
    learning.test.service.learning().set_continuous_training(&admin(), "cells", training).await.expect("set");
    let ids = learning.reviewed(204).await;
    // The other has the champion in its memory.
    let asked = async |service: &service::Service, number: u64| {
        let (bytes, options) = (Bytes::from(picture(number)), PredictOptions::default());
        let id = service
            .intake()
            .predict(&admin(), "cells", bytes, Provenance::default(), options)
            .await
            .expect("predicts")
            .id;
        service.browsing().prediction(&admin(), id).await.expect("there").model
    };
    assert_eq!(asked(&other.service, 900).await, "cells/1");

    // Both reach the threshold at the same time.
    let (who, (here, there)) = (admin(), ids.split_at(102));
    let (here, there) = tokio::join!(
        learning.test.service.reviews().submit(&who, "cells", here.to_vec()),
        other.service.reviews().submit(&who, "cells", there.to_vec()),
    );
    assert_eq!(here.expect("submits").changed.len() + there.expect("submits").changed.len(), 204);
    for service in [&learning.test.service, &other.service] {
        let rounds = service.learning().continuous_training(&admin(), "cells").await.expect("reads").rounds;
        assert_eq!(rounds.len(), 1, "{rounds:?}");
    }

    // Both work at the same time.
    let working = async |test: &TestService, name: &str| {
        test.service.jobs().run_all_queued(Internal, name).await.expect("works");
    };
    tokio::join!(working(&learning.test, "one"), working(&other, "other"));
    working(&learning.test, "one").await;
    assert_eq!(learning.trainer.asked.lock().expect("asked").len(), 1, "trained once");
    assert_eq!(learning.roles().await, ("cells/2".to_owned(), None));
    let promoted = std::time::Instant::now();
    while asked(&other.service, 901).await != "cells/2" {
        assert!(
            promoted.elapsed() < std::time::Duration::from_secs(2),
            "the other still asks the former champion"
        );
    }
    learning.sound().await;
}

/// Trains a candidate on one image more, and ends whoever judges it after so
/// many polls; whoever comes next does the rest. Whether the judge came to its
/// end before.
async fn ended_while_judging(learning: &mut Loop, polls: usize) -> bool {
    learning.submitted(1).await;
    let service = &learning.test.service;
    service.learning().launch_continuous_training(&admin(), "cells").await.expect("launched");
    assert!(service.jobs().run_next(Internal, Lane::Train, "w").await.expect("trains"));
    let judging = async {
        service.jobs().advance_rounds(Internal).await.expect("sends to the judge");
        service.jobs().run_next(Internal, Lane::Short, "ended").await.expect("judges")
    };
    let ended = ended_after(polls, judging).await;
    learning.sound().await;
    learning.test.clock.advance_ms(20_000);
    learning.work().await;
    learning.sound().await;
    let round = learning.rounds().await.remove(0);
    assert_eq!(round.state, RoundState::Done, "after {polls} polls: {}", round.outcome);
    ended.is_some()
}

/// Squares: each round has more images to look through, and so takes longer
/// than the last; steps of one might never catch up with its end.
fn squares() -> impl Iterator<Item = usize> {
    (1_usize..).map(|step| step * step)
}

#[tokio::test]
async fn wherever_a_process_ends_a_submission_counts_once_and_launches_once() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Manual).await;
    let service = learning.test.service.clone();
    let each = ContinuousTraining { enabled: true, threshold: 1, ..Default::default() };
    service.learning().set_continuous_training(&admin(), "cells", each).await.expect("set");
    for polls in squares() {
        // One in five is held out and launches nothing.
        let ids = learning.reviewed(5).await;
        let trained = learning.trainer.asked.lock().expect("asked").len();
        let ended = ended_after(polls, service.reviews().submit(&admin(), "cells", ids.clone())).await;
        learning.sound().await;
        learning.work().await;
        let waiting = service.learning().continuous_training(&admin(), "cells").await.expect("reads").waiting;
        assert_eq!(waiting, 0, "after {polls} polls: what is there launches its training");
        if service.browsing().count(&admin(), "cells", Some(Status::Submitted)).await.expect("counts")
            < learning.next
        {
            assert!(ended.is_none(), "an answer comes after the commit");
            service.reviews().submit(&admin(), "cells", ids).await.expect("submits");
            learning.work().await;
        }
        let trainings = learning.trainer.asked.lock().expect("asked").len() - trained;
        assert_eq!(trainings, 1, "after {polls} polls");
        learning.sound().await;
        if ended.is_some() {
            break;
        }
    }
}

#[tokio::test]
async fn wherever_a_process_ends_a_candidate_is_judged_once() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Manual).await;
    learning.submitted(THRESHOLD.into()).await;
    learning.work().await;
    for polls in squares() {
        if ended_while_judging(&mut learning, polls).await {
            break;
        }
    }
}

#[tokio::test]
async fn wherever_a_process_ends_a_candidate_is_promoted_once() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Champion).await;
    let whatever_the_verdict =
        ContinuousDeployment { policy: Policy::Champion, require: None, ..ContinuousDeployment::default() };
    let service = learning.test.service.clone();
    service.learning().set_settings(&admin(), "cells", whatever_the_verdict).await.expect("set");
    learning.submitted(THRESHOLD.into()).await;
    learning.work().await;
    let id = service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
    let mut champions = vec!["cells/1".to_owned(), "cells/2".to_owned()];
    for polls in squares() {
        let ended = ended_while_judging(&mut learning, polls).await;
        champions.push(format!("cells/{}", champions.len() + 1));
        assert_eq!(Some(&learning.roles().await.0), champions.last(), "after {polls} polls");
        let spans = service.store().deployments().history(id).await.expect("reads");
        assert_eq!(spans.len(), champions.len(), "each was promoted once");
        if ended {
            break;
        }
    }
}

#[tokio::test]
async fn wherever_a_process_ends_a_promotion_is_there_with_its_record_or_was_never_begun() {
    let learning = Loop::new(Skill::finding(0.97), Policy::Manual).await;
    let service = &learning.test.service;
    learning.test.version(&Skill::finding(0.9).weights(), &LABELS).await;
    let id = service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
    let recorded = async || {
        let page = PageRequest { limit: Some(200), cursor: None };
        let acts = service.store().audit().page(&page).await.expect("reads").items;
        acts.iter().filter(|act| act.action == "deployment.promote").count()
    };
    for polls in 1.. {
        let (before, acts) = (learning.roles().await.0, recorded().await);
        let other = if before == "cells/1" { "cells/2" } else { "cells/1" };
        let model = other.parse().expect("a reference");
        let wanted = Promotion { model, force: false, expected_champion: None };
        let promoted = ended_after(polls, service.learning().promote(&admin(), id, &wanted)).await;
        learning.sound().await;
        let changed = learning.roles().await.0 == other;
        assert_eq!(recorded().await - acts, usize::from(changed), "after {polls} polls");
        if let Some(promoted) = promoted {
            promoted.expect("promotes");
            assert!(changed, "an answer comes after the commit");
            break;
        }
    }
}

/// Resolves once work of this kind runs.
async fn runs(test: &TestService, kind: &str) {
    loop {
        let unfinished = test.service.store().work().unfinished(kind).await.expect("reads");
        if unfinished.iter().any(|item| item.state == WorkState::Running) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// A shadow that takes an hour over an image, and a replay of it.
async fn endless_replay(learning: &Loop) {
    let service = &learning.test.service;
    let shadow =
        learning.test.version(&Skill { sleeps_ms: 3_600_000, ..Skill::default() }.weights(), &LABELS).await;
    let id = service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
    let reference = shadow.full_name().parse().expect("a name");
    service
        .catalogue()
        .change_deployment(
            &admin(),
            id,
            DeploymentChange { shadow: Some(Some(reference)), ..DeploymentChange::default() },
        )
        .await
        .expect("set");
    service.learning().replay_shadow(&admin(), "cells", 10).await.expect("queued");
}

#[tokio::test]
async fn a_replay_without_end_keeps_no_training_from_being_launched_and_judged() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Manual).await;
    // The lanes are dropped as soon as the round has ended.
    learning.test.leaves("replay");
    learning.test.leaves("judge");
    learning.reviewed(10).await;
    endless_replay(&learning).await;
    let ids = learning.reviewed(THRESHOLD.into()).await;
    let service = learning.test.service.clone();
    let never = std::future::pending::<()>;
    let judged = async {
        runs(&learning.test, "replay").await;
        service.reviews().submit(&admin(), "cells", ids).await.expect("submits");
        while learning.rounds().await.first().is_none_or(|round| round.state != RoundState::Done) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = run_background_task(&service, "replay", "w1", never()) => {}
        () = run_background_task(&service, "short", "w2", never()) => {}
        () = run_background_task(&service, "train", "w3", never()) => {}
        () = run_background_task(&service, "rounds", "w4", never()) => {}
        () = judged => {}
    }
    runs(&learning.test, "replay").await;
    learning.sound().await;
}

#[tokio::test]
async fn a_stop_gives_light_work_back_without_counting_it() {
    let mut learning = Loop::new(Skill::finding(0.97), Policy::Manual).await;
    learning.test.leaves("replay");
    learning.reviewed(10).await;
    endless_replay(&learning).await;
    for stop in 0..5 {
        let service = &learning.test.service;
        let stopping = runs(&learning.test, "replay");
        run_background_task(service, "replay", &format!("w{stop}"), stopping).await;
        let item = service.store().work().unfinished("replay").await.expect("reads").remove(0);
        assert_eq!((item.state, item.attempts), (WorkState::Queued, 0), "stop {stop}");
    }
}

#[tokio::test]
async fn a_policy_is_switched_off_also_where_the_champion_is_served_elsewhere() {
    let test = TestService::now().await;
    test.deploy(&["car"]).await;
    let set = async |enabled| {
        let settings = ContinuousDeployment { enabled, policy: Policy::Champion, ..Default::default() };
        test.service.learning().set_settings(&admin(), "cells", settings).await
    };
    set(true).await.expect_err("nothing here can take its place");
    set(false).await.expect("kept for a champion that runs here");
}
