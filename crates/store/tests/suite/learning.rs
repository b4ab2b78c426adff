use crate::{
    fixtures::{
        START, act, annotation, asset, by, change, deployment, drawn, id, model, new_prediction, new_version,
        revision,
    },
    harness::both,
};
use domain::{
    comparison::{EvidenceImage, StoredComparison, Subject, compare},
    dataset::Split,
    deployment::Deployment,
    feedback::{FeedbackSettings, Fingerprint},
    geometry::Score,
    ids::{AssetId, ComparisonId, PredictionId},
    learning::{ContinuousDeployment, ContinuousTraining, Policy, RoundState, Trigger},
    lineage::Exclusions,
    retention::Retention,
    review::{Share, StartedFrom},
    training::TrainParams,
    work::WorkState,
};
use measures::{
    gate::{GateSettings, Start, Verdict},
    metrics::coco::{DetectedBox, TruthBox},
};
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Candidate, Launch, NewLaunch, NewRevision, NewShadow, Store, StoreError};
use uuid::Uuid;

/// Pictures far from each other; every fifth is held out.
fn fingerprint() -> Fingerprint {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let pixel_hash = format!("{number:016x}{}", "0".repeat(48));
    Fingerprint { pixel_hash, perceptual_hash: number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) }
}

async fn target(store: &Store, gate: &Deployment) {
    let new = new_version(&format!("fed-{}", gate.name), None, &["car", "person"]);
    let version = store.datasets().create_version(new, act()).await.unwrap();
    let settings =
        FeedbackSettings { enabled: true, target: Some(version.id), ..FeedbackSettings::default() };
    store.feedback().put_settings(gate.id, settings, &by("root")).await.unwrap();
}

async fn submitted(store: &Store, gate: &Deployment, images: usize, from: StartedFrom) -> Vec<PredictionId> {
    let target = store.feedback().settings(gate.id).await.unwrap().target.unwrap();
    let mut ids = Vec::new();
    for _ in 0..images {
        let mut new = new_prediction(gate);
        new.image = Some(format!("{:064x}", new.id.0.as_u128()));
        new.source = Some(new.id.to_string());
        let id = store.predictions().insert(new).await.unwrap().id;
        let review = NewRevision { started_from: from, ..revision(id, 0, vec![drawn("car", 1.0)], "eve") };
        store.reviews().save(review).await.unwrap();
        let one = Candidate {
            prediction_id: id,
            asset_id: crate::fixtures::id(),
            fingerprint: Some(fingerprint()),
        };
        let outcome = store.feedback().submit(gate.id, target, &[one], &by("eve")).await.unwrap();
        assert_eq!(outcome.changed, [id]);
        ids.push(id);
    }
    ids
}

fn new_ids() -> Uuid {
    id::<AssetId>().0
}

fn wish(gate: &Deployment, least: u64) -> NewLaunch<'static> {
    NewLaunch {
        deployment: gate.id,
        trigger: Trigger::FeedbackCount,
        least,
        params: TrainParams::default().into(),
        code_version: "1".to_owned(),
        work_kind: "train".to_owned(),
        by: by("system"),
        outgoing: None,
        ids: &new_ids,
    }
}

async fn sound(store: &Store) {
    assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
}

both! {
    async fn settings_are_kept_for_each_deployment_and_whose_are_set_is_found(store) {
        let (gate, other) = (deployment(store, "gate").await, deployment(store, "other").await);
        let settings = store.deployment_settings();
        assert_eq!(settings.find::<ContinuousTraining>(gate.id).await.unwrap(), ContinuousTraining::default());
        let mut training = ContinuousTraining { enabled: true, threshold: 7, ..Default::default() };
        training.params.insert("epochs".into(), "3".into());
        settings.put(gate.id, &ContinuousTraining::default(), act()).await.unwrap();
        settings.put(gate.id, &training, act()).await.unwrap();
        let deploying = ContinuousDeployment { policy: Policy::Shadow, latency_budget_ms: Some(60.5), ..Default::default() };
        settings.put(gate.id, &deploying, act()).await.unwrap();
        let few = Retention { days: Some(30), bytes: Some(5_000_000_000), sample_rate: Share::new(0.25).unwrap() };
        settings.put(other.id, &few, act()).await.unwrap();
        assert_eq!(settings.find::<ContinuousTraining>(gate.id).await.unwrap(), training);
        assert_eq!(settings.find::<ContinuousDeployment>(gate.id).await.unwrap(), deploying);
        assert_eq!(settings.find::<Retention>(gate.id).await.unwrap(), Retention::default());
        assert_eq!(settings.find::<Retention>(other.id).await.unwrap(), few);
        assert_eq!(settings.with::<ContinuousTraining>().await.unwrap(), [gate.id]);
        assert!(settings.put(id(), &few, act()).await.is_err(), "no such deployment");
    }

    async fn a_launch_freezes_what_was_submitted_and_takes_it_once(store) {
        let gate = deployment(store, "gate").await;
        target(store, &gate).await;
        assert_eq!(store.learning().launch(&wish(&gate, 1)).await.unwrap(), Launch::TooFew { waiting: 0 });
        let ids = submitted(store, &gate, 12, StartedFrom::Empty).await;
        assert_eq!(store.learning().launch(&wish(&gate, 13)).await.unwrap(), Launch::TooFew { waiting: 12 });
        let Launch::Launched(round) = store.learning().launch(&wish(&gate, 12)).await.unwrap() else { panic!() };
        assert_eq!((round.submissions, round.state, round.candidate.clone()), (12, RoundState::Training, None));
        assert_eq!(round.experiment, format!("gate-{}", START.0 / 1000));
        assert_eq!(store.learning().launch(&wish(&gate, 0)).await.unwrap(), Launch::UnderWay(round.clone()));
        assert_eq!(store.feedback().waiting(gate.id).await.unwrap(), 0);
        let snapshot = store.datasets().find(round.snapshot).await.unwrap().unwrap();
        assert_eq!((snapshot.open, snapshot.counts.images, snapshot.fingerprint.len()), (false, 12, 64));
        assert_eq!(store.learning().fresh_assets(snapshot.id).await.unwrap().len(), 12);
        let experiment = store.experiments().find(round.experiment_id).await.unwrap().unwrap();
        assert_eq!((experiment.base.as_deref(), experiment.model.as_str()), (Some("model-of-gate/1"), "model-of-gate"));
        assert_eq!(store.work().unfinished("train").await.unwrap()[0].id.0, round.experiment_id.0);
        // Taking one out again leaves what is frozen as it is.
        store.feedback().unsubmit(gate.id, &ids[..1], &by("eve")).await.unwrap();
        assert_eq!(store.datasets().find(round.snapshot).await.unwrap().unwrap(), snapshot);
        sound(store).await;
    }

    async fn many_servers_launch_once(store) {
        let gate = deployment(store, "gate").await;
        target(store, &gate).await;
        submitted(store, &gate, 10, StartedFrom::Empty).await;
        let mut servers = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let (store, gate) = (store.clone(), gate.clone());
            servers.spawn(async move { store.learning().launch(&wish(&gate, 10)).await.unwrap() });
        }
        let all = servers.join_all().await;
        let launched = all.iter().filter(|launch| matches!(launch, Launch::Launched(_))).count();
        assert_eq!(launched, 1, "{all:?}");
        assert_eq!(store.learning().rounds(gate.id, 10).await.unwrap().len(), 1);
        assert_eq!(store.work().unfinished("train").await.unwrap().len(), 1);
        sound(store).await;
    }

    async fn the_next_snapshot_holds_the_training_data_too_and_nothing_that_is_held_out(store) {
        let gate = deployment(store, "gate").await;
        target(store, &gate).await;
        let base = store.datasets().create_version(new_version("base", None, &["car"]), act()).await.unwrap();
        let assets: Vec<_> = [Split::Train, Split::Train, Split::Val, Split::Test]
            .map(|split| asset(base.id, split, vec![annotation("car", false)]))
            .into();
        store.datasets().add_assets(base.id, &assets).await.unwrap();
        store.datasets().freeze(base.id, "f", act()).await.unwrap();
        let trained = store::NewModelVersion {
            dataset_version_id: Some(base.id), ..crate::fixtures::new_model("model-of-gate")
        };
        let trained = store.models().create_version(trained, act()).await.unwrap();
        store.deployments().promote(gate.id, trained.id, &change(START)).await.unwrap();
        submitted(store, &gate, 10, StartedFrom::Champion).await;
        let Launch::Launched(round) = store.learning().launch(&wish(&gate, 1)).await.unwrap() else { panic!() };
        let counts = store.datasets().find(round.snapshot).await.unwrap().unwrap().counts;
        assert_eq!(counts.by_split[&Split::Val], 1);
        assert_eq!(counts.by_split[&Split::Train] + counts.by_split.get(&Split::Test).unwrap_or(&0), 12);
        assert_eq!(counts.images, 13, "the base's test split stays out");
        let starts = store.learning().starts(round.snapshot).await.unwrap();
        assert_eq!(starts.len(), 10);
        assert!(starts.values().all(|start| start.from == StartedFrom::Champion && start.model == Some(gate.champion.id)));
        sound(store).await;
    }

    async fn a_round_moves_on_once_and_a_failed_one_opens_again(store) {
        let gate = deployment(store, "gate").await;
        target(store, &gate).await;
        submitted(store, &gate, 8, StartedFrom::Empty).await;
        let Launch::Launched(round) = store.learning().launch(&wish(&gate, 1)).await.unwrap() else { panic!() };
        store.work().claim("train", "w", START).await.unwrap().unwrap();
        let item = domain::ids::WorkItemId(round.experiment_id.0);
        store.work().finish(item, "w", WorkState::Failed, "no disk", START).await.unwrap();
        assert_eq!(store.learning().open_round_ids().await.unwrap(), [round.id]);
        let open = store.learning().round(round.id).await.unwrap().unwrap();
        assert_eq!((open.experiment, open.error.as_deref()), (WorkState::Failed, Some("no disk")));
        let end = |to| async move { store.learning().finish(round.id, to, None, "no disk", act()).await };
        assert!(end(RoundState::Failed).await.unwrap());
        assert!(!end(RoundState::Failed).await.unwrap(), "once");
        let again = store::NewExperiment {
            id: id(), name: crate::fixtures::name("again"), dataset_version_id: round.snapshot,
            model: crate::fixtures::name("model-of-gate"), base_id: None, params: TrainParams::default().into(),
            fingerprint: "f".into(), code_version: "1".into(), created: START,
        };
        let work = store::NewWork {
            id: domain::ids::WorkItemId(again.id.0), kind: "train".into(), subject: "again".into(),
            payload: serde_json::json!({}), dedupe_key: None, created: START,
        };
        store.experiments().launch(&again, &work, Some(round.id), (act(), &again.name)).await.unwrap();
        let open = store.learning().round_of(again.id).await.unwrap().unwrap();
        assert_eq!((open.round.id, open.round.state, open.round.finished), (round.id, RoundState::Training, None));
        let twice = store::NewExperiment { id: id(), name: crate::fixtures::name("twice"), ..again };
        let work = store::NewWork { id: domain::ids::WorkItemId(twice.id.0), ..work };
        let refused = store.experiments().launch(&twice, &work, Some(round.id), (act(), &twice.name)).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
        assert_eq!(store.experiments().find(twice.id).await.unwrap(), None);
        assert!(store.learning().advance(round.id, RoundState::Training, RoundState::Judging).await.unwrap());
        assert!(!store.learning().advance(round.id, RoundState::Training, RoundState::Judging).await.unwrap());
        sound(store).await;
    }

    async fn evidence_comes_back_to_the_last_bit(store) {
        let gate = deployment(store, "gate").await;
        let candidate = model(store, "model-of-gate").await;
        let image = |number: u32| {
            let bbox = [f64::from(number) / 3.0, 0.1, 20.7, 30.0];
            EvidenceImage {
                asset_id: id(),
                filename: format!("{number}.jpg"),
                start: [Start::Empty, Start::Champion, Start::Candidate][number as usize % 3],
                truths: vec![TruthBox { category: 0, bbox, area: 20.7 * 30.0, crowd: number == 4, hollow: false }],
                champion: vec![DetectedBox { category: 0, bbox: [1.0 / 3.0; 4], score: 0.1 + 0.2 }],
                candidate: vec![DetectedBox { category: 1, bbox, score: 1.0 / f64::from(number + 1) }],
                champion_ms: 1.0 / 3.0,
                candidate_ms: 7.0,
            }
        };
        let images: Vec<_> = (0..40).map(image).collect();
        let subject = Subject {
            champion: gate.champion.name.clone(), champion_id: gate.champion.id,
            candidate: candidate.full_name(), candidate_id: candidate.id,
            holdout: "d/v1".into(), holdout_fingerprint: "f".into(), used_before: 0,
            left_out: Exclusions { trained_on: 2, ..Exclusions::default() },
            labels: crate::fixtures::labels(&["car", "person"]), gated: vec![true, true],
            threshold: Score::new(0.25).unwrap(), settings: GateSettings::default(),
        };
        let report = compare(&subject, &images).unwrap();
        let stored = StoredComparison { id: id::<ComparisonId>(), subject, report, at: START };
        assert_eq!(store.learning().uses(gate.id, "f").await.unwrap(), 0);
        store.learning().put_comparison(gate.id, &stored, &images).await.unwrap();
        assert_eq!(store.learning().uses(gate.id, "f").await.unwrap(), 1);
        let pair = Some((gate.champion.id, candidate.id));
        let found = store.learning().latest_comparison(gate.id, pair).await.unwrap().unwrap();
        assert_eq!(found.subject, stored.subject);
        let evidence = store.learning().evidence(stored.id).await.unwrap();
        assert_eq!(evidence, images);
        assert_eq!(compare(&found.subject, &evidence).unwrap(), stored.report, "the same figures");
        let none = store.learning().latest_comparison(gate.id, Some((candidate.id, gate.champion.id))).await;
        assert_eq!(none.unwrap(), None);
        assert_ne!(found.report.gate.verdict, Verdict::Better);
    }

    async fn a_rollback_needs_a_champion_before_and_brings_it_back(store) {
        let gate = deployment(store, "gate").await;
        let next = model(store, "model-of-gate").await;
        let none = store.deployments().roll_back(gate.id, &change(START)).await;
        assert!(matches!(none, Err(StoreError::Conflict { .. })), "{none:?}");
        store.deployments().promote(gate.id, next.id, &change(START.plus_ms(1))).await.unwrap();
        let back = store.deployments().roll_back(gate.id, &change(START.plus_ms(2))).await.unwrap();
        assert_eq!(back.champion.id, gate.champion.id);
        let log = store.audit().page(&Default::default()).await.unwrap().items;
        let acts: Vec<&str> = log.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(acts[..2], ["deployment.rollback", "deployment.promote"]);
        sound(store).await;
    }

    async fn a_shadow_is_replaced_whole_and_its_coverage_counted(store) {
        let gate = deployment(store, "gate").await;
        let (first, second) = (model(store, "cars").await, model(store, "cars").await);
        let new = store::NewPrediction { image: Some("a".repeat(64)), ..new_prediction(&gate) };
        let seen = store.predictions().insert(new).await.unwrap().id;
        store.predictions().insert(new_prediction(&gate)).await.unwrap();
        let shadow = |model: &domain::model::ModelVersion, boxes| NewShadow {
            model_version_id: Some(model.id), latency_ms: 5.0, boxes, disagreement: Some(0.5),
        };
        let boxes = vec![crate::fixtures::seen("car", 0.9), crate::fixtures::seen("person", 0.4)];
        store.predictions().attach_shadow(seen, &shadow(&first, boxes)).await.unwrap();
        let again = store.predictions().attach_shadow(seen, &shadow(&second, vec![])).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })));
        let coverage = store.predictions().coverage(gate.id, first.id, START).await.unwrap();
        assert_eq!((coverage.seen, coverage.all, coverage.earlier), (1, 2, 0));
        let later = START.plus_ms(86_400_000);
        let coverage = store.predictions().coverage(gate.id, first.id, later).await.unwrap();
        assert_eq!((coverage.seen, coverage.all, coverage.earlier), (0, 0, 1), "it became the shadow afterwards");
        let settled = |model: domain::ids::ModelVersionId| async move {
            store.predictions().replayable(gate.id, model, None, 10).await.unwrap()
        };
        assert_eq!(settled(first.id).await.iter().map(|r| (r.id, r.settled)).collect::<Vec<_>>(), [(seen, true)]);
        assert!(!settled(second.id).await[0].settled);
        store.predictions().replace_shadow(seen, &shadow(&second, vec![crate::fixtures::seen("car", 0.8)])).await.unwrap();
        let kept = store.predictions().find(seen).await.unwrap().unwrap().shadow.unwrap();
        assert_eq!((kept.model.as_str(), kept.boxes.len()), ("cars/2", 1));
        assert_eq!(store.predictions().coverage(gate.id, first.id, START).await.unwrap().seen, 0);
        sound(store).await;
    }
}
