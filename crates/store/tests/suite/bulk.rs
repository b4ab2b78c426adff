//! Tags and deletions of many, kept views.

use crate::{
    fixtures::{START, act, deployment, drawn, id, new_prediction, revision},
    harness::both,
};
use domain::{
    ids::{DeletionId, PredictionId},
    listing::{ListRequest, SaveView},
};
use query::{Query, parse};
use store::{NewPrediction, Store, StoreError, ViewOwner};

async fn some(store: &Store, gate: &domain::deployment::Deployment, number: usize) -> Vec<PredictionId> {
    let image = || Some("ef".repeat(32));
    let new: Vec<_> = (0..number).map(|_| NewPrediction { image: image(), ..new_prediction(gate) }).collect();
    let ids = new.iter().map(|new| new.id).collect();
    for stored in store.predictions().insert_many(new).await {
        stored.unwrap();
    }
    ids
}

async fn count(store: &Store, gate: &domain::deployment::Deployment, text: &str) -> u64 {
    store.predictions().count_matching(gate.id, parse(text).unwrap(), START).await.unwrap().count
}

both! {
    async fn a_tag_comes_and_goes_and_is_found(store) {
        let gate = deployment(store, "gate").await;
        let ids = some(store, &gate, 5).await;
        let tagged = store.predictions().tag(gate.id, &ids[..3], "new", 3, act()).await.unwrap();
        assert_eq!((tagged.changed.len(), tagged.unchanged, tagged.full.len()), (3, 0, 0));
        assert_eq!(count(store, &gate, "tag = new").await, 3);
        let again = store.predictions().tag(gate.id, &ids, "new", 3, act()).await.unwrap();
        assert_eq!((again.changed.len(), again.unchanged), (2, 3));
        let full = store.predictions().tag(gate.id, &ids[..1], "one more", 3, act()).await.unwrap();
        assert_eq!(full.full, ids[..1], "night, rain and new are three");
        let untagged = store.predictions().untag(gate.id, &ids[1..], "new", act()).await.unwrap();
        assert_eq!(untagged.changed.len(), 4);
        assert_eq!(count(store, &gate, "tag = new").await, 1);
        let found = store.predictions().find(ids[0]).await.unwrap().unwrap();
        assert_eq!(found.tags, ["night", "rain", "new"]);
    }

    async fn what_is_deleted_is_hidden_comes_back_or_goes_for_good(store) {
        let gate = deployment(store, "gate").await;
        let ids = some(store, &gate, 6).await;
        let deletion: DeletionId = id();
        let until = START.plus_ms(10_000);
        let hidden = store.predictions().hide(gate.id, &ids[..4], deletion, until, act()).await.unwrap();
        assert_eq!((hidden.hidden.len(), hidden.refused.len()), (4, 0));
        assert_eq!(store.predictions().find(ids[0]).await.unwrap(), None);
        for text in ["", "status = to_review", "tag = night", "has(label = car)", "objects >= 0", "width > 0"] {
            assert_eq!(count(store, &gate, text).await, 2, "{text}");
        }
        let page = store.predictions().list(gate.id, Query::everything(), &ListRequest::default(), START).await;
        assert_eq!(page.unwrap().items.len(), 2);
        let (gone, more) = store.predictions().purge(until).await.unwrap();
        assert_eq!((gone, more), (0, false), "it can still be undone");
        assert_eq!(store.predictions().undo_deletion(deletion, until, act()).await.unwrap(), 4);
        assert_eq!(count(store, &gate, "").await, 6);
        assert!(store.predictions().find(ids[0]).await.unwrap().is_some());
        let other = deployment(store, "elsewhere").await;
        let foreign = new_prediction(&other);
        store.predictions().insert(foreign.clone()).await.unwrap();
        store.predictions().hide(gate.id, &ids[..1], deletion, until, act()).await.unwrap();
        let stranger = store.predictions().hide(other.id, &[foreign.id], deletion, until, act()).await;
        assert!(matches!(stranger, Err(StoreError::Conflict { .. })), "{stranger:?}");
        assert_eq!(store.predictions().undo_deletion(deletion, until, act()).await.unwrap(), 1);
        let twice = store.predictions().undo_deletion(deletion, until, act()).await;
        assert!(matches!(twice, Err(StoreError::Conflict { .. })));

        store.predictions().hide(gate.id, &ids, deletion, until, act()).await.unwrap();
        let late = store.predictions().undo_deletion(deletion, until.plus_ms(1), act()).await;
        assert!(matches!(late, Err(StoreError::Conflict { .. })), "too late");
        let (gone, more) = store.predictions().purge(until.plus_ms(1)).await.unwrap();
        assert_eq!((gone, more), (6, true));
        let (rest, _) = store.predictions().purge(until.plus_ms(1)).await.unwrap();
        assert_eq!(rest, 0);
        assert!(!store.predictions().purge(until.plus_ms(1)).await.unwrap().1);
        assert_eq!(count(store, &gate, "").await, 0);
    }

    async fn a_deleted_review_leaves_the_figures_from_reviews_and_comes_back_to_them(store) {
        let gate = deployment(store, "gate").await;
        let ids = some(store, &gate, 3).await;
        for id in &ids[..2] {
            store.reviews().save(revision(*id, 0, vec![drawn("car", 1.0)], "eve")).await.unwrap();
        }
        let monitoring = store.monitoring();
        let seen = async || {
            let lineage = store::Lineage::default();
            let reviewed = monitoring.reviewed_images(gate.id, gate.champion.id, &lineage, 9).await.unwrap();
            let images = reviewed.images.len();
            (images, monitoring.supervised_changes(gate.id).await.unwrap().0)
        };
        let (images, changes) = seen().await;
        assert_eq!(images, 2);
        let deletion: DeletionId = id();
        let until = START.plus_ms(10_000);
        store.predictions().hide(gate.id, &ids[2..], id(), until, act()).await.unwrap();
        assert_eq!(seen().await, (2, changes), "nobody had reviewed it");
        store.predictions().hide(gate.id, &ids[..1], deletion, until, act()).await.unwrap();
        assert_eq!(seen().await, (1, changes + 1));
        store.predictions().undo_deletion(deletion, until, act()).await.unwrap();
        assert_eq!(seen().await, (2, changes + 2));
        store.predictions().delete(ids[1], act()).await.unwrap();
        assert_eq!(seen().await, (1, changes + 3));
    }

    async fn views_are_kept_by_owner_and_name_and_shared_ones_are_seen(store) {
        let gate = deployment(store, "gate").await;
        let (ann, bob) = (ViewOwner { key: "user:1", name: "ann" }, ViewOwner { key: "user:2", name: "bob" });
        let view = |name: &str, q: &str, shared| SaveView { name: name.into(), q: q.into(), shared, ..SaveView::default() };
        let first = store.views().save(id(), gate.id, ann, &view("mine", "objects > 1", false), START).await.unwrap();
        let again = store.views().save(id(), gate.id, ann, &view("mine", "objects > 2", false), START).await.unwrap();
        assert_eq!((first.id, again.q.as_str()), (again.id, "objects > 2"), "replaced, under its old id");
        store.views().save(id(), gate.id, bob, &view("all", "", true), START).await.unwrap();
        store.views().save(id(), gate.id, bob, &view("secret", "", false), START).await.unwrap();
        let seen = store.views().list(gate.id, ann.key).await.unwrap();
        let seen: Vec<_> = seen.iter().map(|view| (view.name.as_str(), view.mine)).collect();
        assert_eq!(seen, [("all", false), ("mine", true)]);
        store.views().delete(first.id).await.unwrap();
        assert!(matches!(store.views().delete(first.id).await, Err(StoreError::NotFound { .. })));
        for n in 0..60 {
            store.views().remember(gate.id, ann.key, &format!("objects > {}", n % 55), START.plus_ms(n)).await.unwrap();
        }
        let history = store.views().history(gate.id, ann.key).await.unwrap();
        assert_eq!((history.len(), history[0].as_str()), (50, "objects > 4"));
        store.views().forget(gate.id, ann.key).await.unwrap();
        assert!(store.views().history(gate.id, ann.key).await.unwrap().is_empty());
    }

    async fn known_values_and_tallies_say_what_there_is(store) {
        let gate = deployment(store, "gate").await;
        some(store, &gate, 3).await;
        let known = store.predictions().known_values(gate.id).await.unwrap();
        assert_eq!((known.labels, known.tags), (vec!["car".into(), "person".into()], vec!["night".into(), "rain".into()]));
        assert_eq!((known.sources, known.models), (vec!["line 1".to_owned()], vec!["model-of-gate/1".to_owned()]));
        assert_eq!(known.metadata["line"], ["A\"1"]);
        for text in ["", "width > 0"] {
            let tallies = store.predictions().tallies(gate.id, parse(text).unwrap(), START).await.unwrap();
            assert_eq!((tallies.total.count, tallies.total.exact), (3, true));
            let mut labels = tallies.labels.counts;
            labels.sort();
            assert_eq!(labels, [("car".to_owned(), 3), ("person".to_owned(), 3)], "{text}");
            assert_eq!(tallies.sources.counts, [("line 1".to_owned(), 3)]);
            assert_eq!(tallies.days.counts, [(START, 3)]);
            assert_eq!(tallies.tags.counts.len(), 2);
        }
    }
}
