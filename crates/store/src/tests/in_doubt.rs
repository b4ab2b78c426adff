//! A connection to PostgreSQL that breaks after a statement did its work:
//! whether a commit came to pass is not known then. What is answered for is
//! there, what is refused is there whole or not at all, and the same again
//! goes through once.

use super::{
    eye::{Eye, changed},
    proxy::{Cut, ProxiedStore},
};
use crate::{
    Idempotency, NewPrediction,
    fixtures::{deployment, drawn, id, new_prediction, revision},
};
use domain::review::Saved;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_whose_answer_was_lost_is_stored_once_by_sending_it_again() {
    let Some(ProxiedStore { store, proxy, url, _folder }) = ProxiedStore::open().await else { return };
    let mut eye = Eye::postgres(&url).await;
    let gate = deployment(&store, "gate").await;
    let mut lost = 0;
    for number in 1.. {
        let key = Idempotency { key: format!("key {number}"), request_hash: "h".into() };
        let new = NewPrediction { idempotency: Some(key), ..new_prediction(&gate) };
        let before = eye.sight().await;
        proxy.arm(number, Cut::After);
        let answer = store.predictions().insert(new.clone()).await;
        let cut = proxy.disarm();
        let there = !changed(&before, &eye.sight().await).is_empty();
        assert!(there || answer.is_err(), "answered {answer:?} and not stored");
        let again = NewPrediction { id: id(), ..new.clone() };
        let again = store.predictions().insert(again).await.unwrap();
        assert_eq!((again.repeated, again.id == new.id), (there, there));
        lost += usize::from(there && answer.is_err());
        let stored = store.predictions().find(again.id).await.unwrap().unwrap();
        assert_eq!(stored.boxes.len(), new.boxes.len());
        if !cut {
            break;
        }
    }
    assert_eq!(lost, 1, "a commit whose answer was lost was among them");
    assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_whose_answer_was_lost_is_saved_once_by_saving_it_again() {
    let Some(ProxiedStore { store, proxy, url, _folder }) = ProxiedStore::open().await else { return };
    let mut eye = Eye::postgres(&url).await;
    let gate = deployment(&store, "gate").await;
    let mut lost = 0;
    for number in 1.. {
        let id = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let new = revision(id, 0, vec![drawn("car", 1.0), drawn("person", 9.0)], "eve");
        let before = eye.sight().await;
        proxy.arm(number, Cut::After);
        let answer = store.reviews().save(new.clone()).await;
        let cut = proxy.disarm();
        let there = !changed(&before, &eye.sight().await).is_empty();
        assert!(there || answer.is_err(), "answered {answer:?} and not stored");
        let Saved::Stored { review, repeated, .. } = store.reviews().save(new).await.unwrap() else {
            panic!("stale");
        };
        assert_eq!((review.info.revision, repeated), (1, there));
        lost += usize::from(there && answer.is_err());
        if !cut {
            break;
        }
    }
    assert_eq!(lost, 1, "a commit whose answer was lost was among them");
    assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
}
