//! Which images count as picked at random: those that come next in line
//! whatever a reviewer asks for, and no other.

use domain::{
    ids::PredictionId,
    review::{NextRequest, Picked},
};
use service::{As, Reviewer};
use test_support::{TestService, admin, predicted, report, reviewer};

/// A deployment with images that arrived a minute after each other, oldest
/// first.
async fn with_images(count: usize) -> (TestService, Vec<PredictionId>) {
    let test = TestService::new().await;
    test.deploy(&["car"]).await;
    let mut ids = Vec::new();
    for _ in 0..count {
        test.clock.advance_ms(60_000);
        ids.push(test.report(report(vec![predicted("car", 0.9, 10.0)])).await.id);
    }
    (test, ids)
}

/// Asks for images, the oldest first.
async fn next(test: &TestService, who: &As<Reviewer>, request: NextRequest) -> Vec<(PredictionId, Picked)> {
    let request = NextRequest { sort: "received".parse().expect("an order"), ..request };
    let leases = test.service.reviews().next(who, "cells", request).await.expect("gives");
    leases.into_iter().map(|lease| (lease.prediction_id, lease.picked)).collect()
}

fn page(session: &str, count: u32) -> NextRequest {
    NextRequest { session: session.to_owned(), count, ..NextRequest::default() }
}

#[tokio::test]
async fn the_images_that_come_next_count_as_random_also_behind_those_that_somebody_holds() {
    let (test, ids) = with_images(5).await;
    let random = |range: std::ops::Range<usize>| -> Vec<_> {
        ids[range].iter().map(|id| (*id, Picked::Random)).collect()
    };
    let eve = reviewer();
    assert_eq!(next(&test, &eve, page("a", 2)).await, random(0..2));
    let ahead = NextRequest { exclude: ids[..2].to_vec(), ..page("a", 2) };
    assert_eq!(next(&test, &eve, ahead).await, random(2..4), "fetched ahead by the same page");
    assert_eq!(next(&test, &admin(), page("b", 1)).await, random(4..5), "behind what another person holds");
    let narrowed = NextRequest { q: "received > 1990-01-01".to_owned(), ..page("a", 1) };
    assert_eq!(next(&test, &eve, narrowed).await, random(0..1), "a time that leaves nothing out");
}

#[tokio::test]
async fn an_image_reached_by_leaving_out_those_before_it_does_not_count_as_random() {
    let (test, ids) = with_images(4).await;
    let wanted = NextRequest { exclude: ids[..3].to_vec(), ..page("a", 1) };
    assert_eq!(next(&test, &reviewer(), wanted).await, [(ids[3], Picked::Query)]);
    // It stays so, also when it would come next later.
    let rest = next(&test, &reviewer(), page("a", 4)).await;
    let picks: Vec<Picked> = rest.into_iter().map(|(_, picked)| picked).collect();
    assert_eq!(picks, [Picked::Random, Picked::Random, Picked::Random, Picked::Query]);
}

#[tokio::test]
async fn an_image_narrowed_to_by_its_time_does_not_count_as_random() {
    let (test, ids) = with_images(4).await;
    let at = test.service.browsing().prediction(&admin(), ids[2]).await.expect("there").received;
    let narrowed = NextRequest { q: format!("received >= {at}"), ..page("a", 1) };
    assert_eq!(next(&test, &reviewer(), narrowed).await, [(ids[2], Picked::Query)]);
}

#[tokio::test]
async fn whoever_holds_many_images_is_given_none_at_random_behind_them() {
    let (test, ids) = with_images(12).await;
    let eve = reviewer();
    for id in &ids[..11] {
        test.service.reviews().lease(&eve, *id, "another page").await.expect("leases");
    }
    assert_eq!(next(&test, &eve, page("a", 1)).await, [(ids[11], Picked::Query)]);
}
