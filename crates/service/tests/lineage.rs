//! A version is never measured on what it learned from: through the whole loop
//! of reviews, trainings, replays, promotions, rollbacks, imports and
//! deletions, the figures are those computed by hand from the other images.

use bytes::Bytes;
use domain::{
    dataset::{Asset, Split},
    feedback::Fingerprint,
    ids::{ModelVersionId, PredictionId},
    inference::Pixels,
    learning::{ContinuousDeployment, ContinuousTraining, Policy},
    lineage::Exclusions,
    monitor::supervised::{Scope, SupervisedFigures, SupervisedPair},
    name::{Name, VersionRef},
    prediction::{Prediction, Provenance, Status},
    review::{ReviewSettings, Share},
    settings::SubmissionSettings,
    training::TrainParams,
};
use futures::TryStreamExt;
use measures::{
    metrics::coco::{DetectedBox, Figure, ImageBoxes, TruthBox, evaluate},
    randomness::Dice,
};
use service::{
    AssetUpload, DeploymentChange, Internal, LaunchRequest, Limits, PredictOptions, Promotion, SetFeedback,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use test_support::{
    Skill, SkilledModels, SkilledTrainer, TestService, admin, label, picture, review_blind, truth,
};

const LABELS: [&str; 2] = ["red", "white"];

/// A picture: one of the numbered ones, or that a little brighter, which makes
/// the two near duplicates and not the same.
type Shot = (u64, bool);

fn file((number, brighter): Shot) -> Bytes {
    let plain = picture(number);
    if !brighter {
        return Bytes::from(plain);
    }
    let pixels = imaging::decode(&plain, &imaging::Limits::default()).expect("a picture");
    let rgb = pixels.rgb().iter().map(|channel| channel.saturating_add(2)).collect::<Vec<u8>>();
    let pixels = Pixels::new(pixels.size(), rgb).expect("pixels");
    Bytes::from(imaging::encode_jpeg(&pixels, 100).expect("a file"))
}

fn fingerprint(shot: Shot) -> Fingerprint {
    let pixels = imaging::decode(&file(shot), &imaging::Limits::default()).expect("a picture");
    Fingerprint {
        pixel_hash: imaging::pixel_hash(&pixels),
        perceptual_hash: imaging::perceptual_hash(&pixels),
    }
}

fn near(one: &Fingerprint, other: &Fingerprint) -> bool {
    (one.perceptual_hash ^ other.perceptual_hash).count_ones() <= 8
}

struct Bed {
    test: TestService,
    trainer: Arc<SkilledTrainer>,
    /// What arrived. Each number has a camera of its own.
    arrived: Vec<(PredictionId, Shot)>,
    /// What was ever submitted: it stays known when its prediction is gone.
    submitted: BTreeSet<Shot>,
    trainings: u64,
    imports: u64,
}

impl Bed {
    async fn new(threshold: u32) -> Self {
        let trainer = Arc::new(SkilledTrainer::giving(Skill::finding(0.9)));
        let test = TestService::of(trainer.clone(), Arc::new(SkilledModels), Limits::default()).await;
        let champion = test.version(&Skill::finding(0.5).weights(), &LABELS).await;
        test.serve(&champion, None).await;
        let feedback = SetFeedback {
            enabled: true,
            dataset: Some("fed/v1".parse().expect("a name")),
            create: true,
            submission: SubmissionSettings::default(),
        };
        test.service.reviews().set_feedback(&admin(), "cells", feedback).await.expect("set");
        let training = ContinuousTraining { enabled: true, threshold, ..Default::default() };
        test.service.learning().set_continuous_training(&admin(), "cells", training).await.expect("set");
        let deploying = ContinuousDeployment { policy: Policy::Manual, ..ContinuousDeployment::default() };
        test.service.learning().set_settings(&admin(), "cells", deploying).await.expect("set");
        let blind = ReviewSettings { blind_share: Share::ALL };
        test.service.learning().set_settings(&admin(), "cells", blind).await.expect("set");
        Self { test, trainer, arrived: vec![], submitted: BTreeSet::new(), trainings: 0, imports: 0 }
    }

    async fn predict(&mut self, shot: Shot) -> PredictionId {
        let provenance = Provenance { source: Some(format!("camera {}", shot.0)), ..Provenance::default() };
        let options = PredictOptions::default();
        // The cells of a confusion matrix name images by when they arrived.
        self.test.clock.advance_ms(1);
        let service = &self.test.service;
        let predicted = service.intake().predict(&admin(), "cells", file(shot), provenance, options).await;
        let id = predicted.expect("predicts").id;
        self.arrived.push((id, shot));
        self.shadow_rests().await;
        id
    }

    /// Until the shadow has seen what it will see.
    async fn shadow_rests(&self) {
        while let Some(state) =
            self.test.service.learning().shadow_state(&admin(), "cells").await.expect("reads")
        {
            if state.queue.waiting == 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn review(&self, id: PredictionId, shot: Shot) {
        review_blind(&self.test.service, id, shot.0).await;
    }

    async fn submit(&mut self, id: PredictionId, shot: Shot) {
        let outcome = self.test.service.reviews().submit(&admin(), "cells", vec![id]).await.expect("answers");
        if !outcome.changed.is_empty() {
            self.submitted.insert(shot);
        }
    }

    /// Trains, judges and replays whatever there is.
    async fn work(&mut self) {
        self.trainings += 1;
        let skill =
            Skill { seed: self.trainings, ..Skill::finding(0.6 + 0.02 * (self.trainings % 20) as f64) };
        *self.trainer.skill.lock().expect("free") = Ok(skill);
        self.test.service.jobs().run_all_queued(Internal, "w").await.expect("works");
        self.shadow_rests().await;
    }

    async fn import(&mut self, images: &[(Shot, Split)]) -> VersionRef {
        self.imports += 1;
        let name = Name::new(format!("set-{}", self.imports)).expect("a name");
        let service = &self.test.service;
        let labels = LABELS.map(label).to_vec();
        let version =
            service.catalogue().create_version(&admin(), name, None, labels).await.expect("a version");
        for ((number, brighter), split) in images {
            let upload = AssetUpload {
                filename: format!("{number}.jpg"),
                split: *split,
                annotations: truth(*number),
                bytes: file((*number, *brighter)),
            };
            service.catalogue().add_asset(&admin(), version.id, upload).await.expect("added");
        }
        let frozen = service.catalogue().freeze_version(&admin(), version.id).await.expect("frozen");
        frozen.full_name().parse().expect("a name")
    }

    async fn train(&mut self, dataset: VersionRef, base: Option<VersionRef>) {
        let request = LaunchRequest {
            name: Some(Name::new(format!("run-{}", self.imports)).expect("a name")),
            dataset,
            model: Name::new("cells").expect("a name"),
            base,
            params: TrainParams::default().into(),
        };
        self.test.service.learning().launch(&admin(), request).await.expect("launched");
        self.work().await;
    }

    async fn promote(&self, version: &str) {
        let id = self.test.service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
        let wanted =
            Promotion { model: version.parse().expect("a name"), force: false, expected_champion: None };
        self.test.service.learning().promote(&admin(), id, &wanted).await.expect("promotes");
    }

    async fn shadow(&self, version: Option<&str>) {
        let id = self.test.service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
        let version = version.map(|version| version.parse().expect("a name"));
        self.test
            .service
            .catalogue()
            .change_deployment(
                &admin(),
                id,
                DeploymentChange { shadow: Some(version), ..DeploymentChange::default() },
            )
            .await
            .expect("set");
        self.shadow_rests().await;
    }

    async fn replay(&mut self) {
        self.test.service.learning().replay_shadow(&admin(), "cells", 500).await.expect("asked");
        self.work().await;
    }

    async fn figures(&self, scope: Scope) -> SupervisedPair {
        self.test.service.jobs().update_monitoring(Internal).await.expect("computes");
        self.test.service.monitoring().supervised(&admin(), "cells", scope).await.expect("reads")
    }

    async fn versions(&self) -> Vec<String> {
        let page = self.test.service.catalogue().models(&admin(), Default::default()).await.expect("reads");
        page.items.into_iter().map(|version| version.full_name()).collect()
    }

    // By hand.

    /// The pixels of every training split in a version's line.
    async fn training_pixels(&self, version: ModelVersionId) -> BTreeSet<String> {
        let store = self.test.service.store();
        let (mut next, mut pixels) = (Some(version), BTreeSet::new());
        while let Some(id) = next {
            let found = store.models().find(id).await.expect("reads").expect("there");
            next = found.base_id;
            let Some(dataset) = found.dataset_version_id else { continue };
            let assets: Vec<Asset> =
                store.datasets().asset_stream(dataset, None).try_collect().await.expect("reads");
            let learned = assets.into_iter().filter(|asset| asset.split != Split::Test);
            pixels.extend(learned.map(|asset| asset.pixel_hash));
        }
        pixels
    }

    async fn reviewed(&self) -> Vec<(Prediction, Shot)> {
        let mut reviewed = Vec::new();
        for (id, shot) in &self.arrived {
            let Ok(found) = self.test.service.browsing().prediction(&admin(), *id).await else { continue };
            if matches!(found.status, Status::Reviewed | Status::Submitted) {
                reviewed.push((found, *shot));
            }
        }
        reviewed.sort_by_key(|(found, _)| found.id);
        reviewed
    }

    /// What a version saw of each reviewed image, with why it does not count.
    async fn by_hand(&self, name: &str) -> BTreeMap<PredictionId, (ImageBoxes, Exclusions)> {
        let version =
            self.test.service.catalogue().model_version(&admin(), &name.parse().expect("a name")).await;
        let pixels = self.training_pixels(version.expect("there").id).await;
        let reviewed = self.reviewed().await;
        let known: BTreeSet<Shot> =
            self.submitted.iter().copied().chain(reviewed.iter().map(|(_, shot)| *shot)).collect();
        let known: Vec<(u64, Fingerprint)> =
            known.into_iter().map(|shot| (shot.0, fingerprint(shot))).collect();
        let mut found = BTreeMap::new();
        for (prediction, shot) in reviewed {
            let boxes = match &prediction.shadow {
                _ if prediction.model == name => &prediction.boxes,
                Some(shadow) if shadow.model == name => &shadow.boxes,
                _ => continue,
            };
            let own = fingerprint(shot);
            let trained = known
                .iter()
                .filter(|(number, other)| *number == shot.0 && pixels.contains(&other.pixel_hash));
            let mut why = Exclusions::default();
            if pixels.contains(&own.pixel_hash) {
                why.trained_on = 1;
            } else if trained.into_iter().any(|(_, other)| near(&own, other)) {
                why.near_duplicates = 1;
            }
            let place =
                |name: &domain::name::Label| LABELS.iter().position(|l| *l == name.as_str()).expect("known");
            let mut seen: Vec<_> = boxes.iter().collect();
            seen.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
            let image = ImageBoxes {
                truths: truth(shot.0)
                    .iter()
                    .map(|t| TruthBox::new(place(&t.label), &t.rect, false))
                    .collect(),
                detections: seen
                    .iter()
                    .map(|d| DetectedBox::new(place(&d.label), &d.rect, d.score))
                    .collect(),
            };
            found.insert(prediction.id, (image, why));
        }
        found
    }

    async fn check(&self) -> Exclusions {
        let found = self.figures(Scope::All).await;
        assert!(!found.stale);
        let deployment = self.test.service.catalogue().deployment(&admin(), "cells").await.expect("there");
        let of_champion = self.by_hand(&deployment.champion.name).await;
        assert_same(found.champion.as_ref(), &of_champion);
        if let Some(shadow) = &deployment.shadow {
            let of_shadow = self.by_hand(&shadow.name).await;
            assert_same(found.shadow.as_ref(), &of_shadow);
            let both = |ours: &BTreeMap<PredictionId, (ImageBoxes, Exclusions)>,
                        theirs: &BTreeMap<PredictionId, (ImageBoxes, Exclusions)>| {
                let joined = ours.iter().filter_map(|(id, (image, our))| {
                    let (_, their) = theirs.get(id)?;
                    let why = match (our.total(), their.total()) {
                        (0, _) => *their,
                        (_, 0) => *our,
                        _ if our.trained_on + their.trained_on > 0 => {
                            Exclusions { trained_on: 1, ..Default::default() }
                        }
                        _ => *our,
                    };
                    Some((*id, (image.clone(), why)))
                });
                joined.collect::<BTreeMap<_, _>>()
            };
            let pair = found.paired.as_ref();
            assert_same(pair.map(|pair| &pair.champion), &both(&of_champion, &of_shadow));
            assert_same(pair.map(|pair| &pair.shadow), &both(&of_shadow, &of_champion));
        }
        let mut all = Exclusions::default();
        for figures in found.champion.iter().chain(&found.shadow) {
            all.trained_on += figures.left_out.trained_on;
            all.near_duplicates += figures.left_out.near_duplicates;
        }
        all
    }
}

fn assert_same(
    found: Option<&SupervisedFigures>,
    by_hand: &BTreeMap<PredictionId, (ImageBoxes, Exclusions)>,
) {
    let Some(found) = found else {
        assert!(by_hand.is_empty(), "{} reviewed images", by_hand.len());
        return;
    };
    let counting: Vec<ImageBoxes> =
        by_hand.values().filter(|(_, why)| why.total() == 0).map(|(image, _)| image.clone()).collect();
    let mut left_out = Exclusions::default();
    for (_, why) in by_hand.values() {
        left_out.trained_on += why.trained_on;
        left_out.near_duplicates += why.near_duplicates;
    }
    assert_eq!((found.images, found.left_out), (counting.len() as u64, left_out), "{}", found.model);
    let hand = evaluate(LABELS.len(), &counting).summary;
    for figure in Figure::ALL {
        let value = found.coco.summary.get(&figure).map_or(-1.0, |estimate| estimate.value);
        assert!(
            (value - hand.get(figure)).abs() <= 1e-9,
            "{figure:?}: {value}, by hand {}",
            hand.get(figure)
        );
    }
}

#[tokio::test]
async fn a_promoted_version_is_measured_on_what_it_never_learned_from() {
    let mut bed = Bed::new(40).await;
    for number in 0..40 {
        let id = bed.predict((number, false)).await;
        bed.review(id, (number, false)).await;
    }
    let before = bed.figures(Scope::All).await.champion.expect("computed");
    assert_eq!((before.images, before.left_out), (40, Exclusions::default()), "it learned from none of them");
    for (id, shot) in bed.arrived.clone() {
        bed.submit(id, shot).await;
    }
    let totals = bed.test.service.reviews().feedback_state(&admin(), "cells").await.expect("reads").totals;
    let (train, holdout) = (totals.train, totals.holdout);
    assert!(train > 20 && holdout > 2, "{train} {holdout}");
    bed.work().await;
    bed.shadow(Some("cells/2")).await;
    bed.replay().await;
    let beside = bed.figures(Scope::All).await;
    let champion = beside.champion.expect("computed");
    assert_eq!(champion.images, 40, "the champion's own figures stay on all images");
    let paired = beside.paired.expect("both saw them");
    for figures in [&paired.champion, &paired.shadow] {
        assert_eq!((figures.images, figures.left_out.trained_on), (holdout, train));
    }
    bed.promote("cells/2").await;
    let after = bed.figures(Scope::All).await.champion.expect("computed");
    assert_eq!((after.model.as_str(), after.images, after.left_out.trained_on), ("cells/2", holdout, train));
    bed.check().await;

    // The same pixels again, and nearly the same ones.
    let learned = bed
        .training_pixels(
            bed.test.service.catalogue().deployment(&admin(), "cells").await.expect("there").champion.id,
        )
        .await;
    let number =
        (0..40).find(|number| learned.contains(&fingerprint((*number, false)).pixel_hash)).expect("one");
    for brighter in [false, true] {
        let id = bed.predict((number, brighter)).await;
        bed.review(id, (number, brighter)).await;
    }
    let again = bed.figures(Scope::All).await.champion.expect("computed");
    let left_out = Exclusions { trained_on: train + 1, near_duplicates: 1, unchecked: 0 };
    assert_eq!((again.images, again.left_out), (holdout, left_out));
    // A cell of the confusion matrix opens what it counts, and nothing else.
    for cell in again.cells.iter().filter(|cell| cell.images.len() < 50) {
        let found = bed
            .test
            .service
            .browsing()
            .count_predictions(&admin(), "cells", &cell.query)
            .await
            .expect("counts");
        assert!(found.count <= again.images, "{}: {}", cell.query, found.count);
    }
    bed.check().await;
}

#[tokio::test]
async fn a_version_whose_reviewed_images_are_all_learned_says_so() {
    let mut bed = Bed::new(1_000).await;
    let images: Vec<(Shot, Split)> =
        (0..6).map(|n| ((n, false), [Split::Train, Split::Val][n as usize % 2])).collect();
    let dataset = bed.import(&images).await;
    bed.train(dataset, None).await;
    bed.promote("cells/2").await;
    for number in 0..6 {
        let id = bed.predict((number, false)).await;
        bed.review(id, (number, false)).await;
    }
    for scope in [Scope::All, Scope::Blind] {
        let champion = bed.figures(scope).await.champion.expect("says why there are none");
        let left_out = Exclusions { trained_on: 6, ..Exclusions::default() };
        assert_eq!((champion.images, champion.left_out), (0, left_out));
        assert!(champion.coco.summary.is_empty() && champion.over_time.is_empty());
    }
    let anchored = bed.figures(Scope::Anchored).await.champion.expect("of no review");
    assert_eq!((anchored.images, anchored.left_out), (0, Exclusions::default()), "each scope counts its own");
}

#[tokio::test]
async fn an_evaluation_leaves_out_what_the_version_learned_and_says_how_much() {
    let mut bed = Bed::new(1_000).await;
    let first =
        bed.import(&[((1, false), Split::Train), ((2, false), Split::Val), ((3, false), Split::Test)]).await;
    bed.train(first.clone(), None).await;
    let base: VersionRef = "cells/2".parse().expect("a name");
    let second = bed
        .import(&[
            ((4, false), Split::Train),
            ((1, false), Split::Test),
            ((2, false), Split::Test),
            ((5, false), Split::Test),
        ])
        .await;
    bed.train(second.clone(), Some(base)).await;
    let third = bed.import(&[((4, false), Split::Test), ((1, false), Split::Test)]).await;
    let evaluate = async |dataset: &VersionRef, split| {
        let request = service::EvaluateRequest {
            model: "cells/3".parse().expect("a name"),
            dataset: dataset.clone(),
            split,
        };
        bed.test.service.learning().evaluate(&admin(), request, &mut |_, _| {}).await
    };
    let measured = evaluate(&second, Split::Test).await.expect("measured");
    assert_eq!((measured.images, measured.boxes, measured.fitted), (1, 4, Some(false)));
    assert_eq!(measured.left_out, Some(Exclusions { trained_on: 2, ..Exclusions::default() }));
    // A split that it was chosen by is measured whole, and says so.
    let chosen = evaluate(&first, Split::Val).await.expect("measured");
    assert_eq!((chosen.images, chosen.fitted, chosen.left_out), (1, Some(true), Some(Exclusions::default())));
    let refused = evaluate(&third, Split::Test).await.expect_err("nothing is left");
    let shown = domain::fault::ApiError::from(refused);
    assert!(shown.message.contains("All 2 images of the test split of set-3/v1"), "{shown}");
    // What a training measured by itself follows the same rule.
    let kept = bed
        .test
        .service
        .catalogue()
        .model_version(&admin(), &"cells/3".parse().expect("a name"))
        .await
        .expect("there");
    let of_test = kept.evaluations.iter().find(|e| e.dataset == "set-2/v1").expect("measured");
    assert_eq!((of_test.images, of_test.left_out), (1, measured.left_out));
}

#[tokio::test]
async fn a_comparison_leaves_out_what_either_version_learned() {
    let mut bed = Bed::new(1_000).await;
    for number in 0..40 {
        let id = bed.predict((number, false)).await;
        bed.review(id, (number, false)).await;
        bed.submit(id, (number, false)).await;
    }
    let holdout =
        bed.test.service.reviews().feedback_state(&admin(), "cells").await.expect("reads").totals.holdout;
    // Somebody brings two of the held-out images in again, to train on.
    let snapshot: Vec<Asset> = {
        let store = bed.test.service.store();
        let fed = store.datasets().find_by_name(&"fed/v1".parse().expect("a name")).await.expect("reads");
        let stream = store.datasets().asset_stream(fed.expect("there").id, Some(Split::Test));
        stream.try_collect().await.expect("reads")
    };
    let held_out: BTreeSet<&str> = snapshot.iter().map(|asset| asset.pixel_hash.as_str()).collect();
    let images: Vec<(Shot, Split)> = (0..40)
        .map(|number| (number, false))
        .filter(|shot| held_out.contains(fingerprint(*shot).pixel_hash.as_str()))
        .take(2)
        .chain([(77, false)])
        .map(|shot| (shot, Split::Train))
        .collect();
    let dataset = bed.import(&images).await;
    bed.train(dataset, None).await;
    let candidate = "cells/2".parse().expect("a name");
    bed.test.service.learning().compare_now(&admin(), "cells", Some(&candidate)).await.expect("asked");
    bed.work().await;
    let made = bed.test.service.learning().comparison(&admin(), "cells", None).await.expect("made");
    assert_eq!(made.subject.left_out, Exclusions { trained_on: 2, ..Exclusions::default() });
    assert_eq!(made.report.gate.images, holdout - 2);
    let words =
        bed.test.service.learning().comparison_report(&admin(), "cells", None).await.expect("written");
    assert!(words.contains("2 left out: one of the two was trained on them"), "{words}");
}

/// One act of a random history.
async fn act(bed: &mut Bed, dice: &mut Dice) {
    let one = (!bed.arrived.is_empty()).then(|| bed.arrived[dice.place(bed.arrived.len().max(1))]);
    match dice.below(24) {
        0..8 => {
            let shot = (u64::from(dice.below(14)), dice.below(4) == 0);
            let id = bed.predict(shot).await;
            if dice.below(4) > 0 {
                bed.review(id, shot).await;
            }
        }
        8..14 => {
            for _ in 0..4 {
                let (id, shot) = bed.arrived[dice.place(bed.arrived.len())];
                bed.submit(id, shot).await;
            }
        }
        14 => {
            bed.work().await;
            let deployment = bed.test.service.catalogue().deployment(&admin(), "cells").await.expect("there");
            let versions = bed.versions().await;
            if let Some(latest) = versions.first().filter(|latest| **latest != deployment.champion.name) {
                bed.shadow(Some(latest.as_str())).await;
                bed.replay().await;
                bed.promote(latest).await;
            }
        }
        15 => {
            if let Some((id, _)) = one {
                // A submitted one is refused.
                let _ = bed.test.service.browsing().delete_prediction(&admin(), id).await;
            }
        }
        16 => {
            if let Some((id, _)) = one {
                let _ = bed.test.service.reviews().reopen(&admin(), id).await;
            }
        }
        17 => {
            let split = |number| [Split::Train, Split::Train, Split::Val, Split::Test][number as usize];
            let mut images: Vec<(Shot, Split)> = vec![((u64::from(dice.below(14)), false), Split::Train)];
            for number in 0..4u64 {
                images.push(((20 + number, false), split(dice.below(4))));
                images.push(((u64::from(dice.below(14)), dice.below(2) == 0), split(dice.below(4))));
            }
            let dataset = bed.import(&images).await;
            let versions = bed.versions().await;
            let base =
                (dice.below(2) == 0).then(|| versions[dice.place(versions.len())].parse().expect("a name"));
            bed.train(dataset, base).await;
        }
        18 | 19 => {
            let (versions, id) = (
                bed.versions().await,
                bed.test.service.catalogue().deployment(&admin(), "cells").await.expect("there").id,
            );
            let model = versions[dice.place(versions.len())].parse().expect("a name");
            // The champion itself is refused.
            let _ = bed
                .test
                .service
                .learning()
                .promote(&admin(), id, &Promotion { model, force: false, expected_champion: None })
                .await;
        }
        20 => {
            let id = bed.test.service.catalogue().deployment(&admin(), "cells").await.expect("there").id;
            // The first champion is refused.
            let _ = bed.test.service.learning().roll_back(&admin(), id, None).await;
        }
        21 | 22 => {
            let deployment = bed.test.service.catalogue().deployment(&admin(), "cells").await.expect("there");
            let versions = bed.versions().await;
            let version = versions[dice.place(versions.len())].clone();
            if version != deployment.champion.name {
                bed.shadow(Some(&version)).await;
                bed.replay().await;
            }
        }
        _ => bed.shadow(None).await,
    }
}

#[tokio::test]
async fn after_any_history_the_figures_are_those_computed_by_hand() {
    let mut met = Exclusions::default();
    for seed in 0..4 {
        let mut dice = Dice::new(seed);
        let mut bed = Bed::new(9).await;
        let dataset = bed.import(&[((0, false), Split::Train), ((1, false), Split::Val)]).await;
        bed.train(dataset, None).await;
        bed.promote("cells/2").await;
        for shot in [(0, false), (0, true), (1, false), (2, false), (3, false)] {
            let id = bed.predict(shot).await;
            bed.review(id, shot).await;
        }
        for step in 0..36 {
            if step % 3 == 0 {
                let left_out = bed.check().await;
                met.trained_on += left_out.trained_on;
                met.near_duplicates += left_out.near_duplicates;
            }
            act(&mut bed, &mut dice).await;
        }
        bed.check().await;
    }
    assert!(met.trained_on >= 8 && met.near_duplicates >= 4, "hardly tried: {met:?}");
}
