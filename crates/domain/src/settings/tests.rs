use super::*;
use crate::learning::{Policy, Requirement, Trigger};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Calls `$check::<G>()` for every group.
macro_rules! for_all {
    ($check:ident) => {
        $check::<ReviewSettings>();
        $check::<SubmissionSettings>();
        $check::<ContinuousTraining>();
        $check::<ContinuousDeployment>();
        $check::<Retention>();
    };
}

fn put<G: SettingsGroup>(body: Value) -> Result<G, InvalidSetting> {
    let map: SettingsMap<G> =
        serde_json::from_value(body).map_err(|e| InvalidSetting::new("body", e.to_string()))?;
    map.group()
}

fn refused<G: SettingsGroup>(body: &Value) -> (String, String) {
    match put::<G>(body.clone()) {
        Ok(_) => panic!("{body} was taken"),
        Err(InvalidSetting { key, message }) => (key, message),
    }
}

#[test]
fn every_row_is_a_field_with_a_sound_default_that_forms_and_rows_read_back() {
    fn check<G: SettingsGroup>() {
        let usual = to_map(&G::default());
        let keys: BTreeSet<&str> = G::TABLE.iter().map(|row| row.key).collect();
        assert_eq!(keys, usual.keys().map(String::as_str).collect(), "{}", G::NAME);
        validate(&G::default()).expect("a default is allowed");
        let stored = from_stored::<G>(Value::Object(usual.clone())).expect("reads back");
        assert_eq!(to_map(&stored), usual);
        let texts = form_texts(&G::default()).into_iter().map(|(key, text)| (key.to_owned(), text)).collect();
        assert_eq!(to_map(&from_form(&G::default(), &texts).expect("a form reads back")), usual);
        for row in G::TABLE {
            assert!(!row.label.is_empty() && row.help.trim().ends_with('.'), "{}", row.key);
            if let Kind::Choice(choices) = row.kind {
                for (word, _) in choices {
                    let value = if word.is_empty() { Value::Null } else { json!(word) };
                    let with = [(row.key.to_owned(), value)].into_iter().collect();
                    let all: Map<_, _> = usual.clone().into_iter().chain::<Map<_, _>>(with).collect();
                    from_json::<G>(all).unwrap_or_else(|error| panic!("{word}: {error}"));
                }
            }
        }
    }
    for_all!(check);
}

#[test]
fn what_a_put_leaves_out_is_as_usual_and_what_must_be_said_is_asked_for() {
    assert_eq!(put::<Retention>(json!({})).expect("taken"), Retention::default());
    assert_eq!(put::<SubmissionSettings>(json!({})).expect("taken"), SubmissionSettings::default());
    let training: ContinuousTraining =
        put(json!({ "enabled": true, "threshold": null, "params": { "epochs": 3 } })).expect("taken");
    assert_eq!((training.threshold, training.trigger), (100, Trigger::FeedbackCount));
    assert_eq!(training.params, BTreeMap::from([("epochs".to_owned(), "3".to_owned())]));
    // Left out it is none, and not what holds where nobody ever set it.
    let deploying: ContinuousDeployment = put(json!({ "policy": "shadow" })).expect("taken");
    assert_eq!((deploying.policy, deploying.require), (Policy::Shadow, None));
    assert_eq!(ContinuousDeployment::default().require, Some(Requirement::Better));
    assert_eq!(refused::<ReviewSettings>(&json!({})).0, "blind_share");
    assert_eq!(refused::<ContinuousTraining>(&json!({})).0, "enabled");
}

#[test]
fn what_is_refused_is_named_with_what_would_be_right() {
    let said = |(key, message): (String, String)| format!("{key}: {message}");
    let days = |days: Value| said(refused::<Retention>(&json!({ "days": days })));
    assert_eq!(days(json!(0)), "days: It must lie between 1 and 3650.");
    assert_eq!(days(json!(-1)), "days: It must lie between 1 and 3650.");
    assert_eq!(days(json!(1.5)), "days: It must lie between 1 and 3650.");
    assert_eq!(
        said(refused::<Retention>(&json!({ "bytes": 5 }))),
        "bytes: It must be at least 1000000 (1 MB)."
    );
    assert_eq!(
        said(refused::<ReviewSettings>(&json!({ "blind_share": 1.5 }))),
        "blind_share: 1.5 is not a share: it must lie between 0 and 1"
    );
    assert_eq!(
        said(refused::<ContinuousTraining>(&json!({ "enabled": true, "trigger": "moon" }))),
        "trigger: \"moon\" is no trigger: use feedback_count, schedule, drift or by_hand."
    );
    assert_eq!(
        said(refused::<SubmissionSettings>(&json!({ "submit": true }))),
        "body: unknown field `submit`, expected one of `submit_at_once`, `enabled`, `dataset`, `create`"
    );
    for body in ["{\"days\":[1]}", "{\"days\":1,\"days\":2}", "[]", "{\"days\":{\"a\":1}}"] {
        assert!(serde_json::from_str::<SettingsMap<Retention>>(body).is_err(), "{body}");
    }
    let many: Map<String, Value> = (0..65).map(|n| (n.to_string(), json!(1))).collect();
    assert!(put::<ContinuousTraining>(json!({ "enabled": true, "params": many })).is_err());
    assert!(put::<ContinuousTraining>(json!({ "enabled": true, "params": { "epochs": [1] } })).is_err());
}

#[test]
fn a_form_speaks_of_percent_and_gigabytes_and_leaves_alone_what_it_has_no_field_for() {
    let now = Retention { days: Some(30), bytes: Some(2_500_000_000), ..Retention::default() };
    let texts = form_texts(&now);
    assert_eq!(
        (texts["days"].as_str(), texts["bytes"].as_str(), texts["sample_rate"].as_str()),
        ("30", "2.5", "100")
    );
    let form = |key: &str, text: &str| from_form(&now, &BTreeMap::from([(key.to_owned(), text.to_owned())]));
    assert_eq!(form("bytes", " 1.25 ").expect("read").bytes, Some(1_250_000_000));
    assert_eq!(form("bytes", "").expect("read"), Retention { bytes: None, ..now });
    assert_eq!(form("sample_rate", "12.5").expect("read").sample_rate.get(), 0.125);
    assert_eq!(form("sample_rate", "101").expect_err("too much").key, "sample_rate");
    let error = form("days", "many").expect_err("no number").to_string();
    assert_eq!(error, "Keep unreviewed predictions, days: write a whole number, or nothing.");
    let training = ContinuousTraining {
        params: BTreeMap::from([("seed".to_owned(), "7".to_owned())]),
        ..ContinuousTraining::default()
    };
    let texts =
        [("enabled", "true"), ("params.epochs", " 4")].map(|(key, text)| (key.to_owned(), text.to_owned()));
    let set = from_form(&training, &texts.into_iter().collect()).expect("read");
    assert_eq!((set.enabled, set.threshold), (true, 100));
    assert_eq!(
        set.params.into_iter().collect::<Vec<_>>(),
        [("epochs".to_owned(), "4".to_owned()), ("seed".to_owned(), "7".to_owned())]
    );
}

#[test]
fn what_another_version_stored_is_read() {
    let stored = json!({ "policy": "shadow", "a_setting_of_tomorrow": 3 });
    let read: ContinuousDeployment = from_stored(stored).expect("read");
    assert_eq!(read, ContinuousDeployment { policy: Policy::Shadow, ..ContinuousDeployment::default() });
    assert!(from_stored::<ContinuousDeployment>(json!({ "policy": 7 })).is_err(), "damage is told");
}

/// The words of the API and of the database: other people's scripts use them.
#[test]
fn the_names_of_settings_stay() {
    fn names<G: SettingsGroup>() -> String {
        format!("{}: {}", G::NAME, G::TABLE.iter().map(|row| row.key).collect::<Vec<_>>().join(" "))
    }
    let all = [
        names::<ReviewSettings>(),
        names::<SubmissionSettings>(),
        names::<ContinuousTraining>(),
        names::<ContinuousDeployment>(),
        names::<Retention>(),
    ];
    insta::assert_snapshot!(all.join("\n"), @r"
    review: blind_share
    submission: submit_at_once
    continuous_training: enabled trigger threshold every_hours trainer params
    continuous_deployment: enabled policy require latency_budget_ms class_margin
    retention: days bytes sample_rate
    ");
}
