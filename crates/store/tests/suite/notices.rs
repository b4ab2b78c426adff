//! Drift steps, alerts and webhooks: each step is taken once, and nothing
//! that was said is lost.

use crate::{
    fixtures::{START, deployment, id},
    harness::both,
    monitoring::reference,
};
use domain::{
    alert::{AlertRule, AlertState, Operator, Sample, Watch},
    drift::{DriftState, DriftWindow, Feature},
    monitor::Range,
    notice::{AlertEvent, KeptRule, NoticeKind, Webhook},
};
use measures::drift::{DriftSettings, windows::Windowing};
use serde_json::json;
use store::{DriftStep, NewAudit, Outgoing, StoreError};

fn entry() -> NewAudit {
    NewAudit {
        at: START,
        actor: "ada".into(),
        action: "alert.set".into(),
        subject: "gate".into(),
        detail: "{}".into(),
    }
}

fn rule(name: &str) -> KeptRule {
    let rule = AlertRule {
        watch: Watch::Metric("latency_p95_ms".parse().expect("a figure")),
        operator: Operator::Above,
        limit: 1.0 / 3.0,
        window_ms: 60_000,
        sustained_ms: 0,
        hysteresis: 0.0,
    };
    KeptRule {
        id: id(),
        name: name.into(),
        rule,
        enabled: true,
        firing_since: None,
        silent_since: None,
        created: START,
    }
}

fn outgoing(event: NoticeKind) -> Outgoing {
    let ids = vec![id(), id()];
    Outgoing {
        deployment_id: None,
        event,
        deployment: Some("gate".into()),
        data: json!({ "a": "ü" }),
        at: START,
        ids,
    }
}

both! {
    async fn a_drift_step_is_taken_once_and_goes_on_where_it_was(store) {
        let gate = deployment(store, "gate").await;
        let monitoring = store.monitoring();
        let reference_id = reference(store, &gate).await;
        let settings = DriftSettings { spacing_ms: 0, ..DriftSettings::default() };
        let mut windowing = Windowing::default();
        windowing.push(id(), "line 1", START, &settings);
        let mut step = DriftStep {
            reference_id, version: 0, windowing, state: DriftState::default(), last_id: Some(id()),
        };
        let window = DriftWindow {
            id: id(), reference_id, from: START, to: START.plus_ms(9), images: 30, thinned: 2, span: (id(), id()),
            features: vec![], declared: vec![Feature::BoxArea], cleared: vec![Feature::Labels], closed: START.plus_ms(10),
        };
        assert_eq!(monitoring.drift_step(gate.id).await.unwrap(), None);
        let hook = Webhook {
            id: id(), deployment_id: None, kind: "webhook".into(), url: "https://example.org/".into(), events: vec![], enabled: true, created: START,
        };
        monitoring.add_webhook(&hook, "whsec_x", entry()).await.unwrap();
        let told = [outgoing(NoticeKind::DriftDeclared)];
        assert_eq!(monitoring.waiting_drift().await.unwrap(), []);
        assert!(monitoring.take_drift_step(gate.id, &step, std::slice::from_ref(&window), &told).await.unwrap());
        assert_eq!(monitoring.deliveries(hook.id, 9).await.unwrap().len(), 1, "told with the step");
        assert!(!monitoring.take_drift_step(gate.id, &step, &[], &told).await.unwrap(), "another was first");
        assert_eq!(monitoring.deliveries(hook.id, 9).await.unwrap().len(), 1, "and nobody is told again");
        assert_eq!(monitoring.waiting_drift().await.unwrap(), [gate.id], "until somebody has looked");
        monitoring.drift_looked_at(gate.id).await.unwrap();
        assert_eq!(monitoring.waiting_drift().await.unwrap(), []);
        assert!(!monitoring.take_drift_step(gate.id, &step, &[], &[]).await.unwrap(), "another was first");
        step.version = 1;
        assert_eq!(monitoring.drift_step(gate.id).await.unwrap(), Some(step.clone()));
        assert!(monitoring.take_drift_step(gate.id, &step, &[], &[]).await.unwrap());
        let range = Range { from: START, to: START.plus_ms(11) };
        assert_eq!(monitoring.drift_windows(gate.id, range, 9).await.unwrap(), std::slice::from_ref(&window));
        assert_eq!(monitoring.last_drift_window(gate.id, reference_id).await.unwrap(), Some(window));
        let early = Range { from: START, to: START.plus_ms(10) };
        assert_eq!(monitoring.drift_windows(gate.id, early, 9).await.unwrap(), []);
    }

    async fn a_sample_is_taken_once_with_what_it_says_and_whom_it_tells(store) {
        let gate = deployment(store, "gate").await;
        let monitoring = store.monitoring();
        let hook = Webhook {
            id: id(), deployment_id: Some(gate.id), kind: "webhook".into(), url: "https://example.org/".into(),
            events: vec![NoticeKind::AlertFired], enabled: true, created: START,
        };
        monitoring.add_webhook(&hook, "whsec_x", entry()).await.unwrap();
        assert_eq!(monitoring.webhooks(gate.id).await.unwrap(), std::slice::from_ref(&hook));
        let kept = rule("slow");
        monitoring.put_alert_rule(gate.id, &kept, entry()).await.unwrap();
        let twin = monitoring.put_alert_rule(gate.id, &rule("slow"), entry()).await;
        assert!(matches!(twin, Err(StoreError::Conflict { .. })));
        let stored = monitoring.alert_rules(gate.id).await.unwrap().remove(0);
        assert_eq!(stored.kept, kept);
        let mut state = AlertState::default();
        state.observe(&kept.rule, Sample { at: START, value: Some(5.0), is_silent: false }).unwrap();
        let event = AlertEvent {
            id: id(), rule_id: kept.id, name: "slow".into(), fired: true, at: START, value: 0.1 + 0.2,
            query: "received >= 2026-11-01".into(), read: None,
        };
        let told = Outgoing { deployment_id: Some(gate.id), ..outgoing(NoticeKind::AlertFired) };
        assert!(monitoring.take_sample(gate.id, &stored, &state, Some((&event, &told))).await.unwrap());
        assert!(!monitoring.take_sample(gate.id, &stored, &state, Some((&event, &told))).await.unwrap());
        assert_eq!(monitoring.alert_events(gate.id, 9).await.unwrap(), [event]);
        let firing = monitoring.alert_rule(gate.id, kept.id).await.unwrap().unwrap();
        assert_eq!((firing.kept.firing_since, firing.version), (Some(START), 1));
        assert_eq!(monitoring.deliveries(hook.id, 9).await.unwrap().len(), 1);
        assert_eq!(monitoring.read_alerts(gate.id, START.plus_ms(1)).await.unwrap(), 1);
        assert_eq!(monitoring.read_alerts(gate.id, START.plus_ms(1)).await.unwrap(), 0);
        monitoring.delete_alert_rule(gate.id, kept.id, entry()).await.unwrap();
        let gone = monitoring.delete_alert_rule(gate.id, kept.id, entry()).await;
        assert!(matches!(gone, Err(StoreError::NotFound { .. })));
    }

    async fn a_delivery_is_in_one_hand_and_ends_delivered_or_failed(store) {
        let gate = deployment(store, "gate").await;
        let other = deployment(store, "other").await;
        let monitoring = store.monitoring();
        let hook = |deployment_id, events: &[NoticeKind]| Webhook {
            id: id(), deployment_id, kind: "webhook".into(), url: "https://example.org/".into(),
            events: events.to_vec(), enabled: true, created: START,
        };
        let (mine, everything, theirs) = (hook(Some(gate.id), &[NoticeKind::ModelDeployed]), hook(None, &[]), hook(Some(other.id), &[]));
        for webhook in [&mine, &everything, &theirs] {
            monitoring.add_webhook(webhook, "whsec_x", entry()).await.unwrap();
        }
        assert_eq!(monitoring.webhook_count().await.unwrap(), 3);
        let told = Outgoing { deployment_id: Some(gate.id), ..outgoing(NoticeKind::ModelDeployed) };
        assert_eq!(monitoring.send_out(&told).await.unwrap(), 2);
        let (now, later) = (START.plus_ms(5), START.plus_ms(60_000));
        let first = monitoring.claim_delivery(now, later, &[]).await.unwrap().unwrap();
        let body: serde_json::Value = serde_json::from_str(&first.body).unwrap();
        assert_eq!(body, json!({ "at": START, "data": { "a": "ü" }, "deployment": "gate", "event": "model.deployed" }));
        assert_eq!((first.secret.as_str(), first.attempts), ("whsec_x", 0));
        let second = monitoring.claim_delivery(now, later, &[]).await.unwrap().unwrap();
        assert_ne!(first.id, second.id);
        assert_ne!(first.webhook_id, second.webhook_id);
        assert_eq!(monitoring.claim_delivery(now, later, &[]).await.unwrap(), None, "both are in hand");
        monitoring.note_delivery(first.id, true, "204", None).await.unwrap();
        monitoring.note_delivery(second.id, false, "500", Some(START.plus_ms(20))).await.unwrap();
        assert_eq!(monitoring.claim_delivery(START.plus_ms(19), later, &[]).await.unwrap(), None);
        let again = monitoring.claim_delivery(START.plus_ms(20), later, &[]).await.unwrap().unwrap();
        assert_eq!((again.id, again.attempts), (second.id, 1));
        monitoring.note_delivery(again.id, false, "500", None).await.unwrap();
        assert_eq!(monitoring.claim_delivery(START.plus_ms(9_000_000), later, &[]).await.unwrap(), None);
        let mut states = Vec::new();
        for webhook in [&mine, &everything, &theirs] {
            states.extend(monitoring.deliveries(webhook.id, 9).await.unwrap().into_iter().map(|d| (d.state.as_str(), d.attempts)));
        }
        states.sort();
        assert_eq!(states, [("delivered", 1), ("failed", 2)]);
        monitoring.delete_webhook(mine.id, entry()).await.unwrap();
        assert_eq!(monitoring.webhooks(gate.id).await.unwrap(), [everything]);
    }
}
