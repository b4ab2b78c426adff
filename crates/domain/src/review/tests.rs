use super::*;
use crate::{geometry::Rect, ids::PredictionId};
use crate::{
    geometry::{Score, Size},
    ids::DeploymentId,
    prediction::{PredictedBox, ShadowPrediction, Status},
};
use std::collections::BTreeMap;
use uuid::Uuid;

fn rect(x: f64) -> Rect {
    Rect::new(x, 5.0, 10.0, 10.0).expect("a box")
}

fn drawn(label: &str, score: f64, x: f64) -> PredictedBox {
    let label = Label::new(label).expect("a label");
    PredictedBox { label, score: Score::new(score).expect("a score"), rect: rect(x) }
}

fn saved(label: &str, x: f64) -> SavedBox {
    SavedBox { label: Label::new(label).expect("a label"), rect: rect(x), ignore: false, source: None }
}

fn prediction(boxes: Vec<PredictedBox>, shadow: Vec<PredictedBox>) -> Prediction {
    Prediction {
        id: PredictionId(Uuid::nil()),
        deployment_id: DeploymentId(Uuid::nil()),
        model: "m/1".to_owned(),
        status: Status::ToReview,
        filename: None,
        source: None,
        size: Size::new(100, 100).expect("a size"),
        image: None,
        latency_ms: 1.0,
        threshold: Score::new(0.25).expect("a score"),
        boxes,
        shadow: Some(ShadowPrediction { model: "m/2".to_owned(), latency_ms: 1.0, boxes: shadow }),
        tags: vec![],
        metadata: BTreeMap::new(),
        created: Timestamp(0),
        received: Timestamp(0),
        outlier_score: None,
    }
}

fn source(side: Side, index: u32) -> Source {
    Source { side, index }
}

#[test]
fn a_box_is_left_as_drawn_only_with_the_same_place_and_label() {
    let p = prediction(vec![drawn("a", 0.9, 1.0), drawn("b", 0.8, 20.0), drawn("a", 0.7, 40.0)], vec![]);
    let review = [saved("a", 1.0 + 1e-9), saved("a", 20.0), saved("a", 40.1)];
    assert_eq!(left_as_drawn(&p, StartedFrom::Champion, &review), [source(Side::Champion, 0)]);
    let ignored = SavedBox { ignore: true, ..saved("a", 1.0) };
    assert_eq!(left_as_drawn(&p, StartedFrom::Champion, &[ignored]), []);
}

#[test]
fn one_box_of_a_model_is_left_once_however_often_it_is_pasted() {
    let p = prediction(vec![drawn("a", 0.9, 1.0), drawn("a", 0.5, 1.0)], vec![]);
    let three = [saved("a", 1.0), saved("a", 1.0), saved("a", 1.0)];
    assert_eq!(left_as_drawn(&p, StartedFrom::Champion, &three).len(), 2);
}

#[test]
fn a_review_is_compared_with_the_model_it_began_with_and_an_empty_one_with_both() {
    let p = prediction(vec![drawn("a", 0.9, 1.0)], vec![drawn("a", 0.9, 50.0)]);
    let review = [saved("a", 1.0), saved("a", 50.0)];
    let left = |from| left_as_drawn(&p, from, &review);
    assert_eq!(left(StartedFrom::Champion), [source(Side::Champion, 0)]);
    assert_eq!(left(StartedFrom::Shadow), [source(Side::Shadow, 0)]);
    assert_eq!(left(StartedFrom::Empty), [source(Side::Champion, 0), source(Side::Shadow, 0)]);
}

#[test]
fn an_empty_start_whose_boxes_are_the_models_does_not_count_as_blind() {
    let info = |started_from, untouched| RevisionInfo {
        revision: 1,
        base_revision: 0,
        restored_from: None,
        reviewer: "eve".to_owned(),
        at: Timestamp(0),
        started_from,
        picked: Picked::Random,
        box_count: 3,
        untouched,
        statistics: None,
    };
    assert!(info(StartedFrom::Empty, 0).is_blind());
    assert!(!info(StartedFrom::Empty, 1).is_blind());
    assert!(!info(StartedFrom::Champion, 0).is_blind());
}

#[test]
fn a_share_by_hash_is_its_size_and_only_grows() {
    let share = |value| Share::new(value).expect("a share");
    let keys: Vec<String> = (0..20_000u128).map(|n| Uuid::from_u128(n << 64 | 7).to_string()).collect();
    let count = |value| keys.iter().filter(|key| share(value).contains(key)).count();
    // Three standard deviations of a fair draw are 92 at 5 % of 20,000.
    assert!((908..=1092).contains(&count(0.05)), "{}", count(0.05));
    assert_eq!((count(0.0), count(1.0)), (0, keys.len()));
    assert!(keys.iter().all(|key| !share(0.05).contains(key) || share(0.06).contains(key)));
    for bad in [-0.1, 1.1, f64::NAN] {
        assert!(Share::new(bad).is_err());
    }
}

#[test]
fn words_are_read_as_they_are_written() {
    for start in StartedFrom::ALL {
        assert_eq!(start.as_str().parse(), Ok(*start));
    }
    for pick in Picked::ALL {
        assert_eq!(pick.as_str().parse(), Ok(*pick));
    }
    let error = "chance".parse::<Picked>().expect_err("no such word").to_string();
    assert_eq!(error, "\"chance\" is not how an image was picked: use random, query, outlier or alert");
}

#[test]
fn an_image_is_picked_at_random_only_where_its_content_has_no_say() {
    let picked =
        |q: &str, sort: &str| Picked::by(&q.parse().expect("a query"), sort.parse().expect("an order"));
    for (q, sort, expected) in [
        ("", "-received", Picked::Random),
        ("status = to_review and created > -7d", "received", Picked::Random),
        ("not (reviewed = true or received < 2026-01-01)", "-created", Picked::Random),
        ("", "-outlier_score", Picked::Outlier),
        ("label = \"car\" and outlier_score > 0.9", "-received", Picked::Outlier),
        ("not (label = \"a\" or not outlier_score = none)", "-received", Picked::Outlier),
        ("", "confidence", Picked::Query),
        ("", "-shadow_disagreement", Picked::Query),
        ("label = \"car\"", "-received", Picked::Query),
        ("tag = night", "-received", Picked::Query),
        ("status = to_review and objects > 3", "-received", Picked::Query),
        ("source = \"line 1\"", "-received", Picked::Query),
    ] {
        assert_eq!(picked(q, sort), expected, "{q} by {sort}");
    }
}
