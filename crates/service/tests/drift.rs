//! Drift: looked for in windows, declared after two running, and cleared.

// A use case is futures within futures, down to the statements of a transaction.
#![recursion_limit = "256"]

mod drifting;

use domain::{
    alert::{AlertRule, Operator, Watch},
    drift::{DriftNow, Feature},
    monitor::Range,
    training_data::ReferenceState,
};
use drifting::{arrival, refer, refer_unready};
use measures::drift::DriftSettings;
use service::{DashboardRequest, Internal, KeyedReport, SetAlert};
use store::QueuePool;
use test_support::{NOON, TestService, admin, ended_after, label, viewer};

/// Compares `cells` with the features that such arrivals have.
async fn compare_with(test: &TestService, settings: DriftSettings) {
    let deployment = test.deploy(&["car"]).await;
    refer(test, &deployment, &label("car"), "photos", settings).await;
    test.service.jobs().update_monitoring(Internal).await.expect("begins");
}

async fn send(test: &TestService, numbers: std::ops::Range<u64>, score: f64) {
    for number in numbers {
        test.clock.advance_ms(1_000);
        let keyed = KeyedReport { report: arrival(&label("car"), number, score), idempotency_key: None };
        test.service.intake().report(&admin(), "cells", keyed, None).await.expect("stores");
    }
    test.clock.advance_ms(3_000);
    test.service.jobs().update_monitoring(Internal).await.expect("looks");
}

#[tokio::test]
async fn of_what_arrives_once_a_reference_is_ready_nothing_is_lost_wherever_its_worker_is_killed() {
    let settings = DriftSettings { window: 30, spacing_ms: 0, ..DriftSettings::default() };
    // How far a poll comes depends on how fast the database answers: one that
    // comes to its end at once says nothing, and is begun again.
    let (mut polls, mut interruptions) = (1, 0);
    while interruptions < 2 || polls > 1 {
        let test = TestService::new().await;
        let deployment = test.deploy(&["car"]).await;
        let (id, contents) = refer_unready(&test, &deployment, &label("car"), "photos", settings).await;
        let monitoring = test.service.store().monitoring();
        let ended = ended_after(polls, monitoring.finish_reference(id, &contents, "")).await;
        let reference = monitoring.reference(id).await.expect("reads").expect("there");
        // Nobody looked for drift before these came.
        send(&test, 0..35, 0.75).await;
        let ready = reference.state == ReferenceState::Ready;
        assert_eq!(windows(&test).await.len(), usize::from(ready), "after {polls} polls");
        if let Some(ended) = ended {
            ended.expect("comes to its end");
            assert!(ready, "an answer comes after the commit");
            polls = 1;
        } else {
            interruptions += 1;
            polls += 1;
        }
    }
}

async fn windows(test: &TestService) -> Vec<domain::drift::DriftWindow> {
    let range = Range { from: NOON, to: NOON.plus_ms(86_400_000) };
    let mut windows =
        test.service.monitoring().drift_windows(&admin(), "cells", range, 50).await.expect("reads");
    windows.reverse();
    windows
}

async fn drift_now(test: &TestService) -> DriftNow {
    let (who, monitoring) = (admin(), test.service.monitoring());
    let page = monitoring.monitoring_page(&who, "cells", DashboardRequest::default());
    page.await.expect("reads").drift.expect("compared")
}

#[tokio::test]
async fn drift_is_declared_within_three_windows_and_not_before_and_cleared_later() {
    let test = TestService::new().await;
    let settings = DriftSettings { window: 30, spacing_ms: 0, ..DriftSettings::default() };
    compare_with(&test, settings).await;
    send(&test, 0..95, 0.75).await;
    let usual = windows(&test).await;
    assert_eq!(usual.len(), 3);
    assert!(usual.iter().all(|window| window.declared.is_empty() && window.images == 30));
    assert!(usual.iter().all(|window| !window.features.is_empty()));
    // Five images of the usual kind are in the next window already.
    send(&test, 95..180, 0.58).await;
    let drifted = windows(&test).await;
    assert_eq!(drifted.len(), 6);
    let declared: Vec<_> = drifted.iter().map(|window| window.declared.clone()).collect();
    assert_eq!(declared[..4], [vec![], vec![], vec![], vec![]]);
    assert!(declared[4].contains(&Feature::Confidence) || declared[5].contains(&Feature::Confidence));
    let from = declared.iter().position(|declared| !declared.is_empty()).expect("declared");
    let now = drift_now(&test).await;
    assert_eq!(now.since, Some(drifted[from].to), "since its first declaration");
    // The same step again changes nothing.
    test.service.jobs().update_monitoring(Internal).await.expect("looks");
    assert_eq!(windows(&test).await, drifted);
    send(&test, 180..270, 0.75).await;
    let cleared: Vec<_> = windows(&test).await.into_iter().skip(6).flat_map(|w| w.cleared).collect();
    assert!(cleared.contains(&Feature::Confidence), "{cleared:?}");
    let now = drift_now(&test).await;
    assert_eq!(now.since.is_some(), !now.declared.is_empty(), "{now:?}");
}

#[tokio::test]
async fn neighbours_of_one_source_are_thinned() {
    let test = TestService::new().await;
    let settings = DriftSettings { window: 30, spacing_ms: 10_000, ..DriftSettings::default() };
    compare_with(&test, settings).await;
    send(&test, 0..310, 0.75).await;
    let found = windows(&test).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].images, found[0].thinned), (30, 261));
}

/// Changes rows behind the store's back.
async fn damage(test: &TestService, statement: &'static str) {
    let QueuePool::Sqlite(pool) = test.service.store().queue_pool() else { panic!("not SQLite") };
    let changed = sqlx::query(statement).execute(&pool).await.expect("changed").rows_affected();
    assert_eq!(changed, 1, "{statement}");
}

/// A deployment of this name, before `cells` in every list, with a reference.
async fn damaged(test: &TestService, name: &str, statement: &'static str) {
    let name = domain::name::Name::new(name).expect("a name");
    let version = test
        .service
        .catalogue()
        .register_model(&admin(), name.clone(), vec![label("car")])
        .await
        .expect("there");
    let model = version.full_name().parse().expect("a reference");
    let dataset = format!("of-{name}");
    let new = service::NewDeployment { name, model, shadow: None, threshold: None };
    let deployment = test.service.catalogue().deploy(&admin(), new).await.expect("deploys");
    refer(test, &deployment, &label("car"), &dataset, DriftSettings::default()).await;
    damage(test, statement).await;
}

#[tokio::test]
async fn a_deployment_that_cannot_be_read_keeps_no_other_from_its_drift_and_alerts() {
    let test = TestService::new().await;
    damaged(&test, "a-reference", "UPDATE training_references SET drift = x'00'").await;
    damaged(
        &test,
        "a-setting",
        "UPDATE training_data SET drift_settings = '{' WHERE deployment_id = \
         (SELECT id FROM deployments WHERE name = 'a-setting')",
    )
    .await;
    damaged(&test, "a-threshold", "UPDATE deployments SET threshold = 7 WHERE name = 'a-threshold'").await;
    compare_with(&test, DriftSettings { window: 30, spacing_ms: 0, ..DriftSettings::default() }).await;
    let rule = AlertRule {
        watch: Watch::Metric("latency_p95_ms".parse().expect("a figure")),
        operator: Operator::Above,
        limit: 0.0,
        window_ms: 600_000,
        sustained_ms: 0,
        hysteresis: 0.0,
    };
    let alert = SetAlert { name: "slow".to_owned(), rule, enabled: true };
    test.service.monitoring().set_alert(&admin(), "cells", None, alert).await.expect("set");
    send(&test, 0..95, 0.75).await;
    assert_eq!(windows(&test).await.len(), 3);
    let (_, said) = test.service.monitoring().alerts(&admin(), "cells").await.expect("reads");
    assert_eq!(said.len(), 1, "the alert was looked at");
    let listed = test.service.catalogue().deployments(&viewer()).await.expect("lists");
    let listed: Vec<&str> = listed.iter().map(|card| card.deployment.name.as_str()).collect();
    assert_eq!(listed, ["a-reference", "a-setting", "cells"], "those that can be read");
    let gauges = test.service.monitoring().deployment_gauges(Internal).await.expect("reads");
    let readable: Vec<&str> = gauges.iter().map(|gauges| gauges.name.as_str()).collect();
    assert_eq!(readable, ["a-reference", "cells"], "the figures of those that can be read");

    let told =
        test.service.monitoring().training_data(&admin(), "a-reference").await.expect("reads").reference;
    let told = told.expect("a reference");
    assert_eq!(told.state, ReferenceState::Failed);
    assert!(told.message.contains("damaged"), "{}", told.message);
    for (name, what) in [("a-setting", "drift settings"), ("a-threshold", "threshold of deployment")] {
        let error = test.service.monitoring().training_data(&admin(), name).await.expect_err("damaged");
        let shown = domain::fault::ApiError::from(error).message;
        assert!(shown.contains("damaged") && shown.contains(what), "{shown}");
    }
}
