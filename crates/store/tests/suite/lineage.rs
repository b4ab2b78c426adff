//! Figures of a version are of the images outside its lineage, whatever was
//! imported, reported, reviewed, submitted, trained, promoted or deleted: held
//! against a reading of the raw rows that compares all pairs of images.

use crate::{
    fixtures::{
        START, act, annotation, asset, by, change, deployment, id, label, labels, new_model, new_prediction,
        new_version, rect, revision, seen,
    },
    harness::{self, both},
};
use domain::{
    dataset::{Asset, Split},
    deployment::Deployment,
    feedback::{FeedbackSettings, Fingerprint},
    ids::{DatasetVersionId, ModelVersionId, PredictionId},
    lineage::Exclusions,
    model::WeightsRef,
    monitor::supervised::{ReviewedImages, Scope, Subject, figures},
    prediction::{PredictedBox, Prediction, Status},
    review::{Picked, SavedBox, StartedFrom},
    time::Timestamp,
};
use futures::TryStreamExt;
use measures::metrics::{
    bootstrap::Bootstrap,
    coco::{DetectedBox, Figure, ImageBoxes, TruthBox, evaluate},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{
    Candidate, NewModelVersion, NewPrediction, NewRevision, NewShadow, QueuePool, Store, TrainingSplits,
};
use uuid::Uuid;

const WORDS: [&str; 2] = ["car", "person"];
const PICTURES: usize = 15;
const HALF_DAY_MS: i64 = 12 * 60 * 60 * 1000;
const NEAR_MS: i64 = 24 * 60 * 60 * 1000;

/// In threes: the second and the third picture are near duplicates of the
/// first, and not of each other.
fn fingerprint(picture: usize) -> Fingerprint {
    let base = (picture as u64 / 3 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = [0, 0xff, 0xff00][picture % 3];
    // Every fourth is held out by its hash.
    let head = picture as u64 * 5 + u64::from(!picture.is_multiple_of(4));
    Fingerprint { pixel_hash: format!("{head:016x}{}", "0".repeat(48)), perceptual_hash: base ^ bits }
}

fn picture_of(file: &str) -> usize {
    usize::from_str_radix(&file[..32], 16).unwrap()
}

#[derive(Clone, Debug)]
enum Act {
    Predict { picture: Option<usize>, source: usize, half_days: i64, shadowed: bool },
    Review { of: usize, boxes: Vec<(usize, f64, f64)>, blind: bool, random: bool },
    Reopen { of: usize },
    Submit { of: usize },
    Unsubmit { of: usize },
    Delete { of: usize },
    Read { of: usize },
    Import { images: Vec<(usize, usize)> },
    Train { base: Option<usize>, dataset: usize },
    TrainOnSnapshot,
    ImportWeights { of: usize },
    Promote { version: usize },
    RollBack,
    Shadow { version: Option<usize> },
    Replay { of: usize },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let number = 0..1_000usize;
    let predict = (prop::option::weighted(0.9, 0..PICTURES), 0..3usize, 0..5i64, any::<bool>()).prop_map(
        |(picture, source, half_days, shadowed)| Act::Predict { picture, source, half_days, shadowed },
    );
    let boxes = prop::collection::vec((0..2usize, 0.0f64..60.0, 30.0f64..60.0), 0..4);
    let review = (number.clone(), boxes, any::<bool>(), any::<bool>())
        .prop_map(|(of, boxes, blind, random)| Act::Review { of, boxes, blind, random });
    let import =
        prop::collection::vec((0..PICTURES, 0..3usize), 1..5).prop_map(|images| Act::Import { images });
    let train = (prop::option::of(number.clone()), number.clone())
        .prop_map(|(base, dataset)| Act::Train { base, dataset });
    prop::collection::vec(
        prop_oneof![
            8 => predict,
            8 => review,
            5 => number.clone().prop_map(|of| Act::Read { of }),
            4 => number.clone().prop_map(|of| Act::Submit { of }),
            1 => number.clone().prop_map(|of| Act::Unsubmit { of }),
            1 => number.clone().prop_map(|of| Act::Reopen { of }),
            1 => number.clone().prop_map(|of| Act::Delete { of }),
            2 => import,
            2 => train,
            2 => Just(Act::TrainOnSnapshot),
            1 => number.clone().prop_map(|of| Act::ImportWeights { of }),
            2 => number.clone().prop_map(|version| Act::Promote { version }),
            1 => Just(Act::RollBack),
            2 => prop::option::weighted(0.8, number.clone()).prop_map(|version| Act::Shadow { version }),
            2 => number.prop_map(|of| Act::Replay { of }),
        ],
        10..60,
    )
}

/// A version that was trained on one of three reviewed images, of which another
/// is a near duplicate and the third was not read; it saw all three.
fn beginning() -> Vec<Act> {
    let predict = |picture| Act::Predict { picture: Some(picture), source: 1, half_days: 0, shadowed: false };
    let review = |of| Act::Review { of, boxes: vec![(0, 5.0, 40.0)], blind: true, random: true };
    let mut acts: Vec<Act> = [0, 1, 5].map(predict).to_vec();
    acts.extend((0..3).map(review));
    acts.extend((0..2).map(|of| Act::Read { of }));
    acts.push(Act::Import { images: vec![(0, 0), (8, 2)] });
    acts.push(Act::Train { base: None, dataset: 0 });
    acts.push(Act::Shadow { version: Some(1) });
    acts.extend((0..3).map(|of| Act::Replay { of }));
    // So that the next look at the figures comes before anything else happens.
    acts.extend([Act::Read { of: 0 }, Act::Read { of: 1 }]);
    acts
}

struct Bed<'s> {
    store: &'s Store,
    /// Tells apart the files of several beds in one store.
    number: usize,
    files: usize,
    gate: Deployment,
    target: DatasetVersionId,
    predictions: Vec<PredictionId>,
    versions: Vec<ModelVersionId>,
    datasets: Vec<DatasetVersionId>,
    moment: i64,
}

/// One of a list by a number that knows not how long it is.
fn one<T: Copy>(list: &[T], number: usize) -> Option<T> {
    list.get(number % list.len().max(1)).copied()
}

fn boxes(picture: usize, shift: f64) -> Vec<PredictedBox> {
    let at = |n: usize| {
        let rect = rect(12.0 * n as f64 + shift, 2.0, 40.0, 40.0);
        PredictedBox { rect, ..seen(WORDS[(n + picture) % 2], 0.3 + 0.15 * n as f64) }
    };
    (0..4).map(at).collect()
}

impl<'s> Bed<'s> {
    async fn new(store: &'s Store, number: usize) -> Self {
        let gate = deployment(store, &format!("gate-{number}")).await;
        let target = new_version(&format!("fed-{number}"), None, &WORDS);
        let target = store.datasets().create_version(target, act()).await.unwrap().id;
        let settings =
            FeedbackSettings { enabled: true, target: Some(target), ..FeedbackSettings::default() };
        store.feedback().put_settings(gate.id, settings, &by("root")).await.unwrap();
        let versions = vec![gate.champion.id];
        Self {
            store,
            number,
            files: 0,
            gate,
            target,
            predictions: vec![],
            versions,
            datasets: vec![],
            moment: 0,
        }
    }

    /// A file of its own for everything that arrives, many with the same
    /// pixels: the file of what was deleted is gone.
    fn file(&mut self, picture: usize) -> String {
        self.files += 1;
        format!("{picture:032x}{:032x}", self.number * 1_000_000 + self.files)
    }

    async fn now(&self) -> Deployment {
        self.store.deployments().find(self.gate.id).await.unwrap().unwrap()
    }

    fn next_change(&mut self) -> store::RoleChange {
        self.moment += 1;
        change(START.plus_ms(self.moment))
    }

    async fn act(&mut self, act: &Act) {
        let store = self.store;
        match act {
            Act::Predict { picture, source, half_days, shadowed } => {
                let roles = self.now().await;
                let new = NewPrediction {
                    model_version_id: roles.champion.id,
                    image: picture.map(|picture| self.file(picture)),
                    source: [None, Some("a"), Some("b")][*source].map(str::to_owned),
                    created: START.plus_ms(half_days * HALF_DAY_MS),
                    boxes: boxes(picture.unwrap_or(0), 0.0),
                    ..new_prediction(&self.gate)
                };
                let id = store.predictions().insert(new).await.unwrap().id;
                self.predictions.push(id);
                if let Some(shadow) = roles.shadow.filter(|_| *shadowed) {
                    self.show(id, shadow.id).await;
                }
            }
            Act::Review { of, boxes, blind, random } => self.review(*of, boxes, *blind, *random).await,
            Act::Reopen { of } => {
                let Some(id) = one(&self.predictions, *of) else { return };
                store.reviews().reopen(self.gate.id, &[id], &by("eve")).await.unwrap();
            }
            Act::Submit { of } => {
                let Some(found) = self.prediction(*of).await else { return };
                let fingerprint = found.image.as_deref().map(|image| fingerprint(picture_of(image)));
                if let (Some(image), Some(fingerprint)) = (&found.image, &fingerprint) {
                    store.feedback().keep_fingerprint(image, fingerprint).await.unwrap();
                }
                let one = Candidate { prediction_id: found.id, asset_id: id(), fingerprint };
                store.feedback().submit(self.gate.id, self.target, &[one], &by("eve")).await.unwrap();
            }
            Act::Unsubmit { of } => {
                let Some(id) = one(&self.predictions, *of) else { return };
                store.feedback().unsubmit(self.gate.id, &[id], &by("eve")).await.unwrap();
            }
            Act::Delete { of } => {
                let Some(found) = self.prediction(*of).await else { return };
                // What was submitted is part of the feedback and stays.
                if found.status != Status::Submitted {
                    store.predictions().delete(found.id, crate::fixtures::act()).await.unwrap();
                }
            }
            Act::Read { of } => {
                let Some(image) = self.prediction(*of).await.and_then(|found| found.image) else { return };
                let fingerprint = fingerprint(picture_of(&image));
                store.feedback().keep_fingerprint(&image, &fingerprint).await.unwrap();
            }
            Act::Import { images } => self.import(images).await,
            Act::Train { base, dataset } => {
                let dataset = one(&self.datasets, *dataset);
                let base = base.and_then(|base| one(&self.versions, base));
                self.train(base, dataset).await;
            }
            Act::TrainOnSnapshot => {
                let fresh = || id::<DatasetVersionId>().0;
                let at = START.plus_ms(self.moment * 1_000);
                let frozen = store.learning().freeze(self.gate.id, at, &fresh).await.unwrap();
                let base = self.now().await.champion.id;
                if frozen.is_some() {
                    self.train(Some(base), frozen).await;
                }
            }
            Act::ImportWeights { of } => {
                let Some(of) = one(&self.versions, *of) else { return };
                let weights = store.models().find(of).await.unwrap().unwrap().weights;
                let new = NewModelVersion { weights, ..new_model(&format!("taken-{}", self.gate.name)) };
                self.versions
                    .push(store.models().create_version(new, crate::fixtures::act()).await.unwrap().id);
            }
            Act::Promote { version } => {
                let Some(version) = one(&self.versions, *version) else { return };
                let change = self.next_change();
                // The champion of now is refused.
                let _ = store.deployments().promote(self.gate.id, version, &change).await;
            }
            Act::RollBack => {
                let change = self.next_change();
                // The first champion is refused.
                let _ = store.deployments().roll_back(self.gate.id, &change).await;
            }
            Act::Shadow { version } => {
                let version = version.and_then(|version| one(&self.versions, version));
                let change = self.next_change();
                // The champion of now is refused.
                let _ = store.deployments().set_shadow(self.gate.id, version, &change).await;
            }
            Act::Replay { of } => {
                let Some(shadow) = self.now().await.shadow else { return };
                let Some(found) = self.prediction(*of).await else { return };
                self.show(found.id, shadow.id).await;
            }
        }
    }

    async fn prediction(&self, number: usize) -> Option<Prediction> {
        self.store.predictions().find(one(&self.predictions, number)?).await.unwrap()
    }

    async fn show(&self, id: PredictionId, shadow: ModelVersionId) {
        let place = self.versions.iter().position(|version| *version == shadow).unwrap();
        let shadow = NewShadow {
            model_version_id: Some(shadow),
            latency_ms: 3.0,
            boxes: boxes(place, 3.0 * place as f64),
            disagreement: None,
        };
        self.store.predictions().replace_shadow(id, &shadow).await.unwrap();
    }

    async fn review(&self, of: usize, boxes: &[(usize, f64, f64)], blind: bool, random: bool) {
        let Some(found) = self.prediction(of).await.filter(|found| found.status != Status::Submitted) else {
            return;
        };
        let base = self.store.reviews().head(found.id).await.unwrap().map_or(0, |head| head.revision);
        let saved = boxes.iter().map(|(word, x, w)| SavedBox {
            label: label(WORDS[*word]),
            rect: rect(*x, 2.0, *w, 40.0),
            ignore: false,
            source: None,
        });
        let new = NewRevision {
            started_from: if blind { StartedFrom::Empty } else { StartedFrom::Champion },
            picked: if random { Picked::Random } else { Picked::Query },
            ..revision(found.id, base, saved.collect(), "eve")
        };
        self.store.reviews().save(new).await.unwrap();
    }

    async fn import(&mut self, images: &[(usize, usize)]) {
        let name = format!("set-{}-{}", self.gate.name, self.datasets.len());
        let version =
            self.store.datasets().create_version(new_version(&name, None, &WORDS), act()).await.unwrap().id;
        let assets: Vec<Asset> = images
            .iter()
            .map(|(picture, split)| Asset {
                content_hash: self.file(*picture),
                pixel_hash: fingerprint(*picture).pixel_hash,
                ..asset(
                    version,
                    [Split::Train, Split::Val, Split::Test][*split],
                    vec![annotation("car", false)],
                )
            })
            .collect();
        self.store.datasets().add_assets(version, &assets).await.unwrap();
        self.store.datasets().freeze(version, "f", act()).await.unwrap();
        self.datasets.push(version);
    }

    async fn train(&mut self, base: Option<ModelVersionId>, dataset: Option<DatasetVersionId>) {
        let sha256 = format!("{:064x}", id::<ModelVersionId>().0.as_u128());
        let new = NewModelVersion {
            weights: Some(WeightsRef::fovea(sha256, 9)),
            base_id: base,
            dataset_version_id: dataset,
            ..new_model(&format!("trained-{}", self.gate.name))
        };
        self.versions.push(self.store.models().create_version(new, act()).await.unwrap().id);
    }
}

/// An image once, with what the rule of near duplicates looks at.
#[derive(Clone, Debug)]
struct Taken {
    pixel_hash: String,
    perceptual_hash: u64,
    deployment: Uuid,
    source: Option<String>,
    at: i64,
    group: Option<String>,
}

impl Taken {
    fn is_near(&self, other: &Self) -> bool {
        let one_source = match (&self.source, &other.source) {
            (None, None) => self.deployment == other.deployment,
            (one, other) => one == other,
        };
        let alike = (self.perceptual_hash ^ other.perceptual_hash).count_ones() <= 8;
        let of_one_group = self.group.is_some() && self.group == other.group;
        of_one_group || (one_source && alike && (self.at - other.at).abs() <= NEAR_MS)
    }
}

/// The rows of `feedback_sides`.
async fn sides(store: &Store) -> Vec<Taken> {
    type Row = (String, i64, Uuid, Option<String>, i64, Option<String>);
    let text =
        "SELECT pixel_hash, perceptual_hash, deployment_id, source, taken, follows FROM feedback_sides";
    let rows: Vec<Row> = match store.queue_pool() {
        QueuePool::Sqlite(pool) => sqlx::query_as(text).fetch_all(&pool).await.unwrap(),
        QueuePool::Postgres(pool) => sqlx::query_as(text).fetch_all(&pool).await.unwrap(),
    };
    let taken = |(pixel_hash, perceptual_hash, deployment, source, at, follows): Row| Taken {
        group: Some(follows.unwrap_or_else(|| pixel_hash.clone())),
        pixel_hash,
        perceptual_hash: perceptual_hash.cast_unsigned(),
        deployment,
        source,
        at,
    };
    rows.into_iter().map(taken).collect()
}

/// What the naive reading finds of one version.
#[derive(Default)]
struct Expected {
    images: Vec<(PredictionId, ImageBoxes)>,
    left_out: Exclusions,
    excluded: BTreeSet<PredictionId>,
}

impl Bed<'_> {
    async fn line(&self, version: ModelVersionId) -> BTreeSet<DatasetVersionId> {
        let mut datasets = BTreeSet::new();
        let mut todo = vec![version];
        let mut done = BTreeSet::new();
        while let Some(id) = todo.pop() {
            if !done.insert(id) {
                continue;
            }
            let found = self.store.models().find(id).await.unwrap().unwrap();
            datasets.extend(found.dataset_version_id);
            todo.extend(found.base_id);
            if found.base_id.is_none() && found.dataset_version_id.is_none() {
                for other in &self.versions {
                    let other = self.store.models().find(*other).await.unwrap().unwrap();
                    if other.weights == found.weights {
                        todo.push(other.id);
                    }
                }
            }
        }
        datasets
    }

    async fn training_pixels(&self, version: ModelVersionId) -> BTreeSet<String> {
        let mut pixels = BTreeSet::new();
        for dataset in self.line(version).await {
            let assets: Vec<Asset> =
                self.store.datasets().asset_stream(dataset, None).try_collect().await.unwrap();
            let learned = assets.into_iter().filter(|asset| asset.split != Split::Test);
            pixels.extend(learned.map(|asset| asset.pixel_hash));
        }
        pixels
    }

    async fn reviewed(&self) -> Vec<Prediction> {
        let mut found = Vec::new();
        for id in &self.predictions {
            let prediction = self.store.predictions().find(*id).await.unwrap();
            found.extend(prediction.filter(|p| matches!(p.status, Status::Reviewed | Status::Submitted)));
        }
        found.sort_by_key(|prediction| prediction.id);
        found
    }

    async fn expected(&self, version: ModelVersionId, scope: Scope) -> Expected {
        let name = self.store.models().find(version).await.unwrap().unwrap().full_name();
        let pixels = self.training_pixels(version).await;
        let knows_nothing = self.line(version).await.is_empty();
        let reviewed = self.reviewed().await;
        let files: Vec<String> = reviewed.iter().filter_map(|p| p.image.clone()).collect();
        let read: HashMap<String, Fingerprint> = self.store.feedback().fingerprints(&files).await.unwrap();
        let mut taken = sides(self.store).await;
        taken.extend(reviewed.iter().filter_map(|prediction| {
            let fingerprint = read.get(prediction.image.as_ref()?)?.clone();
            Some(Taken {
                pixel_hash: fingerprint.pixel_hash,
                perceptual_hash: fingerprint.perceptual_hash,
                deployment: self.gate.id.0,
                source: prediction.source.clone(),
                at: prediction.created.0,
                group: None,
            })
        }));
        let mut expected = Expected::default();
        for prediction in reviewed {
            let as_shadow = prediction.shadow.as_ref().filter(|shadow| shadow.model == name);
            let boxes = match as_shadow {
                _ if prediction.model == name => &prediction.boxes,
                Some(shadow) => &shadow.boxes,
                None => continue,
            };
            let review = self.store.reviews().head(prediction.id).await.unwrap().unwrap();
            if !scope.takes(review.started_from, review.picked) {
                continue;
            }
            if let Some(image) = prediction.image.as_ref().filter(|_| !knows_nothing) {
                let Some(fingerprint) = read.get(image) else {
                    expected.left_out.unchecked += 1;
                    expected.excluded.insert(prediction.id);
                    continue;
                };
                let pixel_hash = &fingerprint.pixel_hash;
                if pixels.contains(pixel_hash) {
                    expected.left_out.trained_on += 1;
                    expected.excluded.insert(prediction.id);
                    continue;
                }
                let these = taken.iter().filter(|one| one.pixel_hash == *pixel_hash);
                let trained = || taken.iter().filter(|one| pixels.contains(&one.pixel_hash));
                if these.into_iter().any(|one| trained().any(|other| one.is_near(other))) {
                    expected.left_out.near_duplicates += 1;
                    expected.excluded.insert(prediction.id);
                    continue;
                }
            }
            expected.images.push((prediction.id, self.boxes_of(&prediction, boxes).await));
        }
        expected
    }

    async fn boxes_of(&self, prediction: &Prediction, boxes: &[PredictedBox]) -> ImageBoxes {
        let place = |label: &domain::name::Label| WORDS.iter().position(|w| *w == label.as_str()).unwrap();
        let review = self.store.reviews().latest(prediction.id).await.unwrap().unwrap();
        let mut boxes: Vec<_> = boxes.iter().collect();
        boxes.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
        ImageBoxes {
            truths: review.boxes.iter().map(|b| TruthBox::new(place(&b.label), &b.rect, b.ignore)).collect(),
            detections: boxes.iter().map(|b| DetectedBox::new(place(&b.label), &b.rect, b.score)).collect(),
        }
    }

    async fn measured(&self, version: ModelVersionId) -> ReviewedImages {
        let lineages = self.store.lineages();
        let lineage =
            lineages.of(&[version], TrainingSplits::FittedOrChosen, Some(self.gate.id)).await.unwrap();
        self.store.monitoring().reviewed_images(self.gate.id, version, &lineage, 1_000).await.unwrap()
    }

    async fn subject(&self, scope: Scope) -> Subject {
        let numbers = self.store.monitoring().label_numbers(&labels(&WORDS)).await.unwrap();
        let labels: BTreeMap<u32, _> = numbers.into_iter().map(|(label, number)| (number, label)).collect();
        Subject {
            model: String::new(),
            scope,
            as_of: START,
            threshold: self.gate.threshold,
            labels,
            // A figure without any defined resample has no estimate.
            bootstrap: Bootstrap { resamples: 20, ..Bootstrap::default() },
        }
    }

    async fn assert_figures(&self, reviewed: &ReviewedImages, expected: &Expected, scope: Scope) {
        let found = figures(self.subject(scope).await, reviewed);
        assert_eq!((found.images, found.left_out), (expected.images.len() as u64, expected.left_out));
        let numbers = self.store.monitoring().label_numbers(&labels(&WORDS)).await.unwrap();
        // The figures' categories are in the order of the labels' numbers.
        let in_order = numbers[&label(WORDS[0])] < numbers[&label(WORDS[1])];
        let place = |category: usize| if in_order { category } else { 1 - category };
        let boxes: Vec<ImageBoxes> = expected
            .images
            .iter()
            .map(|(_, image)| ImageBoxes {
                truths: image.truths.iter().map(|t| TruthBox { category: place(t.category), ..*t }).collect(),
                detections: image
                    .detections
                    .iter()
                    .map(|d| DetectedBox { category: place(d.category), ..*d })
                    .collect(),
            })
            .collect();
        let by_hand = evaluate(WORDS.len(), &boxes);
        for figure in Figure::ALL {
            let hand = by_hand.summary.get(figure);
            let value = found.coco.summary.get(&figure).map_or(-1.0, |estimate| estimate.value);
            assert!((value - hand).abs() <= 1e-9, "{figure:?}: {value}, by hand {hand}");
        }
        let truths: usize = boxes.iter().map(|image| image.truths.len()).sum();
        let rows = found.confusion.iter().take(WORDS.len());
        assert_eq!(rows.flatten().sum::<u64>(), truths as u64, "every true box has its cell");
    }

    /// Every version that there is, and each pair with the champion.
    async fn check(&self) -> Exclusions {
        let mut all = Exclusions::default();
        let champion = self.now().await.champion.id;
        let of_champion = self.measured(champion).await;
        for version in &self.versions {
            let reviewed = self.measured(*version).await;
            for scope in [Scope::All, Scope::Random, Scope::Blind] {
                let expected = self.expected(*version, scope).await;
                self.assert_figures(&reviewed, &expected, scope).await;
                all.trained_on += expected.left_out.trained_on;
                all.near_duplicates += expected.left_out.near_duplicates;
                all.unchecked += expected.left_out.unchecked;
            }
            let (one, other) = of_champion.paired(&reviewed);
            let ids = |reviewed: &ReviewedImages| reviewed.images.iter().map(|i| i.id).collect::<Vec<_>>();
            let [ours, theirs] =
                [self.expected(champion, Scope::All).await, self.expected(*version, Scope::All).await];
            let counts: BTreeSet<PredictionId> = theirs.images.iter().map(|(id, _)| *id).collect();
            let both: Vec<_> =
                ours.images.iter().map(|(id, _)| *id).filter(|id| counts.contains(id)).collect();
            assert_eq!((ids(&one), ids(&other)), (both.clone(), both));
            assert_eq!(one.excluded, other.excluded);
        }
        all
    }
}

fn law(fresh: harness::Fresh, runtime: &tokio::runtime::Runtime, cases: u32) {
    let number = std::cell::Cell::new(0);
    let met = std::cell::Cell::new(Exclusions::default());
    let mut runner = TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, max_shrink_iters: 60, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    runner
        .run(&acts(), |acts| {
            number.set(number.get() + 1);
            runtime.block_on(async {
                let mut bed = Bed::new(&fresh.store, number.get()).await;
                let mut all = met.get();
                for (place, act) in beginning().iter().chain(&acts).enumerate() {
                    bed.act(act).await;
                    if place % 8 == 7 || place + 1 == beginning().len() + acts.len() {
                        let seen = bed.check().await;
                        all.trained_on += seen.trained_on;
                        all.near_duplicates += seen.near_duplicates;
                        all.unchecked += seen.unchecked;
                    }
                }
                met.set(all);
            });
            Ok(())
        })
        .unwrap();
    let met = met.get();
    let least = u64::from(cases);
    let tried = met.trained_on >= least && met.near_duplicates >= least && met.unchecked >= least;
    assert!(tried, "hardly tried: {met:?}");
    runtime.block_on(fresh.close());
}

#[test]
fn figures_are_those_of_the_images_outside_the_lineage_on_sqlite() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fresh = runtime.block_on(harness::sqlite());
    law(fresh, &runtime, 12);
}

#[test]
fn figures_are_those_of_the_images_outside_the_lineage_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(fresh) = runtime.block_on(harness::postgres()) {
        law(fresh, &runtime, 6);
    }
}

both! {
    async fn what_is_still_to_be_read_is_listed_once_and_in_order(store) {
        let mut bed = Bed::new(store, 0).await;
        for picture in [0, 0, 5, 9] {
            let of = bed.predictions.len();
            let predict = Act::Predict {
                picture: Some(picture), source: 0, half_days: 0, shadowed: false,
            };
            bed.act(&predict).await;
            if picture != 9 {
                bed.act(&Act::Review { of, boxes: vec![], blind: true, random: true }).await;
            }
        }
        let listed = async |after, most| {
            store.feedback().without_fingerprint(bed.gate.id, after, most).await.unwrap()
        };
        let pictures =
            |list: &[(PredictionId, String)]| list.iter().map(|(_, file)| picture_of(file)).collect::<Vec<_>>();
        let all = listed(None, 10).await;
        assert_eq!(pictures(&all), [0, 0, 5]);
        assert_eq!(listed(None, 1).await, all[..1]);
        assert_eq!(listed(Some(all[0].0), 10).await, all[1..]);
        store.feedback().keep_fingerprint(&all[1].1, &fingerprint(0)).await.unwrap();
        assert_eq!(pictures(&listed(None, 10).await), [0, 5]);
    }

    async fn a_split_that_was_learned_excludes_the_same_images_elsewhere(store) {
        let mut bed = Bed::new(store, 0).await;
        bed.import(&[(0, 0), (3, 1), (6, 2)]).await;
        bed.import(&[(0, 2), (3, 2), (6, 2), (9, 2)]).await;
        let [learned, other] = [bed.datasets[0], bed.datasets[1]];
        bed.train(None, Some(learned)).await;
        let version = *bed.versions.last().unwrap();
        let excluded = async |splits| {
            let lineage = store.lineages().of(&[version], splits, None).await.unwrap();
            assert!(lineage.includes(learned, Split::Train) && !lineage.includes(other, Split::Test));
            assert_eq!(lineage.includes(learned, Split::Val), splits == TrainingSplits::FittedOrChosen);
            store.lineages().excluded_assets(&lineage, other, Some(Split::Test)).await.unwrap().len()
        };
        // A choice between weights spoils figures, and not what is usual.
        assert_eq!(excluded(TrainingSplits::FittedOrChosen).await, 2);
        assert_eq!(excluded(TrainingSplits::Fitted).await, 1);
        let none = store.lineages().of(&[bed.gate.champion.id], TrainingSplits::Fitted, None).await.unwrap();
        assert!(none.is_empty());
    }

    async fn a_dataset_version_that_a_lineage_names_cannot_be_deleted(store) {
        let mut bed = Bed::new(store, 0).await;
        bed.import(&[(0, 0)]).await;
        bed.train(None, Some(bed.datasets[0])).await;
        assert!(store.datasets().discard(bed.datasets[0], act()).await.is_err(), "frozen");
        // Not even one that is still open.
        let open = store.datasets().create_version(new_version("open", None, &WORDS), act()).await.unwrap().id;
        bed.train(None, Some(open)).await;
        assert!(store.datasets().discard(open, act()).await.is_err(), "named by a model version");
        let base = *bed.versions.last().unwrap();
        bed.train(Some(base), None).await;
        assert!(store.models().delete(base, act()).await.is_err(), "a later version started from it");
    }
}

#[test]
fn near_duplicates_of_the_pictures_are_what_they_are_meant_to_be() {
    let apart = |a, b| (fingerprint(a).perceptual_hash ^ fingerprint(b).perceptual_hash).count_ones();
    assert_eq!([apart(0, 1), apart(0, 2), apart(1, 2)], [8, 8, 16]);
    assert!(apart(0, 3) > 16);
    assert_eq!(Timestamp(2 * HALF_DAY_MS), Timestamp(NEAR_MS));
}
