//! Predictions that arrive from elsewhere, and what is counted of them.

use domain::{
    fault::{ApiError, ErrorKind},
    monitor::{Range, figures::Figure},
    page::PageRequest,
    prediction::{PredictionFilter, Report, Status},
    time::Timestamp,
};
use service::{As, DashboardRequest, DeploymentChange, KeyedReport, Reviewer};
use test_support::{NOON, TestService, admin, predicted, report, viewer};

async fn deployed() -> TestService {
    let test = TestService::new().await;
    test.deploy(&["car"]).await;
    test
}

fn keyed(report: Report, key: Option<&str>) -> KeyedReport {
    KeyedReport { report, idempotency_key: key.map(str::to_owned) }
}

#[tokio::test]
async fn a_report_is_listed_with_the_boxes_people_see_and_counted() {
    let test = deployed().await;
    let boxes = vec![predicted("car", 0.9, 10.0), predicted("car", 0.3, 50.0)];
    let received = test
        .service
        .intake()
        .report(&admin(), "cells", keyed(report(boxes), None), None)
        .await
        .expect("stores");
    let stored = test.service.browsing().prediction(&admin(), received.id).await.expect("reads");
    assert_eq!((stored.objects(), stored.boxes.len()), (1, 2));
    assert_eq!((stored.model.as_str(), stored.status), ("cells/1", Status::ToReview));
    let page = test
        .service
        .browsing()
        .predictions(&admin(), "cells", PredictionFilter::default(), PageRequest::default())
        .await
        .expect("lists");
    assert_eq!(page.items.iter().map(|p| p.id).collect::<Vec<_>>(), [received.id]);
    let dashboard = test
        .service
        .monitoring()
        .dashboard(&admin(), "cells", DashboardRequest::default())
        .await
        .expect("reads");
    assert_eq!(
        (dashboard.total.predictions(), dashboard.total.figures.get(Figure::ObjectsMean)),
        (1, Some(1.0))
    );
    let median = dashboard.total.figures.get(Figure::LatencyP50).expect("one latency");
    assert!((median - 12.5).abs() < 0.2, "{median}");
}

#[tokio::test]
async fn a_range_at_an_end_of_time_is_refused_with_its_place() {
    let test = deployed().await;
    let ends = [
        (i64::MAX - 2_047, i64::MAX, "from"),
        (i64::MIN, i64::MIN + 2_047, "from"),
        (0, i64::MAX, "to"),
        (-1, 5, "from"),
    ];
    for (from, to, place) in ends {
        let range = Some(Range { from: Timestamp(from), to: Timestamp(to) });
        let request = DashboardRequest { range, ..DashboardRequest::default() };
        for refused in [
            test.service.monitoring().dashboard(&admin(), "cells", request).await.map(drop),
            test.service.monitoring().monitoring_page(&admin(), "cells", request).await.map(drop),
            test.service.monitoring().whole_dashboard(&admin(), "cells", request).await.map(drop),
        ] {
            let error = ApiError::from(refused.expect_err("far"));
            assert_eq!((error.kind, error.place.as_deref()), (ErrorKind::Invalid, Some(place)), "{from}");
        }
    }
    for last_ms in [i64::MIN, -1, i64::MAX] {
        let request = DashboardRequest { last_ms: Some(last_ms), ..DashboardRequest::default() };
        let error = ApiError::from(
            test.service.monitoring().dashboard(&admin(), "cells", request).await.expect_err("far"),
        );
        assert_eq!(error.place.as_deref(), Some("last_ms"), "{last_ms}");
    }
    let first = Some(Range { from: Range::EARLIEST, to: Timestamp(60_000) });
    let request = DashboardRequest { range: first, ..DashboardRequest::default() };
    test.service
        .monitoring()
        .whole_dashboard(&admin(), "cells", request)
        .await
        .expect("the first minute there is");
}

#[tokio::test]
async fn the_same_key_stores_once_and_another_report_under_it_is_refused() {
    let test = deployed().await;
    let first = keyed(report(vec![predicted("car", 0.9, 10.0)]), Some("a"));
    let stored = test.service.intake().report(&admin(), "cells", first.clone(), None).await.expect("stores");
    let again = test.service.intake().report(&admin(), "cells", first, None).await.expect("repeats");
    assert_eq!((again.id, stored.repeated, again.repeated), (stored.id, false, true));
    let other = keyed(report(vec![]), Some("a"));
    let refused = test.service.intake().report(&admin(), "cells", other, None).await.expect_err("another");
    assert_eq!(ApiError::from(refused).kind, ErrorKind::Conflict);
    assert_eq!(test.service.browsing().count(&admin(), "cells", None).await.expect("counts"), 1);
}

#[tokio::test]
async fn a_bad_line_fails_alone_among_many() {
    let test = deployed().await;
    let lines = vec![
        keyed(report(vec![predicted("car", 0.9, 10.0)]), None),
        keyed(report(vec![predicted("cat", 0.9, 10.0)]), None),
        keyed(report(vec![]), Some("")),
        keyed(report(vec![]), Some("k")),
    ];
    let answers = test.service.intake().report_many(&admin(), "cells", lines).await.expect("answers");
    let held: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(held, [true, false, false, true]);
    assert_eq!(test.service.browsing().count(&admin(), "cells", None).await.expect("counts"), 2);
}

#[tokio::test]
async fn what_cannot_be_true_is_refused_with_its_place() {
    let test = deployed().await;
    let mut future = report(vec![]);
    future.provenance.timestamp = Some(NOON.plus_ms(25 * 3_600_000));
    let mut endless = report(vec![]);
    endless.latency_ms = f64::NAN;
    let mut unsized_report = report(vec![]);
    unsized_report.width = None;
    let mut foreign = report(vec![]);
    foreign.model = Some("cells/7".to_owned());
    for (bad, kind) in [
        (future, ErrorKind::Invalid),
        (endless, ErrorKind::Invalid),
        (unsized_report, ErrorKind::Invalid),
        (foreign, ErrorKind::NotFound),
        (report(vec![predicted("car", 0.9, 5_000.0)]), ErrorKind::Invalid),
    ] {
        let refused = test
            .service
            .intake()
            .report(&admin(), "cells", keyed(bad, None), None)
            .await
            .expect_err("refused");
        assert_eq!(ApiError::from(refused).kind, kind);
    }
    assert_eq!(test.service.browsing().count(&admin(), "cells", None).await.expect("counts"), 0);
}

#[tokio::test]
async fn viewers_look_and_do_not_report() {
    let test = deployed().await;
    let refused = As::<Reviewer>::check(&viewer());
    assert_eq!(ApiError::from(refused.expect_err("refused")).kind, ErrorKind::Forbidden);
    assert_eq!(test.service.catalogue().deployments(&viewer()).await.expect("looks").len(), 1);
}

#[tokio::test]
async fn a_deleted_prediction_is_gone_and_the_deletion_is_recorded() {
    let test = deployed().await;
    let received = test
        .service
        .intake()
        .report(&admin(), "cells", keyed(report(vec![]), None), None)
        .await
        .expect("stores");
    test.service.browsing().delete_prediction(&admin(), received.id).await.expect("deletes");
    assert!(test.service.browsing().prediction(&admin(), received.id).await.is_err());
    let log = test.service.people().audit(&admin(), PageRequest::default()).await.expect("reads");
    assert!(log.items.iter().any(|entry| entry.action == "prediction.delete"));
}

#[tokio::test]
async fn a_changed_threshold_holds_for_the_very_next_report() {
    let test = deployed().await;
    let boxes = || vec![predicted("car", 0.9, 10.0), predicted("car", 0.6, 50.0)];
    let mut seen = Vec::new();
    for threshold in [0.5, 0.7] {
        let id = test.service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
        test.service
            .catalogue()
            .change_deployment(
                &admin(),
                id,
                DeploymentChange { threshold: Some(threshold), ..DeploymentChange::default() },
            )
            .await
            .expect("set");
        let received = test
            .service
            .intake()
            .report(&admin(), "cells", keyed(report(boxes()), None), None)
            .await
            .expect("stores");
        seen.push(test.service.browsing().prediction(&admin(), received.id).await.expect("reads").objects());
    }
    assert_eq!(seen, [2, 1]);
}
