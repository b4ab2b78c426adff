//! Names and numbers that are stored or sent. A line of the file may be added;
//! one that is changed or goes breaks stored data and other people's programs.

use domain::{
    access::Role,
    alert::{Operator, WatchedFigure},
    dataset::Split,
    drift::Feature,
    feedback::{FeedbackSide, SideReason},
    learning::{Policy, RoundState, Trigger},
    listing::SortField,
    model::Series,
    monitor::{Resolution, figures::Figure, metrics::Metric, supervised::Scope},
    notice::NoticeKind,
    prediction::{Origin, Status},
    review::{Picked, StartedFrom},
    training_data::ReferenceState,
    work::WorkState,
};
use measures::{
    drift::features::Feature as _,
    gate::Verdict,
    metrics::{coco, errors::ErrorKind},
};
use query::schema::{BoxField, Field};
use serde::Serialize;
use std::fmt::Write;

/// A line: the words that values are written as.
fn words<T: Serialize>(text: &mut String, what: &str, all: impl IntoIterator<Item = T>) {
    let word = |value: T| match serde_json::to_value(value).expect("writes") {
        serde_json::Value::String(word) => word,
        other => other.to_string(),
    };
    let all: Vec<String> = all.into_iter().map(word).collect();
    writeln!(text, "{what}: {}", all.join(" ")).expect("writes");
}

fn stable_names() -> String {
    let mut text = String::new();
    words(&mut text, "figures", Figure::all());
    words(&mut text, "figures in buckets", Figure::all().filter_map(Figure::name_in_bucket));
    words(&mut text, "figures of alerts", WatchedFigure::all());
    words(&mut text, "signs of alerts", Operator::ALL);
    words(&mut text, "widths of buckets", Resolution::ALL);
    words(&mut text, "scopes of reviews", Scope::ALL);
    words(&mut text, "figures of COCO", coco::Figure::ALL);
    words(&mut text, "figures of COCO by name", coco::Figure::ALL.map(coco::Figure::as_str));
    words(&mut text, "errors", ErrorKind::ALL);
    words(&mut text, "errors by name", ErrorKind::ALL.map(ErrorKind::as_str));
    let numbers = Metric::all().map(|metric| format!("{metric:?}={}", metric.number()));
    words(&mut text, "numbers of metrics", numbers);
    words(&mut text, "features of drift", Feature::all());
    let streams = Feature::all().map(|feature| format!("{feature}={}", feature.stream()));
    words(&mut text, "random streams of drift", streams);
    words(&mut text, "query fields", Field::all().map(|field| field.word()));
    words(&mut text, "query fields of boxes", BoxField::all().map(BoxField::word));
    words(&mut text, "orders", SortField::all().map(SortField::as_str));
    words(&mut text, "statuses", Status::ALL);
    words(&mut text, "origins of boxes", [Origin::Champion, Origin::Shadow, Origin::Review]);
    words(&mut text, "splits", Split::ALL);
    words(&mut text, "roles", [Role::Viewer, Role::Reviewer, Role::Admin]);
    words(&mut text, "starts of reviews", StartedFrom::ALL);
    words(&mut text, "ways of picking", Picked::ALL);
    words(&mut text, "sides of feedback", FeedbackSide::ALL);
    words(&mut text, "reasons of sides", SideReason::ALL);
    words(&mut text, "triggers", Trigger::ALL);
    words(&mut text, "policies", Policy::ALL);
    words(
        &mut text,
        "verdicts",
        [Verdict::Better, Verdict::Worse, Verdict::Undecided, Verdict::UndecidedAnchored],
    );
    words(&mut text, "states of rounds", RoundState::ALL);
    words(&mut text, "states of work", WorkState::ALL);
    words(
        &mut text,
        "states of references",
        [ReferenceState::Building, ReferenceState::Ready, ReferenceState::Failed],
    );
    words(&mut text, "series", Series::ALL);
    words(&mut text, "notices", NoticeKind::ALL);
    text
}

#[test]
fn names_that_are_stored_or_sent_stay() {
    super::check(&stable_names(), include_str!("names.txt"), "crates/domain/tests/tables/names.txt");
}
