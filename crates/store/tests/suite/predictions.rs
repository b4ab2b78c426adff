use crate::{
    fixtures::{START, act, asset, change, deployment, id, model, name, new_prediction, new_version, seen},
    harness::both,
};
use domain::{
    dataset::Split,
    ids::PredictionId,
    page::PageRequest,
    prediction::{PredictionFilter, Sort, Status},
};
use std::collections::BTreeSet;
use store::{BlobKind, Idempotency, NewPrediction, NewShadow, Outlier, Store, StoreError, Stored};

const ALL: PredictionFilter = PredictionFilter { status: None, sort: Sort::Newest };

fn keyed(new: NewPrediction, key: &str, hash: &str) -> NewPrediction {
    let idempotency = Some(Idempotency { key: key.into(), request_hash: hash.into() });
    NewPrediction { idempotency, ..new }
}

async fn pages(
    store: &Store,
    deployment: domain::ids::DeploymentId,
    filter: &PredictionFilter,
    limit: u32,
) -> Vec<PredictionId> {
    let mut request = PageRequest { limit: Some(limit), cursor: None };
    let mut ids = Vec::new();
    loop {
        let page = store.predictions().page(deployment, filter, &request).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        ids.extend(page.items.iter().map(|prediction| prediction.id));
        match page.next_cursor {
            Some(cursor) => request.cursor = Some(cursor),
            None => return ids,
        }
    }
}

both! {
    async fn a_prediction_comes_back_bit_for_bit(store) {
        let gate = deployment(store, "gate").await;
        let shadow = NewShadow {
            model_version_id: Some(gate.champion.id),
            latency_ms: 7.5,
            boxes: vec![seen("person", 0.2)],
            disagreement: Some(0.5),
        };
        let new = NewPrediction {
            shadow: Some(shadow),
            outlier: Some(Outlier { score: 0.995, distance: 3.5, reference: None }),
            image: Some("cd".repeat(32)),
            ..new_prediction(&gate)
        };
        let stored = store.predictions().insert(new.clone()).await.unwrap();
        assert_eq!(stored, Stored { id: new.id, repeated: false });
        let found = store.predictions().find(new.id).await.unwrap().unwrap();
        assert_eq!(found.boxes, [seen("car", 0.9), seen("person", 0.3), seen("car", 0.1)], "by falling score");
        assert_eq!((found.model.as_str(), found.status), ("model-of-gate/1", Status::ToReview));
        assert_eq!((found.filename.as_deref(), found.source.as_deref()), (Some("straße.jpg"), Some("line 1")));
        assert_eq!((found.size, found.latency_ms, found.threshold), (new.size, 12.34, gate.threshold));
        assert_eq!((found.created, found.received), (new.created, new.received));
        assert_eq!((&found.tags, &found.metadata, &found.image), (&new.tags, &new.metadata, &new.image));
        assert_eq!(found.outlier_score, Some(0.995));
        let shadow = found.shadow.unwrap();
        assert_eq!((shadow.model.as_str(), shadow.latency_ms), ("model-of-gate/1", 7.5));
        assert_eq!(shadow.boxes, [seen("person", 0.2)]);
        assert_eq!(store.predictions().find(id()).await.unwrap(), None);
    }

    async fn a_list_shows_the_boxes_at_or_above_the_threshold(store) {
        let gate = deployment(store, "gate").await;
        let boxes = vec![seen("car", 0.25), seen("van", 0.2499), seen("person", 1.0)];
        let new = NewPrediction { boxes, ..new_prediction(&gate) };
        store.predictions().insert(new.clone()).await.unwrap();
        let bare = NewPrediction { boxes: vec![], tags: vec![], filename: None, ..new_prediction(&gate) };
        store.predictions().insert(bare).await.unwrap();
        let page = store.predictions().page(gate.id, &ALL, &PageRequest::default()).await.unwrap();
        assert_eq!(page.items[0].boxes, []);
        assert_eq!(page.items[1].boxes, [seen("person", 1.0), seen("car", 0.25)]);
        assert_eq!(page.items[1].tags, new.tags);
    }

    async fn pages_give_each_prediction_once_in_both_orders(store) {
        let (gate, other) = (deployment(store, "gate").await, deployment(store, "other").await);
        let new: Vec<_> = (0..23).map(|_| new_prediction(&gate)).collect();
        let ids: Vec<_> = new.iter().map(|new| new.id).collect();
        store.predictions().insert(new_prediction(&other)).await.unwrap();
        for stored in store.predictions().insert_many(new).await {
            stored.unwrap();
        }
        let oldest = PredictionFilter { sort: Sort::Oldest, status: Some(Status::ToReview) };
        assert_eq!(pages(store, gate.id, &oldest, 5).await, ids);
        let newest: Vec<_> = ids.into_iter().rev().collect();
        assert_eq!(pages(store, gate.id, &ALL, 5).await, newest);
        assert_eq!(pages(store, gate.id, &ALL, 23).await, newest, "a last page that is just full");
        let reviewed = PredictionFilter { status: Some(Status::Reviewed), sort: Sort::Newest };
        assert_eq!(pages(store, gate.id, &reviewed, 5).await, []);
        assert_eq!(store.predictions().count(gate.id, &ALL).await.unwrap(), 23);
        assert_eq!(store.predictions().count(gate.id, &reviewed).await.unwrap(), 0);
        assert_eq!(store.predictions().count_all().await.unwrap(), 24);
        let foreign = PageRequest { limit: None, cursor: Some("x".into()) };
        let refused = store.predictions().page(gate.id, &ALL, &foreign).await;
        assert!(matches!(refused, Err(StoreError::InvalidCursor)));
    }

    async fn the_same_key_gives_the_same_answer_once_stored(store) {
        let (gate, other) = (deployment(store, "gate").await, deployment(store, "other").await);
        let first = keyed(new_prediction(&gate), "k", "h");
        store.predictions().insert(first.clone()).await.unwrap();
        let again = store.predictions().insert(keyed(new_prediction(&gate), "k", "h")).await.unwrap();
        assert_eq!(again, Stored { id: first.id, repeated: true });
        let changed = store.predictions().insert(keyed(new_prediction(&gate), "k", "another body")).await;
        assert!(matches!(changed, Err(StoreError::Conflict { what }) if what.contains("\"k\"")));
        let elsewhere = store.predictions().insert(keyed(new_prediction(&other), "k", "h")).await.unwrap();
        assert!(!elsewhere.repeated, "a key belongs to a deployment");
        assert_eq!(store.predictions().count(gate.id, &ALL).await.unwrap(), 1);
        assert_eq!(store.predictions().find_key(gate.id, "k").await.unwrap(), Some((first.id, "h".into())));
        store.predictions().delete(first.id, act()).await.unwrap();
        let late = store.predictions().insert(keyed(new_prediction(&gate), "k", "h")).await.unwrap();
        assert_eq!(late, Stored { id: first.id, repeated: true }, "deleted is not forgotten");
        let after = first.received.plus_ms(1);
        assert_eq!(store.predictions().forget_keys(first.received).await.unwrap(), 0);
        assert_eq!(store.predictions().forget_keys(after).await.unwrap(), 2, "of both deployments");
        assert!(!store.predictions().insert(keyed(new_prediction(&gate), "k", "h")).await.unwrap().repeated);
    }

    async fn one_group_with_one_key_twice_stores_one(store) {
        let gate = deployment(store, "gate").await;
        let group: Vec<_> = ["h", "h", "other", "h"]
            .into_iter()
            .map(|hash| keyed(new_prediction(&gate), "k", hash))
            .collect();
        let first = group[0].id;
        let answers = store.predictions().insert_many(group).await;
        let good: Vec<_> = answers.iter().flatten().map(|stored| (stored.id, stored.repeated)).collect();
        assert_eq!(good, [(first, false), (first, true), (first, true)]);
        assert!(matches!(&answers[2], Err(StoreError::Conflict { .. })));
        assert_eq!(pages(store, gate.id, &ALL, 9).await, [first]);
        assert_eq!(store.predictions().count(gate.id, &ALL).await.unwrap(), 1);
    }

    async fn many_senders_with_one_key_store_one(store) {
        let gate = deployment(store, "gate").await;
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let (store, new) = (store.clone(), keyed(new_prediction(&gate), "k", "h"));
            senders.spawn(async move { store.predictions().insert(new).await.unwrap() });
        }
        let answers = senders.join_all().await;
        let ids: BTreeSet<_> = answers.iter().map(|stored| stored.id).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(answers.iter().filter(|stored| !stored.repeated).count(), 1);
        assert_eq!(store.predictions().count(gate.id, &ALL).await.unwrap(), 1);
    }

    async fn a_bad_one_fails_alone(store) {
        let gate = deployment(store, "gate").await;
        let mut group: Vec<_> = (0..60).map(|_| new_prediction(&gate)).collect();
        group[17].deployment_id = id();
        group[18].filename = Some("a\0b".into());
        group[19].latency_ms = f64::NAN;
        group[41].id = group[40].id;
        let ids: Vec<_> = group.iter().map(|new| new.id).collect();
        let answers = store.predictions().insert_many(group).await;
        let bad: Vec<_> = (0..60).filter(|n| answers[*n].is_err()).collect();
        assert_eq!(bad, [17, 18, 19, 41]);
        assert!(answers.iter().flatten().all(|stored| !stored.repeated));
        let kept: Vec<_> = (0..60).filter(|n| !bad.contains(n)).map(|n| ids[n]).collect();
        let oldest = PredictionFilter { sort: Sort::Oldest, status: None };
        assert_eq!(pages(store, gate.id, &oldest, 200).await, kept);
        assert_eq!(store.predictions().count(gate.id, &ALL).await.unwrap(), 56);
    }

    async fn an_image_is_in_use_as_long_as_a_prediction_or_a_dataset_has_it(store) {
        let gate = deployment(store, "gate").await;
        let bytes = bytes::Bytes::from_static(b"pixels");
        let image = store.blobs().put(BlobKind::Images, bytes.clone()).await.unwrap();
        store.blobs().put_as(BlobKind::Thumbnails, &image, bytes).await.unwrap();
        let with_image = || NewPrediction { image: Some(image.clone()), ..new_prediction(&gate) };
        let (one, two) = (with_image(), with_image());
        let (one_id, two_id) = (one.id, two.id);
        for stored in store.predictions().insert_many(vec![one, two]).await {
            stored.unwrap();
        }
        assert_eq!(store.predictions().delete(one_id, act()).await.unwrap(), gate.id);
        assert!(store.predictions().image_in_use(&image).await.unwrap());
        let version = store.datasets().create_version(new_version("d", None, &[]), act()).await.unwrap();
        let copy = domain::dataset::Asset { content_hash: image.clone(), ..asset(version.id, Split::Train, vec![]) };
        store.datasets().add_assets(version.id, &[copy]).await.unwrap();
        store.predictions().delete(two_id, act()).await.unwrap();
        assert!(store.predictions().image_in_use(&image).await.unwrap());
        store.datasets().discard(version.id, act()).await.unwrap();
        assert!(!store.predictions().image_in_use(&image).await.unwrap());
        let last = new_prediction(&gate);
        store.predictions().insert(last.clone()).await.unwrap();
        store.predictions().delete(last.id, act()).await.unwrap();
        assert_eq!(store.predictions().count(gate.id, &ALL).await.unwrap(), 0);
        assert_eq!(store.predictions().find(last.id).await.unwrap(), None);
        assert!(matches!(store.predictions().delete(last.id, act()).await, Err(StoreError::NotFound { .. })));
    }

    async fn a_late_shadow_is_attached_once(store) {
        let gate = deployment(store, "gate").await;
        let new = new_prediction(&gate);
        store.predictions().insert(new.clone()).await.unwrap();
        let foreign = NewShadow {
            model_version_id: None,
            latency_ms: 3.0,
            boxes: vec![seen("car", 0.3), seen("bus", 0.8)],
            disagreement: None,
        };
        store.predictions().attach_shadow(new.id, &foreign).await.unwrap();
        let shadow = store.predictions().find(new.id).await.unwrap().unwrap().shadow.unwrap();
        assert_eq!((shadow.model.as_str(), shadow.latency_ms), ("external", 3.0));
        assert_eq!(shadow.boxes, [seen("bus", 0.8), seen("car", 0.3)]);
        let again = store.predictions().attach_shadow(new.id, &foreign).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })));
        assert!(matches!(store.predictions().attach_shadow(id(), &foreign).await, Err(StoreError::NotFound { .. })));
        store.predictions().set_outlier(new.id, Outlier { score: 0.5, distance: 1.0, reference: None }).await.unwrap();
        assert_eq!(store.predictions().find(new.id).await.unwrap().unwrap().outlier_score, Some(0.5));
        let nobody = store.predictions().set_outlier(id(), Outlier { score: 0.5, distance: 1.0, reference: None }).await;
        assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
    }

    async fn after_a_promotion_new_predictions_name_the_new_model(store) {
        let gate = deployment(store, "gate").await;
        store.predictions().insert(new_prediction(&gate)).await.unwrap();
        let next = model(store, "next").await;
        let gate = store.deployments().promote(gate.id, next.id, &change(START.plus_ms(9))).await.unwrap();
        store.predictions().insert(new_prediction(&gate)).await.unwrap();
        let page = store.predictions().page(gate.id, &ALL, &PageRequest::default()).await.unwrap();
        let models: Vec<_> = page.items.iter().map(|prediction| prediction.model.as_str()).collect();
        assert_eq!(models, ["next/1", "model-of-gate/1"]);
        assert_eq!(gate.name, name("gate"));
    }
}

#[tokio::test]
async fn a_closed_store_stores_what_it_took_and_takes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let options = store::StoreOptions::in_folder(folder.path());
    let store = Store::open(options.clone()).await.unwrap();
    let gate = deployment(&store, "gate").await;
    let (sender, new) = (store.clone(), (0..300).map(|_| new_prediction(&gate)).collect());
    let sending = tokio::spawn(async move { sender.predictions().insert_many(new).await });
    let answers = sending.await.unwrap();
    store.close().await.unwrap();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 300);
    let late = store.predictions().insert(new_prediction(&gate)).await;
    assert!(matches!(late, Err(StoreError::Closed)), "{late:?}");
    let again = Store::open(options).await.unwrap();
    assert_eq!(again.predictions().count(gate.id, &ALL).await.unwrap(), 300);
    again.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_may_write_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let options = store::StoreOptions::in_folder(folder.path());
    let first = Store::open(options.clone()).await.unwrap();
    let gate = deployment(&first, "gate").await;
    // A second set of connections is to SQLite what a second process is.
    let second = Store::open(options).await.unwrap();
    let mut sending = tokio::task::JoinSet::new();
    for n in 0..40 {
        let store = if n % 2 == 0 { first.clone() } else { second.clone() };
        let group = (0..10).map(|_| new_prediction(&gate)).collect();
        sending.spawn(async move { store.predictions().insert_many(group).await });
    }
    let answers: Vec<_> = sending.join_all().await.into_iter().flatten().collect();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 400);
    assert_eq!(first.predictions().count(gate.id, &ALL).await.unwrap(), 400);
    assert_eq!(pages(&second, gate.id, &ALL, 200).await.len(), 400);
    second.close().await.unwrap();
    first.close().await.unwrap();
}
