use crate::{
    fixtures::{
        START, act, annotation, asset, by, deployment, drawn, id, name, new_prediction, new_version, revision,
    },
    harness::both,
};
use domain::{
    dataset::{DatasetVersion, Split},
    deployment::Deployment,
    feedback::{FeedbackSettings, FeedbackSide, Fingerprint, SideReason, week_start},
    ids::{AssetId, ExperimentId, PredictionId},
    page::PageRequest,
    prediction::Status,
    review::Saved,
    training::TrainParams,
};
use store::{Candidate, NewExperiment, NewPrediction, NewRevision, NewSubmission, Store, StoreError};

/// A hash whose side is known, and whose first digits tell it apart.
fn hash(number: u64, side: FeedbackSide) -> String {
    let rest = if side == FeedbackSide::Holdout { 0 } else { 1 };
    format!("{:016x}{}", number * 5 + rest, "0".repeat(48))
}

/// Perceptual hashes far from each other.
fn look(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17)
}

fn candidate(id: PredictionId, number: u64, side: FeedbackSide) -> Candidate {
    let fingerprint = Fingerprint { pixel_hash: hash(number, side), perceptual_hash: look(number) };
    Candidate {
        prediction_id: id,
        asset_id: crate::fixtures::id::<AssetId>(),
        fingerprint: Some(fingerprint),
    }
}

/// A reviewed prediction with an image of its own.
async fn reviewed(store: &Store, gate: &Deployment, change: impl FnOnce(&mut NewPrediction)) -> PredictionId {
    let mut new = new_prediction(gate);
    new.image = Some(format!("{:064x}", new.id.0.as_u128()));
    change(&mut new);
    let id = store.predictions().insert(new).await.unwrap().id;
    let boxes = vec![drawn("car", 1.0), drawn("car", 50.0), drawn("person", 90.0)];
    store.reviews().save(revision(id, 0, boxes, "eve")).await.unwrap();
    id
}

async fn target(store: &Store, gate: &Deployment) -> DatasetVersion {
    let version = store
        .datasets()
        .create_version(new_version("feedback", None, &["car", "person"]), act())
        .await
        .unwrap();
    let settings =
        FeedbackSettings { enabled: true, target: Some(version.id), ..FeedbackSettings::default() };
    store.feedback().put_settings(gate.id, settings.clone(), &by("root")).await.unwrap();
    assert_eq!(store.feedback().settings(gate.id).await.unwrap(), settings);
    version
}

async fn side(store: &Store, id: PredictionId) -> (FeedbackSide, SideReason) {
    let submission = store.feedback().of_prediction(id).await.unwrap().unwrap();
    (submission.side, submission.reason)
}

async fn sound(store: &Store) {
    assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
}

both! {
    async fn reviewed_ones_become_assets_and_the_others_are_named(store) {
        let gate = deployment(store, "gate").await;
        let version = target(store, &gate).await;
        let good = reviewed(store, &gate, |_| {}).await;
        let imageless = reviewed(store, &gate, |new| new.image = None).await;
        let unread = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let broken = reviewed(store, &gate, |_| {}).await;
        let foreign: PredictionId = id();
        let mut candidates: Vec<_> = [good, imageless, unread, broken, foreign]
            .into_iter()
            .zip(1..)
            .map(|(id, number)| candidate(id, number, FeedbackSide::Train))
            .collect();
        candidates[3].fingerprint = None;
        let outcome = store.feedback().submit(gate.id, version.id, &candidates, &by("eve")).await.unwrap();
        assert_eq!(outcome.changed, [good]);
        let mut named: Vec<_> = outcome.refused.iter().map(|r| (r.id, r.reason.as_str())).collect();
        named.sort_unstable();
        assert_eq!(named, [
            (imageless, "It was reported without an image."),
            (unread, "It is to review: only reviewed ones can be submitted."),
            (broken, "Its image cannot be read."),
            (foreign, "This deployment has no such prediction."),
        ]);
        let found = store.datasets().find_asset(candidates[0].asset_id).await.unwrap().unwrap();
        assert_eq!((found.split, found.version_id, found.annotations.len()), (Split::Train, version.id, 3));
        assert_eq!(found.filename, "straße.jpg");
        assert_eq!(store.predictions().find(good).await.unwrap().unwrap().status, Status::Submitted);
        let counted = store.datasets().find(version.id).await.unwrap().unwrap().counts;
        assert_eq!((counted.images, counted.boxes), (1, 3));
        let again = store.feedback().submit(gate.id, version.id, &candidates[..1], &by("eve")).await.unwrap();
        assert_eq!((again.changed.len(), again.refused.len()), (0, 0), "twice is once");
        sound(store).await;
    }

    async fn a_review_is_submitted_in_the_transaction_that_saves_it(store) {
        let gate = deployment(store, "gate").await;
        let version = target(store, &gate).await;
        let mut new = new_prediction(&gate);
        new.image = Some("a".repeat(64));
        let id = store.predictions().insert(new).await.unwrap().id;
        let submission = |number| NewSubmission {
            deployment: gate.id,
            version: version.id,
            candidate: candidate(id, number, FeedbackSide::Train),
        };
        let save = |base, number| NewRevision {
            submission: Some(submission(number)),
            ..revision(id, base, vec![drawn("car", 1.0)], "eve")
        };
        let saved = store.reviews().save(save(0, 1)).await.unwrap();
        assert!(matches!(saved, Saved::Stored { not_submitted: None, .. }), "{saved:?}");
        let submitted = store.feedback().of_prediction(id).await.unwrap().unwrap();
        assert_eq!((submitted.revision, submitted.boxes, submitted.by.as_str()), (1, 1, "eve"));
        assert_eq!(store.predictions().find(id).await.unwrap().unwrap().status, Status::Submitted);
        store.reviews().save(save(0, 2)).await.unwrap();
        assert_eq!(store.datasets().find(version.id).await.unwrap().unwrap().counts.images, 1, "twice is once");
        sound(store).await;
    }

    async fn a_review_that_cannot_be_submitted_is_saved_all_the_same(store) {
        let gate = deployment(store, "gate").await;
        let version = target(store, &gate).await;
        let imageless = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        let mut new = new_prediction(&gate);
        new.image = Some("b".repeat(64));
        let late = store.predictions().insert(new).await.unwrap().id;
        let save = |id, number| NewRevision {
            submission: Some(NewSubmission {
                deployment: gate.id,
                version: version.id,
                candidate: candidate(id, number, FeedbackSide::Train),
            }),
            ..revision(id, 0, vec![drawn("car", 1.0)], "eve")
        };
        let why = |saved| match saved {
            Saved::Stored { not_submitted, repeated, .. } => (not_submitted.unwrap_or_default(), repeated),
            Saved::Stale { current } => panic!("{current:?}"),
        };
        let told = why(store.reviews().save(save(imageless, 1)).await.unwrap());
        assert_eq!(told, ("It was reported without an image.".to_owned(), false));
        let told = why(store.reviews().save(save(imageless, 1)).await.unwrap());
        assert_eq!(told, ("It was not submitted when it was saved.".to_owned(), true));
        store.datasets().freeze(version.id, "f", act()).await.unwrap();
        let (told, _) = why(store.reviews().save(save(late, 2)).await.unwrap());
        assert!(told.contains("was frozen"), "{told}");
        for id in [imageless, late] {
            assert_eq!(store.predictions().find(id).await.unwrap().unwrap().status, Status::Reviewed);
            assert_eq!(store.feedback().of_prediction(id).await.unwrap(), None);
        }
        sound(store).await;
    }

    async fn a_submitted_review_is_not_saved_over_and_leaves_when_reopened(store) {
        let gate = deployment(store, "gate").await;
        let version = target(store, &gate).await;
        let id = reviewed(store, &gate, |_| {}).await;
        let one = [candidate(id, 1, FeedbackSide::Holdout)];
        store.feedback().submit(gate.id, version.id, &one, &by("eve")).await.unwrap();
        let refused = store.reviews().save(revision(id, 1, vec![], "ada")).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
        assert_eq!(store.reviews().skip(gate.id, &[id], "", &by("ada")).await.unwrap().refused.len(), 1);
        store.reviews().reopen(gate.id, &[id], &by("ada")).await.unwrap();
        assert_eq!(store.datasets().find(version.id).await.unwrap().unwrap().counts, Default::default());
        assert_eq!(store.feedback().of_prediction(id).await.unwrap(), None);
        store.reviews().save(revision(id, 1, vec![drawn("person", 3.0)], "ada")).await.unwrap();
        let again = [candidate(id, 1, FeedbackSide::Holdout)];
        store.feedback().submit(gate.id, version.id, &again, &by("ada")).await.unwrap();
        let submission = store.feedback().of_prediction(id).await.unwrap().unwrap();
        assert_eq!((submission.revision, submission.boxes, submission.side), (2, 1, FeedbackSide::Holdout));
        sound(store).await;
    }

    async fn a_frozen_version_keeps_its_images_and_takes_no_more(store) {
        let gate = deployment(store, "gate").await;
        let version = target(store, &gate).await;
        let (first, second) = (reviewed(store, &gate, |_| {}).await, reviewed(store, &gate, |_| {}).await);
        let one = [candidate(first, 1, FeedbackSide::Train)];
        store.feedback().submit(gate.id, version.id, &one, &by("eve")).await.unwrap();
        store.datasets().freeze(version.id, "f", act()).await.unwrap();
        let two = [candidate(second, 2, FeedbackSide::Train)];
        let refused = store.feedback().submit(gate.id, version.id, &two, &by("eve")).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
        let outcome = store.feedback().unsubmit(gate.id, &[first, second], &by("eve")).await.unwrap();
        assert_eq!(outcome.changed, [first]);
        assert_eq!(outcome.refused[0].reason, "It is reviewed, not submitted.");
        assert!(store.datasets().find_asset(one[0].asset_id).await.unwrap().is_some());
        assert_eq!(store.predictions().find(first).await.unwrap().unwrap().status, Status::Reviewed);
        let settings = FeedbackSettings { enabled: true, target: Some(version.id), ..FeedbackSettings::default() };
        assert!(store.feedback().put_settings(gate.id, settings, &by("root")).await.is_err());
        sound(store).await;
    }

    async fn the_same_pixels_never_change_sides_and_are_in_once(store) {
        let gate = deployment(store, "gate").await;
        let version = target(store, &gate).await;
        for (number, wanted) in [(1, FeedbackSide::Train), (2, FeedbackSide::Holdout)] {
            let id = reviewed(store, &gate, |new| new.source = Some(format!("line {number}"))).await;
            let one = [candidate(id, number, wanted)];
            store.feedback().submit(gate.id, version.id, &one, &by("eve")).await.unwrap();
            assert_eq!(side(store, id).await, (wanted, SideReason::Hash));
            let twin = reviewed(store, &gate, |new| new.source = Some("elsewhere".into())).await;
            let two = [candidate(twin, number, wanted)];
            let outcome = store.feedback().submit(gate.id, version.id, &two, &by("eve")).await.unwrap();
            assert_eq!(outcome.refused[0].reason, "The very same image is in the feedback already.");
            store.feedback().unsubmit(gate.id, &[id], &by("eve")).await.unwrap();
            store.feedback().submit(gate.id, version.id, &two, &by("eve")).await.unwrap();
            assert_eq!(side(store, twin).await, (wanted, SideReason::Hash));
        }
        sound(store).await;
    }

    async fn near_duplicates_follow_the_first_of_their_group(store) {
        let gate = deployment(store, "gate").await;
        let version = target(store, &gate).await;
        let minutes = |minutes: i64| START.plus_ms(minutes * 60_000);
        let taken = |at: i64, source: Option<&str>| {
            let source = source.map(str::to_owned);
            move |new: &mut NewPrediction| { new.created = minutes(at); new.source = source; }
        };
        let first = reviewed(store, &gate, taken(0, Some("line"))).await;
        let near = reviewed(store, &gate, taken(1, Some("line"))).await;
        let chained = reviewed(store, &gate, taken(2, Some("line"))).await;
        let elsewhere = reviewed(store, &gate, taken(1, Some("other line"))).await;
        let later = reviewed(store, &gate, taken(24 * 60 + 3, Some("line"))).await;
        let far = reviewed(store, &gate, taken(1, Some("line"))).await;
        let with = |id, number, bits: u64| {
            let mut one = candidate(id, number, FeedbackSide::Train);
            one.fingerprint.as_mut().unwrap().perceptual_hash = bits;
            one
        };
        let mut group = vec![
            with(chained, 3, 0xffff),
            with(near, 2, 0xff),
            with(first, 1, 0),
            with(elsewhere, 4, 0),
            with(later, 5, 0),
            with(far, 6, !0),
        ];
        // The first one by capture time is held out, whatever the order they are sent in.
        group[2].fingerprint.as_mut().unwrap().pixel_hash = hash(1, FeedbackSide::Holdout);
        store.feedback().submit(gate.id, version.id, &group, &by("eve")).await.unwrap();
        assert_eq!(side(store, first).await, (FeedbackSide::Holdout, SideReason::Hash));
        assert_eq!(side(store, near).await, (FeedbackSide::Holdout, SideReason::Duplicate));
        assert_eq!(side(store, chained).await, (FeedbackSide::Holdout, SideReason::Duplicate));
        for alone in [elsewhere, later, far] {
            assert_eq!(side(store, alone).await, (FeedbackSide::Train, SideReason::Hash));
        }
        sound(store).await;
    }

    async fn images_without_a_source_are_of_one_source_within_their_deployment(store) {
        let (gate, other) = (deployment(store, "gate").await, deployment(store, "other").await);
        let version = target(store, &gate).await;
        let near = |id, number, side| {
            let mut one = candidate(id, number, side);
            one.fingerprint.as_mut().unwrap().perceptual_hash = number;
            one
        };
        let first = reviewed(store, &gate, |new| new.source = None).await;
        let second = reviewed(store, &gate, |new| new.source = None).await;
        let foreign = reviewed(store, &other, |new| new.source = None).await;
        for (gate, one) in [
            (&gate, near(first, 1, FeedbackSide::Holdout)),
            (&gate, near(second, 2, FeedbackSide::Train)),
            (&other, near(foreign, 3, FeedbackSide::Train)),
        ] {
            store.feedback().submit(gate.id, version.id, &[one], &by("eve")).await.unwrap();
        }
        assert_eq!(side(store, second).await, (FeedbackSide::Holdout, SideReason::Duplicate));
        assert_eq!(side(store, foreign).await, (FeedbackSide::Train, SideReason::Hash));
    }

    async fn what_a_model_has_learned_from_is_for_training(store) {
        let gate = deployment(store, "gate").await;
        let version = target(store, &gate).await;
        let used = store.datasets().create_version(new_version("used", None, &["car"]), act()).await.unwrap();
        let unused = store.datasets().create_version(new_version("unused", None, &["car"]), act()).await.unwrap();
        let held = |number| hash(number, FeedbackSide::Holdout);
        for (dataset, split, number) in [
            (&used, Split::Train, 1), (&used, Split::Val, 2), (&used, Split::Test, 3), (&unused, Split::Train, 4),
        ] {
            let mut image = asset(dataset.id, split, vec![annotation("car", false)]);
            image.pixel_hash = held(number);
            store.datasets().add_assets(dataset.id, &[image]).await.unwrap();
        }
        store.datasets().freeze(used.id, "f", act()).await.unwrap();
        store.experiments().insert(&NewExperiment {
            id: id::<ExperimentId>(),
            name: name("e"),
            dataset_version_id: used.id,
            model: name("m"),
            base_id: None,
            params: TrainParams::default().into(),
            fingerprint: "f".into(),
            code_version: "1".into(),
            created: START,
        }).await.unwrap();
        let mut sides = Vec::new();
        for number in 1..=4 {
            let id = reviewed(store, &gate, |new| new.source = Some(format!("line {number}"))).await;
            let one = [candidate(id, number, FeedbackSide::Holdout)];
            store.feedback().submit(gate.id, version.id, &one, &by("eve")).await.unwrap();
            sides.push(side(store, id).await);
        }
        let (learned, held_out) =
            ((FeedbackSide::Train, SideReason::Lineage), (FeedbackSide::Holdout, SideReason::Hash));
        assert_eq!(sides, [learned, learned, held_out, held_out]);
        let hashes: Vec<String> = (1..=5).map(held).collect();
        let hashes: Vec<&str> = hashes.iter().map(String::as_str).collect();
        let kept = store.feedback().held_out(&hashes).await.unwrap();
        assert_eq!(kept, [held(3), held(4)].into());
    }

    async fn a_label_that_the_version_lacks_is_refused(store) {
        let gate = deployment(store, "gate").await;
        let version = target(store, &gate).await;
        let id = reviewed(store, &gate, |_| {}).await;
        store.reviews().save(revision(id, 1, vec![drawn("van", 1.0)], "eve")).await.unwrap();
        let one = [candidate(id, 1, FeedbackSide::Train)];
        let outcome = store.feedback().submit(gate.id, version.id, &one, &by("eve")).await.unwrap();
        assert!(outcome.refused[0].reason.contains("\"van\""), "{:?}", outcome.refused);
        sound(store).await;
    }

    async fn totals_tell_sides_labels_weeks_and_what_is_new(store) {
        let gate = deployment(store, "gate").await;
        let version = target(store, &gate).await;
        let week = 7 * 24 * 60 * 60 * 1000;
        for (number, at, wanted) in [
            (1, START, FeedbackSide::Train), (2, START.plus_ms(week), FeedbackSide::Holdout),
            (3, START.plus_ms(week), FeedbackSide::Train),
        ] {
            let id = reviewed(store, &gate, |new| new.source = Some(format!("line {number}"))).await;
            let one = [candidate(id, number, wanted)];
            let by = store::By { at, ..by("eve") };
            store.feedback().submit(gate.id, version.id, &one, &by).await.unwrap();
            if number == 1 {
                assert_eq!(store.feedback().consume(gate.id, id_of_experiment()).await.unwrap(), 1);
                assert_eq!(store.feedback().consume(gate.id, id_of_experiment()).await.unwrap(), 0);
            }
        }
        let totals = store.feedback().totals(gate.id).await.unwrap();
        assert_eq!((totals.train, totals.holdout, totals.since_launch), (2, 1, 2));
        let labels: Vec<_> = totals.labels.iter().map(|l| (l.label.as_str(), l.train, l.holdout)).collect();
        assert_eq!(labels, [("car", 4, 2), ("person", 2, 1)]);
        let weeks: Vec<_> = totals.weeks.iter().map(|w| (w.start, w.train, w.holdout)).collect();
        assert_eq!(weeks, [(week_start(START), 1, 0), (week_start(START.plus_ms(week)), 1, 1)]);
        let page = store.feedback().page(gate.id, &PageRequest { limit: Some(2), cursor: None }).await.unwrap();
        assert_eq!(page.items.iter().map(|s| s.consumed).collect::<Vec<_>>(), [false, false]);
        let rest = PageRequest { limit: Some(2), cursor: page.next_cursor };
        let rest = store.feedback().page(gate.id, &rest).await.unwrap();
        assert_eq!((rest.items.len(), rest.items[0].consumed, rest.next_cursor), (1, true, None));
    }

    async fn a_fingerprint_is_kept_once(store) {
        let print = Fingerprint { pixel_hash: hash(1, FeedbackSide::Train), perceptual_hash: u64::MAX - 1 };
        store.feedback().keep_fingerprint("a", &print).await.unwrap();
        store.feedback().keep_fingerprint("a", &print).await.unwrap();
        let known = store.feedback().fingerprints(&["a".to_owned(), "b".to_owned()]).await.unwrap();
        assert_eq!(known, [("a".to_owned(), print)].into());
    }
}

fn id_of_experiment() -> ExperimentId {
    id()
}
