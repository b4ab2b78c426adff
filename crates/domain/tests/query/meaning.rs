//! What queries mean, on data with known answers.

use super::sample::{DAY_MS, NOW, Sample, drawn, predicted, rect, score, texts};
use domain::{
    prediction::{PredictedBox, Status},
    time::Timestamp,
};
use query::Query;

/// Which of `samples`, by number, match.
fn matching(samples: &[Sample], query: &str) -> Vec<usize> {
    samples.iter().enumerate().filter(|(_, sample)| sample.matches(query)).map(|(i, _)| i).collect()
}

fn check(sample: &Sample, expected: bool, queries: &[&str]) {
    for query in queries {
        assert_eq!(sample.matches(query), expected, "{query}");
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

#[test]
fn human_reviewed_is_reviewed_or_submitted() {
    let samples = Status::ALL.map(|status| Sample { status, ..Sample::default() });
    assert_eq!(matching(&samples, "reviewed = true"), [1, 2]);
    assert_eq!(matching(&samples, "reviewed = false"), [0, 3]);
    assert_eq!(matching(&samples, "reviewed != true"), [0, 3]);
    assert_eq!(matching(&samples, "status = to_review"), [0]);
    assert_eq!(matching(&samples, "status != \"to_review\""), [1, 2, 3]);
    assert_eq!(matching(&samples, "status in (skipped, submitted)"), [2, 3]);
    assert_eq!(matching(&samples, "status not in (skipped)"), [0, 1, 2]);
}

#[test]
fn objects_counts_boxes_at_or_above_the_threshold() {
    let six =
        Sample::boxes(&[("car", 0.9), ("car", 0.8), ("bus", 0.7), ("van", 0.6), ("car", 0.5), ("car", 0.25)]);
    let five_seen =
        Sample::boxes(&[("car", 0.9), ("car", 0.8), ("bus", 0.7), ("van", 0.6), ("car", 0.5), ("car", 0.24)]);
    let samples = [six, five_seen, Sample::default()];
    assert_eq!(matching(&samples, "objects > 5"), [0]);
    assert_eq!(matching(&samples, "objects >= 5"), [0, 1]);
    assert_eq!(matching(&samples, "objects = 0"), [2]);
    assert_eq!(matching(&samples, "objects in (0, 5)"), [1, 2]);
    assert_eq!(matching(&samples, "count() = 5"), [1]);
    assert_eq!(matching(&samples, "count(all:) = 6"), [0, 1]);
}

#[test]
fn no_car_is_true_of_a_car_below_the_threshold() {
    let samples = [
        Sample::boxes(&[("car", 0.9)]),
        Sample::boxes(&[("car", 0.1)]),
        Sample::boxes(&[("bus", 0.9), ("car", 0.24999)]),
        Sample::boxes(&[("bus", 0.9), ("car", 0.25)]),
        Sample::default(),
        Sample { threshold: score(0.05), ..Sample::boxes(&[("car", 0.1)]) },
    ];
    assert_eq!(matching(&samples, "not has(label = \"car\")"), [1, 2, 4]);
    assert_eq!(matching(&samples, "has(label != \"car\")"), [2, 3]);
    assert_eq!(matching(&samples, "label = car"), [0, 3, 5]);
    assert_eq!(matching(&samples, "has(all: label = \"car\")"), [0, 1, 2, 3, 5]);
    assert_eq!(matching(&samples, "label not in (\"car\", \"bus\")"), [1, 4]);
    assert_eq!(matching(&samples, "label in (bus, van)"), [2, 3]);
    assert_eq!(matching(&samples, "label ~ \"CA\""), [0, 3, 5]);
    assert_eq!(matching(&samples, "label = none"), [1, 4]);
    assert_eq!(matching(&samples, "label != none"), [0, 2, 3, 5]);
}

#[test]
fn three_sure_cars_at_night() {
    let night = |boxes: &[(&str, f64)]| Sample { tags: texts(&["rain", "night"]), ..Sample::boxes(boxes) };
    let samples = [
        night(&[("car", 0.9), ("car", 0.8), ("car", 0.85)]),
        night(&[("car", 0.9), ("car", 0.79), ("car", 0.85)]),
        night(&[("car", 0.9), ("bus", 0.9), ("car", 0.85)]),
        Sample::boxes(&[("car", 0.9), ("car", 0.8), ("car", 0.85)]),
        Sample { tags: texts(&["nightly"]), ..Sample::boxes(&[("car", 0.9), ("car", 0.8), ("car", 0.85)]) },
    ];
    let query = "count(label = \"car\" and score >= 0.8) >= 3 and tag = \"night\"";
    assert_eq!(matching(&samples, query), [0]);
    assert_eq!(matching(&samples, "count(label = \"car\" and score >= 0.8) < 3"), [1, 2]);
}

#[test]
fn where_the_two_models_differ() {
    let with = |shadow_disagreement| Sample { shadow_disagreement, ..Sample::default() };
    let samples = [with(Some(0.5)), with(Some(0.3)), with(None), with(Some(f64::NAN))];
    assert_eq!(matching(&samples, "shadow_disagreement > 0.3"), [0]);
    assert_eq!(matching(&samples, "not shadow_disagreement > 0.3"), [1, 2, 3]);
    assert_eq!(matching(&samples, "shadow_disagreement = none"), [2, 3]);
}

#[test]
fn unusual_and_unseen() {
    let base = Sample { outlier_score: Some(0.995), created: NOW.plus_ms(-DAY_MS), ..Sample::default() };
    let samples = [
        base.clone(),
        Sample { outlier_score: Some(0.99), ..base.clone() },
        Sample { outlier_score: None, ..base.clone() },
        Sample { status: Status::Skipped, ..base.clone() },
        Sample { created: NOW.plus_ms(-7 * DAY_MS), ..base.clone() },
        Sample { created: NOW.plus_ms(-7 * DAY_MS + 1), ..base },
    ];
    assert_eq!(matching(&samples, "outlier_score > 0.99 and status = to_review and created > -7d"), [0, 5]);
}

#[test]
fn comparing_a_missing_value_is_false_and_not_is_its_complement() {
    let empty = Sample::default();
    check(
        &empty,
        false,
        &[
            "source = \"a\"",
            "source != \"a\"",
            "source < \"a\"",
            "source >= \"\"",
            "source ~ \"\"",
            "source in (a, b)",
            "tag = a",
            "tag ~ \"\"",
            "filename != x",
            "reviewed_by != x",
            "confidence > 0",
            "confidence <= 1",
            "confidence != 0.5",
            "min_confidence >= 0",
            "outlier_score < 2",
            "outlier_score in (0, 1)",
            "shadow_disagreement >= 0",
            "metadata.k = 1",
            "metadata.k != 1",
            "metadata.k = a",
            "metadata.k != a",
            "metadata.k ~ \"\"",
            "source != none",
            "tag != none",
            "metadata.k != none",
        ],
    );
    check(
        &empty,
        true,
        &[
            "not source = \"a\"",
            "not source != \"a\"",
            "source not in (a, b)",
            "not tag = a",
            "tag not in (a)",
            "not confidence > 0",
            "not metadata.k != 1",
            "source = none",
            "tag = none",
            "filename = none",
            "reviewed_by = none",
            "confidence = none",
            "min_confidence = none",
            "outlier_score = none",
            "shadow_disagreement = none",
            "metadata.k = none",
            "latency != none",
            "status != none",
            "model != none",
            "created != none",
            "width != none",
            "objects != none",
        ],
    );
}

#[test]
fn none_in_quotes_is_a_word() {
    let sample = Sample { source: Some("none".to_owned()), ..Sample::default() };
    check(&sample, true, &["source = \"none\"", "source != none", "source ~ 'NO'"]);
    check(&sample, false, &["source = none", "source = None"]);
}

#[test]
fn confidence_is_of_the_seen_boxes() {
    let sample = Sample::boxes(&[("car", 0.75), ("car", 0.25), ("car", 0.01)]);
    check(&sample, true, &["confidence = 0.5", "min_confidence = 0.25", "confidence in (0.5, 0.9)"]);
    check(&sample, false, &["min_confidence < 0.25", "confidence < 0.5"]);
}

#[test]
fn a_latency_without_a_unit_is_in_milliseconds() {
    let sample = Sample { latency_ms: 250.0, ..Sample::default() };
    check(
        &sample,
        true,
        &[
            "latency = 250",
            "latency = 250ms",
            "latency = 250 ms",
            "latency = 0.25s",
            "latency = .25 s",
            "latency < 1s",
        ],
    );
    check(&sample, false, &["latency > 1s", "latency < 250ms"]);
}

#[test]
fn dates_last_as_long_as_they_are_written() {
    let on = |text: &str| Sample { created: at(text), ..Sample::default() };
    let samples = [
        on("2026-10-31T23:59:59.999Z"),
        on("2026-11-01T00:00:00.000Z"),
        on("2026-11-01T10:00:00.000Z"),
        on("2026-11-01T10:00:59.999Z"),
        on("2026-11-01T10:01:00.000Z"),
        on("2026-11-01T23:59:59.999Z"),
        on("2026-11-02T00:00:00.000Z"),
    ];
    for (query, expected) in [
        ("created = 2026-11-01", vec![1, 2, 3, 4, 5]),
        ("created != 2026-11-01", vec![0, 6]),
        ("created < 2026-11-01", vec![0]),
        ("created <= 2026-11-01", vec![0, 1, 2, 3, 4, 5]),
        ("created > 2026-11-01", vec![6]),
        ("created >= 2026-11-01", vec![1, 2, 3, 4, 5, 6]),
        ("created = 2026-11-01T10:00", vec![2, 3]),
        ("created = \"2026-11-01 10:00\"", vec![2, 3]),
        ("created = 2026-11-01T11:00+01:00", vec![2, 3]),
        ("created > 2026-11-01T10:00", vec![4, 5, 6]),
        ("created >= 2026-11-01T10:01 and created < 2026-11-02", vec![4, 5]),
        ("created = 2026-11-01T10:00:59", vec![3]),
        ("created = 2026-11-01T10:00:59.999", vec![3]),
        ("created <= 2026-11-01T10:00:59.998Z", vec![0, 1, 2]),
        ("created in (2026-10-31, 2026-11-02)", vec![0, 6]),
        ("created not in (2026-10-31, 2026-11-02)", vec![1, 2, 3, 4, 5]),
        ("received = 2026-11-01", vec![]),
        ("received = 2026-11-23", vec![0, 1, 2, 3, 4, 5, 6]),
    ] {
        assert_eq!(matching(&samples, query), expected, "{query}");
    }
}

#[test]
fn a_time_ago_is_counted_from_now() {
    let ago = |ms: i64| Sample { received: NOW.plus_ms(-ms), ..Sample::default() };
    let samples = [ago(0), ago(30_000), ago(1_800_000), ago(3 * 3_600_000), ago(DAY_MS), ago(20 * DAY_MS)];
    for (query, expected) in [
        ("received > -1m", vec![0, 1]),
        ("received >= -30s", vec![0, 1]),
        ("received > -30s", vec![0]),
        ("received < -3h", vec![4, 5]),
        ("received <= -3h", vec![3, 4, 5]),
        ("received > -24h", vec![0, 1, 2, 3]),
        ("received >= -1d", vec![0, 1, 2, 3, 4]),
        ("received < -2w", vec![5]),
    ] {
        assert_eq!(matching(&samples, query), expected, "{query}");
    }
}

#[test]
fn texts_compare_bytewise_and_contain_without_ascii_case() {
    let sample = Sample {
        source: Some("Straße-Ost/Cam_7%".to_owned()),
        filename: Some("IMG 0001.jpg".to_owned()),
        model: "blood/3".to_owned(),
        reviewed_by: Some("ana@example.org".to_owned()),
        ..Sample::default()
    };
    check(
        &sample,
        true,
        &[
            "source = \"Straße-Ost/Cam_7%\"",
            "source ~ \"straße\"",
            "source ~ cam_7",
            "source ~ \"_7%\"",
            "source > S",
            "source < \"a\"",
            "filename ~ 0001",
            "filename ~ \"img 0\"",
            "model = \"blood/3\"",
            "model = blood/3",
            "model != blood/4",
            "reviewed_by = ana@example.org",
            "source in (x, 'Straße-Ost/Cam_7%')",
        ],
    );
    check(
        &sample,
        false,
        &[
            "source = \"straße-ost/cam_7%\"",
            "source ~ \"STRASSE\"",
            "source ~ \"STRAẞE\"",
            "source ~ \"cam%7\"",
            "source ~ \"cam.7\"",
            "filename = \"IMG 0001.jpg \"",
            "source > T",
        ],
    );
}

#[test]
fn one_tag_is_enough() {
    let sample = Sample { tags: texts(&["night", "Rain"]), ..Sample::default() };
    check(&sample, true, &["tag = night", "tag ~ rain", "tag in (day, night)", "tag = night and tag = Rain"]);
    check(&sample, false, &["tag = rain", "tag = day", "tag not in (day, night)", "tag = none"]);
}

#[test]
fn metadata_is_a_number_only_to_a_bare_number() {
    let mut sample = Sample::default();
    for (key, value) in
        [("t", "9.5"), ("id", "007"), ("word", "abc"), ("my key", "x"), ("größe", "12"), ("", "e")]
    {
        sample.metadata.insert(key.to_owned(), value.to_owned());
    }
    check(
        &sample,
        true,
        &[
            "metadata.t > 9",
            "metadata.t < 10",
            "metadata.t > \"10\"",
            "metadata.t = 9.50",
            "metadata.id = 7",
            "metadata.id = \"007\"",
            "metadata.word = abc",
            "metadata.word ~ B",
            "metadata.\"my key\" = x",
            "metadata.größe >= 12",
            "metadata.t in (1, 9.5)",
            "metadata.word in (1, abc)",
            "metadata.word != b",
            "metadata.t ~ 9.5",
            "metadata.\"\" = e",
            "not metadata.word = 5",
        ],
    );
    check(
        &sample,
        false,
        &[
            "metadata.id = \"7\"",
            "metadata.word = 5",
            "metadata.word != 5",
            "metadata.word > 0",
            "metadata.T = 9.5",
        ],
    );
}

#[test]
fn boxes_are_asked_by_all_their_fields() {
    let large = PredictedBox { rect: rect(100.0, 50.0), ..predicted("car", 0.5) };
    let sample = Sample { boxes: vec![large, predicted("bus", 0.9)], ..Sample::default() };
    check(
        &sample,
        true,
        &[
            "has(area = 5000)",
            "has(width > 99 and height <= 50)",
            "has(label = car and area > 200)",
            "count(area >= 200) = 2",
            "has(label = bus and score > 0.8)",
            "count(label = car or label = bus) = 2",
            "has(not label = car)",
            "count(score in (0.5, 0.9)) = 2",
            "has(label in (bus) and not (score < 0.9))",
            "has(label != none)",
            "width = 640",
            "height = 480",
            "count(width = 640) = 0",
        ],
    );
    check(
        &sample,
        false,
        &[
            "has(label = bus and area > 200)",
            "has(score = none)",
            "has(label = car and score > 0.8)",
            "count() = 2.5",
        ],
    );
}

#[test]
fn every_origin_has_its_own_boxes() {
    let mut ignored = drawn("crowd");
    ignored.ignore = true;
    let sample = Sample {
        boxes: vec![predicted("car", 0.9), predicted("ghost", 0.1)],
        shadow: vec![predicted("bus", 0.9), predicted("shade", 0.1)],
        review: vec![drawn("van"), ignored],
        ..Sample::default()
    };
    check(
        &sample,
        true,
        &[
            "has(label = car)",
            "has(champion: label = car)",
            "count(all:) = 2",
            "has(all: label = ghost)",
            "count(shadow: label = bus) = 1",
            "count(shadow:) = 1",
            "count(review:) = 1",
            "has(review: label = van)",
            "count(review: score = none) = 1",
            "count(shadow:score>=0.5)=1",
        ],
    );
    check(
        &sample,
        false,
        &["has(label = bus)", "has(label = ghost)", "has(review: score >= 0)", "has(review: label = crowd)"],
    );
    check(&Sample::default(), true, &["count(shadow:) = 0", "not has(review:)", "not has()"]);
}

#[test]
fn and_binds_closer_than_or_and_not_closest() {
    let sample = Sample::boxes(&[("car", 0.9)]);
    check(
        &sample,
        true,
        &[
            "objects = 1 or objects = 2 and objects = 3",
            "not objects = 2 and objects = 1",
            "not (objects = 1 and objects = 2)",
            "NOT NOT objects = 1 AND objects = 1",
            "",
            "  \n\t ",
        ],
    );
    check(
        &sample,
        false,
        &["(objects = 1 or objects = 2) and objects = 3", "not objects = 1 or objects = 3"],
    );
}

#[test]
fn any_text_can_be_quoted() {
    for text in [
        "",
        "a\"b'c\\d",
        "100%_",
        "'; drop table users; --",
        "日本語 🙂",
        "\u{202e}rtl",
        "a\nb\tc\r",
        "\u{1b}[31m",
    ] {
        let sample = Sample { source: Some(text.to_owned()), ..Sample::default() };
        check(&sample, true, &[&format!("source = {}", query::quote(text))]);
    }
    let sample = Sample { source: Some("a\u{1F600}b".to_owned()), ..Sample::default() };
    check(&sample, true, &[r#"source = "a\u{1F600}b""#, r"source = 'a\u{1f600}b'"]);
}

#[test]
fn a_query_travels_as_text() {
    let query: Query = "objects > 5 and tag = night".parse().expect("a query");
    let json = serde_json::to_string(&query).expect("json");
    assert_eq!(json, r#""objects > 5 and tag = \"night\"""#);
    assert_eq!(serde_json::from_str::<Query>(&json).expect("a query"), query);
    let refused = serde_json::from_str::<Query>(r#""objcts > 5""#).expect_err("refused").to_string();
    assert!(refused.contains("did you mean `objects`?"), "{refused}");
}
