//! Alerts fire once, clear once, and go out signed until they are taken.

// A use case is futures within futures, down to the statements of a transaction.
#![recursion_limit = "256"]

use domain::{
    alert::{AlertRule, Operator, Watch},
    fault::{ApiError, ErrorKind},
    prediction::Report,
};
use futures::future::BoxFuture;
use service::{Internal, KeyedReport, Message, MessageSender, NewWebhook, SetAlert};
use std::sync::Mutex;
use test_support::{TestService, admin, predicted, report, reviewer};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Takes messages, or refuses them all.
#[derive(Default)]
struct Receiver {
    refuses: bool,
    messages: Mutex<Vec<Message>>,
}

impl Receiver {
    /// The headers and the body of the first message, which was posted.
    fn first_post(&self) -> (Vec<(&'static str, String)>, String) {
        match self.messages.lock().expect("unpoisoned").first() {
            Some(Message::Post { headers, body, .. }) => (headers.clone(), body.clone()),
            other => panic!("{other:?} was not posted"),
        }
    }
}

impl MessageSender for Receiver {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<String, String>> {
        self.messages.lock().expect("unpoisoned").push(message.clone());
        let answer = if self.refuses { Err("it answered 500".to_owned()) } else { Ok("204".to_owned()) };
        Box::pin(std::future::ready(answer))
    }
}

/// Never hears from one address, and passes on what the others are sent.
struct OneIsSilent {
    silent: &'static str,
    others: UnboundedSender<String>,
}

impl MessageSender for OneIsSilent {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<String, String>> {
        let Message::Post { url, .. } = message else { panic!("{message:?} is not posted") };
        if url == self.silent {
            return Box::pin(std::future::pending());
        }
        self.others.send(url.clone()).expect("somebody waits");
        Box::pin(std::future::ready(Ok("204".to_owned())))
    }
}

fn webhook(address: &str, events: &[&str]) -> NewWebhook {
    let events = events.iter().map(|event| (*event).to_owned()).collect();
    NewWebhook { kind: None, address: address.to_owned(), events }
}

fn hook_delivery<'a>(headers: &'a [(&'static str, String)]) -> Option<&'a String> {
    headers.iter().find(|(name, _)| *name == "Fovea-Delivery").map(|(_, id)| id)
}

fn slow(limit: f64) -> SetAlert {
    let rule = AlertRule {
        watch: Watch::Metric("latency_p95_ms".parse().expect("a figure")),
        operator: Operator::Above,
        limit,
        window_ms: 60_000,
        sustained_ms: 0,
        hysteresis: 0.0,
    };
    SetAlert { name: "slow".to_owned(), rule, enabled: true }
}

async fn arrive(test: &TestService, latency_ms: f64) {
    let report = Report { latency_ms, ..report(vec![predicted("car", 0.9, 10.0)]) };
    let keyed = KeyedReport { report, idempotency_key: None };
    test.service.intake().report(&admin(), "cells", keyed, None).await.expect("stores");
}

async fn tend(test: &TestService, after_ms: i64) {
    test.clock.advance_ms(after_ms);
    test.service.jobs().update_monitoring(Internal).await.expect("tends");
}

#[tokio::test]
async fn silence_is_a_state_of_its_own_and_a_rule_about_few_is_told_of_it() {
    let test = TestService::new().await;
    test.deploy(&["car"]).await;
    let monitoring = test.service.monitoring();
    let count = |name: &str, operator, limit| {
        let rule = AlertRule { watch: Watch::QueryCount(String::new()), operator, limit, ..slow(0.0).rule };
        SetAlert { name: name.to_owned(), rule, enabled: true }
    };
    for rule in [slow(50.0), count("many", Operator::AtLeast, 1.0), count("none", Operator::Below, 1.0)] {
        monitoring.set_alert(&admin(), "cells", None, rule).await.expect("set");
    }
    let states = async || {
        let (rules, _) = test.service.monitoring().alerts(&admin(), "cells").await.expect("reads");
        let state = |rule: &domain::notice::KeptRule| {
            (rule.name.clone(), rule.firing_since.is_some(), rule.silent_since.is_some())
        };
        rules.iter().map(state).collect::<Vec<_>>()
    };
    let state = |name: &str, firing, silent| (name.to_owned(), firing, silent);
    tend(&test, 15_000).await;
    let at_first = [state("many", false, false), state("none", true, false), state("slow", false, false)];
    assert_eq!(states().await, at_first, "nothing ever arrived");
    arrive(&test, 100.0).await;
    tend(&test, 15_000).await;
    assert_eq!(
        states().await,
        [state("many", true, false), state("none", false, false), state("slow", true, false)]
    );
    tend(&test, 300_000).await;
    assert_eq!(
        states().await,
        [state("many", false, true), state("none", true, true), state("slow", true, true)]
    );
    arrive(&test, 10.0).await;
    tend(&test, 15_000).await;
    assert_eq!(
        states().await,
        [state("many", true, false), state("none", false, false), state("slow", false, false)]
    );
}

#[tokio::test]
async fn an_alert_fires_and_clears_and_says_which_predictions() {
    let test = TestService::new().await;
    test.deploy(&["car"]).await;
    let rule = test.service.monitoring().set_alert(&admin(), "cells", None, slow(50.0)).await.expect("set");
    arrive(&test, 100.0).await;
    tend(&test, 1_000).await;
    tend(&test, 1_000).await;
    let (rules, events) = test.service.monitoring().alerts(&admin(), "cells").await.expect("reads");
    assert_eq!((events.len(), events[0].fired, events[0].rule_id), (1, true, rule.id));
    assert!((events[0].value - 100.0).abs() < 2.0 && rules[0].firing_since.is_some());
    test.service.list_predictions_of(&events[0].query).await;
    // Two minutes later only what is quick is in the window.
    test.clock.advance_ms(120_000);
    arrive(&test, 10.0).await;
    tend(&test, 15_000).await;
    let (rules, events) = test.service.monitoring().alerts(&admin(), "cells").await.expect("reads");
    assert_eq!(events.iter().map(|event| event.fired).collect::<Vec<_>>(), [false, true]);
    assert_eq!(rules[0].firing_since, None);
    assert_eq!(test.service.monitoring().read_alerts(&reviewer(), "cells").await.expect("reads"), 2);
    assert_eq!(test.service.monitoring().read_alerts(&admin(), "cells").await.expect("reads"), 0);
    test.service.monitoring().delete_alert(&admin(), "cells", rule.id).await.expect("deletes");
    let (rules, events) = test.service.monitoring().alerts(&admin(), "cells").await.expect("reads");
    assert_eq!((rules.len(), events.len()), (0, 2), "what it said stays");
}

/// Counts what a query of an alert selects.
trait Selects {
    async fn list_predictions_of(&self, query: &str);
}

impl Selects for service::Service {
    async fn list_predictions_of(&self, query: &str) {
        let found = self.browsing().count_predictions(&admin(), "cells", query).await.expect("counts");
        assert_eq!(found.count, 1, "{query}");
    }
}

#[tokio::test]
async fn a_count_of_a_query_is_watched_over_its_window() {
    let test = TestService::new().await;
    test.deploy(&["car"]).await;
    let mut many = slow(1.0);
    many.rule.watch = Watch::QueryCount("has(label = \"car\")".to_owned());
    test.service.monitoring().set_alert(&admin(), "cells", None, many).await.expect("set");
    arrive(&test, 10.0).await;
    tend(&test, 15_000).await;
    assert!(test.service.monitoring().alerts(&admin(), "cells").await.expect("reads").1.is_empty());
    arrive(&test, 10.0).await;
    tend(&test, 15_000).await;
    let (_, events) = test.service.monitoring().alerts(&admin(), "cells").await.expect("reads");
    assert_eq!((events[0].fired, events[0].value), (true, 2.0));
    tend(&test, 120_000).await;
    assert!(!test.service.monitoring().alerts(&admin(), "cells").await.expect("reads").1[0].fired);
}

#[tokio::test]
async fn what_happened_goes_out_signed_until_it_is_taken() {
    let test = TestService::new().await;
    test.deploy(&["car"]).await;
    let new = webhook("https://example.org/hook", &["alert.fired"]);
    let (hook, secret) = test.service.monitoring().add_webhook(&admin(), "cells", new).await.expect("added");
    assert!(secret.is_some_and(|secret| secret.starts_with("whsec_")));
    test.service.monitoring().set_alert(&admin(), "cells", None, slow(50.0)).await.expect("set");
    arrive(&test, 100.0).await;
    tend(&test, 15_000).await;
    let deaf = Receiver { refuses: true, ..Receiver::default() };
    assert_eq!(test.service.monitoring().deliver(Internal, &deaf).await.expect("tries"), 1);
    assert_eq!(test.service.monitoring().deliver(Internal, &deaf).await.expect("waits"), 0);
    let waiting = test.service.monitoring().deliveries(&admin(), "cells", hook.id).await.expect("reads");
    assert_eq!((waiting[0].state.as_str(), waiting[0].attempts), ("waiting", 1));
    assert_eq!(waiting[0].answer, "it answered 500");
    test.clock.advance_ms(11_000);
    let open = Receiver::default();
    assert_eq!(test.service.monitoring().deliver(Internal, &open).await.expect("sends"), 1);
    let ((first, body), (second, again)) = (deaf.first_post(), open.first_post());
    let delivery = hook_delivery(&first);
    assert_eq!((&body, delivery), (&again, hook_delivery(&second)));
    assert!(delivery.is_some());
    assert_ne!(first.last(), second.last(), "the time is signed too");
    let body: serde_json::Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!((body["event"].as_str(), body["deployment"].as_str()), (Some("alert.fired"), Some("cells")));
    assert_eq!(body["data"]["alert"], "slow");
    let sent = test.service.monitoring().deliveries(&admin(), "cells", hook.id).await.expect("reads");
    assert_eq!((sent.len(), sent[0].state.as_str(), sent[0].attempts), (1, "delivered", 2));
    test.service.monitoring().delete_webhook(&admin(), "cells", hook.id).await.expect("deletes");
    assert_eq!(test.service.monitoring().webhooks(&admin(), "cells").await.expect("reads"), []);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let test = TestService::new().await;
    test.deploy(&["car"]).await;
    let set = async |change| test.service.monitoring().set_alert(&admin(), "cells", None, change).await;
    let named = |name: &str| SetAlert { name: name.to_owned(), ..slow(1.0) };
    let watching = |watch| SetAlert { rule: AlertRule { watch, ..slow(1.0).rule }, ..slow(1.0) };
    set(slow(1.0)).await.expect("set");
    for (change, kind) in [
        (slow(1.0), ErrorKind::Conflict),
        (named(""), ErrorKind::Invalid),
        (SetAlert { name: "b".to_owned(), ..slow(f64::NAN) }, ErrorKind::Invalid),
        (watching(Watch::QueryCount("statsu = reviewed".to_owned())), ErrorKind::Invalid),
    ] {
        let refused = set(change).await.expect_err("refused");
        assert_eq!(ApiError::from(refused).kind, kind);
    }
    let hook = async |new| test.service.monitoring().add_webhook(&admin(), "cells", new).await;
    assert!(hook(webhook("ftp://example.org", &[])).await.is_err());
    assert!(hook(webhook("https://example.org", &["alert.fried"])).await.is_err());
    let of_kind =
        |kind: &str, address: &str| NewWebhook { kind: Some(kind.to_owned()), ..webhook(address, &[]) };
    assert!(hook(of_kind("pigeon", "https://example.org")).await.is_err());
    assert!(hook(of_kind("email", "https://example.org")).await.is_err());
    assert!(hook(of_kind("slack", "ada@example.org")).await.is_err());
}

#[tokio::test]
async fn every_kind_of_address_is_told_in_its_own_words() {
    let test = TestService::new().await;
    test.deploy(&["car"]).await;
    let monitoring = test.service.monitoring();
    for (kind, address) in [("slack", "https://chat.example.org/KEY"), ("email", "ada@example.org")] {
        let new = NewWebhook { kind: Some(kind.to_owned()), ..webhook(address, &["alert.fired"]) };
        let (hook, secret) = monitoring.add_webhook(&admin(), "cells", new).await.expect("added");
        assert_eq!((hook.kind.as_str(), secret), (kind, None));
    }
    monitoring.set_alert(&admin(), "cells", None, slow(50.0)).await.expect("set");
    arrive(&test, 100.0).await;
    tend(&test, 15_000).await;
    let receiver = Receiver::default();
    assert_eq!(monitoring.deliver(Internal, &receiver).await.expect("sends"), 2);
    let messages = receiver.messages.lock().expect("unpoisoned");
    let posted = messages.iter().any(|message| {
        matches!(message, Message::Post { body, .. } if body.contains("*cells: the alert slow fired*"))
    });
    let mailed = messages.iter().any(|message| {
        matches!(message, Message::Mail(mail) if mail.to == ["ada@example.org"]
            && mail.subject == "[Fovea] cells: the alert slow fired")
    });
    assert!(posted && mailed, "{messages:?}");
}

#[tokio::test]
async fn an_address_that_never_answers_delays_nobody() {
    let test = TestService::new().await;
    test.deploy(&["car"]).await;
    let monitoring = test.service.monitoring();
    let (silent, other) = ("https://silent.example.org/", "https://other.example.org/");
    for address in [silent, other] {
        monitoring.add_webhook(&admin(), "cells", webhook(address, &[])).await.expect("added");
    }
    let set = async |name: &str| {
        let alert = SetAlert { name: name.to_owned(), ..slow(50.0) };
        monitoring.set_alert(&admin(), "cells", None, alert).await.expect("set");
        tend(&test, 15_000).await;
    };
    let (others, mut told) = unbounded_channel();
    arrive(&test, 100.0).await;
    set("first").await;
    let sender = OneIsSilent { silent, others };
    let heard = async {
        assert_eq!(told.recv().await.as_deref(), Some(other));
        // What happens while the first one is still waited for goes out, too.
        set("second").await;
        assert_eq!(told.recv().await.as_deref(), Some(other));
    };
    tokio::select! {
        () = heard => {}
        ended = monitoring.deliver(Internal, &sender) => panic!("{ended:?} with one under way"),
    }
}
