//! A process that is killed in the midst of reviewing leaves nothing half
//! done, and who did not get an answer may simply ask again.

use crate::fixtures::{act, by, deployment, drawn, id, new_prediction, new_version, revision};
use domain::{
    feedback::{FeedbackSettings, Fingerprint},
    ids::PredictionId,
    prediction::Status,
    review::Saved,
};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};
use store::{Candidate, NewPrediction, NewRevision, Store, StoreOptions};

const FOLDER: &str = "FOVEA_TEST_KILLED_REVIEWS_FOLDER";
const PREDICTIONS: usize = 6;

/// The save that makes revision `number`: the same whoever sends it when.
fn save(id: PredictionId, number: u32) -> NewRevision {
    revision(id, number - 1, vec![drawn("car", f64::from(number)), drawn("person", 9.0)], "eve")
}

/// Reviews, submits and reopens one prediction for ever, and says each
/// revision that it got an answer for.
async fn review_for_ever(store: Store, place: usize, id: PredictionId) {
    let gate = store.deployments().list().await.unwrap().remove(0);
    let target = store.feedback().settings(gate.id).await.unwrap().target.unwrap();
    let mut out = std::io::stdout();
    for number in 1u32.. {
        store.reviews().save(save(id, number)).await.unwrap();
        // Not println: the harness would keep it to itself.
        writeln!(out, "saved {id} {number}").unwrap();
        let fingerprint = Fingerprint {
            pixel_hash: format!("{:016x}{}", place * 3 + 1, "0".repeat(48)),
            perceptual_hash: (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        };
        let one =
            Candidate { prediction_id: id, asset_id: crate::fixtures::id(), fingerprint: Some(fingerprint) };
        store.feedback().submit(gate.id, target, &[one], &by("eve")).await.unwrap();
        if number % 3 == 0 {
            store.feedback().unsubmit(gate.id, &[id], &by("eve")).await.unwrap();
            store.reviews().skip(gate.id, &[id], "", &by("eve")).await.unwrap();
        }
        store.reviews().reopen(gate.id, &[id], &by("eve")).await.unwrap();
    }
}

/// The process to be killed. Without the variable it is not asked to do
/// anything.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(StoreOptions::in_folder(folder.as_ref())).await.unwrap();
        let ids = std::env::var("FOVEA_TEST_IDS").unwrap();
        let mut reviewers = tokio::task::JoinSet::new();
        for (place, id) in ids.split(' ').enumerate() {
            reviewers.spawn(review_for_ever(store.clone(), place, id.parse().unwrap()));
        }
        reviewers.join_all().await;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_save_survives_kill_9_and_a_repeated_one_goes_through_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
    let gate = deployment(&store, "gate").await;
    let version = new_version("feedback", None, &["car", "person"]);
    let version = store.datasets().create_version(version, act()).await.unwrap().id;
    let settings = FeedbackSettings { enabled: true, target: Some(version), ..FeedbackSettings::default() };
    store.feedback().put_settings(gate.id, settings, &by("root")).await.unwrap();
    let mut ids = Vec::new();
    for place in 0..PREDICTIONS {
        let new = NewPrediction { id: id(), image: Some(format!("{place:064x}")), ..new_prediction(&gate) };
        ids.push(store.predictions().insert(new).await.unwrap().id);
    }
    store.close().await.unwrap();

    for round in 1..=5 {
        let answered = killed_after(folder.path(), &ids, 10 * round);
        let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
        assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new(), "round {round}");
        for (id, number) in answered {
            let again = store.reviews().save(save(id, number)).await.unwrap();
            let Saved::Stored { review, repeated: true, .. } = again else { panic!("{again:?}") };
            assert_eq!(review.info.revision, number);
            // The next one may have been under way: with its answer or without, it is stored once.
            store.reviews().reopen(gate.id, &[id], &by("eve")).await.unwrap();
            let next = store.reviews().save(save(id, number + 1)).await.unwrap();
            let Saved::Stored { review, .. } = next else { panic!("{next:?}") };
            assert_eq!(review.info.revision, number + 1);
            let history = store.reviews().history(id).await.unwrap();
            let numbers: Vec<u32> = history.iter().rev().map(|info| info.revision).collect();
            assert_eq!(numbers, (1..=number + 1).collect::<Vec<_>>());
        }
        assert_eq!(
            store.inconsistencies().await.unwrap(),
            Vec::<String>::new(),
            "round {round}, asked again"
        );
        reset(&store, &gate, &mut ids).await;
        store.close().await.unwrap();
    }
}

/// Kills the child after so many answers; gives the last one of each.
fn killed_after(
    folder: &std::path::Path,
    ids: &[PredictionId],
    answers: usize,
) -> BTreeMap<PredictionId, u32> {
    let named = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed_reviews::child", "--nocapture"])
        .env(FOLDER, folder)
        .env("FOVEA_TEST_IDS", named)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told = |line: String| {
        let (_, rest) = line.rsplit_once("saved ")?;
        let (id, number) = rest.split_once(' ')?;
        Some((id.parse::<PredictionId>().ok()?, number.parse::<u32>().ok()?))
    };
    let mut answered: BTreeMap<PredictionId, u32> = lines.by_ref().filter_map(told).take(answers).collect();
    child.kill().unwrap();
    answered.extend(lines.filter_map(told));
    child.wait().unwrap();
    answered
}

/// Fresh predictions for the next round, those of this one left as they are.
async fn reset(store: &Store, gate: &domain::deployment::Deployment, ids: &mut Vec<PredictionId>) {
    for id in std::mem::take(ids) {
        store.reviews().reopen(gate.id, &[id], &by("eve")).await.unwrap();
        assert_eq!(store.predictions().find(id).await.unwrap().unwrap().status, Status::ToReview);
    }
    for place in 0..PREDICTIONS {
        let new = NewPrediction { id: id(), image: Some(format!("{place:064x}")), ..new_prediction(gate) };
        ids.push(store.predictions().insert(new).await.unwrap().id);
    }
}
