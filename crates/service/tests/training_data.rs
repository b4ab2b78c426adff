//! What a deployment is compared with, and how unusual arriving pictures are.

use bytes::Bytes;
use domain::{
    dataset::Split,
    fault::{ApiError, ErrorKind},
    geometry::Size,
    ids::DatasetVersionId,
    inference::Pixels,
    monitor::{figures::Figure, image_measures::ImageMeasure},
    name::{Name, VersionRef},
    page::PageRequest,
    prediction::{Prediction, Provenance},
    training_data::{ReferenceState, TrainingData},
};
use measures::drift::DriftSettings;
use service::{
    AssetUpload, DashboardRequest, Internal, KeyedReport, Lane, PredictOptions, Promotion, SetTrainingData,
};
use test_support::{TestService, admin, label, report, viewer};

/// A picture of 40×30 px in one colour with a little structure.
fn picture(rgb: [u8; 3], number: u8) -> Bytes {
    let size = Size::new(40, 30).expect("a size");
    let bytes: Vec<u8> = (0..1_200u32)
        .flat_map(|i| rgb.map(|channel| channel.saturating_add((i % 7) as u8 + number)))
        .collect();
    Bytes::from(imaging::encode_jpeg(&Pixels::new(size, bytes).expect("pixels"), 95).expect("a file"))
}

fn usual(number: u8) -> Bytes {
    picture([90 + number % 9, 100 + number % 5, 110 + number % 7], number % 11)
}

/// A frozen dataset version `photos/v1` with so many images to train and to test.
async fn photos(test: &TestService, train: u8, tests: u8) -> DatasetVersionId {
    let name = Name::new("photos").expect("a name");
    let version = test
        .service
        .catalogue()
        .create_version(&admin(), name, None, vec![label("car")])
        .await
        .expect("a version");
    for number in 0..train + tests {
        let split = if number < train { Split::Train } else { Split::Test };
        let upload = AssetUpload {
            filename: format!("{number}.jpg"),
            split,
            annotations: Vec::new(),
            bytes: usual(number),
        };
        test.service.catalogue().add_asset(&admin(), version.id, upload).await.expect("added");
    }
    test.service.catalogue().freeze_version(&admin(), version.id).await.expect("frozen").id
}

async fn predict(test: &TestService, bytes: Bytes) -> Prediction {
    let options = PredictOptions::default();
    test.service
        .intake()
        .predict(&admin(), "cells", bytes, Provenance::default(), options)
        .await
        .expect("predicts")
}

async fn data(test: &TestService) -> TrainingData {
    test.service.monitoring().training_data(&viewer(), "cells").await.expect("reads")
}

#[tokio::test]
async fn a_deployed_model_is_compared_with_what_it_was_trained_on_by_itself() {
    let test = TestService::colours().await;
    let dataset = photos(&test, 12, 40).await;
    test.deploy_runnable(Some(dataset)).await;
    assert_eq!(data(&test).await.reference.map(|r| r.state), Some(ReferenceState::Building));
    assert_eq!(predict(&test, usual(3)).await.outlier_score, None, "not before it is ready");
    assert!(test.service.jobs().run_next(Internal, Lane::Long, "worker").await.expect("makes"));
    assert!(!test.service.jobs().run_next(Internal, Lane::Long, "worker").await.expect("nothing left"));
    let ready = data(&test).await;
    let reference = ready.ready().expect("ready");
    // Three of the forty are the very images of the train split.
    assert_eq!((reference.training_images, reference.calibration_images), (12, 37));
    let left_out = "Of val and test, 3 left out: the model was trained on them.";
    assert!(reference.message.contains(left_out), "{}", reference.message);
    assert!(
        !reference.flags() && reference.message.contains("37 calibration images"),
        "{}",
        reference.message
    );
    let like = predict(&test, usual(3)).await.outlier_score.expect("scored");
    let unlike = predict(&test, picture([250, 5, 5], 0)).await.outlier_score.expect("scored");
    assert!(like < 1.0 && unlike == 1.0, "{like} {unlike}");
    let stored = test.service.store().monitoring();
    let features = stored.arrived(reference.deployment_id, None, test_support::NOON.plus_ms(1), 9).await;
    assert_eq!(features.expect("reads").len(), 3);
    let page =
        test.service.monitoring().monitoring_page(&admin(), "cells", DashboardRequest::default()).await;
    let page = page.expect("reads");
    let counts = [
        (&page.total, Figure::Predictions),
        (&page.before, Figure::Predictions),
        (&page.total, Figure::Scored),
    ];
    assert_eq!(counts.map(|(totals, figure)| totals.figures.count(figure)), [3, 0, 2]);
    assert_eq!(page.total.get(Figure::Unusual), Some(0.5));
    assert_eq!(page.total.labels, [("car".to_owned(), 3)]);
    assert_eq!(page.reference_labels, [("car".to_owned(), 1.0)]);
    assert_eq!((page.total.confidence[18], page.total.outlier[19]), (3, 1));
    let width = page.total.get(Figure::Width).expect("measured");
    assert!((width - 40.0).abs() <= 0.4, "{width}");
    let brightness = page.total.get(Figure::Image(ImageMeasure::Brightness)).expect("measured");
    assert!((0.3..0.45).contains(&brightness), "{brightness}");
    // The middle of the left half of every picture: column 4, row 6.
    assert_eq!((page.heat.cells[6 * 16 + 4], page.heat.cells.iter().sum::<u64>()), (3, 3));
    let point = page.points.iter().find(|point| point.figures.count(Figure::Scored) > 0).expect("a bucket");
    assert_eq!((point.figures.count(Figure::Scored), point.figures.get(Figure::Unusual)), (2, Some(0.5)));
    let unusual =
        test.service.browsing().prediction(&admin(), point.most_unusual.expect("one")).await.expect("reads");
    assert_eq!(unusual.outlier_score, Some(1.0));
    assert_eq!(page.points.len(), page.dashboard.buckets.len());
    assert_eq!(page.drift.expect("compared").declared, []);
}

#[tokio::test]
async fn a_report_with_its_image_is_scored_by_the_references_own_model() {
    let test = TestService::colours().await;
    let dataset = photos(&test, 12, 30).await;
    test.deploy_runnable(Some(dataset)).await;
    test.service.jobs().run_next(Internal, Lane::Long, "worker").await.expect("makes");
    let mut seen = report(vec![]);
    (seen.width, seen.height) = (None, None);
    let keyed = |report| KeyedReport { report, idempotency_key: None };
    let bytes = picture([250, 5, 5], 0);
    let received =
        test.service.intake().report(&admin(), "cells", keyed(seen), Some(bytes)).await.expect("stores");
    let stored = test.service.browsing().prediction(&admin(), received.id).await.expect("reads");
    assert_eq!(stored.outlier_score, Some(1.0));
    let bare = test.report(report(vec![])).await;
    assert_eq!(
        test.service.browsing().prediction(&admin(), bare.id).await.expect("reads").outlier_score,
        None
    );
}

#[tokio::test]
async fn switching_off_and_on_again_makes_nothing_anew() {
    let test = TestService::colours().await;
    let dataset = photos(&test, 12, 30).await;
    test.deploy_runnable(Some(dataset)).await;
    test.service.jobs().run_next(Internal, Lane::Long, "worker").await.expect("makes");
    let before = data(&test).await.reference;
    test.service.monitoring().clear_training_data(&admin(), "cells").await.expect("off");
    assert_eq!(data(&test).await.reference, None);
    assert_eq!(predict(&test, usual(1)).await.outlier_score, None);
    let on =
        SetTrainingData { dataset: Some("photos/v1".parse().expect("a name")), ..SetTrainingData::default() };
    let after =
        test.service.monitoring().set_training_data(&admin(), "cells", on).await.expect("on").reference;
    assert_eq!(after, before);
    assert!(predict(&test, usual(1)).await.outlier_score.is_some());
    let log = test.service.people().audit(&admin(), PageRequest::default()).await.expect("reads");
    assert_eq!(log.items.iter().filter(|entry| entry.action == "deployment.training_data").count(), 3);
}

#[tokio::test]
async fn a_new_champion_gets_a_reference_of_its_own_embeddings() {
    let test = TestService::colours().await;
    let dataset = photos(&test, 12, 30).await;
    let deployment = test.deploy_runnable(Some(dataset)).await;
    test.service.jobs().run_next(Internal, Lane::Long, "worker").await.expect("makes");
    let next = test.runnable(None).await;
    test.service
        .learning()
        .promote(&admin(), deployment.id, &Promotion { model: next, force: false, expected_champion: None })
        .await
        .expect("promotes");
    let scored = predict(&test, usual(1)).await.outlier_score;
    assert!(scored.is_some(), "the former champion's embeddings still serve");
    test.service.jobs().update_monitoring(Internal).await.expect("follows");
    assert!(test.service.jobs().run_next(Internal, Lane::Long, "worker").await.expect("makes"));
    let reference = data(&test).await.reference.expect("there");
    assert_eq!((reference.model.as_str(), reference.dataset.as_str()), ("cells/2", "photos/v1"));
    test.service.jobs().update_monitoring(Internal).await.expect("follows");
    assert!(!test.service.jobs().run_next(Internal, Lane::Long, "worker").await.expect("once"));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let test = TestService::colours().await;
    test.deploy_runnable(None).await;
    let open = Name::new("open").expect("a name");
    test.service
        .catalogue()
        .create_version(&admin(), open, None, vec![label("car")])
        .await
        .expect("a version");
    let set = |dataset: Option<&str>, window| SetTrainingData {
        dataset: dataset.map(|name| name.parse::<VersionRef>().expect("a name")),
        drift: Some(DriftSettings { window, ..DriftSettings::default() }),
        again: false,
    };
    for (change, kind) in [
        (set(None, 100), ErrorKind::Invalid),
        (set(Some("open/v1"), 100), ErrorKind::Invalid),
        (set(Some("nothing/v1"), 100), ErrorKind::NotFound),
        (set(Some("open/v1"), 3), ErrorKind::Invalid),
    ] {
        let refused = test
            .service
            .monitoring()
            .set_training_data(&admin(), "cells", change)
            .await
            .expect_err("refused");
        assert_eq!(ApiError::from(refused).kind, kind);
    }
}
