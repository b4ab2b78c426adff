use crate::{
    fixtures::{START, act, act_at, id},
    harness::both,
};
use domain::{
    ids::WorkItemId,
    page::PageRequest,
    time::Timestamp,
    work::{WorkItem, WorkState},
};
use serde_json::json;
use std::collections::BTreeSet;
use store::{NewWork, Store, StoreError};

fn new_work(kind: &str, key: Option<&str>) -> NewWork {
    NewWork {
        id: id::<WorkItemId>(),
        kind: kind.into(),
        subject: "run-1".into(),
        payload: json!({"experiment": 7, "name": "ü"}),
        dedupe_key: key.map(str::to_owned),
        created: START,
    }
}

async fn enqueued(store: &Store, kind: &str) -> WorkItem {
    store.work().enqueue(&new_work(kind, None)).await.unwrap().item
}

/// Takes all items from workers that were last heard of before `silent_since`.
async fn requeue_all_stale(
    store: &Store,
    silent_since: Timestamp,
    max_attempts: u32,
    now: Timestamp,
) -> Vec<WorkItem> {
    let mut moved = Vec::new();
    for item in store.work().stale(silent_since).await.unwrap() {
        let taken = store.work().requeue_stale(item.id, silent_since, max_attempts, now).await.unwrap();
        moved.extend(taken.map(|taken| taken.item));
    }
    moved
}

both! {
    async fn work_is_claimed_in_order_and_by_kind(store) {
        let first = enqueued(store, "train").await;
        let import = enqueued(store, "import").await;
        let second = enqueued(store, "train").await;
        let t = START.plus_ms(5);
        let claimed = store.work().claim("train", "w1", t).await.unwrap().unwrap();
        assert_eq!((claimed.item.id, claimed.item.state, claimed.item.attempts), (first.id, WorkState::Running, 1));
        assert_eq!(claimed.payload, json!({"experiment": 7, "name": "ü"}));
        assert_eq!(claimed.item.updated, t);
        assert_eq!(store.work().claim("train", "w2", t).await.unwrap().unwrap().item.id, second.id);
        assert_eq!(store.work().claim("train", "w2", t).await.unwrap(), None);
        assert_eq!(store.work().claim_item(first.id, "w2", t).await.unwrap(), None, "somebody has it");
        assert!(store.work().claim_item(import.id, "w2", t).await.unwrap().is_some());
        let page = store.work().page(&PageRequest { limit: Some(2), cursor: None }).await.unwrap();
        assert_eq!(page.items.iter().map(|item| item.id).collect::<Vec<_>>(), [second.id, import.id]);
        assert!(page.next_cursor.is_some());
    }

    async fn many_workers_never_get_the_same_item(store) {
        for _ in 0..20 {
            enqueued(store, "train").await;
        }
        let mut workers = tokio::task::JoinSet::new();
        for n in 0..8 {
            let store = store.clone();
            workers.spawn(async move {
                let mut got = Vec::new();
                while let Some(claimed) = store.work().claim("train", &format!("w{n}"), START).await.unwrap() {
                    got.push(claimed.item.id);
                }
                got
            });
        }
        let got: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
        assert_eq!(got.len(), 20);
        assert_eq!(got.iter().collect::<BTreeSet<_>>().len(), 20);
    }

    async fn a_key_is_queued_once_until_it_is_done(store) {
        let first = store.work().enqueue(&new_work("train", Some("gate"))).await.unwrap();
        assert!(!first.existed);
        let second = store.work().enqueue(&new_work("train", Some("gate"))).await.unwrap();
        assert_eq!((second.existed, second.item.id), (true, first.item.id));
        assert!(!store.work().enqueue(&new_work("import", Some("gate"))).await.unwrap().existed);
        store.work().claim("train", "w", START).await.unwrap().unwrap();
        assert!(store.work().enqueue(&new_work("train", Some("gate"))).await.unwrap().existed, "it runs");
        store.work().finish(first.item.id, "w", WorkState::Succeeded, "", START).await.unwrap();
        assert!(!store.work().enqueue(&new_work("train", Some("gate"))).await.unwrap().existed);
        assert_eq!(store.work().unfinished("train").await.unwrap().len(), 1);
    }

    async fn only_allowed_moves_are_made(store) {
        let item = enqueued(store, "train").await;
        let early = store.work().finish(item.id, "w", WorkState::Succeeded, "", START).await;
        assert!(matches!(early, Err(StoreError::Conflict { what }) if what.contains("queued")));
        store.work().claim("train", "w", START).await.unwrap().unwrap();
        let state = store.work().progress(item.id, 0.25, "epoch 1", START.plus_ms(1)).await.unwrap();
        assert_eq!(state, WorkState::Running);
        let half = store.work().find(item.id).await.unwrap().unwrap();
        assert_eq!((half.progress, half.message.as_str()), (0.25, "epoch 1"));
        let done = store.work().finish(item.id, "w", WorkState::Succeeded, "", START.plus_ms(2)).await.unwrap();
        assert_eq!((done.state, done.progress), (WorkState::Succeeded, 1.0));
        for to in [WorkState::Running, WorkState::Failed, WorkState::Queued] {
            let refused = store.work().finish(item.id, "w", to, "", START).await;
            assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{to}");
        }
        let kept = store.work().cancel(item.id, act()).await.unwrap();
        assert_eq!(kept.state, WorkState::Succeeded, "what is done is not cancelled");
        assert!(matches!(store.work().cancel(id(), act()).await, Err(StoreError::NotFound { .. })));
        assert!(matches!(store.work().progress(id(), 0.1, "", START).await, Err(StoreError::NotFound { .. })));
    }

    async fn cancelling_reaches_the_worker(store) {
        let queued = enqueued(store, "train").await;
        assert_eq!(store.work().cancel(queued.id, act()).await.unwrap().state, WorkState::Cancelled);
        let item = enqueued(store, "train").await;
        store.work().claim("train", "w1", START).await.unwrap().unwrap();
        assert_eq!(store.work().heartbeat(item.id, "w1", START).await.unwrap(), WorkState::Running);
        let stranger = store.work().heartbeat(item.id, "w2", START).await;
        assert!(matches!(stranger, Err(StoreError::Conflict { .. })));
        assert_eq!(store.work().cancel(item.id, act()).await.unwrap().state, WorkState::Cancelling);
        assert_eq!(store.work().heartbeat(item.id, "w1", START).await.unwrap(), WorkState::Cancelling);
        assert_eq!(store.work().progress(item.id, 0.5, "", START).await.unwrap(), WorkState::Cancelling);
        let ended = store.work().finish(item.id, "w1", WorkState::Cancelled, "by ann", START).await.unwrap();
        assert_eq!((ended.state, ended.message.as_str()), (WorkState::Cancelled, "by ann"));
        assert!(store.work().heartbeat(item.id, "w1", START).await.is_err());
    }

    async fn work_of_silent_workers_goes_back_or_ends(store) {
        let t = |n| START.plus_ms(n);
        let (dead, asked, alive, queued) = (
            enqueued(store, "train").await,
            enqueued(store, "train").await,
            enqueued(store, "train").await,
            enqueued(store, "train").await,
        );
        for item in [&dead, &asked, &alive] {
            store.work().claim_item(item.id, "w", t(10)).await.unwrap().unwrap();
        }
        store.work().cancel(asked.id, act_at(t(11))).await.unwrap();
        store.work().heartbeat(alive.id, "w", t(100)).await.unwrap();
        let moved = requeue_all_stale(store, t(50), 2, t(101)).await;
        let states: Vec<_> = moved.iter().map(|item| (item.id, item.state)).collect();
        assert_eq!(states, [(dead.id, WorkState::Queued), (asked.id, WorkState::Cancelled)]);
        let again = store.work().claim("train", "w", t(102)).await.unwrap().unwrap();
        assert_eq!((again.item.id, again.item.attempts), (dead.id, 2));
        let moved = requeue_all_stale(store, t(103), 2, t(104)).await;
        let states: Vec<_> = moved.iter().map(|item| (item.id, item.state)).collect();
        assert_eq!(states, [(dead.id, WorkState::Failed), (alive.id, WorkState::Queued)]);
        assert_eq!(store.work().find(queued.id).await.unwrap().unwrap().state, WorkState::Queued);
    }

    async fn an_attempt_that_came_further_makes_those_before_it_count_no_longer(store) {
        let item = enqueued(store, "train").await;
        for _ in 0..3 {
            let claimed = store.work().claim("train", "w", START).await.unwrap().unwrap();
            store.work().came_further(item.id, "a stranger").await.unwrap();
            assert!(claimed.item.attempts <= 2, "those before came further");
            store.work().came_further(item.id, "w").await.unwrap();
            let back = store.work().retry(item.id, "w", 2, "killed", START).await.unwrap();
            assert_eq!((back.state, back.attempts), (WorkState::Queued, 1));
        }
        store.work().claim("train", "w", START).await.unwrap().unwrap();
        let back = store.work().retry(item.id, "w", 2, "killed", START).await.unwrap();
        assert_eq!((back.state, back.attempts), (WorkState::Failed, 2), "it came no further");
    }

    async fn what_a_worker_gives_back_does_not_count_and_a_broken_attempt_does(store) {
        let item = enqueued(store, "train").await;
        for _ in 0..5 {
            let claimed = store.work().claim("train", "w", START).await.unwrap().unwrap();
            assert_eq!(claimed.item.attempts, 1);
            let stranger = store.work().release(item.id, "v", START).await;
            assert!(matches!(stranger, Err(StoreError::Conflict { .. })));
            let back = store.work().release(item.id, "w", START).await.unwrap();
            assert_eq!((back.state, back.attempts), (WorkState::Queued, 0));
        }
        assert!(matches!(store.work().release(item.id, "w", START).await, Err(StoreError::Conflict { .. })));
        for attempt in 1..=3 {
            store.work().claim("train", "w", START).await.unwrap().unwrap();
            let state = store.work().retry(item.id, "w", 3, "killed", START).await.unwrap();
            let wanted = if attempt < 3 { WorkState::Queued } else { WorkState::Failed };
            assert_eq!((state.state, state.attempts, state.message.as_str()), (wanted, attempt, "killed"));
        }
    }

    async fn what_is_to_be_cancelled_is_cancelled_when_it_is_given_back(store) {
        for retried in [false, true] {
            let item = enqueued(store, "train").await;
            store.work().claim("train", "w", START).await.unwrap().unwrap();
            store.work().cancel(item.id, act()).await.unwrap();
            let back = if retried {
                store.work().retry(item.id, "w", 3, "killed", START).await.unwrap()
            } else {
                store.work().release(item.id, "w", START).await.unwrap()
            };
            assert_eq!(back.state, WorkState::Cancelled);
        }
    }

    async fn only_who_has_an_item_ends_it_and_an_end_can_be_told_twice(store) {
        let item = enqueued(store, "train").await;
        store.work().claim("train", "w", START).await.unwrap().unwrap();
        let stranger = store.work().finish(item.id, "v", WorkState::Succeeded, "", START).await;
        assert!(matches!(stranger, Err(StoreError::Conflict { .. })));
        for _ in 0..2 {
            let done = store.work().finish(item.id, "w", WorkState::Failed, "no disk", START).await.unwrap();
            assert_eq!((done.state, done.message.as_str()), (WorkState::Failed, "no disk"));
        }
    }
}
