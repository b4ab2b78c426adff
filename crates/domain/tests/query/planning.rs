//! What a query implies, for an index to start from.

use super::sample::{DAY_MS, NOW};
use domain::prediction::Status;
use query::{
    Bounds, Implied, LabelCount,
    ast::BoxOrigin,
    parse,
    schema::{DateField, NumberField, TextField},
};
use std::{
    collections::BTreeSet,
    ops::Bound::{Excluded, Included, Unbounded},
};

fn implied(query: &str) -> Implied {
    parse(query).unwrap_or_else(|errors| panic!("{errors}")).driving_conditions(NOW)
}

fn count(origin: BoxOrigin, labels: &[&str], at_least: u64) -> LabelCount {
    LabelCount { origin, labels: set(labels), at_least, at_most: None, surest: Unbounded }
}

fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_count_of_a_label_starts_from_the_label_counts() {
    for (query, expected) in [
        ("count(label = car) >= 3", Some(count(BoxOrigin::Champion, &["car"], 3))),
        (
            "count(label = car and score > 0.8) > 2",
            Some(LabelCount { surest: Excluded(0.8), ..count(BoxOrigin::Champion, &["car"], 3) }),
        ),
        (
            "has(label = car and (score >= 0.8 or score = 0.5)) and objects > 2",
            Some(LabelCount { surest: Included(0.5), ..count(BoxOrigin::Champion, &["car"], 1) }),
        ),
        (
            "count(label = car) = 2",
            Some(LabelCount { at_most: Some(2), ..count(BoxOrigin::Champion, &["car"], 2) }),
        ),
        ("count(label = car and area > 0.8) = 2", Some(count(BoxOrigin::Champion, &["car"], 2))),
        ("count(label = car) >= 1.5", Some(count(BoxOrigin::Champion, &["car"], 2))),
        ("has(label = car)", Some(count(BoxOrigin::Champion, &["car"], 1))),
        ("label in (car, bus)", Some(count(BoxOrigin::Champion, &["car", "bus"], 1))),
        ("count(label in (car, bus)) >= 3", Some(count(BoxOrigin::Champion, &["car", "bus"], 2))),
        ("has(shadow: label = car)", Some(count(BoxOrigin::Shadow, &["car"], 1))),
        ("not count(label = car) < 3", Some(count(BoxOrigin::Champion, &["car"], 3))),
        ("has(label = car) or count(label = bus) >= 2", Some(count(BoxOrigin::Champion, &["car", "bus"], 1))),
        (
            "has(label = car or label = bus and area > 5)",
            Some(count(BoxOrigin::Champion, &["car", "bus"], 1)),
        ),
        ("count(label = car) < 3", None),
        ("count(label = car) >= 0", None),
        ("not has(label = car)", None),
        ("has(label = car or area > 5)", None),
        ("has(label != car)", None),
        ("has(label = car) or objects > 5", None),
        ("has(label = car) or has(shadow: label = car)", None),
    ] {
        let counts = implied(query).label_counts;
        assert_eq!(counts, expected.into_iter().collect::<Vec<_>>(), "{query}");
    }
}

#[test]
fn ranges_meet_under_and_and_join_under_or() {
    for (query, low, high) in [
        ("objects > 5 and objects <= 9", Excluded(5.0), Included(9.0)),
        ("objects > 5 and objects >= 5", Excluded(5.0), Unbounded),
        ("objects in (3, 8, 5)", Included(3.0), Included(8.0)),
        ("objects = 3 or objects > 7", Included(3.0), Unbounded),
        ("not objects > 5", Unbounded, Included(5.0)),
        ("not (objects > 5 or objects < 2)", Included(2.0), Included(5.0)),
        ("count() < 4", Included(0.0), Excluded(4.0)),
        ("count(score > 0.9) >= 4", Included(4.0), Unbounded),
        ("not has()", Included(0.0), Excluded(1.0)),
    ] {
        let bounds = implied(query).numbers.remove(&NumberField::Objects);
        assert_eq!(bounds, Some(Bounds { low, high }), "{query}");
    }
}

#[test]
fn a_value_that_can_be_missing_is_not_bound_by_not() {
    for query in
        ["not outlier_score > 0.9", "not confidence < 0.5", "objects > 3 or width = 2", "objects != 3"]
    {
        assert!(implied(query).numbers.is_empty(), "{query}");
    }
    assert!(implied("not source = a").texts.is_empty());
}

#[test]
fn numbers_in_metadata_lie_in_ranges_and_texts_in_none() {
    for (query, low, high) in [
        ("metadata.t > 9 and metadata.t <= 12", Excluded(9.0), Included(12.0)),
        ("metadata.t = 5", Included(5.0), Included(5.0)),
        ("metadata.t in (3, 8)", Included(3.0), Included(8.0)),
        ("metadata.t < 2 or metadata.t = 7", Unbounded, Included(7.0)),
    ] {
        let bounds = implied(query).measures.remove("t").expect("a range");
        assert_eq!((bounds.low, bounds.high), (low, high), "{query}");
    }
    for query in ["metadata.t > \"9\"", "metadata.t in (3, a)", "metadata.t != 5", "not metadata.t > 9"] {
        assert!(implied(query).measures.is_empty(), "{query}");
    }
    assert!(implied("metadata.t > 9 and metadata.t < 9").never);
    for (query, has) in [
        ("metadata.t ~ a", true),
        ("metadata.t != 5", true),
        ("not metadata.t = none", true),
        ("metadata.t = none", false),
        ("not metadata.t = 5", false),
    ] {
        assert_eq!(implied(query).keys.contains("t"), has, "{query}");
    }
}

#[test]
fn each_tag_is_a_condition_of_its_own() {
    assert_eq!(implied("tag = a and tag = b").tags, [set(&["a"]), set(&["b"])]);
    assert_eq!(implied("tag = a or tag = b").tags, [set(&["a", "b"])]);
    assert!(implied("tag = a or objects > 5").tags.is_empty());
}

#[test]
fn what_a_text_is_not_is_a_condition_on_its_known_values() {
    for (query, admitted, refused) in [
        ("source != a", Some("b"), vec![Some("a"), None]),
        ("not source = a", None, vec![Some("a")]),
        ("source ~ am", Some("cam"), vec![Some("a"), None]),
        ("source = none", None, vec![Some("a")]),
        ("source < b", Some("a"), vec![Some("b"), None]),
    ] {
        let compared = implied(query).compared;
        let [one] = compared.as_slice() else { panic!("{query}: {compared:?}") };
        assert!(one.field == TextField::Source && one.admits(admitted), "{query}");
        assert!(refused.into_iter().all(|text| !one.admits(text)), "{query}");
    }
    assert!(implied("not tag = a").compared.is_empty(), "a prediction has many tags");
    assert!(implied("tag = none").compared.is_empty());
    for query in ["tag ~ a", "not tag = none"] {
        assert!(implied(query).compared.iter().all(|one| one.admits(Some("a"))), "{query}");
        assert_eq!(implied(query).compared.len(), 1, "{query}");
    }
    assert!(implied("has(review: area > 5)").has_review && !implied("not has(review: area > 5)").has_review);
    assert!(implied("outlier_score = none").lacking.contains(&NumberField::OutlierScore));
    assert!(implied("not outlier_score = none").lacking.is_empty());
}

#[test]
fn an_or_of_unlike_conditions_keeps_what_each_of_them_implies() {
    let either = implied("tag = a or count(label = car) >= 3 and objects > 5 or count() < 0");
    let [alternatives] = either.alternatives.as_slice() else { panic!("{either:?}") };
    let [tagged, many] = alternatives.as_slice() else { panic!("{alternatives:?}") };
    assert_eq!(tagged.tags, [set(&["a"])]);
    assert_eq!(many.label_counts, [count(BoxOrigin::Champion, &["car"], 3)]);
    assert!(either.tags.is_empty() && either.label_counts.is_empty());
    assert_eq!(
        implied("(tag = a or status = skipped) and (source = c or objects > 5)").alternatives.len(),
        2
    );
}

#[test]
fn dates_become_half_open_ranges() {
    let week = implied("created > -7d").dates.remove(&DateField::Created).expect("a range");
    let start = NOW.plus_ms(-7 * DAY_MS);
    assert!(!week.contains(&start) && week.contains(&start.plus_ms(1)) && week.high == Unbounded);
    let day = implied("created = 2026-11-01").dates.remove(&DateField::Created).expect("a range");
    let midnight: domain::time::Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
    assert_eq!(day, Bounds { low: Included(midnight), high: Excluded(midnight.plus_ms(DAY_MS)) });
    let not_after = implied("not created > 2026-11-01").dates.remove(&DateField::Created).expect("a range");
    assert_eq!(not_after, Bounds { low: Unbounded, high: Excluded(midnight.plus_ms(DAY_MS)) });
}

#[test]
fn statuses_and_texts_become_sets() {
    let statuses = |query: &str| implied(query).statuses.map(|s| s.into_iter().collect::<Vec<_>>());
    assert_eq!(statuses("reviewed = true"), Some(vec![Status::Reviewed, Status::Submitted]));
    assert_eq!(statuses("reviewed = true and status != submitted"), Some(vec![Status::Reviewed]));
    assert_eq!(
        statuses("status = skipped or reviewed = false"),
        Some(vec![Status::ToReview, Status::Skipped])
    );
    assert_eq!(statuses("status = skipped or objects > 5"), None);
    let all = implied("source in (a, b) and source = b and tag in (x, y) and tag = z and metadata.k = v");
    assert_eq!(all.texts.get(&TextField::Source), Some(&set(&["b"])));
    assert_eq!(all.tags, [set(&["x", "y"]), set(&["z"])]);
    assert_eq!(all.metadata.get("k"), Some(&set(&["v"])));
    assert_eq!(implied("source = a or source = b").texts.get(&TextField::Source), Some(&set(&["a", "b"])));
    assert!(implied("metadata.k = 5").metadata.is_empty(), "other texts are the number 5, too");
}

#[test]
fn what_contradicts_itself_never_matches() {
    for query in [
        "objects > 5 and objects < 3",
        "objects > 5 and not objects > 5",
        "status = reviewed and status = skipped",
        "reviewed = true and reviewed = false",
        "source = a and source = b",
        "created < 2026-11-01 and created > 2026-11-02",
        "count() = 2.5",
        "count() < 0",
        "has(label = a and label = b)",
        "objects = 0 and has(label = car)",
        "status not in (to_review, reviewed, submitted, skipped)",
    ] {
        assert!(implied(query).never, "{query}");
    }
    for query in ["tag = a and tag = b", "objects >= 5 and objects <= 5", "", "objects > 5 or count() < 0"] {
        assert!(!implied(query).never, "{query}");
    }
}
