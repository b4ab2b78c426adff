//! What is too old or too much, and what stays whatever is set.

use crate::{
    fixtures::{START, act_at, by, deployment, drawn, id, new_prediction, revision},
    harness::both,
};
use domain::{deployment::Deployment, ids::PredictionId, retention::StoredImages, review::Picked};
use store::{Claim, Holder, NewPrediction, Store};

/// One prediction a second, each with an image of as many kilobytes.
async fn some(store: &Store, gate: &Deployment, number: u64) -> Vec<PredictionId> {
    let new: Vec<_> = (0..number)
        .map(|n| NewPrediction {
            image: Some(format!("{n:064x}")),
            image_bytes: Some((n + 1) * 1_000),
            received: START.plus_ms(n.cast_signed() * 1_000),
            ..new_prediction(gate)
        })
        .collect();
    let ids = new.iter().map(|new| new.id).collect();
    for stored in store.predictions().insert_many(new).await {
        stored.unwrap();
    }
    ids
}

both! {
    async fn what_people_have_in_hand_or_have_reviewed_is_not_old(store) {
        let gate = deployment(store, "gate").await;
        let ids = some(store, &gate, 8).await;
        store.reviews().save(revision(ids[0], 0, vec![drawn("car", 1.0)], "eve")).await.unwrap();
        store.reviews().save(revision(ids[1], 0, vec![drawn("car", 1.0)], "eve")).await.unwrap();
        store.reviews().reopen(gate.id, &[ids[1]], &by("eve")).await.unwrap();
        store.reviews().skip(gate.id, &[ids[2]], "blurred", &by("eve")).await.unwrap();
        let now = START.plus_ms(60_000);
        let claim = Claim {
            holder: Holder { person: "eve".to_owned(), session: "a".to_owned(), name: "EVE".to_owned() },
            picked: Picked::Random,
            now,
            until: now.plus_ms(300_000),
            any_status: false,
        };
        assert!(store.reviews().claim(ids[3], false, &claim).await.unwrap());
        let retention = store.retention();
        let before = START.plus_ms(6_000);
        assert_eq!(retention.older(gate.id, before, now, 9).await.unwrap(), [ids[2], ids[4], ids[5]]);
        assert_eq!(retention.older(gate.id, before, now, 1).await.unwrap(), [ids[2]]);
        let later = claim.until.plus_ms(1);
        assert_eq!(retention.older(gate.id, before, later, 9).await.unwrap(), [ids[2], ids[3], ids[4], ids[5]]);
        let largest = retention.oldest_images(gate.id, now, 2).await.unwrap();
        assert_eq!(largest, [(ids[2], 3_000), (ids[4], 5_000)]);
        let all: u64 = (1..=8).map(|n| n * 1_000).sum();
        assert_eq!(retention.stored_images(gate.id).await.unwrap(), StoredImages { images: 8, bytes: all });
        // A review between the look and the act is seen.
        let gone = store.predictions().expire(gate.id, &ids[..3], id(), act_at(now)).await.unwrap();
        assert_eq!(gone, [ids[2]]);
        assert_eq!(retention.stored_images(gate.id).await.unwrap(), StoredImages { images: 7, bytes: all - 3_000 });
        let (removed, _) = store.predictions().purge(now.plus_ms(1)).await.unwrap();
        assert_eq!(removed, 1);
        assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
    }
}
