//! Shadows that run: after the champion, never in its way, and what they have
//! missed is told.

use bytes::Bytes;
use domain::{
    deployment::ShadowState,
    fault::{ApiError, ErrorKind},
    ids::PredictionId,
    prediction::Provenance,
    work::WorkState,
};
use service::{DeploymentChange, Internal, Limits, PredictOptions};
use std::{sync::Arc, time::Duration};
use test_support::{ScriptedTrainer, Skill, SkilledModels, TestService, admin, picture};

const LABELS: [&str; 2] = ["red", "white"];

async fn bed(limits: Limits) -> TestService {
    TestService::of(Arc::new(ScriptedTrainer::failing()), Arc::new(SkilledModels), limits).await
}

async fn predict(test: &TestService, number: u64) -> PredictionId {
    let options = PredictOptions::default();
    let bytes = Bytes::from(picture(number));
    test.service
        .intake()
        .predict(&admin(), "cells", bytes, Provenance::default(), options)
        .await
        .expect("predicts")
        .id
}

async fn state(test: &TestService) -> ShadowState {
    test.service.learning().shadow_state(&admin(), "cells").await.expect("reads").expect("a shadow")
}

/// Until the queue has come to its end.
async fn rested(test: &TestService) -> ShadowState {
    tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let state = state(test).await;
            if state.queue.waiting == 0 {
                return state;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the queue comes to its end")
}

#[tokio::test]
async fn a_shadow_sees_what_the_champion_saw_and_its_coverage_is_counted() {
    let test = bed(Limits::default()).await;
    let champion = test.version(&Skill::default().weights(), &LABELS).await;
    let shadow = test.version(&Skill { seed: 1, ..Skill::finding(0.0) }.weights(), &LABELS).await;
    test.serve(&champion, Some(&shadow)).await;
    let id = predict(&test, 5).await;
    let state = rested(&test).await;
    assert_eq!((state.seen, state.all, state.coverage(), state.queue.done), (1, 1, Some(1.0), 1));
    let seen =
        test.service.browsing().prediction(&admin(), id).await.expect("there").shadow.expect("its shadow");
    assert_eq!((seen.model.as_str(), seen.boxes.len()), ("cells/2", 4));
    let found =
        test.service.browsing().count_predictions(&admin(), "cells", "shadow_disagreement > 0.9").await;
    assert_eq!(found.expect("counts").count, 1, "the two agree on nothing");
}

#[tokio::test]
async fn a_shadow_that_sleeps_or_crashes_leaves_the_champion_alone_and_is_bounded() {
    let limits = Limits { shadow_queue: 2, shadow_patience: Duration::from_millis(50), ..Limits::default() };
    for skill in
        [Skill { sleeps_ms: 60_000, ..Skill::default() }, Skill { crashes: true, ..Skill::default() }]
    {
        let test = bed(limits.clone()).await;
        let champion = test.version(&Skill::default().weights(), &LABELS).await;
        let shadow = test.version(&skill.weights(), &LABELS).await;
        test.serve(&champion, Some(&shadow)).await;
        for number in 0..8 {
            predict(&test, number).await;
        }
        let state = rested(&test).await;
        assert_eq!((state.seen, state.all), (0, 8));
        assert_eq!((state.queue.done, state.queue.failed + state.queue.dropped), (0, 8), "{skill:?}");
        assert_eq!(state.coverage(), Some(0.0));
    }
}

#[tokio::test]
async fn a_replay_catches_up_and_replaces_what_a_former_shadow_saw() {
    let test = bed(Limits::default()).await;
    let champion = test.version(&Skill::default().weights(), &LABELS).await;
    let former = test.version(&Skill { seed: 1, ..Skill::finding(0.5) }.weights(), &LABELS).await;
    let deployment = test.serve(&champion, Some(&former)).await;
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(predict(&test, number).await);
    }
    rested(&test).await;
    let later = test.version(&Skill { seed: 2, ..Skill::finding(0.5) }.weights(), &LABELS).await;
    let reference = later.full_name().parse().expect("a reference");
    test.service
        .catalogue()
        .change_deployment(
            &admin(),
            deployment.id,
            DeploymentChange { shadow: Some(Some(reference)), ..DeploymentChange::default() },
        )
        .await
        .expect("set");
    let item = test.service.learning().replay_shadow(&admin(), "cells", 4).await.expect("queued");
    let again = test.service.learning().replay_shadow(&admin(), "cells", 6).await.expect("there");
    assert_eq!(item.id, again.id, "one replay at a time");
    assert!(test.service.jobs().run_all_queued(Internal, "w").await.expect("works"));
    let page = test.service.jobs().work_items(&admin(), Default::default()).await.expect("lists");
    assert_eq!((page.items[0].state, page.items[0].progress), (WorkState::Succeeded, 1.0));
    let mut models = Vec::new();
    for id in ids {
        models.push(
            test.service.browsing().prediction(&admin(), id).await.expect("there").shadow.expect("one").model,
        );
    }
    assert_eq!(models, ["cells/2", "cells/2", "cells/3", "cells/3", "cells/3", "cells/3"]);
    assert!(test.service.store().inconsistencies().await.expect("reads").is_empty());
}

#[tokio::test]
async fn a_cancelled_replay_does_nothing() {
    let test = bed(Limits::default()).await;
    let champion = test.version(&Skill::default().weights(), &LABELS).await;
    test.serve(&champion, None).await;
    let refused = test.service.learning().replay_shadow(&admin(), "cells", 5).await.expect_err("no shadow");
    assert_eq!(ApiError::from(refused).kind, ErrorKind::Conflict);
    let shadow = test.version(&Skill::finding(0.5).weights(), &LABELS).await;
    let id = test.service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
    let predicted = predict(&test, 1).await;
    let reference = shadow.full_name().parse().expect("a reference");
    test.service
        .catalogue()
        .change_deployment(
            &admin(),
            id,
            DeploymentChange { shadow: Some(Some(reference)), ..DeploymentChange::default() },
        )
        .await
        .expect("set");
    let item = test.service.learning().replay_shadow(&admin(), "cells", 5).await.expect("queued");
    let cancelled = test.service.jobs().cancel_work(&admin(), item.id).await.expect("cancelled");
    assert_eq!(cancelled.state, WorkState::Cancelled);
    assert!(!test.service.jobs().run_all_queued(Internal, "w").await.expect("works"));
    assert_eq!(test.service.browsing().prediction(&admin(), predicted).await.expect("there").shadow, None);
}
