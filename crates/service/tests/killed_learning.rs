//! A process that is killed in the midst of the learning loop forgets nothing
//! and does nothing twice: whoever starts next goes on.

use bytes::Bytes;
use domain::{
    ids::NewId,
    learning::{ContinuousDeployment, ContinuousTraining, Policy, RoundState},
    model::WeightsRef,
    name::Name,
    page::PageRequest,
    prediction::{Provenance, Status},
    review::{ReviewSettings, Share},
    settings::SubmissionSettings,
};
use service::{Internal, Limits, NewDeployment, Parts, PredictOptions, Service, SetFeedback};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};
use store::{BlobKind, NewModelVersion, Store, StoreOptions};
use test_support::{
    FreshIds, Skill, SkilledModels, SkilledTrainer, SystemClock, act, admin, label, picture, review_blind,
    run_background_task,
};

const FOLDER: &str = "FOVEA_TEST_KILLED_LEARNING_FOLDER";
const FROM: &str = "FOVEA_TEST_KILLED_LEARNING_FROM";
/// Submissions that launch a training.
const THRESHOLD: u32 = 6;
const ROUNDS: usize = 50;

async fn open(folder: &Path) -> Service {
    let store = Store::open(StoreOptions::in_folder(folder)).await.expect("a store");
    Service::new(Parts {
        store,
        loader: Arc::new(SkilledModels),
        trainer: Arc::new(SkilledTrainer::giving(Skill::finding(0.9))),
        trainers: Arc::new(domain::training::NoTrainers),
        clock: Arc::new(SystemClock),
        ids: Arc::new(FreshIds),
        limits: Limits::default(),
    })
}

async fn set_up(service: &Service) {
    let bytes = Bytes::from(Skill::finding(0.5).weights());
    let length = bytes.len() as u64;
    let sha256 = service.store().blobs().put(BlobKind::Weights, bytes).await.expect("stored");
    let version = NewModelVersion {
        id: FreshIds.new_id().into(),
        model_id: FreshIds.new_id().into(),
        model: Name::new("cells").expect("a name"),
        labels: ["red", "white"].map(label).to_vec(),
        weights: Some(WeightsRef::fovea(sha256, length)),
        trainer: None,
        experiment_id: None,
        base_id: None,
        dataset_version_id: None,
        created: domain::time::Clock::now(&SystemClock),
    };
    let version = service.store().models().create_version(version, act()).await.expect("a version");
    let model = version.full_name().parse().expect("a name");
    let new =
        NewDeployment { name: Name::new("cells").expect("a name"), model, shadow: None, threshold: None };
    service.catalogue().deploy(&admin(), new).await.expect("deploys");
    let blind = ReviewSettings { blind_share: Share::ALL };
    service.learning().set_settings(&admin(), "cells", blind).await.expect("set");
    let dataset = Some("fed/v1".parse().expect("a name"));
    let feedback =
        SetFeedback { enabled: true, dataset, create: true, submission: SubmissionSettings::default() };
    service.reviews().set_feedback(&admin(), "cells", feedback).await.expect("set");
    let training = ContinuousTraining { enabled: true, threshold: THRESHOLD, ..Default::default() };
    service.learning().set_continuous_training(&admin(), "cells", training).await.expect("set");
    let policy =
        ContinuousDeployment { policy: Policy::Shadow, require: None, ..ContinuousDeployment::default() };
    service.learning().set_settings(&admin(), "cells", policy).await.expect("set");
}

/// Predicts, reviews and submits for ever, and says what got an answer.
async fn feed_for_ever(service: Service, from: u64) {
    let mut out = std::io::stdout();
    for number in from.. {
        let provenance = Provenance { source: Some(format!("camera {number}")), ..Provenance::default() };
        let (bytes, options) = (Bytes::from(picture(number)), PredictOptions::default());
        let id = service
            .intake()
            .predict(&admin(), "cells", bytes, provenance, options)
            .await
            .expect("predicts")
            .id;
        review_blind(&service, id, number).await;
        service.reviews().submit(&admin(), "cells", vec![id]).await.expect("submits");
        // Not println: the harness would keep it to itself.
        writeln!(out, "submitted {number}").expect("told");
    }
}

/// The process to be killed. Without the variable it is not asked to do
/// anything.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let from = std::env::var(FROM).expect("a number").parse().expect("a number");
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let service = open(folder.as_ref()).await;
        let worker = format!("worker-{}", FreshIds.new_id());
        let never = std::future::pending::<()>;
        tokio::join!(
            feed_for_ever(service.clone(), from),
            run_background_task(&service, "train", &worker, never()),
            run_background_task(&service, "short", &worker, never()),
            run_background_task(&service, "rounds", &worker, never()),
        );
    });
}

/// Kills the child after so many answers; gives what was answered.
fn killed_after(folder: &Path, from: u64, answers: usize) -> Vec<u64> {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "child", "--nocapture"])
        .env(FOLDER, folder)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines().map_while(Result::ok);
    let told = |line: String| line.rsplit_once("submitted ")?.1.parse::<u64>().ok();
    let mut answered: Vec<u64> = lines.by_ref().filter_map(told).take(answers).collect();
    child.kill().expect("killed");
    answered.extend(lines.filter_map(told));
    child.wait().expect("gone");
    answered
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_forgotten_or_done_twice_however_often_the_process_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    set_up(&service).await;
    service.store().close().await.expect("closed");
    let (mut next, mut answered) = (0, BTreeSet::new());
    for round in 0..ROUNDS {
        // Another moment each time, around and between launches.
        answered.extend(killed_after(folder.path(), next, 2 + round * 5 % 13));
        // The one that was under way may be in without an answer.
        next = answered.last().map_or(0, |last| last + 2);
        let service = open(folder.path()).await;
        let wrong = service.store().inconsistencies().await.expect("reads");
        assert_eq!(wrong, Vec::<String>::new(), "round {round}");
        let submitted =
            service.browsing().count(&admin(), "cells", Some(Status::Submitted)).await.expect("counts");
        assert!(submitted >= answered.len() as u64, "{submitted} of {} are there", answered.len());
        assert!(submitted <= answered.len() as u64 + round as u64 + 1, "none is there twice");
        take_from_the_dead(&service).await;
        service.store().close().await.expect("closed");
    }
    let service = open(folder.path()).await;
    finish(&service).await;
    assert_eq!(service.store().inconsistencies().await.expect("reads"), Vec::<String>::new());
    let state = service.learning().continuous_training(&admin(), "cells").await.expect("reads");
    assert!(state.waiting < u64::from(THRESHOLD), "{} wait for a launch", state.waiting);
    assert!(state.rounds.len() > 1, "the loop went round");
    for round in &state.rounds {
        assert_eq!(round.state, RoundState::Done, "{}: {}", round.experiment, round.outcome);
    }
    let taken: u64 = state.rounds.iter().map(|round| round.submissions).sum();
    let submitted =
        service.browsing().count(&admin(), "cells", Some(Status::Submitted)).await.expect("counts");
    let shown = state.rounds.len() as u64;
    assert!(shown >= 20 || taken + state.waiting == submitted, "each was taken once");
    let experiments =
        service.learning().experiments(&admin(), PageRequest::default()).await.expect("lists").items;
    let made: BTreeSet<_> = experiments.iter().filter_map(|run| run.model_version.as_ref()).collect();
    assert_eq!(made.len(), experiments.len(), "every training made one model");
}

/// What a start finds once the dead workers have been silent for long enough.
async fn take_from_the_dead(service: &Service) {
    let long_after = domain::time::Clock::now(&SystemClock).plus_ms(3_600_000);
    let work = service.store().work();
    for item in work.stale(long_after).await.expect("reads") {
        work.requeue_stale(item.id, long_after, 1_000, long_after).await.expect("requeued");
    }
}

/// Does all that is left.
async fn finish(service: &Service) {
    take_from_the_dead(service).await;
    service.jobs().run_all_queued(Internal, "last").await.expect("works");
}
