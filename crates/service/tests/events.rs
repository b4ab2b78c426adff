//! What one process changes, the pages of every other one hear of.

// A use case is futures within futures, down to the statements of a transaction.
#![recursion_limit = "256"]

use domain::{event::Event, ids::PredictionId};
use futures::StreamExt as _;
use service::{EventStream, KeyedReport};
use std::{sync::Arc, time::Duration};
use store::StoreOptions;
use test_support::{NoModels, ScriptedTrainer, TestService, admin, predicted, report};

/// Far beyond what anything here takes; only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Two services as two processes have them, on each of the databases.
async fn pairs() -> (tempfile::TempDir, Vec<(TestService, TestService)>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut urls = vec![StoreOptions::in_folder(folder.path()).database_url];
    urls.extend(test_postgres::fresh_database().await);
    let mut pairs = Vec::new();
    for url in urls {
        let trainer = Arc::new(ScriptedTrainer::failing());
        pairs.push(TestService::pair(&url, trainer, Arc::new(NoModels)).await);
    }
    (folder, pairs)
}

async fn listen(test: &TestService) -> EventStream {
    test.service.browsing().events(&test_support::viewer(), None, None).await.expect("listens")
}

/// Reads on until this event is there; gives the id of its message.
async fn hear(stream: &mut EventStream, wanted: &Event) -> u64 {
    let reading = async {
        loop {
            let message = stream.next().await.expect("it goes on");
            if message.event.as_ref() == Some(wanted) {
                return message.id;
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("an event in time")
}

async fn arrive(test: &TestService) -> PredictionId {
    let keyed = KeyedReport { report: report(vec![predicted("car", 0.9, 10.0)]), idempotency_key: None };
    test.service.intake().report(&admin(), "cells", keyed, None).await.expect("stores").id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prediction_and_its_review_are_heard_of_in_the_other_process() {
    let (_folder, pairs) = pairs().await;
    for (one, other) in pairs {
        let deployment_id = one.deploy(&["car"]).await.id;
        let mut streams = [listen(&one).await, listen(&other).await];
        let latest = arrive(&one).await;
        let arrived = Event::PredictionsArrived { deployment_id, count: 1, latest };
        for stream in &mut streams {
            hear(stream, &arrived).await;
        }
        other.service.reviews().skip(&admin(), latest, "blurred").await.expect("skips");
        let changed = Event::PredictionChanged { deployment_id, id: latest };
        for stream in &mut streams {
            hear(stream, &changed).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_changes_makes_shared_answers_old() {
    let (_folder, pairs) = pairs().await;
    for (one, other) in pairs {
        let id = one.deploy(&["car"]).await.id;
        let mut stream = listen(&other).await;
        let viewer = test_support::viewer();
        let ask = async |text: &str| {
            let made = async { Ok::<_, service::ServiceError>(text.to_owned()) };
            let fresh_for = Duration::from_secs(3_600);
            let answer = other.service.browsing().shared_answer(&viewer, "key", fresh_for, made);
            answer.await.expect("an answer")
        };
        assert_eq!((ask("first").await, ask("second").await), ("first".to_owned(), "first".to_owned()));
        one.service.monitoring().read_alerts(&admin(), "cells").await.expect("takes note");
        hear(&mut stream, &Event::DeploymentChanged { id }).await;
        assert_eq!(ask("third").await, "third");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_comes_back_gets_what_happened_meanwhile_elsewhere() {
    let (_folder, pairs) = pairs().await;
    for (one, other) in pairs {
        let deployment_id = one.deploy(&["car"]).await.id;
        let mut stream = listen(&other).await;
        let latest = arrive(&one).await;
        let last = hear(&mut stream, &Event::PredictionsArrived { deployment_id, count: 1, latest }).await;
        let latest = arrive(&one).await;
        let missed = Event::PredictionsArrived { deployment_id, count: 1, latest };
        hear(&mut stream, &missed).await;
        drop(stream);
        let viewer = test_support::viewer();
        let again = other.service.browsing().events(&viewer, None, Some(last)).await;
        let first = again.expect("listens").next().await.expect("remembered");
        assert_eq!(first.event, Some(missed));
        // An id of the other process means nothing here.
        let foreign = one.service.browsing().events(&viewer, None, Some(last)).await;
        assert_eq!(foreign.expect("listens").next().await.expect("a marker").event, None);
    }
}
