//! How long what arrives is kept.

use bytes::Bytes;
use domain::{
    fault::{ApiError, ErrorKind},
    geometry::Size,
    ids::PredictionId,
    inference::Pixels,
    prediction::{Provenance, Report},
    retention::Retention,
    review::{SaveReview, Share},
};
use service::{DashboardRequest, ImageSize, Internal, KeyedReport, PredictOptions};
use test_support::{TestService, admin, report, viewer};

const DAY_MS: i64 = 86_400_000;

/// Another file for each number.
fn picture(number: u16) -> Bytes {
    let size = Size::new(64, 48).expect("a size");
    let noise = (0..9_216u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 ^ (number * 7) as u8)
        .collect::<Vec<_>>();
    Bytes::from(imaging::encode_jpeg(&Pixels::new(size, noise).expect("pixels"), 95).expect("a file"))
}

async fn predict(test: &TestService, number: u16) -> PredictionId {
    let options = PredictOptions::default();
    let predicted = test
        .service
        .intake()
        .predict(&admin(), "cells", picture(number), Provenance::default(), options)
        .await;
    predicted.expect("predicts").id
}

async fn keep(test: &TestService, retention: Retention) {
    test.service.learning().set_settings(&admin(), "cells", retention).await.expect("sets");
}

async fn there(test: &TestService, ids: &[PredictionId]) -> Vec<bool> {
    let mut found = Vec::new();
    for id in ids {
        found.push(test.service.browsing().prediction(&admin(), *id).await.is_ok());
    }
    found
}

#[tokio::test]
async fn the_old_goes_with_its_image_and_the_reviewed_and_the_counts_stay() {
    let test = TestService::colours().await;
    test.deploy_runnable(None).await;
    let mut ids = vec![predict(&test, 1).await, predict(&test, 2).await];
    let image =
        test.service.browsing().prediction(&admin(), ids[0]).await.expect("there").image.expect("an image");
    test.service.reviews().save(&admin(), ids[1], SaveReview::bare(0, Vec::new())).await.expect("reviews");
    assert_eq!(test.service.catalogue().apply_retention(Internal).await.expect("looks"), 0, "nothing is set");
    keep(&test, Retention { days: Some(30), ..Retention::default() }).await;
    test.clock.advance_ms(29 * DAY_MS);
    ids.push(predict(&test, 3).await);
    assert_eq!(test.service.catalogue().apply_retention(Internal).await.expect("looks"), 0);
    test.clock.advance_ms(2 * DAY_MS);
    assert_eq!(test.service.catalogue().apply_retention(Internal).await.expect("looks"), 1);
    assert_eq!(there(&test, &ids).await, [false, true, true]);
    test.clock.advance_ms(1);
    test.service.browsing().purge_deleted(Internal).await.expect("purges");
    let blobs = test.service.store().blobs();
    assert_eq!(
        test.service.catalogue().remove_unused_files(Internal).await.expect("looks"),
        0,
        "the grace is not over"
    );
    assert!(blobs.exists(store::BlobKind::Images, &image).await.expect("asked"));
    test.clock.advance_ms(store::REMOVAL_GRACE_MS);
    assert_eq!(test.service.catalogue().remove_unused_files(Internal).await.expect("removes"), 1);
    assert!(!blobs.exists(store::BlobKind::Images, &image).await.expect("asked"));
    let year = DashboardRequest { last_ms: Some(365 * DAY_MS), ..DashboardRequest::default() };
    let dashboard = test.service.monitoring().dashboard(&admin(), "cells", year).await.expect("reads");
    assert_eq!(dashboard.total.predictions(), 3, "what was counted stays counted");
    let reviewed = test.service.browsing().prediction_image(&admin(), ids[1], ImageSize::Full).await;
    assert!(reviewed.is_ok(), "its image is evidence");
}

#[tokio::test]
async fn the_oldest_go_until_the_images_are_few_enough() {
    let test = TestService::colours().await;
    test.deploy_runnable(None).await;
    let mut ids = Vec::new();
    for number in 0..6 {
        test.clock.advance_ms(1_000);
        ids.push(predict(&test, number).await);
    }
    let (_, stored) = test.service.catalogue().retention(&viewer(), "cells").await.expect("reads");
    assert_eq!(stored.images, 6);
    let tiny = Retention { bytes: Some(Retention::LEAST_BYTES), ..Retention::default() };
    keep(&test, tiny).await;
    assert_eq!(
        test.service.catalogue().apply_retention(Internal).await.expect("looks"),
        0,
        "{stored:?} is less"
    );
    // Below what the API lets one set: pictures of a test are small.
    let deployment = test.service.catalogue().deployment(&admin(), "cells").await.expect("there");
    let about_half = Retention { bytes: Some(stored.bytes * 55 / 100), ..Retention::default() };
    test.service
        .store()
        .deployment_settings()
        .put(deployment.id, &about_half, test_support::act())
        .await
        .expect("sets");
    assert_eq!(test.service.catalogue().apply_retention(Internal).await.expect("looks"), 3);
    assert_eq!(there(&test, &ids).await, [false, false, false, true, true, true]);
}

#[tokio::test]
async fn of_the_images_a_share_is_kept_and_those_that_the_sender_wants() {
    let test = TestService::colours().await;
    test.deploy_runnable(None).await;
    keep(&test, Retention { sample_rate: Share::new(0.5).expect("a share"), ..Retention::default() }).await;
    let mut kept = 0;
    for number in 0..40 {
        let id = predict(&test, number).await;
        kept +=
            u32::from(test.service.browsing().prediction(&admin(), id).await.expect("there").image.is_some());
    }
    assert!((10..=30).contains(&kept), "{kept} of 40");
    keep(&test, Retention { sample_rate: Share::new(0.0).expect("a share"), ..Retention::default() }).await;
    for (sample, kept) in [(None, false), (Some(true), false), (Some(false), true)] {
        let report = Report { sample, width: None, height: None, ..report(vec![]) };
        let keyed = KeyedReport { report, idempotency_key: None };
        let received =
            test.service.intake().report(&admin(), "cells", keyed, Some(picture(99))).await.expect("stores");
        let stored = test.service.browsing().prediction(&admin(), received.id).await.expect("there");
        assert_eq!(stored.image.is_some(), kept, "{sample:?}");
    }
}

#[tokio::test]
async fn what_is_out_of_range_is_not_set() {
    let test = TestService::colours().await;
    test.deploy_runnable(None).await;
    let refused = |days, bytes| Retention { days, bytes, ..Retention::default() };
    for wrong in [refused(Some(0), None), refused(Some(3_651), None), refused(None, Some(999_999))] {
        let error =
            test.service.learning().set_settings(&admin(), "cells", wrong).await.expect_err("out of range");
        assert_eq!(ApiError::from(error).kind, ErrorKind::Invalid);
    }
}

#[tokio::test]
async fn a_picture_that_is_sent_again_while_its_file_goes_keeps_it() {
    let test = TestService::colours().await;
    test.deploy_runnable(None).await;
    for attempt in 0..3 {
        let old = predict(&test, 1).await;
        test.service.browsing().delete_prediction(&admin(), old).await.expect("deletes");
        // Before, at and after the end of the grace.
        test.clock.advance_ms(store::REMOVAL_GRACE_MS - 1 + attempt);
        test.service.catalogue().remove_unused_files(Internal).await.expect("removes");
        let new = predict(&test, 1).await;
        test.clock.advance_ms(store::REMOVAL_GRACE_MS);
        test.service.catalogue().remove_unused_files(Internal).await.expect("removes");
        for size in [ImageSize::Full, ImageSize::Thumb] {
            test.service.browsing().prediction_image(&admin(), new, size).await.expect("its image is there");
        }
    }
}
