//! What changed is read by every store on the database, once, in whatever
//! order it was committed.

use crate::fixtures::{act, deployment, id};
use domain::event::Event;
use domain::work::WorkState;
use sqlx::{Connection, PgConnection, SqliteConnection};
use std::time::Duration;
use store::{Durability, Follower, NewWork, Store, StoreOptions};

/// Far beyond what anything here takes; only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Two stores on one database, as two processes have them.
struct Pair {
    url: String,
    first: Store,
    second: Store,
    _folder: tempfile::TempDir,
}

impl Pair {
    async fn on(url: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = StoreOptions::in_folder(folder.path());
        let url = url.unwrap_or_else(|| here.database_url.clone());
        let options = StoreOptions { database_url: url.clone(), durability: Durability::Normal, ..here };
        let first = Store::open(options.clone()).await.unwrap();
        let second = Store::open(options).await.unwrap();
        Self { url, first, second, _folder: folder }
    }

    /// On each of the databases; PostgreSQL may be left out.
    async fn both() -> Vec<Self> {
        let mut pairs = vec![Self::on(None).await];
        if let Some(url) = test_postgres::fresh_database().await {
            pairs.push(Self::on(Some(url)).await);
        }
        pairs
    }

    /// Statements past the store, in one transaction.
    async fn run(&self, statements: &[&'static str]) {
        if self.url.starts_with("postgres") {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            let mut transaction = connection.begin().await.unwrap();
            for statement in statements {
                sqlx::query(*statement).execute(&mut *transaction).await.unwrap();
            }
            transaction.commit().await.unwrap();
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            let mut transaction = connection.begin().await.unwrap();
            for statement in statements {
                sqlx::query(*statement).execute(&mut *transaction).await.unwrap();
            }
            transaction.commit().await.unwrap();
        }
    }

    async fn close(self) {
        self.second.close().await.unwrap();
        self.first.close().await.unwrap();
    }
}

fn work(kind: &str) -> NewWork {
    NewWork {
        id: id(),
        kind: kind.to_owned(),
        subject: "gate".to_owned(),
        payload: serde_json::json!({}),
        dedupe_key: None,
        created: crate::fixtures::START,
    }
}

/// Queues work and gives the event of it.
async fn change(store: &Store) -> Event {
    let work = work("replay");
    store.work().enqueue(&work).await.unwrap();
    Event::WorkChanged { id: work.id }
}

/// The next events, at least `count` of them.
async fn next(follower: &mut Follower, count: usize) -> Vec<Event> {
    let reading = async {
        let mut events = Vec::new();
        while events.len() < count {
            let news = follower.next().await.unwrap();
            assert!(!news.missed);
            events.extend(news.events);
        }
        events
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("events in time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_store_on_a_database_reads_what_the_others_change() {
    for pair in Pair::both().await {
        let mut followers =
            [pair.first.events().follow().await.unwrap(), pair.second.events().follow().await.unwrap()];
        let changed = [change(&pair.first).await, change(&pair.second).await, change(&pair.first).await];
        for follower in &mut followers {
            assert_eq!(next(follower, 3).await, changed);
        }
        drop(followers);
        pair.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_back_is_told_to_nobody() {
    for pair in Pair::both().await {
        let mut follower = pair.second.events().follow().await.unwrap();
        let queued = work("replay");
        pair.first.work().enqueue(&queued).await.unwrap();
        // Refused within its transaction: nobody has the item.
        let now = crate::fixtures::START;
        pair.first.work().finish(queued.id, "nobody", WorkState::Succeeded, "", now).await.unwrap_err();
        let last = change(&pair.first).await;
        let expected = [Event::WorkChanged { id: queued.id }, last];
        assert_eq!(next(&mut follower, 2).await, expected);
        drop(follower);
        pair.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_several_rows_is_one_event() {
    for pair in Pair::both().await {
        let mut follower = pair.second.events().follow().await.unwrap();
        let gate = deployment(&pair.first, "gate").await;
        let queued = work("replay");
        pair.first.work().enqueue(&queued).await.unwrap();
        pair.first.work().cancel(queued.id, act()).await.unwrap();
        let work = Event::WorkChanged { id: queued.id };
        assert_eq!(
            next(&mut follower, 3).await,
            [Event::DeploymentChanged { id: gate.id }, work.clone(), work]
        );
        drop(follower);
        pair.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_a_newer_version_is_passed_over() {
    for pair in Pair::both().await {
        let mut follower = pair.second.events().follow().await.unwrap();
        pair.run(&["INSERT INTO events (body) VALUES ('{\"type\":\"of_a_newer_version\"}')"]).await;
        let known = change(&pair.first).await;
        assert_eq!(next(&mut follower, 1).await, [known]);
        drop(follower);
        pair.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_away_too_long_is_told_that_something_is_missing() {
    for pair in Pair::both().await {
        change(&pair.first).await;
        let mut follower = pair.second.events().follow().await.unwrap();
        pair.run(&[
            "INSERT INTO events (body) VALUES ('{}'), ('{}')",
            "INSERT INTO events (body) SELECT body FROM events ORDER BY id LIMIT 1",
            "DELETE FROM events WHERE id < (SELECT MAX(id) FROM events)",
        ])
        .await;
        let news = tokio::time::timeout(PATIENCE, follower.next()).await.expect("in time").unwrap();
        assert!(news.missed && news.events.len() == 1, "{news:?}");
        let known = change(&pair.first).await;
        assert_eq!(next(&mut follower, 1).await, [known]);
        drop(follower);
        pair.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_events_are_deleted_and_no_id_is_given_twice() {
    for pair in Pair::both().await {
        let mut follower = pair.first.events().follow().await.unwrap();
        let before = change(&pair.first).await;
        assert_eq!(pair.first.events().prune().await.unwrap(), 0, "few are all kept");
        assert_eq!(next(&mut follower, 1).await, [before]);
        pair.run(&["DELETE FROM events"]).await;
        let after = change(&pair.second).await;
        assert_eq!(next_or_missed(&mut follower).await, [after]);
        drop(follower);
        pair.close().await;
    }
}

async fn next_or_missed(follower: &mut Follower) -> Vec<Event> {
    tokio::time::timeout(PATIENCE, follower.next()).await.expect("in time").unwrap().events
}

/// SQLite has one writer, so that this can only happen on PostgreSQL.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_commits_after_a_later_one_is_not_missed() {
    let Some(url) = test_postgres::fresh_database().await else { return };
    let pair = Pair::on(Some(url)).await;
    let mut follower = pair.first.events().follow().await.unwrap();
    let (late, ended) = (work("replay"), work("replay"));
    let insert = |work: &NewWork| {
        let event = serde_json::to_string(&Event::WorkChanged { id: work.id }).unwrap();
        sqlx::query("INSERT INTO events (body) VALUES ($1)").bind(event)
    };
    let mut slow = PgConnection::connect(&pair.url).await.unwrap();
    let mut slow = slow.begin().await.unwrap();
    insert(&late).execute(&mut *slow).await.unwrap();
    let mut killed = PgConnection::connect(&pair.url).await.unwrap();
    {
        let mut killed = killed.begin().await.unwrap();
        insert(&ended).execute(&mut *killed).await.unwrap();
    }
    killed.close().await.unwrap();
    let early = change(&pair.second).await;
    assert_eq!(next(&mut follower, 1).await, [early], "with a greater id than the other two");
    // Another follower that begins only now learns of it, too.
    let mut joined = pair.second.events().follow().await.unwrap();
    slow.commit().await.unwrap();
    let late = Event::WorkChanged { id: late.id };
    for follower in [&mut follower, &mut joined] {
        assert_eq!(next(follower, 1).await, std::slice::from_ref(&late));
    }
    drop((follower, joined));
    pair.close().await;
}

#[tokio::test]
async fn a_follower_ends_with_its_store() {
    for pair in Pair::both().await {
        let mut follower = pair.first.events().follow().await.unwrap();
        let waiting = async { tokio::time::timeout(PATIENCE, follower.next()).await.expect("it ends") };
        let closing = async { pair.first.close().await.unwrap() };
        let (ended, ()) = tokio::join!(waiting, closing);
        assert!(matches!(ended, Err(store::StoreError::Closed)), "{ended:?}");
        pair.second.close().await.unwrap();
    }
}
