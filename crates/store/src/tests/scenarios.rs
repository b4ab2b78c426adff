//! Every write of the store, in an order in which each can succeed.

use super::every_statement::Run;
use crate::{
    Candidate, Claim, DeploymentChange, DriftStep, Holder, Idempotency, Launch, Link, NewAudit,
    NewExperiment, NewLaunch, NewModelVersion, NewPrediction, NewReference, NewRevision, NewShadow, NewWork,
    Outgoing, Outlier, Result, RoleChange, SessionRow, Store, Stored, ViewOwner,
    fixtures::{
        START, act, act_at, annotation, asset, by, change, deployment, drawn, id, model, name, new_model,
        new_prediction, new_version, revision, seen, user,
    },
};
use domain::{
    access::{Role, Token},
    alert::{AlertRule, AlertState, Operator, Sample, Watch},
    comparison::{StoredComparison, Subject, compare},
    dataset::Split,
    deployment::Deployment,
    drift::{DriftReference, DriftState, ImageFeatures},
    feedback::{FeedbackSettings, Fingerprint},
    geometry::Score,
    ids::{AssetId, DeletionId, DeliveryId, ExperimentId, PredictionId, WorkItemId},
    learning::{ContinuousDeployment, ContinuousTraining, RoundState, Trigger},
    lineage::Exclusions,
    listing::SaveView,
    model::{CurvePoint, Evaluation, Series},
    monitor::supervised::{FiguresOf, Scope},
    notice::{AlertEvent, KeptRule, NoticeKind, Webhook},
    retention::Retention,
    review::{Picked, ReviewSettings, Share, StartedFrom},
    training::TrainParams,
    training_data::ReferenceContents,
    work::WorkState,
};
use measures::{
    drift::{DriftSettings, windows::Windowing},
    gate::{GateSettings, Start},
    metrics::coco::{CategoryAp, Summary},
    outlier::Calibration,
};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

fn entry(action: &str) -> NewAudit {
    NewAudit {
        at: START,
        actor: "ada".into(),
        action: action.into(),
        subject: "gate".into(),
        detail: "{}".into(),
    }
}

fn pictured(gate: &Deployment) -> NewPrediction {
    let new = new_prediction(gate);
    NewPrediction {
        image: Some(format!("{:064x}", new.id.0.as_u128())),
        image_bytes: Some(1_000),
        source: Some(new.id.to_string()),
        ..new
    }
}

async fn stored(store: &Store, gate: &Deployment) -> PredictionId {
    store.predictions().insert(pictured(gate)).await.unwrap().id
}

async fn reviewed(store: &Store, gate: &Deployment) -> PredictionId {
    let id = stored(store, gate).await;
    let new =
        NewRevision { started_from: StartedFrom::Empty, ..revision(id, 0, vec![drawn("car", 1.0)], "eve") };
    store.reviews().save(new).await.unwrap();
    id
}

/// The error of the first that was refused.
async fn insert_many(store: &Store, new: Vec<NewPrediction>) -> Result<Vec<Stored>> {
    store.predictions().insert_many(new).await.into_iter().collect()
}

pub(crate) async fn predictions(run: Arc<Run>) {
    let store = &run.store;
    let gate = deployment(store, "gate").await;
    let other = model(store, "other").await;
    let shadow = |boxes| NewShadow {
        model_version_id: Some(other.id),
        latency_ms: 5.0,
        boxes,
        disagreement: Some(0.5),
    };
    // Its labels are known from then on, and all statements are the group's.
    let plain = stored(store, &gate).await;
    let whole = NewPrediction {
        shadow: Some(shadow(vec![seen("car", 0.9)])),
        idempotency: Some(Idempotency { key: "k".into(), request_hash: "h".into() }),
        outlier: Some(Outlier { score: 0.5, distance: 0.75, reference: None }),
        ..pictured(&gate)
    };
    run.act("a prediction", async || store.predictions().insert(whole.clone()).await).await;
    let again = NewPrediction { id: id(), ..whole.clone() };
    assert!(store.predictions().insert(again).await.unwrap().repeated);
    // The writing task may take them in one group or in several, so that some
    // can be stored when others are refused: their senders repeat them by key.
    let keyed = |number: usize| NewPrediction {
        idempotency: Some(Idempotency { key: format!("k{number}"), request_hash: "h".into() }),
        ..new_prediction(&gate)
    };
    let group = run.steps("a group", async || insert_many(store, (0..5).map(keyed).collect()).await).await;
    let new_label = NewPrediction { boxes: vec![seen("a new label", 0.9)], ..new_prediction(&gate) };
    run.act("a label", async || store.predictions().insert(new_label.clone()).await).await;
    let boxes = vec![seen("car", 0.9), seen("person", 0.4)];
    run.act("a shadow", async || store.predictions().attach_shadow(plain, &shadow(boxes.clone())).await)
        .await;
    run.act("a replay", async || store.predictions().replace_shadow(plain, &shadow(vec![])).await).await;
    let outlier = Outlier { score: 0.25, distance: 0.5, reference: None };
    run.act("an outlier", async || store.predictions().set_outlier(plain, outlier).await).await;
    run.act("a tag", async || store.predictions().tag(gate.id, &[plain, group[0].id], "new", 9, act()).await)
        .await;
    run.act("a tag less", async || store.predictions().untag(gate.id, &[plain], "new", act()).await).await;
    let later = START.plus_ms(1_000_000_000);
    run.act("forgotten keys", async || store.predictions().forget_keys(later).await).await;
}

pub(crate) async fn reviews(run: Arc<Run>) {
    let store = &run.store;
    let gate = deployment(store, "gate").await;
    let (first, second) = (stored(store, &gate).await, stored(store, &gate).await);
    let holder = Holder { person: "eve".into(), session: "a".into(), name: "Eve".into() };
    let claim = Claim {
        holder: holder.clone(),
        picked: Picked::Random,
        now: START,
        until: START.plus_ms(1_000),
        any_status: false,
    };
    run.act("a lease", async || store.reviews().claim(first, true, &claim).await).await;
    let boxes = vec![drawn("car", 1.0), drawn("person", 9.0)];
    run.act("a review", async || store.reviews().save(revision(first, 0, boxes.clone(), "eve")).await).await;
    run.act("a revision", async || store.reviews().save(revision(first, 1, vec![], "ada")).await).await;
    run.act("a skip", async || store.reviews().skip(gate.id, &[second], "dark", &by("eve")).await).await;
    run.act("a reopening", async || store.reviews().reopen(gate.id, &[first, second], &by("eve")).await)
        .await;
    store.reviews().claim(second, false, &claim).await.unwrap();
    run.act("a release", async || store.reviews().release(&[second], &holder).await).await;
    store.reviews().claim(second, false, &claim).await.unwrap();
    let later = START.plus_ms(10_000);
    run.act("forgotten leases", async || store.reviews().forget_leases(later).await).await;
    let settings = ReviewSettings { blind_share: Share::new(0.5).unwrap() };
    run.act("review settings", async || store.deployment_settings().put(gate.id, &settings, act()).await)
        .await;
}

fn fingerprint(number: u64) -> Fingerprint {
    Fingerprint {
        // Every fifth is held out.
        pixel_hash: format!("{number:016x}{}", "0".repeat(48)),
        perceptual_hash: number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17),
    }
}

fn candidate(prediction_id: PredictionId, number: u64) -> Candidate {
    Candidate { prediction_id, asset_id: id::<AssetId>(), fingerprint: Some(fingerprint(number)) }
}

pub(crate) async fn feedback(run: Arc<Run>) {
    let store = &run.store;
    let gate = deployment(store, "gate").await;
    let version = store
        .datasets()
        .create_version(new_version("fed", None, &["car", "person"]), act())
        .await
        .unwrap()
        .id;
    let settings = FeedbackSettings { enabled: true, target: Some(version), ..FeedbackSettings::default() };
    run.act("feedback settings", async || {
        store.feedback().put_settings(gate.id, settings.clone(), &by("root")).await
    })
    .await;
    let image = format!("{:064x}", 7);
    run.act("a fingerprint", async || store.feedback().keep_fingerprint(&image, &fingerprint(7)).await).await;
    let ids = [reviewed(store, &gate).await, reviewed(store, &gate).await, reviewed(store, &gate).await];
    let candidates: Vec<_> = ids.iter().zip(1..).map(|(id, number)| candidate(*id, number)).collect();
    run.act("a submission", async || {
        store.feedback().submit(gate.id, version, &candidates, &by("eve")).await
    })
    .await;
    run.act("a withdrawal", async || store.feedback().unsubmit(gate.id, &ids[..1], &by("eve")).await).await;
    run.act("a reopening", async || store.reviews().reopen(gate.id, &ids[1..2], &by("eve")).await).await;
    let new = experiment(store, "taker").await;
    let experiment =
        store.experiments().launch(&new, &work(new.id), None, (act(), &new.name)).await.unwrap().id;
    run.act("a consumption", async || store.feedback().consume(gate.id, experiment).await).await;
}

fn new_ids() -> Uuid {
    id::<AssetId>().0
}

fn wish(gate: &Deployment) -> NewLaunch<'static> {
    NewLaunch {
        deployment: gate.id,
        trigger: Trigger::FeedbackCount,
        least: 1,
        params: TrainParams::default().into(),
        code_version: "1".to_owned(),
        work_kind: "train".to_owned(),
        by: by("system"),
        outgoing: None,
        ids: &new_ids,
    }
}

async fn submitted(store: &Store, gate: &Deployment, images: u64) {
    let new = new_version("fed", None, &["car", "person"]);
    let version = store.datasets().create_version(new, act()).await.unwrap().id;
    let settings = FeedbackSettings { enabled: true, target: Some(version), ..FeedbackSettings::default() };
    store.feedback().put_settings(gate.id, settings, &by("root")).await.unwrap();
    for number in 1..=images {
        let one = candidate(reviewed(store, gate).await, number);
        store.feedback().submit(gate.id, version, &[one], &by("eve")).await.unwrap();
    }
}

pub(crate) async fn learning(run: Arc<Run>) {
    let store = &run.store;
    let gate = deployment(store, "gate").await;
    let training = ContinuousTraining { enabled: true, threshold: 7, ..Default::default() };
    run.act("training settings", async || store.deployment_settings().put(gate.id, &training, act()).await)
        .await;
    let deploying = ContinuousDeployment { latency_budget_ms: Some(60.5), ..Default::default() };
    run.act("deploying settings", async || store.deployment_settings().put(gate.id, &deploying, act()).await)
        .await;
    submitted(store, &gate, 7).await;
    run.act("a snapshot", async || store.learning().freeze(gate.id, START, &new_ids).await).await;
    let launched = run.act("a launch", async || store.learning().launch(&wish(&gate)).await).await;
    let Launch::Launched(round) = launched else { panic!("{launched:?}") };
    run.act("a round's next step", async || {
        store.learning().advance(round.id, RoundState::Training, RoundState::Judging).await
    })
    .await;
    let other = model(store, "model-of-gate").await;
    let subject = Subject {
        champion: gate.champion.name.clone(),
        champion_id: gate.champion.id,
        candidate: other.full_name(),
        candidate_id: other.id,
        holdout: "d/v1".into(),
        holdout_fingerprint: "f".into(),
        used_before: 0,
        left_out: Exclusions::default(),
        labels: crate::fixtures::labels(&["car", "person"]),
        gated: vec![true, true],
        threshold: Score::new(0.25).unwrap(),
        settings: GateSettings::default(),
    };
    let images: Vec<_> = (0..6).map(evidence).collect();
    let report = compare(&subject, &images).unwrap();
    let comparison = StoredComparison { id: id(), subject, report, at: START };
    run.act("a comparison", async || store.learning().put_comparison(gate.id, &comparison, &images).await)
        .await;
    run.act("a round's end", async || {
        store.learning().finish(round.id, RoundState::Failed, None, "no disk", act()).await
    })
    .await;
}

fn evidence(number: u32) -> domain::comparison::EvidenceImage {
    use measures::metrics::coco::{DetectedBox, TruthBox};
    let bbox = [f64::from(number) / 3.0, 0.1, 20.7, 30.0];
    domain::comparison::EvidenceImage {
        asset_id: id(),
        filename: format!("{number}.jpg"),
        start: Start::Empty,
        truths: vec![TruthBox { category: 0, bbox, area: 20.7 * 30.0, crowd: false, hollow: false }],
        champion: vec![DetectedBox { category: 0, bbox, score: 0.5 }],
        candidate: vec![DetectedBox { category: 1, bbox, score: 0.25 }],
        champion_ms: 1.0,
        candidate_ms: 7.0,
    }
}

pub(crate) async fn roles(run: Arc<Run>) {
    let store = &run.store;
    let champion = model(store, "cars").await;
    let new = crate::NewDeployment {
        id: id(),
        name: name("gate"),
        champion: champion.id,
        shadow: None,
        threshold: Score::new(0.25).unwrap(),
        created: START,
    };
    let gate = run.act("a deployment", async || store.deployments().insert(&new, act()).await).await;
    let next = model(store, "cars").await;
    let at = |ms| -> RoleChange { change(START.plus_ms(ms)) };
    run.act("a threshold", async || {
        let threshold = Some((Score::new(0.5).unwrap(), act()));
        let change = DeploymentChange { threshold, ..DeploymentChange::default() };
        store.deployments().change(gate.id, change).await
    })
    .await;
    run.act("a name", async || {
        let change = DeploymentChange { name: Some((name("door"), act())), ..DeploymentChange::default() };
        store.deployments().change(gate.id, change).await
    })
    .await;
    run.act("a shadow", async || store.deployments().set_shadow(gate.id, Some(next.id), &at(1)).await).await;
    run.act("a promotion", async || store.deployments().promote(gate.id, next.id, &at(2)).await).await;
    run.act("a rollback", async || store.deployments().roll_back(gate.id, &at(3)).await).await;
}

pub(crate) async fn deletion(run: Arc<Run>) {
    let store = &run.store;
    let gate = deployment(store, "gate").await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(reviewed(store, &gate).await);
    }
    run.act("a deletion", async || store.predictions().delete(ids[3], act()).await).await;
    let until = START.plus_ms(10_000);
    let (undone, lasting) = (id::<DeletionId>(), id::<DeletionId>());
    run.act("a hiding", async || store.predictions().hide(gate.id, &ids[..3], undone, until, act()).await)
        .await;
    run.act("an undoing", async || store.predictions().undo_deletion(undone, START, act()).await).await;
    store.predictions().hide(gate.id, &ids[..2], lasting, until, act()).await.unwrap();
    run.act("a purge", async || store.predictions().purge(until.plus_ms(1)).await).await;
    let old = stored(store, &gate).await;
    run.act("an expiry", async || store.predictions().expire(gate.id, &[old], id(), act_at(until)).await)
        .await;
    let other = deployment(store, "door").await;
    reviewed(store, &other).await;
    run.act("a removal", async || store.deployments().remove(other.id, until, act()).await).await;
    run.act("a return", async || store.deployments().restore(other.id, START, act()).await).await;
    store.deployments().remove(other.id, until, act()).await.unwrap();
    let late = until.plus_ms(1);
    run.act("a purge of a deployment's predictions", async || store.deployments().purge(late).await).await;
    run.act("a purge of a deployment", async || store.deployments().purge(late).await).await;
    let settings = Retention { days: Some(3), ..Retention::default() };
    run.act("retention", async || store.deployment_settings().put(gate.id, &settings, act()).await).await;
    let value = serde_json::Value::from("https://studio.example.org");
    run.act("a setting of all", async || store.settings().set("label_studio", Some(&value), act()).await)
        .await;
    run.act("no setting of all", async || store.settings().set("label_studio", None, act()).await).await;
}

pub(crate) async fn files(run: Arc<Run>) {
    let store = &run.store;
    let gate = deployment(store, "gate").await;
    let image = store.blobs().put(crate::BlobKind::Images, vec![7; 100].into()).await.unwrap();
    let new = NewPrediction { image: Some(image.clone()), ..new_prediction(&gate) };
    let id = store.predictions().insert(new).await.unwrap().id;
    store.predictions().delete(id, act()).await.unwrap();
    let later = START.plus_ms(1);
    run.act("a longer grace", async || store.files().postpone(crate::BlobKind::Images, &image, later).await)
        .await;
    let hold = Uuid::from_u128(7);
    run.act("a hold", async || store.files().hold(hold, START).await).await;
    run.act("a hold's end", async || store.files().end_hold(hold).await).await;
}

pub(crate) async fn people(run: Arc<Run>) {
    let store = &run.store;
    let link = |hash: &str, owner| Link {
        secret_hash: hash.to_owned(),
        user_id: owner,
        created: START,
        expires: START.plus_ms(1_000),
    };
    run.act("a link", async || store.users().put_link(&link("first", None)).await).await;
    let ann = user("ann@example.org");
    run.act("the first account", async || {
        store.users().redeem_first("first", START, &ann, "hash", act()).await
    })
    .await;
    let bob = user("bob@example.org");
    run.act("an account", async || store.users().insert(&bob, None, None, act()).await).await;
    run.act("a role", async || store.users().change(bob.id, Some((Role::Viewer, act())), None).await).await;
    run.act("a password", async || store.users().set_password(bob.id, "new", act()).await).await;
    store.users().put_link(&link("bob's", Some(bob.id))).await.unwrap();
    run.act("a password by link", async || {
        store.users().redeem_password("bob's", START, "other", act()).await
    })
    .await;
    run.act("a block", async || store.users().change(bob.id, None, Some((true, act()))).await).await;
    let token = Token {
        id: id(),
        name: "ci".into(),
        role: Role::Reviewer,
        created: START,
        last_used: None,
        owner: None,
        expires: None,
    };
    run.act("a token", async || store.tokens().insert(&token, "h1", act()).await).await;
    run.act("a token's use", async || store.tokens().touch(token.id, START.plus_ms(3)).await).await;
    run.act("a revocation", async || store.tokens().delete(token.id, act()).await).await;
    let session = SessionRow { id: "s1".into(), data: vec![0, 255], expires: START.plus_ms(10) };
    run.act("a session", async || store.sessions().create(&session).await).await;
    let longer = SessionRow { expires: START.plus_ms(20), ..session.clone() };
    run.act("a longer session", async || store.sessions().save(&longer).await).await;
    run.act("old sessions", async || store.sessions().delete_expired(START.plus_ms(30)).await).await;
    store.sessions().create(&session).await.unwrap();
    run.act("a sign-out", async || store.sessions().delete("s1").await).await;
    run.act("an audit row", async || store.audit().append(entry("test")).await).await;
}

pub(crate) async fn datasets(run: Arc<Run>) {
    let store = &run.store;
    let new = new_version("photos", None, &["car", "person"]);
    let version =
        run.act("a dataset", async || store.datasets().create_version(new.clone(), act()).await).await;
    let assets: Vec<_> = [Split::Train, Split::Val, Split::Test]
        .map(|split| asset(version.id, split, vec![annotation("car", false), annotation("person", true)]))
        .into();
    run.act("assets", async || store.datasets().add_assets(version.id, &assets).await).await;
    let labels = [domain::name::Label::new("tram").unwrap()];
    run.act("more labels", async || store.datasets().add_labels(version.id, &labels, act()).await).await;
    let boxes = vec![annotation("tram", false)];
    run.act("other boxes", async || {
        store.datasets().set_annotations(assets[0].id, boxes.clone(), act()).await
    })
    .await;
    run.act("a freezing", async || store.datasets().freeze(version.id, "f", act()).await).await;
    let spare = store.datasets().create_version(new_version("spare", None, &["car"]), act()).await.unwrap();
    run.act("a version's end", async || store.datasets().delete_version(spare.id, act()).await).await;
    records(&run).await;
    let import = new_version("imported", None, &["car"]);
    let import =
        run.act("an import", async || store.datasets().begin_import(import.clone(), act()).await).await;
    let later = START.plus_ms(1);
    run.act("an import's sign of life", async || store.datasets().renew_import(import.id, later).await).await;
    let much_later = START.plus_ms(100 * crate::IMPORT_MS);
    run.act("an import cut off", async || store.datasets().discard_cut_off(&act_at(much_later)).await).await;
    let open = store.datasets().create_version(new_version("other", None, &["car"]), act()).await.unwrap();
    run.act("a discarding", async || store.datasets().discard(open.id, act()).await).await;
}

fn evaluation() -> Evaluation {
    let summary = Summary {
        AP: 0.5,
        AP50: 0.5,
        AP75: -1.0,
        AP_small: 0.25,
        AP_medium: 0.75,
        AP_large: 1.0,
        AR_1: 0.0,
        AR_10: 0.5,
        AR_100: 0.5,
        AR_small: 0.5,
        AR_medium: 0.5,
        AR_large: 0.5,
    };
    let per_label = BTreeMap::from([(crate::fixtures::label("car"), CategoryAp { AP: 0.5, AP50: 0.5 })]);
    Evaluation {
        dataset: "d/v1".into(),
        split: Split::Val,
        images: 72,
        boxes: 300,
        summary,
        per_label,
        at: START,
        left_out: None,
        fitted: None,
        best_threshold: None,
        intervals: None,
    }
}

fn work(of: ExperimentId) -> NewWork {
    NewWork {
        id: WorkItemId(of.0),
        kind: "train".into(),
        subject: "run".into(),
        payload: json!({}),
        dedupe_key: None,
        created: START,
    }
}

async fn experiment(store: &Store, text: &str) -> NewExperiment {
    let data = new_version(&format!("data-{text}"), None, &["car"]);
    NewExperiment {
        id: id::<ExperimentId>(),
        name: name(text),
        dataset_version_id: store.datasets().create_version(data, act()).await.unwrap().id,
        model: name("cars"),
        base_id: None,
        params: TrainParams::default().into(),
        fingerprint: "f00d".into(),
        code_version: "0.1.0".into(),
        created: START,
    }
}

async fn records(run: &Run) {
    let store = &run.store;
    let (bytes, now) = (bytes::Bytes::from_static(b"a file"), START);
    let sha256 = store.files().put(crate::BlobKind::Weights, bytes, now).await.unwrap();
    let record = domain::foreign_record::ForeignRecord {
        id: Uuid::from_u128(77),
        kind: "artifact".to_owned(),
        parent: Uuid::nil(),
        name: "weights".to_owned(),
        body: json!({ "large": false }),
        file: Some(domain::foreign_record::KeptBytes { sha256, bytes: 6 }),
        created: START,
    };
    run.act("a record", async || store.foreign_records().insert(&record, act()).await).await;
    assert_eq!(store.foreign_records().find(record.id).await.unwrap(), Some(record.clone()));
    run.act("a record's change", async || {
        store.foreign_records().change(record.id, "other", &json!({ "large": true }), act()).await
    })
    .await;
    run.act("a record's end", async || store.foreign_records().delete(record.id, act()).await).await;
}

pub(crate) async fn models_and_experiments(run: Arc<Run>) {
    let store = &run.store;
    let version =
        run.act("a model", async || store.models().create_version(new_model("cars"), act()).await).await;
    run.act("an evaluation", async || {
        store.models().put_evaluation(version.id, "cells/1", &evaluation(), act()).await
    })
    .await;
    let launched = experiment(store, "launched").await;
    run.act("a launch", async || {
        store.experiments().launch(&launched, &work(launched.id), None, (act(), &launched.name)).await
    })
    .await;
    run.act("a start", async || store.work().claim("train", "w", START).await).await;
    run.act("progress", async || store.experiments().progress(launched.id, 0.5, Some(3.0)).await).await;
    let points: Vec<_> =
        (1..20).map(|step| CurvePoint { step, series: Series::Loss, value: f64::from(step) }).collect();
    run.act("points", async || store.experiments().add_points(launched.id, &points).await).await;
    run.act("a line", async || store.experiments().add_log(launched.id, START, "epoch 1").await).await;
    let plan: domain::training::PlanRecord = serde_json::from_value(json!({
        "sentence": "the plan", "input_width": 416, "input_height": 320, "picture_width": 640,
        "picture_height": 480, "box_px": 42.5, "images": 205, "images_a_pass": 205, "held": 87,
        "batch_size": 8, "steps_a_pass": 26, "epochs": 60, "mosaic": 0.0, "zoom": 0.4, "balance": 0.1,
        "patience": 4, "notes": [],
    }))
    .unwrap();
    run.act("a plan", async || store.experiments().set_plan(launched.id, &plan).await).await;
    run.act("an early end", async || store.experiments().set_stopped_early(launched.id).await).await;
    run.act("a new beginning", async || store.experiments().rewind(launched.id, 5).await).await;
    let made = NewModelVersion { experiment_id: Some(launched.id), ..new_model("cars") };
    let made = store.models().create_version(made, act()).await.unwrap();
    run.act("a success", async || store.experiments().succeed(launched.id, "w", made.id, START).await).await;
    run.act("a model's end", async || store.models().delete(version.id, act()).await).await;
    staged_models(&run).await;
}

async fn staged_models(run: &Run) {
    let store = &run.store;
    let sha256 = store.blobs().put(crate::BlobKind::Weights, vec![8; 100].into()).await.unwrap();
    let staged = |owner: &str| crate::StagedModel {
        id: id(),
        owner: owner.to_owned(),
        sha256: sha256.clone(),
        bytes: 100,
        said: crate::Said::default(),
        expires: START.plus_ms(9),
    };
    let limits = crate::StagingLimits { files: 2, bytes: 1_000 };
    let [first, second, third] = [staged("one"), staged("one"), staged("two")];
    run.act("a staged model", async || store.staged_models().insert(&first, limits).await).await;
    for file in [&second, &third] {
        store.staged_models().insert(file, limits).await.unwrap();
    }
    let described = crate::StagedModel { expires: START.plus_ms(10), ..first.clone() };
    run.act("its description", async || store.staged_models().update(&described).await).await;
    let weights = Some(domain::model::WeightsRef::fovea(sha256.clone(), 100));
    let new = NewModelVersion { weights, ..new_model("staged") };
    run.act("its import", async || store.staged_models().import(first.id, "one", new.clone(), act()).await)
        .await;
    run.act("its end", async || store.staged_models().discard(second.id, "one", START).await).await;
    run.act("its expiry", async || store.staged_models().expire(START.plus_ms(9)).await).await;
}

pub(crate) async fn work_items(run: Arc<Run>) {
    let store = &run.store;
    let new = |key: Option<&str>| NewWork { dedupe_key: key.map(str::to_owned), ..work(id()) };
    let (plain, keyed) = (new(None), new(Some("gate")));
    run.act("an item", async || store.work().enqueue(&plain).await).await;
    run.act("an item with a key", async || store.work().request(&keyed, act()).await).await;
    run.act("a claim", async || store.work().claim("train", "w1", START).await).await;
    run.act("a claim of one", async || store.work().claim_item(keyed.id, "w1", START).await).await;
    run.steps("a sign of life", async || store.work().heartbeat(plain.id, "w1", START.plus_ms(1)).await)
        .await;
    run.steps("progress", async || store.work().progress(plain.id, 0.5, "half", START.plus_ms(2)).await)
        .await;
    run.act("an end", async || store.work().finish(plain.id, "w1", WorkState::Succeeded, "", START).await)
        .await;
    let later = START.plus_ms(1_000);
    run.act("a taking back", async || store.work().requeue_stale(keyed.id, later, 3, later).await).await;
    store.work().claim_item(keyed.id, "w2", later).await.unwrap().unwrap();
    run.act("a giving back", async || store.work().release(keyed.id, "w2", later).await).await;
    store.work().claim_item(keyed.id, "w3", later).await.unwrap().unwrap();
    run.act("a broken attempt", async || store.work().retry(keyed.id, "w3", 9, "killed", later).await).await;
    run.act("a cancelling", async || store.work().cancel(keyed.id, act_at(later)).await).await;
}

async fn reference(store: &Store, gate: &Deployment) -> NewReference {
    let version =
        store.datasets().create_version(new_version("photos", None, &["car"]), act()).await.unwrap();
    let image = asset(version.id, Split::Train, vec![annotation("car", false)]);
    store.datasets().add_assets(version.id, &[image]).await.unwrap();
    NewReference {
        id: id(),
        deployment_id: gate.id,
        dataset_version_id: version.id,
        model_version_id: gate.champion.id,
        created: START,
    }
}

pub(crate) async fn training_data(run: Arc<Run>) {
    let store = &run.store;
    let gate = deployment(store, "gate").await;
    let monitoring = store.monitoring();
    let new = reference(store, &gate).await;
    let making = NewWork { id: WorkItemId(new.id.0), kind: "reference".into(), ..work(id()) };
    run.act("a reference", async || monitoring.begin_reference(&new, &making).await).await;
    let settings = DriftSettings { window: 30, spacing_ms: 0, ..DriftSettings::default() };
    run.act("training data", async || {
        monitoring
            .set_training_data(gate.id, Some(new.id), &settings, entry("deployment.training_data"))
            .await
    })
    .await;
    let contents = ReferenceContents {
        index: None,
        calibration: Calibration::freeze([0.1, 0.2]),
        drift: DriftReference::freeze(&[ImageFeatures::default()]),
    };
    run.act("a reference's end", async || monitoring.finish_reference(new.id, &contents, "few").await).await;
    let mut windowing = Windowing::default();
    windowing.push(id(), "line 1", START, &settings);
    let step = DriftStep {
        reference_id: new.id,
        version: 0,
        windowing,
        state: DriftState::default(),
        last_id: Some(id()),
    };
    run.act("a drift step", async || monitoring.take_drift_step(gate.id, &step, &[], &[]).await).await;
    run.act("a reference's failure", async || monitoring.fail_reference(new.id, "gone").await).await;
    let image = stored(store, &gate).await;
    store.reviews().save(revision(image, 0, vec![], "eve")).await.unwrap();
    let (changes, _) = monitoring.supervised_changes(gate.id).await.unwrap();
    let figures = [(FiguresOf::Champion, Scope::Blind, "{\"a\":1}".to_owned())];
    run.act("figures", async || monitoring.put_supervised(gate.id, &figures, changes, START).await).await;
}

pub(crate) async fn alerts_and_webhooks(run: Arc<Run>) {
    let store = &run.store;
    let gate = deployment(store, "gate").await;
    let monitoring = store.monitoring();
    let hook = Webhook {
        id: id(),
        deployment_id: Some(gate.id),
        kind: "webhook".into(),
        url: "https://example.org/".into(),
        events: vec![NoticeKind::AlertFired],
        enabled: true,
        created: START,
    };
    run.act("a webhook", async || monitoring.add_webhook(&hook, "whsec_x", entry("webhook.add")).await).await;
    let rule = AlertRule {
        watch: Watch::Metric("latency_p95_ms".parse().expect("a figure")),
        operator: Operator::Above,
        limit: 0.5,
        window_ms: 60_000,
        sustained_ms: 0,
        hysteresis: 0.0,
    };
    let kept = KeptRule {
        id: id(),
        name: "slow".into(),
        rule,
        enabled: true,
        firing_since: None,
        silent_since: None,
        created: START,
    };
    run.act("a rule", async || monitoring.put_alert_rule(gate.id, &kept, entry("alert.set")).await).await;
    let before = monitoring.alert_rules(gate.id).await.unwrap().remove(0);
    let mut state = AlertState::default();
    state.observe(&kept.rule, Sample { at: START, value: Some(5.0), is_silent: false }).unwrap();
    let event = AlertEvent {
        id: id(),
        rule_id: kept.id,
        name: "slow".into(),
        fired: true,
        at: START,
        value: 0.5,
        query: String::new(),
        read: None,
    };
    let told = |ids| Outgoing {
        deployment_id: Some(gate.id),
        event: NoticeKind::AlertFired,
        deployment: None,
        data: json!({}),
        at: START,
        ids,
    };
    let with_alert = told(vec![id::<DeliveryId>()]);
    run.act("a sample", async || {
        monitoring.take_sample(gate.id, &before, &state, Some((&event, &with_alert))).await
    })
    .await;
    run.act("read alerts", async || monitoring.read_alerts(gate.id, START.plus_ms(1)).await).await;
    let alone = told(vec![id::<DeliveryId>()]);
    run.act("an event", async || monitoring.send_out(&alone).await).await;
    let due = run
        .act("a delivery", async || monitoring.claim_delivery(START, START.plus_ms(60_000), &[]).await)
        .await
        .expect("one that is due");
    run.act("a delivery's outcome", async || monitoring.note_delivery(due.id, true, "200", None).await).await;
    run.act("a rule's end", async || {
        monitoring.delete_alert_rule(gate.id, kept.id, entry("alert.delete")).await
    })
    .await;
    run.act("a webhook's end", async || monitoring.delete_webhook(hook.id, entry("webhook.delete")).await)
        .await;
}

pub(crate) async fn views(run: Arc<Run>) {
    let store = &run.store;
    let gate = deployment(store, "gate").await;
    let ann = ViewOwner { key: "user:1", name: "ann" };
    let view = |q: &str| SaveView { name: "mine".into(), q: q.into(), ..SaveView::default() };
    let saved = run
        .act("a view", async || store.views().save(id(), gate.id, ann, &view("objects > 1"), START).await)
        .await;
    run.act("another view", async || store.views().change(saved.id, &view("objects > 2"), START).await).await;
    run.act("a query", async || store.views().remember(gate.id, ann.key, "objects > 3", START).await).await;
    run.act("no queries", async || store.views().forget(gate.id, ann.key).await).await;
    run.act("a view's end", async || store.views().delete(saved.id).await).await;
}
