//! What is over goes, and nothing else does.

use crate::{
    fixtures::{START, act, by, deployment, id},
    harness::both,
};
use domain::{
    notice::{NoticeKind, Webhook},
    page::PageRequest,
    work::WorkState,
};
use serde_json::json;
use store::{Act, By, Link, NewAudit, NewWork, Outgoing, Pruned};

fn entry(at: i64) -> NewAudit {
    Act::new(By { at: START.plus_ms(at), ..by("ann") }, "user.add", json!({})).into_entry("bob")
}

fn work(kind: &str) -> NewWork {
    NewWork {
        id: id(),
        kind: kind.into(),
        subject: "gate".into(),
        payload: json!({}),
        dedupe_key: None,
        created: START,
    }
}

both! {
    async fn what_is_over_is_forgotten_and_nothing_else(store) {
        let gate = deployment(store, "gate").await;
        let before = START.plus_ms(10);
        for at in [0, 9, 10] {
            store.audit().append(entry(at)).await.unwrap();
        }
        assert!(store.pruning().prune(Pruned::Audit, before).await.unwrap().0 >= 2);
        let left = store.audit().page(&PageRequest::default()).await.unwrap().items;
        assert!(left.iter().all(|entry| entry.at >= before) && left.len() == 1, "{left:?}");

        let (done, open) = (work("done"), work("open"));
        for new in [&done, &open] {
            store.work().enqueue(new).await.unwrap();
        }
        store.work().claim("done", "w", START).await.unwrap().unwrap();
        store.work().finish(done.id, "w", WorkState::Succeeded, "", START).await.unwrap();
        assert_eq!(store.pruning().prune(Pruned::Work, before).await.unwrap(), (1, false));
        assert!(store.work().find(open.id).await.unwrap().is_some() && store.work().find(done.id).await.unwrap().is_none());

        let hook = Webhook {
            id: id(), deployment_id: None, kind: "webhook".into(), url: "https://example.org/".into(), events: vec![], enabled: true, created: START,
        };
        let monitoring = store.monitoring();
        monitoring.add_webhook(&hook, "whsec_x", entry(0)).await.unwrap();
        for _ in 0..2 {
            let told = Outgoing {
                deployment_id: Some(gate.id), deployment: None, event: NoticeKind::ModelDeployed, data: json!({}), at: START,
                ids: vec![id()],
            };
            assert_eq!(monitoring.send_out(&told).await.unwrap(), 1);
        }
        let due = monitoring.claim_delivery(START, START.plus_ms(99), &[]).await.unwrap().unwrap();
        monitoring.note_delivery(due.id, true, "204", None).await.unwrap();
        assert_eq!(store.pruning().prune(Pruned::Deliveries, before).await.unwrap(), (1, false));
        assert_eq!(monitoring.deliveries(hook.id, 9).await.unwrap().len(), 1, "what waits goes out");

        for (secret, expires) in [("old", 9), ("new", 11)] {
            let person = crate::fixtures::user(&format!("{secret}@example.org"));
            let link = Link { secret_hash: secret.into(), user_id: Some(person.id), created: START, expires: START.plus_ms(expires) };
            store.users().insert(&person, None, Some(&link), act()).await.unwrap();
        }
        assert_eq!(store.pruning().prune(Pruned::Links, before).await.unwrap(), (1, false));
        assert!(store.users().find_link("new", START).await.unwrap().is_some());
    }

    async fn more_than_a_chunk_goes_in_several(store) {
        for _ in 0..501 {
            store.audit().append(entry(0)).await.unwrap();
        }
        assert_eq!(store.pruning().prune(Pruned::Audit, START.plus_ms(1)).await.unwrap(), (500, true));
        assert_eq!(store.pruning().prune(Pruned::Audit, START.plus_ms(1)).await.unwrap(), (1, false));
    }
}
