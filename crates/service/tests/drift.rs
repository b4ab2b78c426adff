//! Drift: looked for in windows, declared after two running, and cleared.

// A use case is futures within futures, down to the statements of a transaction.
#![recursion_limit = "256"]

use domain::{
    alert::{AlertRule, Operator, Watch},
    deployment::Deployment,
    drift::{DriftReference, Feature, ImageFeatures, image_features},
    ids::{NewId, ReferenceId},
    monitor::Range,
    prediction::{Provenance, Report},
    training_data::{ReferenceContents, ReferenceState},
};
use measures::{drift::DriftSettings, outlier::Calibration};
use service::{Internal, KeyedReport, SetAlert};
use store::{NewAudit, NewReference, QueuePool};
use test_support::{FreshIds, NOON, TestService, admin, label, predicted, report, viewer};

/// A small run of numbers from 0 to 1 that look independent.
fn noise(number: u64) -> f64 {
    let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64 / f64::from(1u32 << 24)
}

/// A report with one to four boxes of a score around `score`.
fn arrival(number: u64, score: f64) -> Report {
    let boxes = 1 + (noise(number * 3) * 4.0) as u64;
    let boxes = (0..boxes)
        .map(|place| {
            let jitter = noise(number * 17 + place) * 0.2 - 0.1;
            predicted("car", (score + jitter).clamp(0.51, 0.99), 30.0 * place as f64)
        })
        .collect();
    let provenance = Provenance { source: Some("line".into()), ..Provenance::default() };
    Report { provenance, ..report(boxes) }
}

/// Compares `cells` with the features that such arrivals have.
async fn compare_with(test: &TestService, settings: DriftSettings) {
    let deployment = test.deploy(&["car"]).await;
    refer(test, &deployment, "photos", settings).await;
    test.service.jobs().update_monitoring(Internal).await.expect("begins");
}

/// Gives a deployment a reference of such arrivals.
async fn refer(test: &TestService, deployment: &Deployment, dataset: &str, settings: DriftSettings) {
    let numbers = test.service.store().monitoring().label_numbers(&[label("car")]).await.expect("numbered");
    let features: Vec<ImageFeatures> = (0..200)
        .map(|number| {
            let seen = arrival(1_000_000 + number, 0.75);
            let boxes: Vec<_> =
                seen.boxes.iter().map(|b| (numbers[&b.label], b.score.get(), b.rect.area())).collect();
            let size = domain::geometry::Size::new(640, 480).expect("a size");
            image_features(None, size, &boxes, None)
        })
        .collect();
    let store = test.service.store();
    let name = domain::name::Name::new(dataset).expect("a name");
    let version = test
        .service
        .catalogue()
        .create_version(&admin(), name, None, vec![label("car")])
        .await
        .expect("a version");
    let reference = NewReference {
        id: ReferenceId(FreshIds.new_id()),
        deployment_id: deployment.id,
        dataset_version_id: version.id,
        model_version_id: deployment.champion.id,
        created: NOON,
    };
    store.monitoring().insert_reference(&reference).await.expect("stored");
    let contents = ReferenceContents {
        index: None,
        calibration: Calibration::freeze([]),
        drift: DriftReference::freeze(&features),
    };
    store.monitoring().finish_reference(reference.id, &contents, "").await.expect("ready");
    let entry = NewAudit {
        at: NOON,
        actor: "test".into(),
        action: "deployment.training_data".into(),
        subject: deployment.name.to_string(),
        detail: "{}".into(),
    };
    let monitoring = store.monitoring();
    monitoring.set_training_data(deployment.id, Some(reference.id), &settings, entry).await.expect("set");
}

async fn send(test: &TestService, numbers: std::ops::Range<u64>, score: f64) {
    for number in numbers {
        test.clock.advance_ms(1_000);
        let keyed = KeyedReport { report: arrival(number, score), idempotency_key: None };
        test.service.intake().report(&admin(), "cells", keyed, None).await.expect("stores");
    }
    test.clock.advance_ms(3_000);
    test.service.jobs().update_monitoring(Internal).await.expect("looks");
}

async fn windows(test: &TestService) -> Vec<domain::drift::DriftWindow> {
    let range = Range { from: NOON, to: NOON.plus_ms(86_400_000) };
    let mut windows =
        test.service.monitoring().drift_windows(&admin(), "cells", range, 50).await.expect("reads");
    windows.reverse();
    windows
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
    // The same step again changes nothing.
    test.service.jobs().update_monitoring(Internal).await.expect("looks");
    assert_eq!(windows(&test).await, drifted);
    send(&test, 180..270, 0.75).await;
    let cleared: Vec<_> = windows(&test).await.into_iter().skip(6).flat_map(|w| w.cleared).collect();
    assert!(cleared.contains(&Feature::Confidence), "{cleared:?}");
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
    refer(test, &deployment, &dataset, DriftSettings::default()).await;
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
