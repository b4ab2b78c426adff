use crate::{
    fixtures::{START, by, deployment, drawn, new_prediction, revision},
    harness::both,
};
use domain::{
    ids::PredictionId,
    page::PageRequest,
    prediction::{PredictionFilter, Status},
    review::{Picked, ReviewStatistics, Saved, Side, Source, StartedFrom},
};
use store::{Claim, Holder, Store, StoreError};

async fn status(store: &Store, id: PredictionId) -> Status {
    store.predictions().find(id).await.unwrap().unwrap().status
}

async fn count(store: &Store, gate: &domain::deployment::Deployment, status: Status) -> u64 {
    let filter = PredictionFilter { status: Some(status), ..PredictionFilter::default() };
    store.predictions().count(gate.id, &filter).await.unwrap()
}

fn stored(saved: Saved) -> (domain::review::Review, bool) {
    match saved {
        Saved::Stored { review, repeated, .. } => (review, repeated),
        Saved::Stale { current } => panic!("stale: {current:?}"),
    }
}

fn claim(person: &str, session: &str, at: i64) -> Claim {
    let holder = Holder { person: person.into(), session: session.into(), name: person.to_uppercase() };
    let now = START.plus_ms(at);
    Claim { holder, picked: Picked::Random, now, until: now.plus_ms(1_000), any_status: false }
}

both! {
    async fn a_save_is_a_new_revision_and_comes_back_bit_for_bit(store) {
        let gate = deployment(store, "gate").await;
        let id = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let mut first = revision(id, 0, vec![drawn("car", 1.0 / 3.0), drawn("person", 60.0)], "eve");
        first.boxes[0].source = Some(Source { side: Side::Champion, index: 1 });
        first.boxes[1].ignore = true;
        first.statistics = Some(ReviewStatistics { time_spent_ms: 1_234, kept: 1, ..ReviewStatistics::default() });
        first.left_as_drawn = vec![Source { side: Side::Champion, index: 0 }];
        let (review, repeated) = stored(store.reviews().save(first.clone()).await.unwrap());
        assert!(!repeated);
        assert_eq!(review.boxes, first.boxes);
        assert_eq!((review.info.revision, review.info.box_count, review.info.untouched), (1, 2, 1));
        assert_eq!((review.info.statistics, review.left_as_drawn.clone()), (first.statistics, first.left_as_drawn));
        assert_eq!(store.reviews().latest(id).await.unwrap(), Some(review.clone()));
        assert_eq!(store.reviews().find(id, 1).await.unwrap(), Some(review));
        assert_eq!(store.reviews().find(id, 2).await.unwrap(), None);
        let second = revision(id, 1, vec![], "ada");
        stored(store.reviews().save(second).await.unwrap());
        let history = store.reviews().history(id).await.unwrap();
        let told: Vec<_> = history.iter().map(|info| (info.revision, info.reviewer.as_str(), info.box_count)).collect();
        assert_eq!(told, [(2, "ada", 0), (1, "eve", 2)]);
        assert_eq!(store.reviews().find(id, 1).await.unwrap().unwrap().boxes, first.boxes, "kept as it was");
        assert_eq!(status(store, id).await, Status::Reviewed);
        assert_eq!((count(store, &gate, Status::Reviewed).await, count(store, &gate, Status::ToReview).await), (1, 0));
        assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
    }

    async fn a_stale_save_changes_nothing_and_is_shown_what_won(store) {
        let gate = deployment(store, "gate").await;
        let id = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let won = stored(store.reviews().save(revision(id, 0, vec![drawn("car", 1.0)], "eve")).await.unwrap()).0;
        let lost = store.reviews().save(revision(id, 0, vec![drawn("car", 2.0)], "ada")).await.unwrap();
        assert_eq!(lost, Saved::Stale { current: won.clone() });
        let early = store.reviews().save(revision(id, 7, vec![], "ada")).await.unwrap();
        assert_eq!(early, Saved::Stale { current: won });
        assert_eq!(store.reviews().history(id).await.unwrap().len(), 1);
        let other = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let refused = store.reviews().save(revision(other, 3, vec![], "ada")).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
        let unknown = store.reviews().save(revision(crate::fixtures::id(), 0, vec![], "ada")).await;
        assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
        assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
    }

    async fn of_many_savers_at_once_one_wins_and_all_others_see_it(store) {
        let gate = deployment(store, "gate").await;
        let id = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let savers = (0..8).map(|n| async move {
            let boxes = vec![drawn("car", f64::from(n)), drawn("person", 50.0)];
            store.reviews().save(revision(id, 0, boxes, &format!("saver {n}"))).await.unwrap()
        });
        let saved = futures::future::join_all(savers).await;
        let winner = store.reviews().latest(id).await.unwrap().unwrap();
        let (won, lost): (Vec<_>, Vec<_>) =
            saved.into_iter().partition(|saved| matches!(saved, Saved::Stored { .. }));
        assert_eq!((won.len(), lost.len()), (1, 7));
        for stale in lost {
            assert_eq!(stale, Saved::Stale { current: winner.clone() });
        }
        assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
    }

    async fn the_same_save_again_gives_the_same_revision_whatever_happened_since(store) {
        let gate = deployment(store, "gate").await;
        let id = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let sent = revision(id, 0, vec![drawn("car", 1.0)], "eve");
        let first = stored(store.reviews().save(sent.clone()).await.unwrap()).0;
        assert_eq!(stored(store.reviews().save(sent.clone()).await.unwrap()), (first.clone(), true));
        stored(store.reviews().save(revision(id, 1, vec![], "ada")).await.unwrap());
        assert_eq!(stored(store.reviews().save(sent.clone()).await.unwrap()), (first, true));
        let by_another = store.reviews().save(revision(id, 0, vec![drawn("car", 1.0)], "ada")).await.unwrap();
        assert!(matches!(by_another, Saved::Stale { .. }), "the same boxes of another person are not a repetition");
        assert_eq!(store.reviews().history(id).await.unwrap().len(), 2);
    }

    async fn skipping_and_reopening_keep_revisions_and_say_who(store) {
        let (gate, other) = (deployment(store, "gate").await, deployment(store, "other").await);
        let id = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let foreign = store.predictions().insert(new_prediction(&other)).await.unwrap().id;
        stored(store.reviews().save(revision(id, 0, vec![drawn("car", 1.0)], "eve")).await.unwrap());
        let outcome = store.reviews().skip(gate.id, &[id, foreign], "blurred", &by("ada")).await.unwrap();
        assert_eq!(outcome.changed, [id]);
        assert_eq!(outcome.refused.iter().map(|refusal| refusal.id).collect::<Vec<_>>(), [foreign]);
        let skip = store.reviews().skip_of(id).await.unwrap().unwrap();
        assert_eq!((skip.reason.as_str(), skip.by.as_str()), ("blurred", "ada"));
        assert_eq!(status(store, id).await, Status::Skipped);
        store.reviews().skip(gate.id, &[id], "twice", &by("eve")).await.unwrap();
        assert_eq!(store.reviews().skip_of(id).await.unwrap().unwrap().reason, "twice");
        assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
        store.reviews().reopen(gate.id, &[id], &by("ada")).await.unwrap();
        assert_eq!((status(store, id).await, store.reviews().skip_of(id).await.unwrap()), (Status::ToReview, None));
        assert_eq!(store.reviews().head(id).await.unwrap().unwrap().revision, 1);
        assert_eq!(store.reviews().reopen(gate.id, &[id], &by("ada")).await.unwrap().changed, []);
        assert_eq!((count(store, &gate, Status::ToReview).await, count(store, &gate, Status::Skipped).await), (1, 0));
        let audit = store.audit().page(&PageRequest::default()).await.unwrap().items;
        let made = |entry: &&domain::access::AuditEntry| entry.action != "test.act";
        let told: Vec<_> = audit.iter().filter(made).map(|entry| (entry.action.as_str(), entry.actor.as_str())).collect();
        assert_eq!(told, [
            ("prediction.reopen", "ada"), ("prediction.skip", "eve"), ("prediction.skip", "ada"),
            ("prediction.review", "eve"),
        ]);
        assert!(audit.iter().filter(made).all(|entry| entry.subject == id.to_string()));
        assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
    }

    async fn an_image_is_leased_to_one_page_at_a_time(store) {
        let gate = deployment(store, "gate").await;
        let id = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let (eve, ada) = (claim("eve", "a", 0), claim("ada", "a", 500));
        assert!(store.reviews().claim(id, false, &eve).await.unwrap());
        assert!(!store.reviews().claim(id, false, &ada).await.unwrap());
        assert!(!store.reviews().claim(id, false, &claim("eve", "b", 500)).await.unwrap(), "another page of hers");
        let seen = store.reviews().lease_of(id, &ada.holder, ada.now).await.unwrap().unwrap();
        assert_eq!((seen.holder.as_str(), seen.mine, seen.until), ("EVE", false, eve.until));
        assert!(store.reviews().claim(id, false, &claim("eve", "a", 900)).await.unwrap(), "renewed");
        assert!(!store.reviews().claim(id, false, &claim("ada", "a", 1_500)).await.unwrap());
        assert!(store.reviews().claim(id, false, &claim("ada", "a", 1_900)).await.unwrap(), "it ended then");
        store.reviews().release(&[id], &eve.holder).await.unwrap();
        assert!(store.reviews().lease_of(id, &ada.holder, ada.now).await.unwrap().unwrap().mine, "not hers to release");
        store.reviews().release(&[id], &ada.holder).await.unwrap();
        assert_eq!(store.reviews().lease_of(id, &ada.holder, ada.now).await.unwrap(), None);
    }

    async fn of_many_who_ask_at_once_one_gets_the_image(store) {
        let gate = deployment(store, "gate").await;
        let id = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let asking = (0..8).map(|n| async move {
            store.reviews().claim(id, false, &claim(&format!("person {n}"), "", 0)).await.unwrap()
        });
        let got = futures::future::join_all(asking).await;
        assert_eq!(got.into_iter().filter(|got| *got).count(), 1);
    }

    async fn a_lease_ends_with_the_review_and_remembers_how_the_image_was_picked(store) {
        let gate = deployment(store, "gate").await;
        let id = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let eve = claim("eve", "a", 0);
        store.reviews().claim(id, false, &eve).await.unwrap();
        store.reviews().claim(id, false, &Claim { picked: Picked::Query, ..claim("eve", "a", 10) }).await.unwrap();
        assert_eq!(store.reviews().shown_to(id, "eve").await.unwrap(), Some((Picked::Random, false)), "as it was first");
        assert_eq!(store.reviews().shown_to(id, "ada").await.unwrap(), None);
        stored(store.reviews().save(revision(id, 0, vec![], "eve")).await.unwrap());
        assert_eq!(store.reviews().lease_of(id, &eve.holder, eve.now).await.unwrap(), None);
        assert!(!store.reviews().claim(id, false, &eve).await.unwrap(), "nothing to review any more");
        assert!(store.reviews().claim(id, false, &Claim { any_status: true, ..eve.clone() }).await.unwrap());
        assert_eq!(store.reviews().forget_leases(eve.until.plus_ms(1)).await.unwrap(), 1);
    }

    async fn a_restored_revision_says_which(store) {
        let gate = deployment(store, "gate").await;
        let id = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        stored(store.reviews().save(revision(id, 0, vec![drawn("car", 1.0)], "eve")).await.unwrap());
        stored(store.reviews().save(revision(id, 1, vec![], "eve")).await.unwrap());
        let mut back = revision(id, 2, vec![drawn("car", 1.0)], "ada");
        back.restored_from = Some(1);
        back.started_from = StartedFrom::Empty;
        let (review, _) = stored(store.reviews().save(back).await.unwrap());
        assert_eq!((review.info.revision, review.info.restored_from), (3, Some(1)));
        assert_eq!(review.boxes, store.reviews().find(id, 1).await.unwrap().unwrap().boxes);
    }
}
